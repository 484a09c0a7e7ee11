"""`python -m bench.symbols FOLDER`: questions for `make eval` that are names, from the index a generator wrote itself.

The names of an API are asked as they are, and the place that its own index names is the answer: DevHelp's of GTK-Doc
and gi-docgen, Javadoc's, qdoc's and Doxygen's. What they list is known apart from everything this product reads.
"""

import hashlib
import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import orjson

_QUESTIONS = 150
_DOXYGEN_ENTRY = re.compile(r"\['([^']*)',\['\.\./([^']*)',\d,'([^']*)'")
_TEMPLATE = re.compile(r"<[^<>]*>")
_NAME = re.compile(r"[\w:.]{3,}")
_DEVHELP_KEYWORD = "{http://www.devhelp.net/book}keyword"

Place = tuple[str, str]
"""A name, and where it is described, relative to the folder."""


def main(folder: Path) -> None:
    """Prints a question for each of some names, chosen by their hash.

    Raises:
        SystemExit: The folder has none of these indexes.
    """
    places: dict[str, set[str]] = {}
    for read in (_devhelp, _javadoc, _qdoc, _doxygen):
        for name, link in read(folder):
            if _NAME.fullmatch(name) and (folder / link.partition("#")[0]).is_file():
                places.setdefault(name, set()).add(unquote(link))
    if not places:
        sys.exit(f"{folder} has no index of names that is known here.")
    chosen = sorted(places, key=lambda name: hashlib.sha256(name.encode()).digest())[:_QUESTIONS]
    for name in chosen:
        gold = [
            {"path": link.partition("#")[0], "anchor": link.partition("#")[2]} for link in sorted(places[name])[:50]
        ]
        sys.stdout.buffer.write(orjson.dumps({"id": name, "query": name, "gold": gold}) + b"\n")


def _devhelp(folder: Path) -> Iterator[Place]:
    for book in sorted(folder.glob("*.devhelp2")):
        for keyword in ET.parse(book).iter(_DEVHELP_KEYWORD):  # noqa: S314 - a file the operator has
            if keyword.get("type") in {"function", "method", "struct", "macro", "property", "signal", "enum"}:
                name = (keyword.get("name") or "").removesuffix("()").strip()
                yield name.removeprefix("enum ").removeprefix("struct "), keyword.get("link") or ""


def _javadoc(folder: Path) -> Iterator[Place]:
    modules = ["", *sorted(f"{part.parent.name}/" for part in folder.glob("*/module-summary.html"))]
    for listing in folder.glob("member-search-index.js"):
        text = listing.read_text()
        for member in orjson.loads(text[text.index("[") : text.rindex("]") + 1]):
            name, of = member["l"].partition("(")[0], member["c"]
            paths = [f"{module}{member['p'].replace('.', '/')}/{of}.html" for module in modules]
            path = next((path for path in paths if (folder / path).is_file()), "")
            if name != of.rpartition(".")[2]:
                yield f"{of}.{name}", f"{path}#{member.get('u') or member['l']}"


def _qdoc(folder: Path) -> Iterator[Place]:
    for listing in sorted(folder.glob("*.index")):
        for part in ET.parse(listing).iter():  # noqa: S314 - a file the operator has
            if part.tag in {"function", "class", "enum", "typedef"} and part.get("access") == "public":
                name = part.get("fullname") or part.get("name") or ""
                if part.get("status") == "active" and "operator" not in name:
                    yield name, part.get("href") or ""


def _doxygen(folder: Path) -> Iterator[Place]:
    for listing in sorted(folder.glob("search/functions_*.js")):
        for entry in _DOXYGEN_ENTRY.finditer(listing.read_text(errors="replace")):
            name = html.unescape(entry[3] or entry[1]).partition("(")[0]
            yield _TEMPLATE.sub("", name).strip(), entry[2]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
