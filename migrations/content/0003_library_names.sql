-- What a library can be called, in the forms a name is looked up by.

create table library_names (
    library_id varchar(100) not null references libraries on delete cascade,
    -- Without case, spaces and punctuation.
    form varchar(200) not null,
    source varchar(10) not null check (source in ('id', 'name', 'alias', 'core', 'owner')),
    -- A copy, so that the first of many libraries of one name are found without reading them all.
    popularity integer not null default 0,
    -- What is left of the form when letters are left out; a misspelt name shares some of it. None: only met exactly.
    typo_keys integer[],
    primary key (library_id, form)
);
create index library_names_form on library_names (form, popularity desc);
-- Written at once: a pending list would have to be read through by every question.
create index library_names_typos on library_names using gin (typo_keys) with (fastupdate = off);

create function copy_popularity() returns trigger language plpgsql set search_path from current as $$
begin
    update library_names set popularity = new.popularity_score where library_id = new.id;
    return null;
end
$$;
create trigger libraries_copy_popularity after update of popularity_score on libraries
    for each row when (old.popularity_score is distinct from new.popularity_score) execute function copy_popularity();
