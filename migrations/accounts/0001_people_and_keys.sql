-- The accounts plane, part one: people, organisations, keys, sign-in.

create table organizations (
    id uuid primary key,
    name varchar(255) not null,
    share_code varchar(64) unique,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table users (
    id uuid primary key,
    email varchar(255) not null,
    hashed_password varchar(255),
    oauth_provider varchar(50),
    oauth_id varchar(255),
    name varchar(255),
    role varchar(20) not null default 'USER' check (role in ('USER', 'PREMIUM', 'ADMIN', 'BANNED')),
    organization_id uuid references organizations on delete set null,
    stripe_customer_id varchar(255) unique,
    stripe_product_id varchar(255),
    membership_status varchar(20) not null default 'INACTIVE'
        check (membership_status in ('ACTIVE', 'INACTIVE', 'CANCELED', 'PAST_DUE')),
    -- Prepaid tokens; follows from the credit ledger, never edited by hand.
    tokens integer not null default 0,
    tokens_expires_at timestamptz,
    email_verified_at timestamptz,
    deleted_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
-- A deleted account frees its address.
create unique index users_email on users (lower(email)) where deleted_at is null;
create unique index users_oauth on users (oauth_provider, oauth_id) where oauth_id is not null;

create table accounts (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    type varchar(50) not null,
    provider varchar(50) not null,
    provider_account_id varchar(255) not null,
    access_token_encrypted bytea,
    refresh_token_encrypted bytea,
    id_token_encrypted bytea,
    expires_at timestamptz,
    scope text,
    created_at timestamptz not null default now(),
    unique (provider, provider_account_id)
);
create index accounts_user on accounts (user_id);

create table sessions (
    id uuid primary key,
    -- Only the hash of the token; the token itself is in the browser alone.
    session_token varchar(255) not null unique,
    user_id uuid not null references users on delete cascade,
    expires timestamptz not null,
    created_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);

create table verification_tokens (
    id uuid primary key,
    user_id uuid references users on delete cascade,
    identifier varchar(255) not null,
    purpose varchar(20) not null check (purpose in ('verify_email', 'magic_link', 'reset_password')),
    token_hash varchar(255) not null unique,
    expires timestamptz not null,
    used_at timestamptz,
    created_at timestamptz not null default now()
);

create table refresh_tokens (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    jti varchar(255) not null unique,
    token_hash varchar(255) not null unique,
    -- Tokens that replaced one another; reuse of an old one revokes them all.
    family_id uuid not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null default now()
);
create index refresh_tokens_user on refresh_tokens (user_id);

create table beta_invites (
    id uuid primary key,
    email varchar(255) not null,
    code varchar(64) not null unique,
    used_at timestamptz,
    created_at timestamptz not null default now()
);

create table user_config (
    id uuid primary key,
    user_id uuid not null unique references users on delete cascade,
    data_pod_url varchar(500),
    data_pod_api_key bytea,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

create table api_keys (
    id uuid primary key,
    user_id uuid not null references users on delete cascade,
    organization_id uuid references organizations on delete cascade,
    key_hash varchar(255) not null unique,
    key_prefix varchar(10) not null,
    key_last_four varchar(4) not null,
    name varchar(100),
    quota_requests_per_minute integer not null default 60 check (quota_requests_per_minute > 0),
    quota_requests_per_day integer not null default 10000 check (quota_requests_per_day > 0),
    permissions text[] not null default '{docs:read}',
    allowed_networks cidr[],
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    created_at timestamptz not null default now()
);
create index api_keys_user on api_keys (user_id, created_at desc);
