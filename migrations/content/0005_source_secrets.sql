-- What a source may be asked with, and by which rules its pages were read.

-- Gone with its source. The text is sealed; source and origin are authenticated with it, so that neither can be changed.
create table source_secrets (
    source_id uuid primary key references sources on delete cascade,
    -- The one scheme, host and port that the secrets are sent to.
    origin varchar(300) not null,
    -- What is known of them to whoever asks: names, never values.
    names text[] not null,
    sealed bytea not null,
    updated_at timestamptz not null default now()
);

alter table indexed_pages
    -- A digest of the rules and of the release of the extraction; a page of another one is read again.
    add column extraction varchar(64) not null default '',
    -- The operator's selector of the main content found nothing there, and the detected one was taken.
    add column is_main_missing boolean not null default false;
