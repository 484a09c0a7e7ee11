-- The accounts plane, part two: usage, plans, invoices, payments.

create table usage_logs (
    id uuid not null,
    user_id uuid references users on delete set null,
    api_key_id uuid references api_keys on delete set null,
    tool_name varchar(50) not null,
    library_id varchar(100),
    query text,
    tokens_returned integer not null default 0 check (tokens_returned >= 0),
    response_time_ms integer not null default 0 check (response_time_ms >= 0),
    created_at timestamptz not null default now(),
    -- The id of the request, made once per call: a replayed write of the same call is no second row.
    request_id uuid not null,
    status varchar(30) not null default 'ok',
    is_billed boolean not null default true,
    client_name varchar(100),
    client_version varchar(50),
    transport varchar(20),
    primary key (id, created_at),
    unique (request_id, created_at)
) partition by range (created_at);
create index usage_logs_user on usage_logs (user_id, created_at desc);
create index usage_logs_key on usage_logs (api_key_id, created_at desc);

-- Rows never wait for a partition: the default one takes those whose month has none.
create table usage_logs_default partition of usage_logs default;

-- Creates the month's partition if it is missing, and moves there what the default partition took for it.
create function ensure_usage_partition(month date) returns void language plpgsql as $$
declare
    first_day date := date_trunc('month', month);
    starts timestamptz := first_day::timestamp at time zone 'UTC';
    ends timestamptz := (first_day + interval '1 month') at time zone 'UTC';
    name text := format('usage_logs_%s', to_char(first_day, 'YYYY_MM'));
begin
    -- Replicas start together.
    perform pg_advisory_xact_lock(hashtextextended('accounts.usage_logs partitions', 0));
    if to_regclass(name) is not null then
        return;
    end if;
    lock table usage_logs_default in access exclusive mode;
    execute format('create table %I (like usage_logs including all)', name);
    -- Forced policies would hide the rows from an owner who is no superuser.
    alter table usage_logs_default no force row level security;
    execute format(
        'with moved as (delete from usage_logs_default where created_at >= %L and created_at < %L returning *) '
        'insert into %I select * from moved', starts, ends, name
    );
    alter table usage_logs_default force row level security;
    execute format('alter table usage_logs attach partition %I for values from (%L) to (%L)', name, starts, ends);
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
end $$;

