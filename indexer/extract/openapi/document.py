"""The values of an OpenAPI document: read, looked up, given types."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote

import orjson

from core.yaml_tree import read_yaml
from indexer.extract.inline import visible_text

_MARK = re.compile(r"""(?:^|[{,\s])["']?(?:openapi|swagger)["']?\s*:\s*["']?[123]\b""", re.MULTILINE)
_MAX_HOPS = 8
_MAX_STEPS = 20
_INDEX = re.compile(r"^[0-9]{1,6}$")
_MAX_REFERENCE_CHARS = 200

_MAX_CHARS = 20_000
_MAX_WORK = 2_000_000

Values = Mapping[str, object]
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Found:
    """What a reference led to: its value, empty where it is not in this document, and its name if it has one."""

    value: Values
    name: str


class Document:
    """An OpenAPI or Swagger document.

    How much is looked up in it is bounded: references let a short document describe endless types. After that all
    values are empty, and what is left is listed without its details.
    """

    def __init__(self, root: Values) -> None:
        self.root = root
        self._work = _MAX_WORK

    @property
    def is_swagger(self) -> bool:
        """Whether it is of the second version, which was called Swagger."""
        return "swagger" in self.root

    def resolve(self, value: object) -> Found:
        """Follows references within the document; one to elsewhere is named and not followed."""
        name = ""
        self.spend(1)
        for _ in range(_MAX_HOPS):
            found = mapping(value)
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return Found(found if self._work > 0 else NOTHING, name)
            name = visible_text(_last_step(reference))[:_MAX_REFERENCE_CHARS]
            if self._work <= 0 or not reference.startswith("#/"):
                return Found(NOTHING, name)
            value = self._at(reference)
        return Found(NOTHING, name)

    def spend(self, work: int) -> None:
        """Takes steps from those that are left."""
        self._work -= work

    def _at(self, reference: str) -> object:
        value: object = self.root
        for step in reference[2:].split("/", _MAX_STEPS):
            key = _unescaped(step)
            entries = sequence(value)
            if entries:
                at = int(key) if _INDEX.match(key) else len(entries)
                value = entries[at] if at < len(entries) else None
            else:
                value = mapping(value).get(key)
        return value


def read_document(text: str) -> Document | None:
    """Gives the OpenAPI or Swagger document of JSON or YAML, None if it is something else.

    Raises:
        ValueError: It says that it is one, and cannot be read.
    """
    if _MARK.search(text) is None:
        return None
    root = mapping(orjson.loads(text) if text.lstrip()[:1] == "{" else read_yaml(text))
    version = string(root.get("openapi")) or string(root.get("swagger"))
    return Document(root) if version[:1] in {"1", "2", "3"} else None


def mapping(value: object) -> Values:
    """Gives a mapping, an empty one instead of anything else."""
    return cast("Values", value) if isinstance(value, dict) else NOTHING


def sequence(value: object) -> Sequence[object]:
    """Gives a list, an empty one instead of anything else."""
    return cast("Sequence[object]", value) if isinstance(value, list) else ()


def string(value: object) -> str:
    """Gives the visible text of a scalar up to 20,000 characters, an empty one instead of anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return visible_text(str(value)[:_MAX_CHARS]).strip() if isinstance(value, str | int | float) else ""


def line(value: object, limit: int) -> str:
    """Gives a scalar as one line of at most `limit` characters."""
    text = " ".join(string(value)[: limit * 2].split())
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}\u2026"


def _last_step(reference: str) -> str:
    return _unescaped(reference.rpartition("/")[2]) if reference.startswith("#") else reference


def _unescaped(step: str) -> str:
    # Source: RFC 6901, 3 and 6.
    return unquote(step).replace("~1", "/").replace("~0", "~")
