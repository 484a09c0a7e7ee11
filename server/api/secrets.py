"""The secrets of a library's source: given, named, removed, never shown."""

from datetime import datetime

from fastapi import APIRouter, Response

from crawler.credentials import Credentials
from server.api.library_services import KeptVersion, Manager, Services
from server.api.models import ApiModel

router = APIRouter(tags=["libraries"])

_SECRETS = "/libraries/{organisation}/{project}/source/secrets"


class SecretsBody(ApiModel):
    """What is known of secrets: which there are, and the one origin they are sent to."""

    origin: str
    names: tuple[str, ...]
    updated_at: datetime


class RotationBody(ApiModel):
    """How many secrets bear the newest key now, and how many no key here opens."""

    resealed: int
    unreadable: int


@router.put(_SECRETS, summary="Set the secrets of a source", operation_id="setSourceSecrets")
async def set_secrets(services: Services, version: KeptVersion, secrets: Credentials) -> SecretsBody:
    """Keeps what the source is asked with, in place of what was kept before; it cannot be read again."""
    return SecretsBody.model_validate(await services.vault.keep_for(version, secrets))


@router.get(_SECRETS, summary="Name the secrets of a source", operation_id="getSourceSecrets")
async def get_secrets(services: Services, version: KeptVersion) -> SecretsBody:
    """Gives their names and where they are sent, no values."""
    return SecretsBody.model_validate(await services.vault.names_for(version))


@router.delete(_SECRETS, status_code=204, summary="Remove the secrets of a source", operation_id="removeSourceSecrets")
async def remove_secrets(services: Services, version: KeptVersion) -> Response:
    """Forgets them."""
    await services.vault.forget_for(version)
    return Response(status_code=204)


@router.post("/secrets/rotate", summary="Encrypt all secrets anew", operation_id="rotateSecrets")
async def rotate_secrets(_manager: Manager, services: Services) -> RotationBody:
    """Encrypts the secrets of all sources with the newest key, after which older ones can be taken away."""
    return RotationBody.model_validate(await services.vault.rotate())
