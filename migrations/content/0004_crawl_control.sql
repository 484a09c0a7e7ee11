-- Crawls that can be paused, cancelled, repeated and run from a snapshot; when they run by themselves; what they cost.

alter table crawls drop constraint crawls_status_check;
alter table crawls add constraint crawls_status_check
    check (status in ('queued', 'running', 'paused', 'crawled', 'completed', 'failed', 'cancelled'));
drop index crawls_one_unfinished;
create unique index crawls_one_unfinished on crawls (source_id)
    where status in ('queued', 'running', 'paused', 'crawled');

alter table crawls
    -- Where its pages come from: `source` asks it, `snapshot` reads what an earlier crawl stored.
    add column origin varchar(20) not null default 'source' check (origin in ('source', 'snapshot')),
    add column pause_reason text,
    -- Since then it is taking over, and can neither be paused nor cancelled.
    add column publishing_at timestamptz,
    -- When it first answered; the next crawl compares itself with the latest that did.
    add column completed_at timestamptz,
    -- When nothing was left any more of a crawl that was cancelled; the next one of its source begins after that.
    add column cleared_at timestamptz,
    -- How many passages it found and how many answered before it.
    add column coverage jsonb,
    -- Its report, once it is at its end: the tables it is made of go on changing.
    add column report jsonb;
update crawls set completed_at = finished_at where status = 'completed';
update crawls set cleared_at = finished_at where status = 'cancelled';

alter table crawl_pages
    add column body_bytes integer,
    -- From asking until the last byte, without the pauses between requests.
    add column seconds real;
create index crawl_pages_problems on crawl_pages (crawl_id, state, url) where state in ('failed', 'missing');

alter table sources
    add column refresh_every interval check (refresh_every between interval '1 hour' and interval '366 days'),
    add column refresh_at timestamptz,
    add column refresh_failures integer not null default 0;
create index sources_due on sources (refresh_at) where refresh_at is not null;
