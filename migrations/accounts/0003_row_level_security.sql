-- Two roles the application works as. Neither owns a table, neither may bypass the policies.
--   lectern_service  the server's own work (key lookup, metering, billing runs, administration): all rows, by policy
--   lectern_tenant   work on behalf of one user: the rows of `app.user_id` (and of `app.organization_id`) only

do $$
begin
    if not exists (select from pg_roles where rolname = 'lectern_service') then
        create role lectern_service nologin nosuperuser nobypassrls;
    end if;
    if not exists (select from pg_roles where rolname = 'lectern_tenant') then
        create role lectern_tenant nologin nosuperuser nobypassrls;
    end if;
end $$;

grant lectern_service, lectern_tenant to current_user;
grant lectern_tenant to lectern_service;
grant usage on schema accounts to lectern_service, lectern_tenant;
grant select, insert, update, delete on all tables in schema accounts to lectern_service;
grant select on all tables in schema accounts to lectern_tenant;
-- A ledger is only ever added to, and a partition only ever created by its owner.
revoke update, delete on credit_ledger_entries from lectern_service;
alter function ensure_usage_partition(date) security definer set search_path = accounts, pg_temp;
revoke execute on function ensure_usage_partition(date) from public;
grant execute on function ensure_usage_partition(date) to lectern_service;

-- A tenant changes what is theirs to decide: not their role, their limits, their usage or their invoices.
grant insert on api_keys to lectern_tenant;
grant update (name, revoked_at) on api_keys to lectern_tenant;
grant insert, update on user_config to lectern_tenant;
grant update (is_read, read_at) on billing_alerts to lectern_tenant;
grant update (name, updated_at) on users, organizations to lectern_tenant;
-- Members of an organisation see each other, but never each other's password or customer number.
revoke select on users from lectern_tenant;
grant select (
    id, email, name, role, organization_id, membership_status, tokens, tokens_expires_at, email_verified_at, deleted_at,
    created_at, updated_at
) on users to lectern_tenant;

create function current_user_id() returns uuid language sql stable as
    $$ select nullif(current_setting('app.user_id', true), '')::uuid $$;
create function current_organization_id() returns uuid language sql stable as
    $$ select nullif(current_setting('app.organization_id', true), '')::uuid $$;

do $$
declare
    owned text;
begin
    foreach owned in array array[
        'accounts', 'sessions', 'verification_tokens', 'refresh_tokens', 'user_config', 'api_keys', 'usage_logs',
        'usage_logs_default', 'subscriptions', 'invoices', 'payment_methods', 'payments', 'credits',
        'credit_ledger_entries', 'billing_alerts', 'payment_history', 'stripe_customers'
    ] loop
        execute format('alter table %I enable row level security', owned);
        execute format('alter table %I force row level security', owned);
        execute format('create policy service on %I to lectern_service using (true) with check (true)', owned);
        execute format(
            'create policy own_rows on %I to lectern_tenant '
            'using (user_id = current_user_id()) with check (user_id = current_user_id())', owned
        );
    end loop;
end $$;

alter table users enable row level security;
alter table users force row level security;
create policy service on users to lectern_service using (true) with check (true);
create policy own_rows on users to lectern_tenant
    using (id = current_user_id() or organization_id = current_organization_id())
    with check (id = current_user_id());

alter table organizations enable row level security;
alter table organizations force row level security;
create policy service on organizations to lectern_service using (true) with check (true);
create policy own_rows on organizations to lectern_tenant
    using (id = current_organization_id()) with check (id = current_organization_id());

alter table beta_invites enable row level security;
alter table beta_invites force row level security;
create policy service on beta_invites to lectern_service using (true) with check (true);
