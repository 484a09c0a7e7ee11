"""Keys and usage from the command line."""

from typing import Annotated, Any
from uuid import UUID

import typer

from server.cli.ask import Json
from server.cli.connection import open_api
from server.cli.output import print_json, print_table, run

_DEFAULT_SCOPES = ["docs:read"]


def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    *,
    scope: Annotated[list[str] | None, typer.Option(help="May be given several times; docs:read by default.")] = None,
    per_minute: Annotated[int, typer.Option(min=1, help="Calls a minute.")] = 60,
    per_day: Annotated[int, typer.Option(min=1, help="Calls a day.")] = 10_000,
    json: Json = False,
) -> None:
    """Create a key; it is shown this once."""
    body: dict[str, Any] = {
        "name": name or "command line",
        "scopes": scope or _DEFAULT_SCOPES,
        "requestsPerMinute": per_minute,
        "requestsPerDay": per_day,
    }
    run(_create(body, as_json=json))


async def _create(body: dict[str, Any], *, as_json: bool) -> None:
    async with open_api() as api:
        created = await api.post("/keys", body)
    if as_json:
        print_json(created)
    else:
        typer.echo(created["plaintext"])
        typer.secho("This is the only time the key is shown.", dim=True, err=True)


def list_keys(*, json: Json = False) -> None:
    """List keys, newest first."""
    run(_list(as_json=json))


async def _list(*, as_json: bool) -> None:
    async with open_api() as api:
        keys = (await api.get("/keys"))["keys"]
    if as_json:
        print_json(keys)
        return
    print_table(
        ["id", "key", "name", "scopes", "created", "last used", "revoked"],
        [
            (
                key["id"],
                f"{key['prefix']}...{key['lastFour']}",
                key["name"],
                " ".join(key["scopes"]),
                *(_minute(key[moment]) for moment in ("createdAt", "lastUsedAt", "revokedAt")),
            )
            for key in keys
        ],
    )


def _minute(moment: str | None) -> str:
    return (moment or "")[:16]


def revoke(
    key_id: Annotated[UUID, typer.Argument(metavar="ID", help="The key's id, from `lectern key list`.")],
) -> None:
    """Revoke a key: it is refused from now on."""
    run(_revoke(key_id))


async def _revoke(key_id: UUID) -> None:
    async with open_api() as api:
        await api.delete(f"/keys/{key_id}")
    typer.echo(f"Revoked {key_id}.")


def usage(*, json: Json = False) -> None:
    """Show the usage of the last 30 days."""
    run(_usage(as_json=json))


async def _usage(*, as_json: bool) -> None:
    async with open_api() as api:
        summary = await api.get("/usage")
    if as_json:
        print_json(summary)
        return
    total = summary["total"]
    period = f"{summary['start'][:10]} to {summary['end'][:10]}"
    typer.echo(f"{period}: {total['calls']} calls, {total['billedCalls']} billed, {total['tokens']} tokens")
    print_table(["day", "calls", "tokens"], [(day["day"], day["calls"], day["tokens"]) for day in summary["byDay"]])
