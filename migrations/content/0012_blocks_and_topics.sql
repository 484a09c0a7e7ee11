-- Places an operator took out of every answer, and what libraries are about.

-- A page, a section of one, or a passage: whatever a later crawl finds there does not answer either.
create table blocks (
    id uuid primary key default gen_random_uuid(),
    library_id varchar(100) not null references libraries on delete cascade,
    page_url varchar(2048),
    -- None: the whole page.
    anchor varchar(500),
    -- In place of an address. Ids come from content: the same passage has it again after every crawl.
    passage_id uuid,
    reason varchar(500) not null,
    -- A user of the other plane.
    blocked_by uuid not null,
    blocked_at timestamptz not null default now(),
    check (num_nonnulls(page_url, passage_id) = 1),
    unique nulls not distinct (library_id, page_url, anchor, passage_id)
);

create view blocked_chunks as
    select b.id as block_id, b.library_id, c.library_version_id, c.id as chunk_id
    from blocks b
    join library_versions v on v.library_id = b.library_id
    join documentation_chunks c on c.library_version_id = v.id and c.page_url = b.page_url
        and (b.anchor is null or c.metadata ->> 'anchor' = b.anchor or c.metadata -> 'anchor_aliases' ? b.anchor)
    union all
    select b.id, b.library_id, c.library_version_id, c.id
    from blocks b
    join documentation_chunks c on c.id = b.passage_id
    join library_versions v on v.id = c.library_version_id and v.library_id = b.library_id;

-- By which rules a name's forms and keys were derived: those of earlier releases are written anew.
alter table library_names add column derivation smallint not null default 0;

-- What a library is about, for those who ask for a subject; a point of the vector store as well.
create table library_topics (
    library_id varchar(100) primary key references libraries on delete cascade,
    point_id uuid not null unique default gen_random_uuid(),
    -- Rises when the library changes; what was written of an earlier revision is written again.
    revision bigint not null default 1,
    words_revision bigint not null default 0,
    meaning_revision bigint not null default 0,
    -- Where its meaning is: each embedding model has a space of its own.
    space varchar(64) not null default '',
    content text not null default ''
);
create index library_topics_without_words on library_topics (library_id) where words_revision < revision;
create index library_topics_without_meaning on library_topics (library_id) where meaning_revision < words_revision;
insert into library_topics (library_id) select id from libraries where owner_id is null;

create function renew_topic() returns trigger language plpgsql set search_path from current as $$
begin
    insert into library_topics as known (library_id) values (new.id)
        on conflict (library_id) do update set revision = known.revision + 1;
    return null;
end
$$;
-- A private library has no topic: it is found by its owner alone, by its names.
create trigger libraries_added after insert on libraries
    for each row when (new.owner_id is null) execute function renew_topic();
create trigger libraries_renew_topic after update of name, metadata, total_snippets, last_crawled_at on libraries
    for each row when (new.owner_id is null) execute function renew_topic();

create function remove_topic() returns trigger language plpgsql set search_path from current as $$
begin
    insert into removed_points (point_id) values (old.point_id) on conflict do nothing;
    return null;
end
$$;
create trigger library_topics_removed after delete on library_topics for each row execute function remove_topic();
