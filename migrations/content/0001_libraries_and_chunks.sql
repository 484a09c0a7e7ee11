-- The content plane: what was crawled and indexed.

create table libraries (
    id varchar(100) primary key,
    name varchar(255) not null,
    vendor varchar(100),
    repo_url varchar(500),
    docs_url varchar(500),
    default_version varchar(50),
    popularity_score integer not null default 0,
    total_snippets integer not null default 0,
    total_tokens bigint not null default 0,
    last_crawled_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    metadata jsonb not null default '{}'
);
create unique index libraries_id_lower on libraries (lower(id));
create index libraries_name_search on libraries using gin (to_tsvector('simple', name));

create table library_versions (
    id uuid primary key,
    library_id varchar(100) not null references libraries on delete cascade,
    version varchar(50) not null,
    release_date date,
    is_latest boolean not null default false,
    docs_snapshot_url varchar(500),
    -- Rises with every change of what the version answers; caches carry it in their keys.
    index_generation bigint not null default 0,
    indexed_at timestamptz,
    created_at timestamptz not null default now(),
    unique (library_id, version)
);
create unique index library_versions_one_latest on library_versions (library_id) where is_latest;

create table documentation_chunks (
    id uuid primary key,
    library_version_id uuid not null references library_versions on delete cascade,
    chunk_index integer not null,
    content text not null,
    content_type varchar(50) not null check (content_type in ('snippet', 'guide', 'api_ref')),
    source_url varchar(2048) not null,
    token_count integer not null check (token_count >= 0),
    embedding_id varchar(255),
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    -- The page the chunk is from, without its anchor, and the crawl that saw the chunk last.
    page_url varchar(2048) not null,
    crawl_id uuid not null,
    -- A chunk of a first crawl is published at once, one of a later crawl when that crawl replaces the one before.
    is_published boolean not null default false,
    -- When its words, and when its meaning, reached the vector store.
    words_indexed_at timestamptz,
    embedded_at timestamptz
);
create index documentation_chunks_version on documentation_chunks (library_version_id);
create index documentation_chunks_page on documentation_chunks (library_version_id, page_url);
create index documentation_chunks_without_words on documentation_chunks (library_version_id)
    where is_published and words_indexed_at is null;
create index documentation_chunks_without_vector on documentation_chunks (library_version_id, chunk_index)
    where is_published and words_indexed_at is not null and embedded_at is null;

-- Points to delete from the vector store: written in the transaction that deletes the chunks.
create table removed_points (
    point_id uuid primary key,
    removed_at timestamptz not null default now()
);

-- What the indexer made of each page it was given.
create table indexed_pages (
    library_version_id uuid not null references library_versions on delete cascade,
    page_url varchar(2048) not null,
    crawl_id uuid not null,
    title text not null default '',
    chunk_count integer not null default 0,
    -- `indexed`, or why nothing was: `empty`, `needs_javascript`, `unreadable`.
    outcome varchar(50) not null,
    indexed_at timestamptz not null default now(),
    primary key (library_version_id, page_url)
);
create index indexed_pages_crawl on indexed_pages (crawl_id);
