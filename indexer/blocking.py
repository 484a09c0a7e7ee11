"""Taking pages, sections and single passages out of every answer, whatever later crawls find there."""

import re
from dataclasses import replace
from urllib.parse import unquote
from uuid import UUID

from core.database import Database
from core.errors import InvalidInput, NotFound
from core.library_ids import LibraryId, shown_id
from indexer.catalogue.catalogue import select_version
from indexer.queries import blocks as block_queries
from indexer.queries import libraries as library_queries
from indexer.queries.blocks import Block, Place

MAX_PLACE_CHARS = 2048
MAX_REASON_CHARS = 500
_MAX_ANCHOR_CHARS = 500
_MOST_BLOCKS = 1000
_INDEX = re.compile(r"/(index\.html?)?$")


def read_place(text: str) -> Place:
    """Reads an address as answers cite it, with an anchor or without, or the id of a passage.

    Raises:
        InvalidInput: It is neither.
    """
    place = text.strip()
    try:
        return Place(passage_id=UUID(place))
    except ValueError:
        page_url, _, fragment = place.partition("#")
    anchor = unquote(fragment) or None
    if not page_url or len(place) > MAX_PLACE_CHARS or len(anchor or "") > _MAX_ANCHOR_CHARS or not place.isprintable():
        raise InvalidInput("Name a page or a section by its address as answers cite it, or a passage by its id.")
    return Place(page_url, anchor)


def show_place(place: Place) -> str:
    """Gives the place as `read_place` takes it."""
    if place.passage_id is not None:
        return str(place.passage_id)
    return f"{place.page_url}#{place.anchor}" if place.anchor else str(place.page_url)


async def block_place(database: Database, library: str, place: Place, reason: str, user_id: UUID) -> Block:
    """Takes a place out of every answer; repeating it changes the reason.

    Raises:
        LibraryNotFound: There is no such library.
        NotFound: It has no passage of this id.
        InvalidInput: There is no reason, or the library has as many blocks as it may have.
    """
    if not reason:
        raise InvalidInput("A block needs a reason: who looks at the list later wants to know.")
    async with database.transaction() as connection:
        library_id = (await select_version(connection, LibraryId(library))).library_id
        await library_queries.lock_library(connection, library_id)
        if place.passage_id and not await block_queries.has_passage(connection, library_id, place.passage_id):
            raise NotFound(
                f"{shown_id(library_id)} has no passage {place.passage_id}. Answers name the ids of their passages."
            )
        if place.page_url:
            indexed = await block_queries.find_indexed_page(connection, library_id, _forms_of(place.page_url))
            place = replace(place, page_url=indexed or place.page_url)
        block_id = await block_queries.upsert_block(connection, library_id, place, reason, user_id)
        if place.page_url and not place.anchor:
            await block_queries.forget_description(connection, library_id, place.page_url)
        await block_queries.update_answers(connection, library_id)
        known = await block_queries.blocks_of(connection, library_id)
        if len(known) > _MOST_BLOCKS:
            raise InvalidInput(
                f"{shown_id(library_id)} has {_MOST_BLOCKS} blocks. Exclude whole folders by its source's rules."
            )
    return next(block for block in known if block.id == block_id)


async def lift_block(database: Database, library: str, block_id: UUID) -> None:
    """Lets a blocked place answer again.

    Raises:
        LibraryNotFound: There is no such library.
        NotFound: It has no such block.
    """
    async with database.transaction() as connection:
        library_id = (await select_version(connection, LibraryId(library))).library_id
        await library_queries.lock_library(connection, library_id)
        if not await block_queries.delete_block(connection, library_id, block_id):
            raise NotFound(f"{shown_id(library_id)} has no block {block_id}.")
        await block_queries.update_answers(connection, library_id)


async def blocks_of(database: Database, library: str) -> list[Block]:
    """Gives the blocks of a library, the latest first.

    Raises:
        LibraryNotFound: There is no such library.
    """
    async with database.connection() as connection:
        library_id = (await select_version(connection, LibraryId(library))).library_id
        return await block_queries.blocks_of(connection, library_id)


def _forms_of(page_url: str) -> tuple[str, ...]:
    """Gives an address, and those under which servers often show the same page."""
    folder = _INDEX.sub("", page_url)
    return (page_url, f"{folder}/", f"{folder}/index.html", f"{folder}/index.htm", folder)
