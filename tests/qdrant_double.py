"""A Qdrant server on loopback, as far as Lectern asks one: REST in front, qdrant-client's local mode behind.

It can behave badly: see `Mood`.
"""

import asyncio
import json
import socket
import warnings
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from enum import Enum, auto
from importlib.metadata import version
from typing import Any

import uvicorn
from pydantic import TypeAdapter
from qdrant_client import AsyncQdrantClient, models
from qdrant_client.local.async_qdrant_local import AsyncQdrantLocal
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

START_SECONDS = 10
_HUGE_BYTES = 32 * 2**20
_SELECTOR: TypeAdapter[models.PointsSelector] = TypeAdapter(models.PointsSelector)


class Mood(Enum):
    """How it behaves."""

    WELL = auto()
    SLOW = auto()
    UNAUTHORIZED = auto()
    FAILING = auto()
    RESETTING = auto()
    BUSY = auto()
    HUGE = auto()
    GARBLED = auto()


class QdrantDouble:
    """What answers.

    `calls` are the requests it got, as method and path; `keys` the keys they bore; `indexes` those over payloads, by
    collection and field. It answers `patience` requests more before its mood shows.
    """

    def __init__(self, api_key: str | None = None) -> None:
        self.mood = Mood.WELL
        self.patience = 0
        self.url = ""
        self.calls: list[str] = []
        self.keys: set[str] = set()
        self.released = asyncio.Event()
        self._api_key = api_key
        self._client = AsyncQdrantClient(":memory:")
        self._layouts: dict[str, dict[str, Any]] = {}
        self.indexes: dict[str, dict[str, Any]] = {}

    @property
    def collections(self) -> dict[str, Any]:
        """The collections, as the local mode keeps them."""
        local = self._client._client  # pyright: ignore[reportPrivateUsage] - nothing else lists points
        assert isinstance(local, AsyncQdrantLocal)
        return local.collections

    def points(self, collection: str = "lectern") -> set[str]:
        """Gives the ids of the points of a collection."""
        return set(self.collections[collection].ids) if collection in self.collections else set()

    def payloads(self, collection: str = "lectern") -> list[dict[str, Any]]:
        """Gives what is stored beside vectors."""
        kept = self.collections[collection]
        return [kept.payload[index] for index in kept.ids.values() if not kept.deleted[index]]

    def with_meaning(self, space: str, collection: str = "lectern") -> set[str]:
        """Gives the ids of points that have a vector in a space."""
        kept = self.collections[collection]
        if space not in kept.vectors:
            return set()
        return {id_ for id_, index in kept.ids.items() if not kept.deleted_per_vector[space][index]}

    async def close(self) -> None:
        """Forgets everything."""
        await self._client.close()

    def app(self) -> Starlette:
        """Gives the REST interface."""
        at = "/collections/{name}"
        return Starlette(
            routes=[
                Route("/", _about),
                self._route("GET", f"{at}/exists", self._exists),
                self._route("GET", at, self._info),
                self._route("PUT", at, self._create),
                self._route("PATCH", at, self._update),
                self._route("PUT", f"{at}/index", self._index),
                self._route("DELETE", f"{at}/index/{{field}}", self._drop_index),
                self._route("PUT", f"{at}/vectors/{{space}}", self._add_space),
                self._route("DELETE", f"{at}/vectors/{{space}}", self._drop_space),
                self._route("PUT", f"{at}/points", self._upsert),
                self._route("POST", f"{at}/points", self._retrieve),
                self._route("PUT", f"{at}/points/vectors", self._update_vectors),
                self._route("POST", f"{at}/points/delete", self._delete),
                self._route("POST", f"{at}/points/count", self._count),
                self._route("POST", f"{at}/points/query/batch", self._query),
            ]
        )

    def _route(self, method: str, path: str, handler: "_Handler") -> Route:
        async def answer(request: Request) -> Response:
            self.calls.append(f"{request.method} {request.url.path}")
            self.keys.add(request.headers.get("api-key", ""))
            if self.patience:
                self.patience -= 1
            elif bad := await self._misbehave(request):
                return bad
            body = await request.json() if await request.body() else None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the local mode says what it does otherwise
                try:
                    result = await handler(request.path_params, body)
                except ValueError as error:
                    return JSONResponse({"status": {"error": str(error)}, "time": 0.0}, status_code=404)
            return JSONResponse({"result": _plain(result), "status": "ok", "time": 0.0})

        return Route(path, answer, methods=[method])

    async def _misbehave(self, request: Request) -> Response | None:
        wants_key = self._api_key is not None and request.headers.get("api-key") != self._api_key
        match Mood.UNAUTHORIZED if wants_key else self.mood:
            case Mood.UNAUTHORIZED:
                return Response("Must provide an API key or an Authorization bearer token", status_code=401)
            case Mood.FAILING:
                return Response("inside: the secret of the pod", status_code=500)
            case Mood.BUSY:
                return JSONResponse({"status": {"error": "busy"}}, status_code=429, headers={"retry-after": "1"})
            case Mood.SLOW:
                await self.released.wait()
                return None
            case Mood.RESETTING:
                request.scope["extensions"]["lectern.reset"]()
                return Response(status_code=500)
            case Mood.HUGE:
                return Response(b"x" * _HUGE_BYTES, media_type="application/json")
            case Mood.GARBLED:
                return Response(b'{"result": [{"id": "../../etc"}], "status"', media_type="application/json")
            case _:
                return None

    async def _exists(self, at: dict[str, str], _: Any) -> Any:
        return {"exists": await self._client.collection_exists(at["name"])}

    async def _info(self, at: dict[str, str], _: Any) -> Any:
        info = (await self._client.get_collection(at["name"])).model_dump(mode="json")
        kept = self.collections[at["name"]]
        info["config"]["params"]["vectors"] = _plain(kept.vectors_config)
        for part, given in self._layouts.get(at["name"], {}).items():
            info["config"][part] = (info["config"].get(part) or {}) | given
        info["payload_schema"] = {
            field: {"data_type": params["type"], "params": params, "points": 0}
            for field, params in self.indexes.get(at["name"], {}).items()
        }
        return info

    async def _update(self, at: dict[str, str], body: Any) -> Any:
        """How the engine lays out its files makes no difference to the local mode."""
        models.UpdateCollection.model_validate(body)
        self._keep_layout(at["name"], body)
        return True

    def _keep_layout(self, collection: str, body: Any) -> None:
        parts = {name: body[name] for name in ("hnsw_config", "quantization_config") if body.get(name)}
        self._layouts.setdefault(collection, {}).update(parts)

    async def _drop_index(self, at: dict[str, str], _: Any) -> Any:
        self.indexes.setdefault(at["name"], {}).pop(at["field"], None)
        return await self._client.delete_payload_index(at["name"], at["field"])

    async def _create(self, at: dict[str, str], body: Any) -> Any:
        new = models.CreateCollection.model_validate(body)
        self._keep_layout(at["name"], body)
        return await self._client.create_collection(
            at["name"], vectors_config=new.vectors or {}, sparse_vectors_config=new.sparse_vectors
        )

    async def _index(self, at: dict[str, str], body: Any) -> Any:
        new = models.CreateFieldIndex.model_validate(body)
        self.indexes.setdefault(at["name"], {})[new.field_name] = body["field_schema"]
        return await self._client.create_payload_index(at["name"], new.field_name, new.field_schema)

    async def _add_space(self, at: dict[str, str], body: Any) -> Any:
        new = models.DenseVectorNameConfig.model_validate(body)
        return await self._client.create_vector_name(at["name"], at["space"], new)

    async def _drop_space(self, at: dict[str, str], _: Any) -> Any:
        return await self._client.delete_vector_name(at["name"], at["space"])

    async def _upsert(self, at: dict[str, str], body: Any) -> Any:
        return await self._client.upsert(at["name"], models.PointsList.model_validate(body).points)

    async def _retrieve(self, at: dict[str, str], body: Any) -> Any:
        asked = models.PointRequest.model_validate(body)
        return await self._client.retrieve(
            at["name"], asked.ids, with_payload=asked.with_payload or False, with_vectors=asked.with_vector or False
        )

    async def _update_vectors(self, at: dict[str, str], body: Any) -> Any:
        return await self._client.update_vectors(at["name"], models.UpdateVectors.model_validate(body).points)

    async def _delete(self, at: dict[str, str], body: Any) -> Any:
        return await self._client.delete(at["name"], _SELECTOR.validate_python(body))

    async def _count(self, at: dict[str, str], body: Any) -> Any:
        asked = models.CountRequest.model_validate(body)
        return await self._client.count(at["name"], count_filter=asked.filter, exact=True)

    async def _query(self, at: dict[str, str], body: Any) -> Any:
        return await self._client.query_batch_points(at["name"], models.QueryRequestBatch.model_validate(body).searches)


