-- What a source tells about itself: names it defines, and which state of it was read.

-- Names the site's own inventory places in its pages; the latest crawl that found one wrote them.
create table source_symbols (
    source_id uuid not null references sources on delete cascade,
    page_url varchar(2048) not null,
    anchor varchar(500) not null,
    name varchar(200) not null,
    -- Domain and kind, such as `py:method`.
    role varchar(100) not null,
    primary key (source_id, page_url, anchor, name, role)
);

-- For a repository its commit, the date and the ref; titles and descriptions it gives itself.
alter table crawls add column facts jsonb not null default '{}';

alter table sources drop constraint sources_kind_check;
alter table sources add constraint sources_kind_check
    check (kind in ('website', 'page', 'sitemap', 'llms_txt', 'openapi', 'folder', 'archive', 'git'));
