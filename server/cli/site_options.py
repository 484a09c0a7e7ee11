"""Options of `add` and `crawl` about one site: its secrets, its certificates, and where its content is."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from core.errors import InvalidInput

MOST_FILE_BYTES = 262_144

SecretFile = Annotated[
    Path | None,
    typer.Option(help="A file with what the source is asked with, in YAML or JSON; - is standard input."),
]
CaFile = Annotated[Path | None, typer.Option(help="Certificate authorities to trust for this source, in PEM.")]
Main = Annotated[str | None, typer.Option(help="The CSS selector of a page's main content.")]
Strip = Annotated[
    list[str] | None, typer.Option(help="A CSS selector of what is no content; may be given several times.")
]
Title = Annotated[str | None, typer.Option(help="The CSS selector of a page's title.")]
Language = Annotated[
    str | None, typer.Option(help="The language to read, such as de, or any for all; without it the start page's.")
]
Rendering = Annotated[
    bool, typer.Option("--rendering", help="Have a browser draw pages that are empty without JavaScript.")
]
AllVersions = Annotated[
    bool, typer.Option("--all-versions", help="Take other versions of the documentation on the site as well.")
]
CodeLanguage = Annotated[str | None, typer.Option(help="The language of code that names none.")]


def read_secrets(path: Path | None) -> dict[str, Any] | None:
    """Gives what a secret file says; None if none is named.

    Raises:
        InvalidInput: It cannot be read, or is no mapping; the message holds nothing of it.
    """
    if path is None:
        return None
    text = sys.stdin.read(MOST_FILE_BYTES + 1) if str(path) == "-" else _text_of(path)
    try:
        # Without types: a password of digits stays a text.
        given: object = yaml.load(text, yaml.BaseLoader)  # noqa: S506 - it makes texts, lists and mappings only
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        raise InvalidInput(f"The secret file is neither YAML nor JSON{where}.") from None
    if not isinstance(given, dict) or len(text) > MOST_FILE_BYTES:
        raise InvalidInput(
            "The secret file has to name secrets, such as `token: ...` or `headers:`; see docs/sources.md."
        )
    return given  # pyright: ignore[reportUnknownVariableType] - the server checks what is in it


def read_certificates(path: Path | None) -> str | None:
    """Gives the text of a file of certificates.

    Raises:
        InvalidInput: It cannot be read.
    """
    return _text_of(path) if path is not None else None


def _text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_FILE_BYTES:
            raise InvalidInput(f"{path} is larger than {MOST_FILE_BYTES // 1024} KiB.")
        return path.read_text()
    except (OSError, UnicodeDecodeError):
        raise InvalidInput(f"{path} cannot be read as text.") from None
