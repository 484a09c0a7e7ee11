"""`lectern eval` on the running product: questions are made, asked, compared, and required to be good enough."""

import asyncio
import json
from asyncio.subprocess import PIPE
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.product import Product, lectern, running_lectern
from tests.commands import COMMAND_SECONDS, QUICK

LIBRARY = "/acme/paint"
TOPICS = {
    "tools": {"brush": "bristles of a brush", "roller": "sleeve of a roller", "sprayer": "nozzle of a sprayer"},
    "colours": {"mixing": "mixing of two pigments", "fading": "fading in the sun", "charts": "charts of all shades"},
}


@dataclass(frozen=True)
class Printed:
    """How a command ended, and what it printed where."""

    status: int | None
    out: str
    err: str


async def evaluate(product: Product, *command: str, given: str = "") -> Printed:
    process = await asyncio.create_subprocess_exec(
        *lectern("eval", *command), env=product.environment, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode()), COMMAND_SECONDS)
    return Printed(process.returncode, out.decode(), err.decode())


def write_library(folder: Path) -> None:
    """Two pages of three sections, and release notes with a sentence that links to each section."""
    notes: list[str] = []
    for page, sections in TOPICS.items():
        body = [f"<h1>{page}</h1>"]
        for anchor, subject in sections.items():
            # Long enough for a passage of its own.
            care = f"Care for the {subject} every day, as {anchor} wants it. " * 12
            body.append(f'<section id="{anchor}"><h2>{anchor}</h2><p>{care}</p></section>')
            link = f'<a href="{page}.html#{anchor}">{anchor}</a>'
            notes.append(f"<p>This release takes much better care of the {subject}, thanks to {link}.</p>")
        (folder / f"{page}.html").write_text(f"<html><body><main>{''.join(body)}</main></body></html>")
    (folder / "changelog.html").write_text(f"<html><body><main><h1>Log</h1>{''.join(notes)}</main></body></html>")
    (folder / "short.html").write_text(
        '<html><body><main><h1>Short</h1><section id="one"><h2>One</h2><p>Of turpentine.</p></section>'
        '<section id="two"><h2>Two</h2><p>Of varnish.</p></section></main></body></html>'
    )
    (folder / "index.md").write_text("# Paint\n\nEverything about painting walls and doors.\n")


@pytest.fixture(scope="module")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Product]:
    folder = tmp_path_factory.mktemp("evaluation")
    (folder / "paint").mkdir()
    write_library(folder / "paint")
    async with running_lectern(folder, **QUICK) as running:
        await running.run("add", str(folder / "paint"), "--id", LIBRARY, "--version", "1.0", "--wait")
        yield running


@pytest.fixture(scope="module")
async def questions(product: Product) -> str:
    made = await evaluate(product, "make", LIBRARY)
    assert made.status == 0, made.err
    assert "6 questions of 6 sentences" in made.err
    return made.out


async def measured(product: Product, given: str, *options: str) -> dict[str, Any]:
    printed = await evaluate(product, "-", "--library", LIBRARY, "--json", *options, given=given)
    assert printed.status == 0, printed.err
    return json.loads(printed.out)


def found_pages(result: dict[str, Any]) -> set[str]:
    answers = result["configurations"][0]["answers"]
    return {address.partition("#")[0].rpartition("/")[2] for answer in answers for address in answer["found"]}


async def test_questions_are_made_of_what_the_release_notes_link_to(questions: str) -> None:
    lines = [json.loads(line) for line in questions.splitlines()]
    assert {(line["gold"][0]["path"], line["gold"][0]["anchor"]) for line in lines} == {
        (f"{page}.html", anchor) for page, sections in TOPICS.items() for anchor in sections
    }
    assert {line["from"] for line in lines} == {"changelog.html"}
    brush = next(line for line in lines if line["gold"][0]["anchor"] == "brush")
    assert brush["masked"] == "This release takes much better care of the bristles of a brush, thanks to."


async def test_the_page_a_question_was_made_of_does_not_count(product: Product, questions: str) -> None:
    result = await measured(product, questions)
    assert "changelog.html" not in found_pages(result)
    assert result["configurations"][0]["measures"]["mrr_10"]["value"] == 1
    unknown = "".join(json.dumps({**json.loads(line), "from": "index.md"}) + "\n" for line in questions.splitlines())
    other = await measured(product, unknown)
    assert "changelog.html" in found_pages(other)
    assert other["configurations"][0]["measures"]["mrr_10"]["value"] < 1
    hidden = await measured(product, unknown, "--exclude", "change*")
    assert "changelog.html" not in found_pages(hidden)


