"""The HTTP API as one ASGI app, to be mounted at `/api/v1`."""

from typing import Final

from fastapi import APIRouter, Depends, FastAPI
from fastapi.security import HTTPBearer

from server.api import documentation, keys, usage
from server.api.models import problem_responses
from server.api.problem_handlers import add_problem_handlers
from server.api.services import ApiServices
from server.gate.api_gate import ApiGate
from server.settings import ServerSettings

API_PATH: Final = "/api/v1"

_DESCRIPTION = """\
Documentation for coding assistants, with keys and usage. Every request carries an API key as `Authorization: Bearer`.
Errors are problem details (RFC 9457); their `code` is for programs."""


def build_api(services: ApiServices, settings: ServerSettings, *routers: APIRouter) -> FastAPI:
    """Gives the API.

    Args:
        services: What its routes work with.
        settings: The limits of a request.
        routers: Further routes, with paths relative to the API's.
    """
    app = FastAPI(
        title="Lectern",
        version="1",
        description=_DESCRIPTION,
        # The pages that would show the description load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        # Only says in the description what the routes check themselves.
        dependencies=[Depends(HTTPBearer(auto_error=False, description="An API key"))],
        # The last one stands for all others, and for what the framework would describe otherwise than it is answered.
        responses=problem_responses(400, 401, 403, 429, 500, 503, "default"),
        servers=[{"url": API_PATH}],
        root_path_in_servers=False,
    )
    app.state.services = services
    for router in (documentation.router, keys.router, usage.router, *routers):
        app.include_router(router)
    add_problem_handlers(app)
    app.add_middleware(ApiGate, settings=settings)
    return app
