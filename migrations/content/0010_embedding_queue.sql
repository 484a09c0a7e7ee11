-- Which models made vectors, and one queue of what is to be embedded, for all versions.

create table embedding_models (
    id smallint generated always as identity primary key,
    name text not null,
    -- What is put before a passage for this model: with another prompt its vectors are others.
    passage_prompt text not null default '',
    dimension integer not null check (dimension > 0),
    -- The named vector of the vector store that keeps what the model made.
    space varchar(64) not null unique,
    -- Passages are embedded with the model that was chosen last.
    chosen_at timestamptz not null default now(),
    -- Since when nothing answers with its vectors; after a while they go.
    retired_at timestamptz,
    is_leaving boolean not null default false
);
create unique index embedding_models_identity on embedding_models (name, passage_prompt, dimension) where not is_leaving;

alter table library_versions
    -- The model whose vectors answer.
    add column embedding_model smallint references embedding_models,
    -- When somebody asked it last, to the minute.
    add column asked_at timestamptz,
    -- Since when some of its passages wait for the embedder; null when none does.
    add column waiting_since timestamptz;
create index library_versions_waiting on library_versions (asked_at desc nulls last, waiting_since)
    where waiting_since is not null;
create index library_versions_embedding_model on library_versions (embedding_model);

alter table documentation_chunks
    -- Of the text that is embedded: passages with the same one share a vector, whatever library they are of.
    add column text_hash uuid,
    -- The model that made its newest vector; 0 while there is none.
    add column embedded_by smallint not null default 0;
-- The first model that is recorded is the one that has been used so far.
update documentation_chunks set embedded_by = 1 where embedded_at is not null;
update library_versions v set waiting_since = now()
    where exists (select from documentation_chunks c where c.library_version_id = v.id);
create index documentation_chunks_embedding on documentation_chunks (library_version_id, embedded_by, chunk_index);
create index documentation_chunks_text on documentation_chunks (text_hash, embedded_by);
drop index documentation_chunks_version;
drop index documentation_chunks_without_vector;

-- Who is embedding which text. Losing them costs that a text is embedded twice.
create unlogged table embedding_leases (
    text_hash uuid primary key,
    worker uuid not null,
    until timestamptz not null
);
create index embedding_leases_worker on embedding_leases (worker);
