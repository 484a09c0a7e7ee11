"""What the routes work with, and who calls them."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import Depends, Request

from accounts.keys import KeyRing
from core.clock import Clock
from core.database import Database
from core.errors import NotAuthenticated
from server.answers import Answers
from server.desk import Desk, Visitor


@dataclass(frozen=True)
class ApiServices:
    """The parts behind the API; the composition owns and closes them."""

    answers: Answers
    desk: Desk
    key_ring: KeyRing
    accounts: Database
    clock: Clock


def services_of(request: Request) -> ApiServices:
    """Gives the services the app was built with."""
    return cast("ApiServices", request.app.state.services)


Services = Annotated[ApiServices, Depends(services_of)]


async def authenticated(request: Request, services: Services) -> Visitor:
    """Gives who sent the request.

    Raises:
        NotAuthenticated: There is no valid key.
    """
    return await services.desk.authenticate(request.scope, request.headers)


AnyVisitor = Annotated[Visitor, Depends(authenticated)]


def user_with(scope: str) -> Callable[[Visitor], Coroutine[Any, Any, UUID]]:
    """Gives a dependency that lets only users with this scope pass, and gives their id."""

    async def check(visitor: AnyVisitor) -> UUID:
        visitor.caller.require(scope)
        if visitor.caller.user_id is None:
            raise NotAuthenticated("This needs an API key. Send one as `Authorization: Bearer <key>`.")
        return visitor.caller.user_id

    return check
