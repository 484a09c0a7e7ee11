from indexer.extract import Block, ExtractedPage, extract_page

PAGE = """---
title: "Tides"
lang: en
---
import Tabs from '@theme/Tabs'

# Tides in the bay

Water [rises](x.md) and `falls()`.
Twice a day.

<a id="old-name"></a>
## High water {#high}

> [!WARNING]
> Boats drift.

1. First

   ```bash title="go.sh"
   sail --now
   ```

2. Second

## High water

- one
- two
  - deeper

| a | b |
|---|---|
| 1 | x \\| y |

```c++
int main();
```

:::tip Local advice
Ask a pilot.
:::

!!! note "Charts"
    Are out of date.

    ```python
    import chart
    ```

<details><summary>More</summary><pre class="language-rs">let x;</pre></details>
"""


def markdown(text: str) -> ExtractedPage:
    return extract_page(text.encode(), "text/markdown; charset=utf-8", "https://docs.example/tides.md")


def blocks() -> dict[str, Block]:
    return {block.text: block for block in markdown(PAGE).blocks}


def test_front_matter_names_title_and_language() -> None:
    page = markdown(PAGE)
    assert (page.title, page.language, page.problem) == ("Tides", "en", None)


def test_headings_have_explicit_ids_or_the_slug_of_their_words() -> None:
    headings = [block for block in markdown(PAGE).blocks if block.kind == "heading"]
    assert [(block.text, block.level, block.anchor, block.aliases) for block in headings] == [
        ("Tides in the bay", 1, "tides-in-the-bay", ()),
        ("High water", 2, "high", ("old-name",)),
        ("High water", 2, "high-water", ()),
    ]


def test_links_are_reduced_to_their_text_and_code_stays() -> None:
    assert "Water rises and `falls()`. Twice a day." in blocks()


def test_module_lines_of_mdx_are_left_out() -> None:
    assert not any("import Tabs" in text for text in blocks())


def test_code_is_exact_with_language_and_title() -> None:
    found = blocks()
    assert (found["sail --now"].language, found["sail --now"].title) == ("bash", "go.sh")
    assert found["int main();"].language == "cpp"
    assert found["import chart"].language == "python"
    assert found["let x;"].language == "rust"


def test_alerts_and_notes_of_dialects_are_admonitions_with_their_label() -> None:
    found = blocks()
    assert (found["Boats drift."].kind, found["Boats drift."].title) == ("admonition", "Warning")
    assert (found["Ask a pilot."].kind, found["Ask a pilot."].title) == ("admonition", "Tip: Local advice")
    assert (found["Are out of date."].kind, found["Are out of date."].title) == ("admonition", "Note: Charts")


def test_lists_and_tables_are_blocks() -> None:
    found = blocks()
    assert found["- one\n- two\n   - deeper"].kind == "list"
    assert found["| a | b |\n| --- | --- |\n| 1 | x \\| y |"].kind == "table"


def test_dialect_marks_inside_a_fence_are_code() -> None:
    page = markdown("```md\n:::tip\nimport x from 'y'\n!!! note\n```\n")
    assert page.blocks[0].text == ":::tip\nimport x from 'y'\n!!! note"


def test_a_raw_file_is_markdown_by_its_name() -> None:
    page = extract_page(b"# Title\n\ntext", "text/plain", "https://raw.example/docs/a.MD")
    assert page.blocks[0].kind == "heading"


def test_plain_text_has_headings_paragraphs_and_code() -> None:
    page = extract_page(
        b"Title\n=====\n\nSome words.\n\n    x = 1\n    y = 2\n", "text/plain", "https://docs.example/a.txt"
    )
    assert [(block.kind, block.text) for block in page.blocks] == [
        ("heading", "Title"),
        ("paragraph", "Some words."),
        ("code", "    x = 1\n    y = 2"),
    ]
    assert page.title == "Title"


def test_an_empty_file_is_empty() -> None:
    assert markdown(" \n").problem == "empty"
