"""The data pod from the command line: the Qdrant that the administrator's private libraries are in."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from core.errors import InvalidInput
from server.cli.ask import Json
from server.cli.connection import open_api
from server.cli.output import print_json, run

_POD = "/me/data-pod"
_MOST_KEY_CHARS = 1000


def set_pod(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the Qdrant is, such as https://host:6333.")],
    *,
    key_file: Annotated[
        Path | None, typer.Option(help="The file with its API key; - is standard input. Left out: it has none.")
    ] = None,
    json: Json = False,
) -> None:
    """Keep private libraries in a Qdrant of one's own, once it was asked and answers."""
    run(_set(url, read_key(key_file), as_json=json))


async def _set(url: str, key: str | None, *, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        _print(await api.put(_POD, {"url": url, "apiKey": key}), as_json=as_json)


def show_pod(*, json: Json = False) -> None:
    """Show where the data pod is and how far libraries have moved into it; its key is never shown."""
    run(_show(as_json=json))


async def _show(*, as_json: bool) -> None:
    async with open_api() as api:
        _print(await api.get(_POD), as_json=as_json)


def check_pod(*, json: Json = False) -> None:
    """Ask the data pod whether it answers, and write what waits for it."""
    run(_check(as_json=json))


async def _check(*, as_json: bool) -> None:
    async with open_api(with_worker=True) as api:
        _print(await api.post(f"{_POD}/check", {}), as_json=as_json)


def remove_pod() -> None:
    """Forget the data pod; libraries in it are indexed here again."""
    run(_remove())


async def _remove() -> None:
    async with open_api(with_worker=True) as api:
        removed = await api.delete(_POD)
    typer.echo("Forgot the data pod; what was in it is indexed here again.")
    if not removed["emptied"]:
        typer.echo("It did not answer: drop its collection yourself.")


def read_key(path: Path | None) -> str | None:
    """Gives the key in a file; None if none is named.

    Raises:
        InvalidInput: It cannot be read, or holds none.
    """
    if path is None:
        return None
    try:
        text = sys.stdin.read(_MOST_KEY_CHARS) if str(path) == "-" else path.read_text()[:_MOST_KEY_CHARS]
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path} cannot be read as text.") from None
    if not text.strip():
        raise InvalidInput("There is no key in it.")
    return text.strip()


def _print(pod: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(pod)
        return
    key = "with a key" if pod["hasKey"] else "without a key"
    typer.echo(f"{pod['url']}, asked {key}. {pod['inPod']} of {pod['versions']} versions answer from it.")
