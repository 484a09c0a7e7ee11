"""The tables and columns users were promised, under their names."""

from uuid import uuid4

import pytest

from core.database import Database

CONTENT = {
    "libraries": (
        "id name vendor repo_url docs_url default_version popularity_score total_snippets total_tokens "
        "last_crawled_at created_at updated_at metadata"
    ),
    "library_versions": "id library_id version release_date is_latest docs_snapshot_url",
    "documentation_chunks": (
        "id library_version_id chunk_index content content_type source_url token_count embedding_id metadata created_at"
    ),
}
ACCOUNTS = {
    "users": (
        "id email hashed_password oauth_provider oauth_id created_at updated_at name role organization_id "
        "stripe_customer_id stripe_product_id membership_status tokens tokens_expires_at deleted_at "
        "email_verified_at"
    ),
    "organizations": "id name created_at updated_at",
    "accounts": "user_id type provider provider_account_id expires_at scope",
    "sessions": "id session_token user_id expires",
    "verification_tokens": "id token_hash expires",
    "refresh_tokens": "id user_id jti token_hash expires_at",
    "beta_invites": "id email code used_at created_at",
    "user_config": "id user_id data_pod_url data_pod_api_key created_at updated_at",
    "api_keys": (
        "id user_id key_hash key_prefix name quota_requests_per_minute quota_requests_per_day last_used_at "
        "created_at revoked_at permissions expires_at allowed_networks organization_id"
    ),
    "plans": "id name description amount currency interval features limits metadata created_at updated_at",
    "subscriptions": (
        "id user_id plan status current_period_start current_period_end cancel_at_period_end amount currency "
        "interval interval_count trial_start trial_end stripe_customer_id stripe_subscription_id created_at "
        "updated_at metadata"
    ),
    "usage_logs": (
        "id user_id api_key_id tool_name library_id query tokens_returned response_time_ms created_at "
        "request_id status client_name client_version transport"
    ),
    "invoices": (
        "id user_id number period status items subtotal tax total currency issue_date due_date paid_date "
        "created_at updated_at metadata"
    ),
    "payments": (
        "id invoice_id user_id amount currency status method_id provider provider_transaction_id "
        "failure_reason refunded_amount created_at processed_at metadata"
    ),
    "payment_methods": (
        "id user_id type provider is_default provider_method_id last_four expiry_month expiry_year brand "
        "created_at updated_at metadata"
    ),
    "credits": "id user_id amount currency reason type expires_at used_at invoice_id created_at metadata",
    "credit_ledger_entries": "id credit_id amount",
    "billing_alerts": "id user_id type threshold current_value message is_read created_at read_at metadata",
    "stripe_products": "id",
    "stripe_prices": "id product_id",
    "stripe_customers": "id user_id",
    "payment_history": "id user_id",
}


async def columns_of(database: Database, plane: str) -> dict[str, set[str]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "select table_name, column_name from information_schema.columns where table_schema = $1", plane
        )
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    return found


async def test_the_content_plane_has_every_column(content_database: Database) -> None:
    found = await columns_of(content_database, "content")
    missing = {table: set(names.split()) - found.get(table, set()) for table, names in CONTENT.items()}
    assert not {table: names for table, names in missing.items() if names}


async def test_the_accounts_plane_has_every_column(accounts_database: Database) -> None:
    found = await columns_of(accounts_database, "accounts")
    missing = {table: set(names.split()) - found.get(table, set()) for table, names in ACCOUNTS.items()}
    assert not {table: names for table, names in missing.items() if names}


async def test_no_foreign_key_crosses_the_planes(content_database: Database) -> None:
    async with content_database.connection() as connection:
        crossing = await connection.fetch(
            """
            select conname from pg_constraint c
            join pg_class child on child.oid = c.conrelid join pg_class parent on parent.oid = c.confrelid
            where c.contype = 'f' and child.relnamespace <> parent.relnamespace
            """
        )
    assert crossing == []


@pytest.mark.parametrize("table", ["documentation_chunks", "usage_logs"])
async def test_the_large_tables_are_read_by_index(
    table: str, content_database: Database, accounts_database: Database
) -> None:
    database = content_database if table == "documentation_chunks" else accounts_database
    async with database.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        if table == "documentation_chunks":
            plan = await connection.fetch(
                "explain select id from documentation_chunks where library_version_id = $1", uuid4()
            )
        else:
            plan = await connection.fetch(
                "explain select id from usage_logs where user_id = $1 order by created_at desc limit 50", uuid4()
            )
    text = "\n".join(row[0] for row in plan)
    assert "Index" in text
    assert "Seq Scan" not in text