_Handler = Callable[[dict[str, str], Any], Awaitable[Any]]


@asynccontextmanager
async def running_qdrant(api_key: str | None = None) -> AsyncGenerator[QdrantDouble]:
    """Runs one on a free loopback port for the time of the block."""
    double = QdrantDouble(api_key)
    config = uvicorn.Config(
        _Resettable(double.app()), port=0, http="httptools", lifespan="off", log_level="critical", access_log=False
    )
    server = uvicorn.Server(config)
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        double.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        task = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(START_SECONDS):
            while not server.started:
                assert not task.done()
                await asyncio.sleep(0)
        try:
            yield double
        finally:
            double.released.set()
            server.should_exit = True
            await task
            await double.close()


class _Resettable:
    """Lets the app end a connection in the middle of an answer."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_reset = False

        def reset() -> None:
            nonlocal is_reset
            is_reset = True

        async def send_unless_reset(message: Any) -> None:
            if is_reset and message["type"] == "http.response.start":
                # More was promised than comes: the server ends the connection.
                message = {**message, "headers": [(b"content-length", b"1000000")]}
            await send(message)

        scope.setdefault("extensions", {})["lectern.reset"] = reset
        await self._app(scope, receive, send_unless_reset)


async def _about(_: Request) -> Response:
    return JSONResponse({"title": "qdrant - vector search engine", "version": version("qdrant-client")})


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda model: model.model_dump(mode="json")))
