-- Terms in the vector store belong to one version now. Words written before are form 0: they are written anew, version by
-- version, before anything else is done; meanings stay.
alter table library_versions add column words_form smallint not null default 0;
alter table library_versions alter column words_form set default 1;

-- Whether a version has passages without a vector is asked with every question that may be kept.
create index documentation_chunks_without_meaning on documentation_chunks (library_version_id)
    where is_published and words_indexed_at is not null and embedded_at is null;
