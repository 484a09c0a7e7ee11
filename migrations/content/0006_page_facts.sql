-- What was found out about each page, which pages say the same, and of which version and language a crawl is.

alter table indexed_pages
    add column generator varchar(50),
    add column language varchar(35),
    add column version varchar(50),
    add column code_blocks integer not null default 0,
    add column tokens integer not null default 0,
    -- The page that answers in its place; outcome `duplicate`.
    add column duplicate_of varchar(2048),
    -- Of what the page says, without what the site puts around it. None: indexed by a release that did not compare.
    add column content_sha256 bytea,
    -- SHA-256 of the prose before its second heading.
    add column opening bytea,
    -- 64 hashes of 4 bytes that two pages share as often as they share their text; none for short pages.
    add column signature bytea,
    -- The words of its code, as sorted hashes of 4 bytes.
    add column code_words bytea;
create index indexed_pages_duplicates on indexed_pages (library_version_id, duplicate_of)
    where duplicate_of is not null;

alter table crawls
    -- The language its pages are read in; translations are left out. None: all are read.
    add column language varchar(35),
    -- The version the documentation says it is of.
    add column docs_version varchar(50);
