"""Blocks: pages, sections and passages an operator takes out of every answer of a library."""

from datetime import datetime
from uuid import UUID

import structlog
from fastapi import APIRouter, Response
from pydantic import Field

from core.library_ids import shown_id
from indexer import blocking
from indexer.blocking import MAX_PLACE_CHARS, MAX_REASON_CHARS
from indexer.queries.blocks import Block
from server.api.library_services import KeeperOf, KeptVersion, Services
from server.api.models import ApiModel, problem_responses
from server.plain_text import storable

log = structlog.get_logger(__name__)

router = APIRouter(tags=["blocks"], responses=problem_responses(404))

_BLOCKS = "/libraries/{organisation}/{project}/blocks"


class NewBlock(ApiModel):
    """What is to answer no more, and why."""

    place: str = Field(
        min_length=1,
        max_length=MAX_PLACE_CHARS,
        description="A page's address as answers cite it, with its anchor for one section, or a passage's id",
        examples=["https://docs.example.com/guide.html#tokens"],
    )
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARS)


class BlockBody(ApiModel):
    """A block: in every version of its library, and after every crawl, until it is lifted."""

    id: UUID
    library: str
    place: str
    reason: str
    blocked_by: UUID
    blocked_at: datetime
    passages: int = Field(description="How many passages it takes out now, in all versions")


class BlocksBody(ApiModel):
    """The blocks of a library, the latest first."""

    blocks: tuple[BlockBody, ...]


@router.get(_BLOCKS, summary="List blocks", operation_id="listBlocks")
async def list_blocks(services: Services, version: KeptVersion) -> BlocksBody:
    """Gives what is taken out of a library's answers, by whom, when and why."""
    found = await blocking.blocks_of(services.content, version.library_id)
    return BlocksBody(blocks=tuple(map(_block_body, found)))


@router.post(_BLOCKS, status_code=201, summary="Block a place", operation_id="addBlock")
async def add_block(keeper: KeeperOf, services: Services, version: KeptVersion, new: NewBlock) -> BlockBody:
    """Takes a page, a section or a passage out of every answer within a second; repeated, it changes the reason."""
    place = blocking.read_place(new.place)
    block = await blocking.block_place(
        services.content, version.library_id, place, storable(new.reason), keeper.user_id
    )
    log.info("server.place_blocked", library_id=block.library_id, block_id=str(block.id), user_id=str(keeper.user_id))
    return _block_body(block)


@router.delete(f"{_BLOCKS}/{{block_id}}", status_code=204, summary="Lift a block", operation_id="liftBlock")
async def lift_block(keeper: KeeperOf, services: Services, version: KeptVersion, block_id: UUID) -> Response:
    """Lets the place answer again."""
    await blocking.lift_block(services.content, version.library_id, block_id)
    log.info("server.place_unblocked", block_id=str(block_id), user_id=str(keeper.user_id))
    return Response(status_code=204)


def _block_body(block: Block) -> BlockBody:
    return BlockBody(
        id=block.id,
        library=shown_id(block.library_id),
        place=blocking.show_place(block.place),
        reason=block.reason,
        blocked_by=block.blocked_by,
        blocked_at=block.blocked_at,
        passages=block.passages,
    )
