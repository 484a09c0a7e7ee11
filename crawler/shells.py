"""Pages that are empty until a browser runs their scripts: which program makes them, and what to read instead."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Self, cast

import orjson
from selectolax.lexbor import LexborHTMLParser

from core.parsing import parse
from crawler.addresses import MAX_ADDRESS_CHARS, origin_of, resolve_address

_MIN_STATIC_CHARS = 200
_FEW_PARAGRAPHS, _MUCH_PROSE = 200, 2000
_MAX_SCRIPT_CHARS = 200_000
_MAX_SPECIFICATIONS = 20

# Program, then what its pages have in their markup.
_PROGRAMS = (
    ("Swagger UI", ("#swagger-ui", "SwaggerUIBundle", "swagger-ui")),
    ("ReDoc", ("redoc", "#redoc-container", "Redoc.init", "redoc.standalone")),
    ("Scalar", ("#api-reference", "api-reference", "@scalar/api-reference", "Scalar.createApiReference")),
    ("Docsify", ("$docsify",)),
    ("Document360", ("document360", "d360-")),
    ("Stoplight Elements", ("elements-api",)),
    ("RapiDoc", ("rapi-doc",)),
)
_MOUNT_POINTS = "#root, #app, #__next, #__nuxt, #___gatsby, #q-app, #svelte, app-root, [data-reactroot], [ng-app]"
_ASKS_FOR_SCRIPTS = re.compile(r"(?:enable|requires?|need|without|activate)\s+java\s?script", re.IGNORECASE)

_STRING = r"""["'`]([^"'`\s<>]{1,2048})["'`]"""
_SPECIFICATION_KEYS = re.compile(rf"""["']?\b(url|spec-url|specUrl|spec_url|data-url)["']?\s*[:=]\s*{_STRING}""")
_CONFIGURATION_KEY = re.compile(rf"""\bconfigUrl["']?\s*[:=]\s*{_STRING}""")
_SEVERAL = re.compile(r"""\burls["']?\s*[:=]\s*\[([^\[\]]{1,20000})\]""")
_URL_OF_SEVERAL = re.compile(rf"""\burl["']?\s*:\s*{_STRING}""")
_INITIALIZER = re.compile(r"(?:^|/)swagger-initializer\.js(?:\?|$)")
"""The script of Swagger UI that is made to be edited; it names what the page shows."""
_REDOC_CALL = re.compile(rf"Redoc\.init\(\s*{_STRING}")
_ATTRIBUTES = {
    "redoc": ("spec-url",),
    "script#api-reference, [data-url]": ("data-url",),
    "elements-api": ("apidescriptionurl",),
    "rapi-doc": ("spec-url",),
}
_CONFIGURATION = "script#api-reference[data-configuration]"
_REPOSITORY = re.compile(
    r"^https://(?:github\.com|gitlab\.com|codeberg\.org|bitbucket\.org)/([\w.-]+/[\w.-]+?)(?:\.git)?/?$"
)
_DOCSIFY_VALUE = re.compile(rf"\b(homepage|basePath|repo)\s*:\s*{_STRING}")
_SPECIFICATION_NAME = re.compile(r"\.(?:json|ya?ml)$|(?:openapi|swagger|api-docs)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True)
class Shell:
    """A page without text of its own."""

    program: str | None
    """None: some program made of scripts."""
    address: str
    specifications: tuple[str, ...] = ()
    """Addresses of the OpenAPI documents it would show."""
    configurations: tuple[str, ...] = ()
    """Addresses of files that name further ones."""
    documents: tuple[str, ...] = ()
    """Addresses of the Markdown it would show."""
    repository: str | None = None

    def told_by(self, body: bytes) -> tuple[Self, tuple[str, ...]]:
        """Gives the page with what a file of its configuration names, a script or JSON, and further such files."""
        text = body.decode("utf-8", errors="replace")[:_MAX_SCRIPT_CHARS]
        found = dict.fromkeys((*self.specifications, *_resolved(self.address, _specifications(text))))
        specifications = tuple(islice(found, _MAX_SPECIFICATIONS))
        return replace(self, specifications=specifications), _resolved(self.address, _configurations(text))

    @property
    def reason(self) -> str:
        """Says in words for a report why there is nothing to read, and what to add instead."""
        made_by = f"made by {self.program}" if self.program else "made"
        return f"{made_by} with JavaScript and holds no text; {self._advice}"[:1000]

    @property
    def _advice(self) -> str:
        if self.specifications:
            return f"its content is in {', '.join(self.specifications[:3])}"
        if self.configurations:
            return f"what it shows is named in {self.configurations[0]}"
        if self.documents:
            return f"its content is in Markdown files such as {self.documents[0]}"
        if self.repository:
            return f"add its sources instead: {self.repository}.git"
        return "add its sources as a folder or a git repository, or have it rendered"


def read_shell(body: bytes, address: str) -> Shell | None:
    """Gives what is known of a page that is empty without a browser, None for one with text or with ruinous markup."""
    looked_through, page = parse(body), parse(body)
    if looked_through is None or page is None or _has_text(looked_through):
        return None
    scripts = "\n".join(node.text() for node in page.css("script:not([src])"))[:_MAX_SCRIPT_CHARS]
    program = _program_of(page, scripts)
    if program is None and not _is_generic(page):
        return None
    named = [*_named_in_attributes(page), *_specifications(scripts)]
    initializers = [
        src for node in page.css("script[src]") if _INITIALIZER.search(src := node.attributes.get("src") or "")
    ]
    return Shell(
        program,
        address,
        _resolved(address, named),
        _resolved(address, [*initializers, *_configurations(scripts)]),
        tuple(_documents(page, program, scripts, address)),
        _repository(page, scripts),
    )


def has_prose(page: LexborHTMLParser) -> bool:
    """Tells whether there is so much to read that the page is surely not empty."""
    return sum(len(node.text()) for node in page.css("p, li, td")[:_FEW_PARAGRAPHS]) >= _MUCH_PROSE


def _has_text(page: LexborHTMLParser) -> bool:
    """Tells whether there is something to read; of the page only what is visible is left then."""
    if has_prose(page):
        return True
    for node in page.css("script, style, noscript, template, nav, header, footer, aside, svg"):
        node.decompose()
    visible = " ".join(page.body.text(separator=" ").split()) if page.body is not None else ""
    return len(visible) >= _MIN_STATIC_CHARS


def _program_of(page: LexborHTMLParser, scripts: str) -> str | None:
    sources = " ".join(node.attributes.get("src") or "" for node in page.css("script[src]"))
    for name, marks in _PROGRAMS:
        for mark in marks:
            is_selector = mark.startswith("#") or re.fullmatch(r"[a-z]+-[a-z]+|redoc", mark)
            if mark in scripts or mark in sources or (is_selector and page.css_first(mark) is not None):
                return name
    return None


def _is_generic(page: LexborHTMLParser) -> bool:
    has_scripts = page.css_first("script") is not None
    asks = any(_ASKS_FOR_SCRIPTS.search(node.text()) for node in page.css("noscript, body"))
    return has_scripts and (asks or page.css_first(_MOUNT_POINTS) is not None)


def _specifications(scripts: str) -> list[str]:
    named = [match[1] for match in _REDOC_CALL.finditer(scripts)]
    named += [reference for several in _SEVERAL.findall(scripts) for reference in _URL_OF_SEVERAL.findall(several)]
    for key, reference in _SPECIFICATION_KEYS.findall(scripts):
        if key != "url" or _SPECIFICATION_NAME.search(reference.partition("?")[0]):
            named.append(reference)
    return named


def _configurations(scripts: str) -> list[str]:
    return _CONFIGURATION_KEY.findall(scripts)


def _resolved(address: str, named: Iterable[str]) -> tuple[str, ...]:
    resolved = (resolve_address(address, name) for name in named if 0 < len(name) <= MAX_ADDRESS_CHARS)
    return tuple(dict.fromkeys(found for found in resolved if found))[:_MAX_SPECIFICATIONS]


def _named_in_attributes(page: LexborHTMLParser) -> Iterator[str]:
    for selector, attributes in _ATTRIBUTES.items():
        for node in page.css(selector):
            yield from (value for name in attributes if (value := node.attributes.get(name)))
    node = page.css_first(_CONFIGURATION)
    if node is not None:
        yield from _addresses_in(node.attributes.get("data-configuration") or "")


def _addresses_in(configuration: str) -> Iterator[str]:
    try:
        found = cast("dict[str, Any]", orjson.loads(configuration))
        parts = (found, cast("dict[str, Any]", found.get("spec") or {}))
        yield from (url for part in parts if isinstance(url := part.get("url"), str))
    except (orjson.JSONDecodeError, AttributeError):
        return


def _documents(page: LexborHTMLParser, program: str | None, scripts: str, address: str) -> list[str]:
    """Gives the Markdown a page names, and the start page and the menu of a Docsify site, which links to the rest."""
    values = dict(_DOCSIFY_VALUE.findall(scripts))
    base = resolve_address(address, values.get("basePath", "./").rstrip("/") + "/") or address
    names = [values.get("homepage", "README.md"), "_sidebar.md"] if program == "Docsify" else []
    twins = (node.attributes.get("href") or "" for node in page.css("link[type='text/markdown'][href]")[:2])
    found = [*(resolve_address(address, twin) for twin in twins), *(resolve_address(base, name) for name in names)]
    return [url for url in found if url and origin_of(url) == origin_of(address)]


def _repository(page: LexborHTMLParser, scripts: str) -> str | None:
    repo = dict(_DOCSIFY_VALUE.findall(scripts)).get("repo", "")
    if re.fullmatch(r"[\w.-]+/[\w.-]+", repo):
        return f"https://github.com/{repo}"
    links = [repo, *(node.attributes.get("href") or "" for node in page.css("a[href]"))]
    found = next(filter(None, map(_REPOSITORY.match, links)), None)
    return found[0].rstrip("/").removesuffix(".git") if found else None
