-- What to crawl, and each run of doing so with its frontier.

create table sources (
    id uuid primary key,
    library_version_id uuid not null unique references library_versions on delete cascade,
    kind varchar(20) not null
        check (kind in ('website', 'page', 'sitemap', 'llms_txt', 'folder', 'archive', 'git')),
    address varchar(2048) not null,
    -- Scope, excludes, limits and politeness as the operator set them.
    rules jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table crawls (
    id uuid primary key,
    source_id uuid not null references sources on delete cascade,
    library_version_id uuid not null references library_versions on delete cascade,
    status varchar(20) not null default 'queued'
        check (status in ('queued', 'running', 'crawled', 'completed', 'failed', 'cancelled')),
    reason text,
    started_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz not null default now()
);
create unique index crawls_one_unfinished on crawls (source_id) where status in ('queued', 'running', 'crawled');
create index crawls_version on crawls (library_version_id, created_at desc);

-- The frontier and the report of a crawl in one: every address found, and what became of it.
create table crawl_pages (
    crawl_id uuid not null references crawls on delete cascade,
    url varchar(2048) not null,
    state varchar(20) not null default 'queued'
        -- `missing`: a link led there, and the server says that there is no such page.
        check (state in ('queued', 'leased', 'fetched', 'failed', 'missing', 'excluded', 'redirected')),
    depth integer not null default 0,
    tries integer not null default 0,
    next_at timestamptz not null default '-infinity',
    leased_until timestamptz,
    -- The runner that has the page, so that one whose lease ran out cannot touch it any more.
    leased_by uuid,
    http_status integer,
    -- Why it failed or was left out, in words a report can print.
    reason text,
    final_url varchar(2048),
    content_type varchar(100),
    etag varchar(500),
    last_modified varchar(100),
    body_sha256 bytea,
    is_unchanged boolean not null default false,
    -- Where the response is in the object store: one gzip member of a WARC file.
    snapshot_key varchar(500),
    snapshot_offset bigint,
    snapshot_length integer,
    fetched_at timestamptz,
    primary key (crawl_id, url)
);
create index crawl_pages_open on crawl_pages (crawl_id, depth, url) where state in ('queued', 'leased');
create index crawl_pages_fetched on crawl_pages (crawl_id) where state = 'fetched';