async def test_short_sections_that_share_a_passage_are_one_place(product: Product) -> None:
    places = [{"path": "short.html", "anchor": anchor} for anchor in ("one", "two", "gone")]
    lines = [
        json.dumps({"id": place["anchor"], "query": "turpentine and varnish", "gold": [place]}) for place in places
    ]
    result = await measured(product, "\n".join(lines))
    answers = {answer["id"]: answer for answer in result["configurations"][0]["answers"]}
    assert {id_: answer["mrr_10"] for id_, answer in answers.items()} == {"one": 1, "two": 1, "gone": 0}
    assert answers["gone"]["page_recall_5"] == 1


async def test_configurations_are_compared_question_by_question(product: Product, questions: str) -> None:
    result = await measured(
        product, questions, "--masked", "--against", "without-head", "--against", f"{LIBRARY}/1.0,tokens=100"
    )
    assert [one["tokens"] for one in result["configurations"]] == [3000, 3000, 100]
    [without_head, smaller] = result["differences"]
    assert without_head["against"] == "without-head"
    same = without_head["measures"]["page_recall_5"]
    assert (same["value"], same["low"], same["high"], same["isDistinguishable"]) == (0, 0, 0, False)
    assert smaller["measures"]["tokens"]["isDistinguishable"]
    assert smaller["measures"]["tokens"]["low"] > 0


async def test_a_table_shows_every_measure_with_its_interval(product: Product, questions: str) -> None:
    printed = await evaluate(product, "-", "--library", LIBRARY, "--against", "words", given=questions)
    assert printed.status == 0
    assert "There is no embedder" in printed.err
    for words in (
        "section recall@10",
        "nDCG@10",
        "latency p99",
        "1.000 to 1.000",
        "served against words",
        "not distinguish",
    ):
        assert words in printed.out


async def test_what_is_required_decides_the_exit_status(product: Product, questions: str) -> None:
    met = ("--require", "section_recall_10=.9", "--require", "tokens=3000")
    assert (await evaluate(product, "-", "--library", LIBRARY, *met, given=questions)).status == 0
    unmet = ("--require", "page_recall_5=1.01", "--require", "tokens=10")
    printed = await evaluate(product, "-", "--library", LIBRARY, *unmet, given=questions)
    assert printed.status == 1
    assert "page_recall_5 is 1, at least 1.01 is required." in printed.err
    assert "at most 10 is required." in printed.err
    assert "MRR@10" in printed.out


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        (("--library", LIBRARY), "{}\n", "Line 1 is no question"),
        (("--library", LIBRARY, "--config", "guesses"), None, "There is no configuration 'guesses'"),
        (("--library", LIBRARY, "--require", "luck=1"), None, "There is no measure 'luck'"),
        (("--library", LIBRARY, "--against", "tokens=x"), None, "no number of tokens"),
        (("--library", "/acme/pain"), None, "Did you mean /acme/paint?"),
        (("--library", f"{LIBRARY}/9.9"), None, "has no version '9.9'"),
    ],
)
async def test_what_is_wrong_is_said_in_one_line(
    product: Product, questions: str, options: tuple[str, ...], given: str | None, message: str
) -> None:
    printed = await evaluate(product, "-", *options, given=questions if given is None else given)
    assert printed.status == 1
    assert message in printed.err
    assert "Traceback" not in printed.err


async def test_pages_that_link_nowhere_make_no_questions(product: Product) -> None:
    printed = await evaluate(product, "make", LIBRARY, "--pages", "*.md")
    assert (printed.status, printed.out) == (1, "")
    assert "links to a section of another page" in printed.err
    assert "No page of the index matches" in (await evaluate(product, "make", LIBRARY, "--pages", "gone/**")).err


async def test_measuring_is_for_those_who_manage_libraries_and_not_billed(product: Product, questions: str) -> None:
    key = (await product.run("key", "create")).strip()
    body = {"library": LIBRARY, "questions": [json.loads(questions.splitlines()[0])]}
    async with httpx.AsyncClient(base_url=f"{product.url}/api/v1") as client:
        reader = {"Authorization": f"Bearer {key}"}
        assert (await client.post("/evaluations", json=body, headers=reader)).status_code == 403
        assert (
            await client.post("/evaluations/questions", json={"library": LIBRARY}, headers=reader)
        ).status_code == 403
        manager = {"Authorization": f"Bearer {product.key}"}
        response = await client.post("/evaluations", json=body, headers=manager)
        assert response.status_code == 200
        assert response.json()["outcomes"][0]["milliseconds"] > 0
        too_many = body | {"questions": body["questions"] * 51}
        assert (await client.post("/evaluations", json=too_many, headers=manager)).status_code == 400
    assert json.loads(await product.run("usage", "--json"))["total"]["calls"] == 0
