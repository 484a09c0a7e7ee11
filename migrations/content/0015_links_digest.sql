-- What the prominence and the mentions of a version's chunks were counted from: a crawl that brings the same again leaves
-- them as they are.
alter table library_versions add column links_digest bytea;
