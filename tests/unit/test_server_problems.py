"""Errors as clients see them."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from core.errors import (
    InvalidLibraryId,
    LecternError,
    LibraryNotFound,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    RateLimited,
    VersionNotFound,
)
from server.edge_errors import MalformedMessage, WrongHost
from server.problems import PROBLEMS, headers_of, problem_document, problem_of, rpc_code, rpc_error, text_for_model

JSON_RPC_RESERVED = range(-32768, -31999)


def tree(root: type[LecternError]) -> Iterator[type[LecternError]]:
    yield root
    for child in root.__subclasses__():
        yield from tree(child)


def test_every_error_has_a_place_in_the_map() -> None:
    missing = {error.__name__ for error in tree(LecternError)} - {error.__name__ for error in PROBLEMS}
    assert missing == set()


def test_every_error_has_a_code_of_its_own_for_programs() -> None:
    codes = [error.code for error in tree(LecternError)]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", [LecternError("x"), NotFound("x"), NotAuthenticated("x"), WrongHost("x")])
def test_our_json_rpc_codes_stay_out_of_the_protocols_range(error: LecternError) -> None:
    assert rpc_code(error) not in JSON_RPC_RESERVED


def test_what_json_rpc_names_itself_keeps_its_code() -> None:
    assert rpc_code(MalformedMessage("x")) == -32600


def test_a_wait_is_told_in_whole_seconds_and_never_as_zero() -> None:
    error = RateLimited("slow down", limit=5, retry_after=timedelta(milliseconds=1))
    assert headers_of(error) == {"retry-after": "1"}
    assert headers_of(RateLimited("x", limit=5, retry_after=timedelta(seconds=2.1))) == {"retry-after": "3"}
    assert rpc_error(error, "a", uuid4())["error"]["data"]["retryAfterSeconds"] == 1


def test_a_refused_key_names_no_sign_in_that_does_not_exist() -> None:
    assert headers_of(NotAuthenticated("x")) == {"www-authenticate": 'Bearer error="invalid_token"'}
    assert headers_of(NotAllowed("x")) == {"www-authenticate": 'Bearer error="insufficient_scope"'}


def test_a_model_reads_what_there_is_instead() -> None:
    assert "/a/b" in text_for_model(LibraryNotFound("There is no /a/c.", similar=["/a/b"]))
    many = text_for_model(VersionNotFound("No 9.", versions=[f"1.{n}" for n in range(1000)]))
    assert "1.9" in many
    assert "1.10" not in many


def test_a_model_reads_nothing_twice_and_is_led_on_where_nothing_is_near() -> None:
    said = "/a/b has no version '9'. It has: 1.0."
    assert text_for_model(VersionNotFound(said, versions=["1.0"])) == said
    assert "resolve-library-id" not in text_for_model(LibraryNotFound("There is no /a/c.", similar=["/a/b"]))
    for error in (LibraryNotFound("There is no /a/c."), InvalidLibraryId("'a' is not a library id.")):
        assert text_for_model(error) == f"{error.message} resolve-library-id finds the id for a name."


def test_problem_details_hold_what_went_wrong_and_whose_request_it_was() -> None:
    request_id = uuid4()
    document = problem_document(NotFound("There is no such key."), request_id)
    assert document == {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "detail": "There is no such key.",
        "code": "not_found",
        "requestId": str(request_id),
    }
    assert problem_of(NotFound("x")).status == 404
