-- What other pages say when they link to a passage.

-- The sentences of the main part of a page that link to other pages: address, tab, sentence, one a line.
alter table indexed_pages add column mentions text not null default '';

-- Some of the sentences of other pages that link to it, one a line.
alter table documentation_chunks add column mentions text not null default '';
