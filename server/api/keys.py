"""A user's own API keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from pydantic import Field, IPvAnyNetwork

from accounts.callers import ADMINISTER, MANAGE_KEYS, Caller
from accounts.keys import ApiKey
from core.errors import NotAllowed
from server.api.models import ApiModel, Moment, problem_responses
from server.api.services import AnyVisitor, Services, user_with

MAX_NETWORKS = 50

router = APIRouter(prefix="/keys", tags=["keys"])

KeyManager = Annotated[UUID, Depends(user_with(MANAGE_KEYS))]
Scopes = Annotated[tuple[Annotated[str, Field(max_length=50)], ...], Field(min_length=1, max_length=10)]
Quota = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewKeyBody(ApiModel):
    """The wishes for a new key."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Scopes = ("docs:read",)
    requests_per_minute: Quota = 60
    requests_per_day: Quota = 10_000
    expires_at: Moment | None = None
    allowed_networks: Annotated[tuple[IPvAnyNetwork, ...], Field(max_length=MAX_NETWORKS)] = ()


class KeyBody(ApiModel):
    """A key as its owner may see it."""

    id: UUID
    prefix: str
    last_four: str
    name: str
    scopes: tuple[str, ...]
    requests_per_minute: int
    requests_per_day: int
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


class KeyListBody(ApiModel):
    """A user's keys, newest first: all that can be used, and the latest of those revoked or expired."""

    keys: tuple[KeyBody, ...]


class CreatedKeyBody(ApiModel):
    """A key that was just made."""

    plaintext: str = Field(description="The key itself; it is shown this once and kept nowhere")
    key: KeyBody


@router.get("", summary="List the keys", operation_id="listKeys")
async def list_keys(user_id: KeyManager, services: Services) -> KeyListBody:
    """Gives the caller's own keys."""
    return KeyListBody(keys=tuple(key_body(key) for key in await services.key_ring.keys_of(user_id)))


@router.post("", summary="Create a key", operation_id="createKey", status_code=201)
async def create_key(user_id: KeyManager, visitor: AnyVisitor, services: Services, body: NewKeyBody) -> CreatedKeyBody:
    """Makes a key for the caller, which may not do more than the key that makes it."""
    check_grant(visitor.caller, body)
    made = await services.key_ring.create(
        user_id,
        body.name,
        body.scopes,
        per_minute=body.requests_per_minute,
        per_day=body.requests_per_day,
        expires_at=body.expires_at,
        allowed_networks=body.allowed_networks,
    )
    return CreatedKeyBody(plaintext=made.plaintext, key=key_body(made.key))


@router.delete("/{key_id}", summary="Revoke a key", operation_id="revokeKey", responses=problem_responses(404))
async def revoke_key(user_id: KeyManager, services: Services, key_id: Annotated[UUID, Path()]) -> KeyBody:
    """Revokes one of the caller's keys for good; a second time changes nothing."""
    return key_body(await services.key_ring.revoke(key_id, user_id))


def check_grant(caller: Caller, wish: NewKeyBody) -> None:
    """Checks that a key would not grant more than the one that makes it; administrators' may.

    Raises:
        NotAllowed: It would.
    """
    if ADMINISTER in caller.scopes:
        return
    missing = sorted(set(wish.scopes) - caller.scopes)
    if missing:
        raise NotAllowed(f"This key cannot give what it lacks: {', '.join(missing)}.")
    if wish.requests_per_minute > caller.requests_per_minute or wish.requests_per_day > caller.requests_per_day:
        raise NotAllowed(
            f"This key cannot give more than its own limits: {caller.requests_per_minute} calls per minute and "
            f"{caller.requests_per_day} per day."
        )


def key_body(key: ApiKey) -> KeyBody:
    """Gives the key as the API shows it."""
    return KeyBody.model_validate(key)
