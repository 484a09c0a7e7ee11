"""The link method on small pages: which sentences become questions, and what answers them."""

from collections.abc import Iterable

import pytest

from indexer.evaluation.making import Anchors, Made, make_questions, with_known_links
from indexer.evaluation.places import Pages, sections_by_anchor
from indexer.evaluation.sentences import Sentence, linking_sentences
from indexer.preparing import RawPage
from indexer.release_notes import is_at_release_notes, is_release_note

BASE = "http://docs.test/3/"
NEWS, GUIDE, API = f"{BASE}whatsnew/1.html", f"{BASE}guide.html", f"{BASE}api/paint.html"
PAGES = Pages([API, GUIDE, NEWS])
ANCHORS = {GUIDE: {"colours"}, API: {"paint"}}
SENTENCE = (
    'Widgets can now be given <a href="../guide.html#colours">many colours</a> by calling <code>paint()</code> once.'
)


def html(*paragraphs: str) -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    menu = "<nav><a href='../guide.html#colours'>Read all about the many colours over there now</a></nav>"
    return f"<html><body>{menu}<main>{body}</main></body></html>"


def sentences(text: str, url: str = NEWS, content_type: str = "text/html") -> list[Sentence]:
    return linking_sentences(RawPage(url, content_type, text.encode()))


def made(text: str, *, anchors: Anchors = ANCHORS, limit: int = 10, passed_over: Iterable[str] = ()) -> Made:
    linking = with_known_links(sentences(text), PAGES, frozenset(passed_over))
    return make_questions(linking, PAGES, anchors, "paint", limit)


def test_a_sentence_asks_and_what_it_links_to_answers() -> None:
    [question] = made(html(f"Nothing is linked here. {SENTENCE} Nor is anything here.")).questions
    assert question.query == "Widgets can now be given many colours by calling paint() once."
    assert question.masked == "Widgets can now be given by calling once."
    assert [(gold.path, gold.anchor) for gold in question.gold] == [("guide.html", "colours")]
    assert (question.id, question.source) == ("paint-000", "whatsnew/1.html")


def test_markdown_is_a_source_too() -> None:
    prose = "Widgets can now be given [many colours](../guide.md#colours) by calling `paint()` once."
    text = f"---\ntitle: News\n---\n# News\n\n{prose}\n"
    [sentence] = sentences(text, f"{BASE}whatsnew/1.md", "text/markdown")
    assert sentence.masked == "Widgets can now be given by calling once."
    assert sentence.targets == ((f"{BASE}guide.md", "colours"),)


def test_pages_of_a_folder_are_linked_like_those_of_a_site() -> None:
    [sentence] = sentences(html(SENTENCE), "folder://notes/whatsnew/1.html")
    assert sentence.targets == (("folder://notes/guide.html", "colours"),)


def test_every_target_of_a_sentence_is_gold() -> None:
    text = html(
        'Give <a href="../guide.html#colours">colours</a> to widgets of any kind with '
        '<a href="../api/paint.html#paint">paint</a> at once.'
    )
    [question] = made(text).questions
    assert [(gold.path, gold.anchor) for gold in question.gold] == [
        ("guide.html", "colours"),
        ("api/paint.html", "paint"),
    ]


def test_a_link_without_an_anchor_means_the_whole_page() -> None:
    [question] = made(html(SENTENCE.replace("#colours", ""))).questions
    assert (question.gold[0].path, question.gold[0].anchor) == ("guide.html", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (SENTENCE.replace("#colours", "#gone"), "no such section"),
        ('Now in <a href="../guide.html#colours">colour</a>.', "too short"),
        (
            '<a href="../guide.html#colours">Widgets of every kind and of any size have</a> <code>colour</code>.',
            "too short without names",
        ),
        (SENTENCE.replace("once", "once " * 200), "too long"),
        (
            'See the section on <a href="../guide.html#colours">colours</a> for what widgets of this kind can do.',
            "boilerplate",
        ),
        (
            'It is also possible that widgets fade, see Section <a href="../guide.html#colours">2</a> of the guide.',
            "boilerplate",
        ),
    ],
)
def test_what_makes_no_question_is_counted_by_its_reason(text: str, reason: str) -> None:
    result = made(html(text))
    assert result.questions == ()
    assert (result.sentences, result.dropped) == (1, {reason: 1})


def test_a_sentence_that_is_repeated_makes_no_question() -> None:
    assert made(html(SENTENCE, SENTENCE)).dropped == {"repeated": 2}


@pytest.mark.parametrize(
    "href",
    ["https://elsewhere.test/guide.html#colours", "#colours", "1.html#x", "../gone.html", "http://[::1/", "mailto:a@b"],
)
def test_links_to_elsewhere_are_none(href: str) -> None:
    assert made(html(SENTENCE.replace("../guide.html#colours", href))).sentences == 0


def test_links_between_the_pages_questions_are_made_of_are_passed_over() -> None:
    assert made(html(SENTENCE), passed_over=[GUIDE]).sentences == 0


@pytest.mark.parametrize("name", ["member-signature", "type-signature", "tsd-signature tsd-is-external"])
def test_declarations_are_no_sentences(name: str) -> None:
    declaration = f"<div class='{name}'>public {SENTENCE}</div>"
    assert [one.text for one in sentences(html(SENTENCE).replace("<main>", f"<main>{declaration}"))] == [
        "Widgets can now be given many colours by calling paint() once."
    ]