create table plans (
    id varchar(50) primary key,
    name varchar(100) not null,
    description text,
    amount numeric(10, 2) not null check (amount >= 0),
    currency varchar(3) not null default 'EUR',
    interval varchar(10) not null check (interval in ('month', 'year')),
    features jsonb not null default '[]',
    limits jsonb not null default '{}',
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table stripe_products (
    id varchar(255) primary key,
    name varchar(255) not null,
    description text,
    is_active boolean not null default true,
    metadata jsonb not null default '{}',
    synced_at timestamptz not null default now()
);

create table stripe_prices (
    id varchar(255) primary key,
    product_id varchar(255) not null references stripe_products on delete cascade,
    unit_amount numeric(20, 12),
    currency varchar(3) not null,
    interval varchar(10),
    is_active boolean not null default true,
    metadata jsonb not null default '{}',
    synced_at timestamptz not null default now()
);
create index stripe_prices_product on stripe_prices (product_id);

create table stripe_customers (
    id varchar(255) primary key,
    user_id uuid not null unique references users on delete cascade,
    created_at timestamptz not null default now()
);

create table subscriptions (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    plan varchar(50) not null references plans,
    status varchar(20) not null check (
        status in ('active', 'paused', 'cancelled', 'expired', 'inactive', 'past_due', 'trialing', 'unpaid')
    ),
    current_period_start timestamptz not null,
    current_period_end timestamptz not null,
    cancel_at_period_end boolean not null default false,
    amount numeric(10, 2) not null,
    currency varchar(3) not null default 'EUR',
    interval varchar(10) not null check (interval in ('month', 'year')),
    interval_count integer not null default 1 check (interval_count > 0),
    trial_start timestamptz,
    trial_end timestamptz,
    stripe_customer_id varchar(255),
    stripe_subscription_id varchar(255) unique,
    stripe_price_id varchar(255) references stripe_prices,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (current_period_end > current_period_start)
);
create unique index subscriptions_one_live on subscriptions (user_id)
    where status in ('active', 'paused', 'past_due', 'trialing', 'unpaid');

create table invoices (
    id uuid primary key,
    user_id uuid not null references users on delete restrict,
    number varchar(50) unique,
    period jsonb not null,
    status varchar(20) not null default 'draft' check (status in ('draft', 'sent', 'paid', 'overdue', 'cancelled')),
    items jsonb not null default '[]',
    subtotal numeric(10, 2) not null default 0,
    tax numeric(10, 2) not null default 0,
    total numeric(10, 2) not null default 0,
    currency varchar(3) not null default 'EUR',
    issue_date timestamptz,
    due_date timestamptz,
    paid_date timestamptz,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    check (total = subtotal + tax),
    check (status = 'draft' or number is not null)
);
create index invoices_user on invoices (user_id, created_at desc);
create index invoices_status on invoices (status);
create index invoices_period on invoices using gin (period);

create table payment_methods (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    type varchar(20) not null check (type in ('card', 'bank_account', 'sepa')),
    provider varchar(20) not null check (provider in ('stripe', 'paypal', 'wise')),
    is_default boolean not null default false,
    provider_method_id varchar(255) not null,
    last_four varchar(4),
    expiry_month integer check (expiry_month between 1 and 12),
    expiry_year integer,
    brand varchar(50),
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    unique (provider, provider_method_id)
);
create unique index payment_methods_one_default on payment_methods (user_id) where is_default;

create table payments (
    id uuid primary key,
    invoice_id uuid not null references invoices on delete restrict,
    user_id uuid not null references users on delete restrict,
    amount numeric(10, 2) not null check (amount >= 0),
    currency varchar(3) not null default 'EUR',
    status varchar(20) not null default 'pending'
        check (status in ('pending', 'processing', 'completed', 'failed', 'refunded')),
    method_id uuid references payment_methods on delete set null,
    provider varchar(20) not null check (provider in ('stripe', 'paypal', 'wise')),
    provider_transaction_id varchar(255),
    failure_reason text,
    refunded_amount numeric(10, 2) not null default 0 check (refunded_amount >= 0 and refunded_amount <= amount),
    processed_at timestamptz,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    unique (provider, provider_transaction_id)
);
create index payments_invoice on payments (invoice_id);
create index payments_user on payments (user_id, created_at desc);

create table credits (
    id uuid primary key,
    user_id uuid not null references users on delete restrict,
    amount numeric(10, 2) not null check (amount > 0),
    currency varchar(3) not null default 'EUR',
    reason text,
    type varchar(20) not null check (type in ('promotional', 'refund', 'compensation', 'adjustment')),
    expires_at timestamptz,
    used_at timestamptz,
    invoice_id uuid references invoices on delete set null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create index credits_user on credits (user_id, expires_at);

-- Append-only: what was granted (+), used (-) or expired (-). A balance is the sum of these rows.
create table credit_ledger_entries (
    id uuid primary key,
    credit_id uuid not null references credits on delete restrict,
    user_id uuid not null references users on delete restrict,
    amount numeric(10, 2) not null check (amount <> 0),
    invoice_id uuid references invoices on delete set null,
    reason text not null,
    created_at timestamptz not null default now()
);
create index credit_ledger_entries_credit on credit_ledger_entries (credit_id);
create index credit_ledger_entries_user on credit_ledger_entries (user_id);

create table billing_alerts (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    type varchar(30) not null
        check (type in ('usage_threshold', 'payment_failed', 'invoice_overdue', 'subscription_expiring')),
    threshold numeric(20, 4),
    current_value numeric(20, 4),
    message text not null,
    is_read boolean not null default false,
    read_at timestamptz,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create index billing_alerts_user on billing_alerts (user_id, created_at desc);

create table payment_history (
    id varchar(255) primary key,
    user_id uuid not null references users on delete restrict,
    stripe_customer_id varchar(255) not null,
    amount numeric(10, 2) not null,
    currency varchar(3) not null,
    status varchar(50) not null,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now()
);
create index payment_history_user on payment_history (user_id, created_at desc);

insert into plans (id, name, description, amount, interval, features, limits) values
    ('free', 'Free', 'To try it out', 0, 'month', '["Public libraries"]',
     '{"requestsPerMonth": 1000, "tokensPerMonth": 5000000, "concurrentRequests": 2}'),
    ('basic', 'Basic', 'For one developer', 9, 'month', '["Public libraries", "Usage by key"]',
     '{"requestsPerMonth": 10000, "tokensPerMonth": 50000000, "concurrentRequests": 5}'),
    ('premium', 'Premium', 'For a team', 29, 'month', '["Public and private libraries", "Usage by key"]',
     '{"requestsPerMonth": 100000, "tokensPerMonth": 500000000, "concurrentRequests": 20}'),
    ('enterprise', 'Enterprise', 'By agreement', 299, 'month', '["Everything", "Own data pod"]',
     '{"requestsPerMonth": null, "tokensPerMonth": null, "concurrentRequests": 100}');
