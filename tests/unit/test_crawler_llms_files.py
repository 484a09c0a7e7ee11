"""llms.txt and llms-full.txt in the forms their generators write, and in those that are wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.llms_files import is_llms_file, listed_pages, page_address, split_pages

CODE = "```yaml\n# No title\n---\nurl: /no/page\n---\nSource: https://x.org/no\n```"


@pytest.mark.parametrize(
    "text",
    [
        f"# One\nSource: https://x.org/one\n\nFirst.\n{CODE}\n\n# Two\n\nSource: https://x.org/two\n\nSecond.\n",
        f"# One (https://x.org/one)\n\nFirst.\n{CODE}\n# Two (https://x.org/two)\n\nSecond.\n",
        f'---\nurl: https://x.org/one\n---\n\n# One\n\nFirst.\n{CODE}\n\n---\n\n---\nurl: "https://x.org/two"\n'
        "---\n# Two\n\nSecond.\n",
        f'{"-" * 80}\ntitle: "One"\ndescription:\nsource: "https://x.org/one"\n{"-" * 80}\n\n# One\n\nFirst.\n{CODE}\n'
        f'{"-" * 80}\ntitle: "Two"\nsource: "https://x.org/two"\n{"-" * 80}\n\n# Two\n\nSecond.\n',
        "<page>\n---\ntitle: One\nsource_url:\n  html: https://x.org/one\n---\n\n# One\n\nFirst.\n"
        f"{CODE}\n</page>\n\n<page>\n---\ntitle: Two\nsource_url:\n  html: https://x.org/two\n---\n"
        "# Two\n\nSecond.\n</page>\n",
        f'<doc title="One" url="https://x.org/one">\n# One\n\nFirst.\n{CODE}\n</doc>\n'
        '<doc title="Two" url="https://x.org/two">\n# Two\n\nSecond.\n</doc>\n',
    ],
    ids=["mintlify", "fumadocs", "vitepress", "nextjs", "cloudflare", "elements"],
)
def test_a_file_of_everything_is_split_into_its_pages(text: str) -> None:
    first, second = split_pages(f"# Everything\n\n> About.\n\n{text}" if text.startswith(("---\n", "<")) else text)
    assert (first.address, second.address) == ("https://x.org/one", "https://x.org/two")
    assert "First." in first.text
    assert CODE in first.text
    assert "Second." not in first.text
    assert second.text.endswith("# Two\n\nSecond.")
    assert "<page" not in first.text + second.text


def test_a_path_between_rules_names_a_page() -> None:
    parts = split_pages("---\nguide/one.md\n---\n\n# One\n\n---\n\nMore.\n\n---\nguide/two.md\n---\n# Two\n")
    assert [(part.address, part.text) for part in parts] == [
        ("guide/one.md", "# One\n\n---\n\nMore."),
        ("guide/two.md", "# Two"),
    ]


def test_a_file_without_addresses_is_cut_at_its_titles() -> None:
    parts = split_pages(f"# One\n\n{CODE}\n\n## Inner\n\n# Two\n\nSee source: https://x.org/a\n")
    assert [part.text.splitlines()[0] for part in parts] == ["# One", "# Two"]
    assert {part.address for part in parts} == {""}
    assert len(split_pages("# Only\n\ntext")) == 1
    assert split_pages("no title") == []


@pytest.mark.parametrize(
    ("named", "address"),
    [
        ("/guide/a.md", "https://x.org/guide/a"),
        ("guide/index.mdx", "https://x.org/docs/guide/"),
        ("https://x.org/a#b", "https://x.org/a"),
        ("https://y.org/a.html", "https://y.org/a.html"),
        ("javascript:alert(1)", None),
        ("http://[", None),
    ],
)
def test_the_address_of_a_page_is_the_one_people_open(named: str, address: str | None) -> None:
    assert page_address("https://x.org/docs/llms-full.txt", named) == address


def test_an_llms_txt_lists_pages_and_no_other_lists() -> None:
    body = b"# T\n- [A](/a): first\n- [All](/llms-full.txt)\n- [Self](/llms.txt)\n- [B](https://y.org/b.md)\n"
    assert listed_pages(body, "https://x.org/llms.txt") == ("https://x.org/a", "https://y.org/b.md")


def test_a_web_page_is_no_llms_txt() -> None:
    assert is_llms_file(b"# T", "text/plain")
    assert not is_llms_file(b"<!doctype html>", "text/plain")
    assert not is_llms_file(b"# T", "text/html")
    assert not is_llms_file(b"# T\0", "text/plain")
    assert not is_llms_file(b" \n", "text/plain")


@given(
    st.lists(st.sampled_from(["# A", "---", "url: /a", "```", "<page>", "x", "", "Source: /b", "a/b.md", "# C (/d)"]))
)
def test_no_text_is_lost_whatever_the_marks(lines: list[str]) -> None:
    closing = ["```"] * (lines.count("```") % 2)
    parts = split_pages("\n".join([*lines, *closing, "", "# End", "Source: /end", "the end"]))
    assert sum(part.text.count("the end") for part in parts) == 1
