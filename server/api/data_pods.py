"""A user's own data pod: the Qdrant that the points of their private libraries are in."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field, SecretStr

from accounts.callers import OWN_LIBRARIES
from indexer.vectors.pod_address import MAX_POD_URL_CHARS
from server.api.library_services import Services
from server.api.models import ApiModel, problem_responses
from server.api.services import user_with
from server.pods import MAX_KEY_CHARS

router = APIRouter(prefix="/me/data-pod", tags=["data pod"])

PodOwner = Annotated[UUID, Depends(user_with(OWN_LIBRARIES))]


class NewPod(ApiModel):
    """Where the pod is, and what it is asked with."""

    url: str = Field(min_length=1, max_length=MAX_POD_URL_CHARS, examples=["https://xyz.cloud.qdrant.io:6333"])
    api_key: SecretStr | None = Field(
        default=None, max_length=MAX_KEY_CHARS, description="Kept sealed and never shown; none: it is asked without one"
    )


class PodBody(ApiModel):
    """A pod as its owner may see it."""

    url: str
    has_key: bool
    updated_at: datetime
    versions: int = Field(description="Versions of the owner's private libraries")
    in_pod: int = Field(description="How many of them answer from the pod; the others are being moved")


class RemovedPodBody(ApiModel):
    """What became of the points that were in a pod."""

    emptied: bool = Field(description="Whether they were deleted there; else its owner has to drop the collection")


@router.get("", summary="See your data pod", operation_id="getDataPod", responses=problem_responses(404))
async def get_pod(owner: PodOwner, services: Services) -> PodBody:
    """Gives where the pod is and how far libraries have moved into it; its key is never shown."""
    return PodBody.model_validate(await services.pods.state(owner))


@router.put("", summary="Set your data pod", operation_id="setDataPod", responses=problem_responses(409))
async def set_pod(owner: PodOwner, services: Services, new: NewPod) -> PodBody:
    """Asks the pod whether it answers, keeps where it is, and begins to move the owner's private libraries into it."""
    return PodBody.model_validate(await services.pods.set(owner, new.url, new.api_key))


@router.post("/check", summary="Check your data pod", operation_id="checkDataPod", responses=problem_responses(404))
async def check_pod(owner: PodOwner, services: Services) -> PodBody:
    """Asks the pod whether it answers; what waits for it is written then."""
    return PodBody.model_validate(await services.pods.check(owner))


@router.delete("", summary="Remove your data pod", operation_id="removeDataPod", responses=problem_responses(404))
async def remove_pod(owner: PodOwner, services: Services) -> RemovedPodBody:
    """Forgets the pod and its key; libraries in it answer from here again, by words at once."""
    return RemovedPodBody(emptied=await services.pods.remove(owner))
