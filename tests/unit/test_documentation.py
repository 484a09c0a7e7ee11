"""What the documentation says is so: settings with their defaults and limits, links, commands and options."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, cast, get_args, get_origin

import pytest
import yaml
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings
from typer.core import TyperGroup
from typer.main import get_command

from accounts.settings import AccountsSettings
from bench.extraction.settings import ExtractionSettings
from bench.quality import QualitySettings
from bench.speed import SpeedSettings
from billing.settings import BillingSettings
from core.settings import CoreSettings
from crawler.settings import CrawlerSettings
from indexer.settings import IndexerSettings
from server.cli.crawls import CrawlGroup
from server.cli.program import app
from server.cli.stdio import StdioSettings
from server.settings import ServerSettings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
CLASSES: list[type[BaseSettings]] = [
    CoreSettings,
    AccountsSettings,
    BillingSettings,
    CrawlerSettings,
    IndexerSettings,
    ServerSettings,
    StdioSettings,
    SpeedSettings,
    ExtractionSettings,
    QualitySettings,
]
ROW = re.compile(
    r"^\| `(?P<name>[A-Z0-9_]+)` \| (?P<default>.+?) \| (?P<limits>.*?) ?\| (?P<text>.+) \|$", re.MULTILINE
)
NAME = re.compile(r"\b(?:LECTERN_[A-Z0-9_]+|[A-Z_]*_URL(?:_FILE)?|QDRANT_[A-Z_]+)\b")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
READERS: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}
COMMAND_LINE = re.compile(r"(?:^|`)lectern (?P<words>[a-z][^`\n]*)", re.MULTILINE)


def settings() -> dict[str, FieldInfo]:
    """Every setting by the name of its environment variable."""
    fields = [field for each in CLASSES for field in each.model_fields.values()]
    return {str(field.validation_alias): field for field in fields}


def rows() -> dict[str, re.Match[str]]:
    """The rows of the tables by the setting they are about."""
    return {row["name"]: row for row in ROW.finditer((ROOT / "docs/settings.md").read_text())}


def shown_default(field: FieldInfo) -> str:
    if field.default_factory is not None:
        return "depends"
    if field.is_required():
        return "required"
    words = {None: "not set", "": "empty"}
    return words[field.default] if field.default in words else f"`{shown_value(field.default)}`"


def shown_value(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case tuple():
            return ",".join(cast("tuple[str, ...]", value))
        case Path() if value.is_relative_to(ROOT):
            return str(value.relative_to(ROOT))
        case _:
            return str(value)


def shown_limits(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    bounds = {
        name: getattr(item, name)
        for item in field.metadata
        for name in ("ge", "gt", "le", "min_length", "max_length")
        if getattr(item, name, None) is not None
    }
    match bounds:
        case {"ge": least, "le": most}:
            return f"{least} to {most}"
        case {"gt": least, "le": most}:
            return f"above {least} to {most}"
        case {"min_length": least, "max_length": most}:
            return f"{least} to {most} characters"
        case {"min_length": least}:
            return f"at least {least} characters"
        case {"max_length": most}:
            return f"at most {most} characters"
        case _:
            return ""


@pytest.mark.parametrize("name", sorted(settings()))
def test_every_setting_is_documented_with_its_default_and_its_limits(name: str) -> None:
    row, field = rows().get(name), settings()[name]
    assert row, f"docs/settings.md has no row for {name}"
    assert (row["default"], row["limits"]) == (shown_default(field), shown_limits(field))


def test_every_setting_the_documentation_names_exists() -> None:
    assert set(rows()) <= set(settings())
    named = {(page.name, name) for page in PAGES for name in NAME.findall(page.read_text())}
    assert ("settings.md", "LECTERN_PORT") in named
    assert not {(page, name) for page, name in named if name not in settings()}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file(page: Path) -> None:
    targets = [link["target"].partition("#")[0] for link in LINK.finditer(page.read_text())]
    relative = [target for target in targets if target and "://" not in target]
    assert [target for target in relative if not (page.parent / target).exists()] == []


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as the sites that show repositories make them."""
    headings = HEADING.findall(FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_into_a_page_leads_to_a_heading(page: Path) -> None:
    parts = [link["target"].partition("#") for link in LINK.finditer(page.read_text()) if "://" not in link["target"]]
    named = [(page.parent / path if path else page, anchor) for path, _, anchor in parts if anchor]
    assert [(path.name, anchor) for path, anchor in named if anchor not in anchors(path)] == []


def test_every_configuration_of_the_documentation_can_be_read() -> None:
    blocks = [block for page in PAGES for block in FENCED.finditer(page.read_text()) if block["language"] in READERS]
    assert {block["language"] for block in blocks} == set(READERS)
    for block in blocks:
        assert READERS[block["language"]](block["text"])


def command_lines() -> Iterator[tuple[str, list[str]]]:
    """Every `lectern ...` of the documentation with the page it is on, without its comment."""
    for page in PAGES:
        for found in COMMAND_LINE.finditer(page.read_text()):
            yield page.name, found["words"].partition(" #")[0].split()


def problem_of(words: list[str]) -> str | None:
    """Says what is wrong with a command line: a command or an option that does not exist."""
    command = get_command(app)
    while isinstance(command, TyperGroup) and words:
        found = command.commands.get(words[0])
        if found is None and isinstance(command, CrawlGroup):
            command = command.commands[command.default]
            break
        if found is None:
            return f"there is no command {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    options = (word.strip("[]").partition("=")[0] for word in words if word.strip("[]").startswith("--"))
    return next((f"{command.name} has no option {option}" for option in options if option not in known), None)


def test_every_command_line_of_the_documentation_can_be_run() -> None:
    lines = list(command_lines())
    assert len(lines) > 10
    assert [(page, words, problem) for page, words in lines if (problem := problem_of(words))] == []


@pytest.mark.parametrize("words", ["fly", "key forge", "add x --quickly", "--version"])
def test_a_command_line_that_cannot_be_run_would_be_noticed(words: str) -> None:
    assert problem_of(words.split())