@pytest.mark.parametrize("tag", ["nav", "pre", "h2", "footer", "script", "dt"])
def test_what_is_no_prose_is_left_out(tag: str) -> None:
    assert sentences(f"<body><{tag}>{SENTENCE}</{tag}></body>") == []


def test_prose_among_declarations_is_prose() -> None:
    assert sentences(html(SENTENCE).replace("<p>", "<p class='tsd-signatures signature-notes'>")) != []


def test_abbreviations_and_code_end_no_sentence() -> None:
    link = '<a href="../guide.html#colours">colours</a>'
    text = f"Use widgets, e.g. <code>a. Then b</code> by J. Doe, as {link} say. <code>next</code> is another."
    [sentence] = sentences(html(text))
    assert sentence.text == "Use widgets, e.g. a. Then b by J. Doe, as colours say."


def test_signs_that_stand_for_links_are_taken_out_of_the_question() -> None:
    [sentence] = sentences(html(f'{SENTENCE[:-1]} <a href="../x.html">§</a>'))
    assert sentence.text == "Widgets can now be given many colours by calling paint() once"


def test_blocks_end_sentences() -> None:
    [sentence] = sentences(f"<body><ul><li>One thing<li>{SENTENCE}<ul><li>Another</ul></ul></body>")
    assert sentence.text.startswith("Widgets can now")
    assert sentence.text.endswith("once.")


@pytest.mark.parametrize(
    "body", [b"<div>" * 50_000, b"", b"\xff\xfe\x00", b"<p>" * 50_000, b"<a href=x><code>" * 20_000, b"a. " * 100_000]
)
def test_hostile_pages_have_no_sentences(body: bytes) -> None:
    assert linking_sentences(RawPage(NEWS, "text/html", body)) == []


def test_questions_are_spread_over_pages_and_the_same_every_time() -> None:
    def numbered(page: int, count: int) -> list[Sentence]:
        texts = [SENTENCE.replace("many", f"many{'x' * page}y{'z' * number}") for number in range(count)]
        return sentences(html(*texts), f"{BASE}whatsnew/{page}.html")

    many, few = numbered(1, 30), numbered(2, 3)
    pages = Pages([GUIDE, f"{BASE}whatsnew/1.html", f"{BASE}whatsnew/2.html"])
    linking = with_known_links([*many, *few], pages)
    chosen = make_questions(linking, pages, ANCHORS, "paint", 6).questions
    assert sorted(str(question.source) for question in chosen) == ["whatsnew/1.html"] * 3 + ["whatsnew/2.html"] * 3
    assert make_questions(linking[::-1], pages, ANCHORS, "paint", 6).questions == chosen


@pytest.mark.parametrize(
    "path",
    [
        "whatsnew/3.11.html",
        "release-15.html",
        "releases/5.0.html",
        "CHANGELOG.md",
        "release_notes.html",
        "changes.html",
        "about/whats-new",
    ],
)
def test_release_notes_are_known_by_their_path(path: str) -> None:
    assert is_release_note(path)


@pytest.mark.parametrize("path", ["guide.html", "library/news-feeds.html", "protocol-changes.html", "prereleased.html"])
def test_other_pages_are_none(path: str) -> None:
    assert not is_release_note(path)


def test_a_whole_documentation_under_a_folder_of_releases_is_none() -> None:
    assert is_at_release_notes("https://docs.example/en/whatsnew/3.11.html")
    assert is_at_release_notes("https://docs.example/release-15.html")
    assert not is_at_release_notes("https://docs.example/releases/5.0/guide/start.html")
    assert not is_at_release_notes("https://news.example/guide/start.html")


def test_a_path_means_the_page_that_is_there_before_any_that_ends_in_it() -> None:
    pages = Pages([f"{BASE}index.html", f"{BASE}api/index.html", f"{BASE}api/x.html", f"{BASE}api/x/index.html"])
    assert pages.at("index.html") == (f"{BASE}index.html",)
    assert pages.at("api/x.html") == (f"{BASE}api/x.html",)
    assert pages.at("x.html") == (f"{BASE}api/x.html", f"{BASE}api/x/index.html")
    assert pages.at("gone.html") == ()


@pytest.mark.parametrize("path", ["api/x", "api/x/", "api/x.md", "api/x/index.html", "/api/x.html"])
def test_the_forms_of_a_page_are_one_page(path: str) -> None:
    assert Pages([f"{BASE}api/x.html", f"{BASE}guide.html"]).at(path) == (f"{BASE}api/x.html",)


def test_an_anchor_inside_a_section_means_that_section() -> None:
    sections: list[tuple[str, str, tuple[str, ...]]] = [
        (GUIDE, f"{GUIDE}#caf%C3%A9", ("tea", "shared")),
        (GUIDE, f"{GUIDE}#shared", ()),
        (GUIDE, f"{GUIDE}#cake", ("tea",)),
        (GUIDE, GUIDE, ()),
    ]
    assert sections_by_anchor(sections) == {
        GUIDE: {
            "café": (f"{GUIDE}#caf%C3%A9",),
            "tea": (f"{GUIDE}#caf%C3%A9", f"{GUIDE}#cake"),
            "shared": (f"{GUIDE}#shared",),
            "cake": (f"{GUIDE}#cake",),
            "": (GUIDE,),
        }
    }
