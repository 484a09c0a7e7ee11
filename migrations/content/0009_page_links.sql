-- Which pages lead where, and how often a passage is led to.

-- What the main part of a page links to: addresses of other pages with their fragments, one a line.
alter table indexed_pages add column links text not null default '';

-- 0 to 1: how many pages of the version link to its page, half of it, and to its section, the other half.
alter table documentation_chunks add column prominence real not null default 0;
