-- How popular a library is follows from how often it is asked.
alter table libraries
    -- When a minute was counted for it last.
    add column asked_at timestamptz,
    -- Base-2 logarithm of the minutes in which it was asked, each twice as heavy as one 30 days before it; one of
    -- 2026-01-01 weighs 1. `popularity_score` is the same as a whole number; 0 for what nobody has asked.
    add column askings double precision;

-- Equally popular libraries have an order, too.
drop index library_names_form, library_names_owned;
create index library_names_form on library_names (form, popularity desc, library_id) where owner_id is null;
create index library_names_owned on library_names (owner_id, form, popularity desc, library_id) where owner_id is not null;
