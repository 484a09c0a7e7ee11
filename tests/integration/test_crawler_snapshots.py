"""What the object store and the snapshots in it promise, also when the store is away."""

import asyncio
import errno
import os
import resource
from pathlib import Path

import pytest

from core.database import Database
from core.errors import Conflict, DiskFull, NotFound, Unavailable
from core.objects import ObjectStore, open_object_store
from core.snapshots import SnapshotWriter, StoredResponse, encode_records, read_record
from crawler import service
from tests.crawl_runs import add_source, crawl, states_of, stored_bodies
from tests.crawl_site import Answer, Request, Site


async def test_objects_are_stored_once_read_in_part_and_deleted_quietly(tmp_path: Path) -> None:
    store = open_object_store(f"file://{tmp_path}/objects")
    await store.put("crawls/1/00000.warc.gz", b"0123456789", is_new=True)

    assert await store.get_range("crawls/1/00000.warc.gz", 2, 3) == b"234"
    assert await store.list("crawls/1") == ["crawls/1/00000.warc.gz"]
    with pytest.raises(Conflict):
        await store.put("crawls/1/00000.warc.gz", b"other", is_new=True)
    with pytest.raises(NotFound):
        await store.get_range("crawls/1/00000.warc.gz", 8, 5)
    with pytest.raises(NotFound):
        await store.get_range("crawls/2/00000.warc.gz", 0, 1)
    await store.delete("crawls/1/00000.warc.gz")
    await store.delete("crawls/1/00000.warc.gz")
    assert await store.list("crawls/1") == []


async def test_a_segment_never_replaces_another(tmp_path: Path) -> None:
    store = open_object_store(tmp_path)
    first, second = SnapshotWriter(store, "crawls/1"), SnapshotWriter(store, "crawls/1")
    keys: list[str | None] = []
    for number, writer in enumerate((first, second, first)):
        (record,) = await encode_records([StoredResponse(f"http://x/{number}", 200, (), b"body")])
        writer.append(record)
        keys.append(await writer.close_segment())

    assert keys == [f"crawls/1/{number:05}.warc.gz" for number in range(3)]
    assert await second.close_segment() is None


async def test_a_damaged_record_is_reported_as_missing(tmp_path: Path) -> None:
    store = open_object_store(tmp_path)
    response = StoredResponse("http://x/", 200, (("content-type", "text/html"),), b"body" * 50)
    (record,) = await encode_records([response])
    await store.put("whole", record)
    await store.put("torn", b"junk" + record[4:])

    assert (await read_record(store, "whole", 0, len(record))).body == b"body" * 50
    for key, offset, length in (("torn", 0, len(record)), ("whole", 0, len(record) // 2), ("whole", 5, 20)):
        with pytest.raises(NotFound):
            await read_record(store, key, offset, length)


async def test_a_missing_object_is_told_from_a_store_that_cannot_be_read(tmp_path: Path) -> None:
    store = open_object_store(tmp_path / "objects")
    (tmp_path / "objects" / "crawls").write_bytes(b"a file where a folder should be")

    for attempt in (store.get_range("crawls/1/00000.warc.gz", 0, 1), store.put("crawls/1/00000.warc.gz", b"x")):
        with pytest.raises(Unavailable, match="cannot be used: Not a directory"):
            await attempt
    with pytest.raises(NotFound):
        await store.get_range("elsewhere", 0, 1)


async def test_an_object_that_does_not_fit_is_refused_with_the_systems_reason(tmp_path: Path) -> None:
    store = open_object_store(tmp_path / "objects")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(DiskFull, match="File too large"):
            await store.put("crawls/1/00000.warc.gz", b"x" * 5000, is_new=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    with pytest.raises(NotFound):
        await store.get_range("crawls/1/00000.warc.gz", 0, 1)
    await store.put("crawls/1/00000.warc.gz", b"x" * 5000, is_new=True)


async def test_a_crawl_whose_snapshots_cannot_be_written_ends_so_that_it_can_go_on(
    content_database: Database, store: ObjectStore, tmp_path: Path, site: Site
) -> None:
    site.page("/", "a.html")
    site.page("/a.html")
    source = await add_source(content_database, site.url)
    in_the_way = tmp_path / "snapshots" / "crawls"
    in_the_way.write_bytes(b"a file where a folder should be")

    with pytest.raises(Unavailable, match=r"The object store cannot be used: Not a directory\. Put that right"):
        await crawl(content_database, store, source)

    started = await service.start_crawl(content_database, source.id)
    assert started.status == "running"
    assert await states_of(content_database, site, started.id) == {"/": "queued", "/a.html": "queued"}
    in_the_way.unlink()
    report = await crawl(content_database, store, source)
    assert (report.crawl_id, report.status, report.pages.fetched) == (started.id, "crawled", 2)


async def test_no_page_counts_as_fetched_whose_record_a_full_disk_did_not_take(
    content_database: Database, store: ObjectStore, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync, is_full = os.fsync, asyncio.Event()

    def sync_unless_full(descriptor: int) -> None:
        if is_full.is_set():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(descriptor)

    async def page(request: Request) -> Answer:
        if len(site.requests) == 351:
            is_full.set()
        return Answer(request.target.encode())

    monkeypatch.setattr(os, "fsync", sync_unless_full)
    names = [f"p{number:03}.html" for number in range(399)]
    site.page("/", *names)
    site.routes |= {f"/{name}": page for name in names}
    source = await add_source(content_database, site.url)

    with pytest.raises(DiskFull, match="No space left on device"):
        await crawl(content_database, store, source)

    started = await service.start_crawl(content_database, source.id)
    states = await states_of(content_database, site, started.id)
    kept = await stored_bodies(content_database, store, started.id)
    assert set(states.values()) == {"fetched", "queued"}
    assert len(kept) == sum(state == "fetched" for state in states.values()) >= 100
    is_full.clear()
    report = await crawl(content_database, store, source)
    assert (report.crawl_id, report.pages.fetched) == (started.id, 400)
    assert len(await stored_bodies(content_database, store, started.id)) == 400
