-- What the crawler remembers of a page besides its response.

alter table crawl_pages
    -- What the page links to, one address a line, deflated: an unchanged page is not parsed again for it.
    add column links bytea,
    -- How many runners ended while they had the page; `tries` counts answers alone.
    add column lost_runners integer not null default 0,
    -- 1: a page of the crawl before that this one did not find; it goes on answering until the next one misses it too.
    add column misses smallint not null default 0;
