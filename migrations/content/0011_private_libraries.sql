-- Private libraries, which only their owners see, and data pods: users' own vector stores that hold the points of them.

alter table libraries
    -- A user of the accounts plane. Ids of private libraries end in ~ and their owner, so that the same name given by
    -- two owners, or by an owner and the public, is two libraries that never meet.
    add column owner_id uuid,
    add constraint libraries_owned_id check (
        case when owner_id is null then position('~' in id) = 0
        else right(id, 33) = '~' || replace(owner_id::text, '-', '') end
    );
create index libraries_owner on libraries (owner_id) where owner_id is not null;

-- A copy: however many private libraries have a name, those who ask for it do not read past them.
alter table library_names add column owner_id uuid;
drop index library_names_form, library_names_typos;
create index library_names_form on library_names (form, popularity desc) where owner_id is null;
create index library_names_typos on library_names using gin (typo_keys) with (fastupdate = off) where owner_id is null;
create index library_names_owned on library_names (owner_id, form) where owner_id is not null;

-- Whose data pod holds the points; null: the vector store of the installation.
alter table library_versions add column pod_owner_id uuid;
create index library_versions_pod on library_versions (pod_owner_id) where pod_owner_id is not null;
alter table removed_points add column pod_owner_id uuid;
create index removed_points_pod on removed_points (pod_owner_id, removed_at);
