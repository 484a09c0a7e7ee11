"""Documents whose encoding, front matter, notebook or specification is a trap; and archives of them."""

import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping

from tests.hostile.case import Case, Indexed, bad_page
from tests.hostile.wire import answer

_METADATA = "http://169.254.169.254/latest/"
_TEXT = "<html><main><h1>Größe</h1><p>Die Größe des Fensters steht fest, und der Rand bleibt schmal.</p></main></html>"


def _encoded(name: str, does: str, body: bytes, kind: str = "text/html", indexed: Indexed = "indexed") -> Case:
    return bad_page(f"encoding-{name}", does, answer(body, 200, kind), "fetched", indexed=indexed)


ENCODINGS: tuple[Case, ...] = (
    _encoded("utf-16-unmarked", "UTF-16 without a mark", _TEXT.encode("utf-16-le"), indexed="unreadable"),
    _encoded("wrong", "Says UTF-16 and is UTF-8", _TEXT.encode(), "text/html; charset=utf-16"),
    _encoded("latin", "Says UTF-8 and is Latin-1", _TEXT.encode("latin-1"), "text/html; charset=utf-8"),
    _encoded("unknown", "An encoding nobody knows", _TEXT.encode(), f"text/html; charset={'x' * 5000}"),
    _encoded("zip-codec", "Names a decompressor as its encoding", _TEXT.encode(), "text/html; charset=zlib_codec"),
    _encoded("bytes-codec", "Names base64 as its encoding", _TEXT.encode(), "text/html; charset=base64"),
    _encoded(
        "utf-7",
        "Says UTF-7",
        b"<main><h1>x</h1><p>+ADw-script+AD4- a word or two +AD0-</p></main>",
        "text/html; charset=utf-7",
    ),
    _encoded(
        "nul", "NUL between all letters", b"\0".join(bytes([letter]) for letter in _TEXT.encode()), indexed="unreadable"
    ),
    _encoded("some-nul", "A few NULs", _TEXT.encode().replace(b"der", b"d\0er")),
    _encoded("surrogates", "Lone surrogates", _TEXT.encode().replace(b"der", b"d\xed\xa0\x80er")),
    _encoded("overlong", "Overlong UTF-8", _TEXT.encode().replace(b"der", b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf")),
    _encoded("two-marks", "Two byte order marks that disagree", b"\xef\xbb\xbf\xff\xfe" + _TEXT.encode()),
    _encoded("random", "Random bytes as HTML", bytes(range(256)) * 4000, indexed="unreadable"),
)


def _zip(members: Mapping[str, bytes], *, links: Mapping[str, str] | None = None) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for name, pointed in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o120777 << 16
            archive.writestr(info, pointed)
    return target.getvalue()


def _tar(members: Mapping[str, bytes], infos: tuple[tarfile.TarInfo, ...] = ()) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in infos:
            archive.addfile(info)
    return target.getvalue()


def _link(kind: bytes, name: str, target: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


_GOOD = {"good.md": b"# Good\n\nThe widget is set once, at the start.\n"}


def _archive(
    name: str, does: str, body: Callable[[], bytes], status: str = "crawled", reason: str | None = None, **more: object
) -> Case:
    assert status in ("crawled", "failed")
    suffix = "tar.gz" if "tar" in name else "zip"
    routes = {f"/docs.{suffix}": answer(body, 200, "application/octet-stream")}
    limits = {"request_timeout_seconds": 15.0, "max_pages": 1000}
    return Case(name, does, routes, status, reason, start=f"/docs.{suffix}", limits=limits, **more)  # pyright: ignore[reportArgumentType] - fields of a case


def _document(name: str, does: str, file: str, content: bytes, indexed: Indexed = "indexed") -> Case:
    """A document that websites do not serve as one: it comes in an archive, beside a good one."""
    return _archive(
        name,
        does,
        lambda: _zip({**_GOOD, file: content}),
        page=f"folder://docs.zip/{file}",
        state="fetched",
        indexed=indexed,
    )


_SPEC = {"openapi": "3.1.0", "info": {"title": "Traps", "version": "1"}}


def _spec(paths: object, **more: object) -> bytes:
    return json.dumps({**_SPEC, "paths": paths, **more}).encode()


def _operation(schema: object) -> dict[str, object]:
    content = {"application/json": {"schema": schema}}
    return {
        "/x": {
            "get": {
                "operationId": "x",
                "summary": "Gives x",
                "responses": {"200": {"description": "x", "content": content}},
            }
        }
    }


_SELF = {"components": {"schemas": {"A": {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/A"}}}}}}
_WIDE = {
    "components": {
        "schemas": {
            f"S{n}": {
                "type": "object",
                "properties": {f"p{m}": {"$ref": f"#/components/schemas/S{n + 1}"} for m in range(10)},
            }
            for n in range(30)
        }
    }
}
_CIRCLE = {
    "components": {"schemas": {"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}}}
}
_ALIASES = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))
_NOTEBOOK: dict[str, object] = {
    "nbformat": 4, "nbformat_minor": 5, "metadata": {},
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Plot\n", "The colour of the plot is set here."]},
        {"cell_type": "code", "metadata": {}, "execution_count": 1, "source": ["plot(colour)"],
         "outputs": [{"output_type": "stream", "name": "stdout", "text": ["x" * 7_500_000]}]},
    ],
}  # fmt: skip
_DEEP_JSON = b'{"openapi": "3.0.0", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"

DOCUMENTS: tuple[Case, ...] = (
    _document(
        "openapi-circle",
        "Schemas that refer to each other for ever",
        "openapi.json",
        _spec(_operation({"$ref": "#/components/schemas/A"}), **_CIRCLE),
    ),
    _document(
        "openapi-self",
        "A schema that holds itself",
        "openapi.json",
        _spec(_operation({"$ref": "#/components/schemas/A"}), **_SELF),
    ),
    _document(
        "openapi-wide",
        "Schemas that unfold to 10^30 fields",
        "openapi.json",
        _spec(_operation({"$ref": "#/components/schemas/S0"}), **_WIDE),
    ),
    _document(
        "openapi-remote",
        "References to files and addresses",
        "openapi.json",
        _spec({"/a": {"$ref": f"{_METADATA}x"}, **_operation({"$ref": "file:///etc/passwd"})}),
    ),
    _document("openapi-deep", "JSON a hundred thousand deep", "openapi.json", _DEEP_JSON, "unreadable"),
    _document(
        "openapi-aliases",
        "YAML whose aliases unfold to 10^11 values",
        "openapi.yaml",
        f"openapi: 3.0.0\ninfo: {{title: T, version: '1'}}\n{_ALIASES}paths: *a11\n".encode(),
    ),
    _document(
        "openapi-tag",
        "YAML that asks Python to run a command",
        "openapi.yaml",
        b"openapi: 3.0.0\nx: !!python/object/apply:os.system ['touch /tmp/owned']\npaths: {}\n",
    ),
    _document("notebook", "A notebook of 7 MB of output", "plot.ipynb", json.dumps(_NOTEBOOK).encode()),
    _document(
        "front-matter",
        "Front matter whose aliases unfold to 10^11 values",
        "page.md",
        f"---\n{_ALIASES}title: *a11\n---\n# Page\n\nSome words about the page.\n".encode(),
    ),
    _document("front-matter-open", "Front matter that never ends", "page.md", b"---\n" + b"a: b\n" * 200_000),
    _document(
        "rst-includes",
        "reStructuredText that includes files",
        "page.rst",
        b"Page\n====\n\n.. include:: /etc/passwd\n\n.. raw:: html\n   :file: /etc/passwd\n\n"
        b".. literalinclude:: /etc/passwd\n\nSome words.\n",
    ),
    _document(
        "adoc-includes",
        "AsciiDoc that includes files and addresses",
        "page.adoc",
        f"= Page\n\ninclude::/etc/passwd[]\n\ninclude::{_METADATA}[]\n\nSome words.\n".encode(),
    ),
    _document(
        "mdx-code",
        "MDX with code to run",
        "page.mdx",
        b"import x from '/etc/passwd'\n\n# Page\n\n{process.exit(1)}\n\n<X {...await fetch('/')} />\n\nSome words.\n",
    ),
)

ARCHIVES: tuple[Case, ...] = (
    _archive(
        "zip-bomb",
        "A zip of 300 MB of zeros",
        lambda: _zip({**_GOOD, "zeros.md": b"\0" * 300_000_000}),
        page="folder://docs.zip/zeros.md",
        state="failed",
        page_reason="too large",
    ),
    _archive(
        "zip-of-bombs",
        "A zip of sixty files of 8 MB",
        lambda: _zip({f"z{n}.md": b"\0" * 8_000_000 for n in range(60)}),
        "failed",
        "unpacks to far more",
    ),
    _archive(
        "tar-bomb",
        "A tar of 300 MB of zeros",
        lambda: _tar({**_GOOD, "zeros.md": b"\0" * 300_000_000}),
        "failed",
        "unpacks to far more",
    ),
    _archive(
        "zip-slip",
        "Names that lead out of the archive",
        lambda: _zip({**_GOOD, "../../slip.md": b"# Out", "/etc/slip.md": b"# Out", "a/../../slip.md": b"# Out"}),
        page="folder://docs.zip/../../slip.md",
        state="excluded",
        page_reason="leads out of the archive",
    ),
    _archive(
        "zip-link",
        "Links that lead out of the archive",
        lambda: _zip(_GOOD, links={"passwd.md": "/etc/passwd"}),
        page="folder://docs.zip/passwd.md",
        state="excluded",
        page_reason="a link",
    ),
    _archive(
        "tar-link",
        "The same in a tar",
        lambda: _tar(
            _GOOD,
            (
                _link(tarfile.SYMTYPE, "passwd.md", "/etc/passwd"),
                _link(tarfile.LNKTYPE, "b.md", "/etc/passwd"),
                _link(tarfile.FIFOTYPE, "c.md", ""),
                _link(tarfile.CHRTYPE, "d.md", ""),
            ),
        ),
        page="folder://docs.tar.gz/passwd.md",
        state="excluded",
        page_reason="a link",
    ),
    _archive(
        "odd-names",
        "Names of line breaks and terminal codes",
        lambda: _zip({**_GOOD, "a\n\x1b[31mb\r.md": b"# Odd\n\nSome words."}),
        page="folder://docs.zip/a%0A%1B%5B31mb%0D.md",
        state="fetched",
        indexed="indexed",
    ),
    _archive(
        "long-names",
        "Names of 60 000 characters",
        lambda: _zip({**_GOOD, "x" * 60_000 + ".md": b"# Long"}),
        "failed",
        "cannot be read",
    ),
    _archive(
        "zip-in-zip",
        "A zip in a zip",
        lambda: _zip({**_GOOD, "inner.zip": _zip({"x.md": b"# X"})}),
        page="folder://docs.zip/inner.zip",
        state=None,
    ),
    _archive("zip-broken", "A zip that stops in the middle", lambda: _zip(_GOOD)[:60], "failed", "cannot be read"),
)

CASES: tuple[Case, ...] = (*ENCODINGS, *DOCUMENTS, *ARCHIVES)
