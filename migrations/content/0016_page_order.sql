-- Fetched pages are indexed in the order of their addresses, from any one on.
drop index crawl_pages_fetched;
create index crawl_pages_fetched on crawl_pages (crawl_id, url) where state = 'fetched';

-- The pages of a crawl are looked for among those of its version. With an index by crawl alone, which finds all of them at
-- once, the next pages of a large crawl took seconds to find.
drop index indexed_pages_crawl;
