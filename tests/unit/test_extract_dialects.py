"""What Markdown is written with beside Markdown: hidden comments, boxes of each dialect, directives of MyST."""

import pytest

from indexer.extract import Block, extract_page


def read(text: str, content_type: str = "text/markdown") -> list[Block]:
    return list(extract_page(text.encode(), content_type, "https://docs.example/tides.md").blocks)


def brief(text: str, content_type: str = "text/markdown") -> list[tuple[str, str, str | None]]:
    return [(block.kind, block.text, block.title) for block in read(text, content_type)]


@pytest.mark.parametrize("content_type", ["text/markdown", "text/mdx"])
@pytest.mark.parametrize(
    "hidden",
    [
        "{/* secret */}",
        "{/*\nsecret\n\nsecret\n*/}",
        "{\n  /* secret */\n}",
        "{/* secret */ /* secret */}",
        "{// secret\n}",
        "{/*\n```\nsecret\n```\n*/}",
        "{% comment %}\nsecret\n{% endcomment %}",
        "{{< comment >}} secret {{< /comment >}}",
        "{{/* secret */}}",
        "{# secret #}",
        "% secret",
        "<!--\n\nsecret -->",
        "<p style={{ display: 'none', color: \"red\" }}>secret</p>",
        "<div\n  style={{\n    fontSize: 0,\n  }}\n>secret</div>",
    ],
)
def test_what_a_page_does_not_show_is_not_read(hidden: str, content_type: str) -> None:
    page = f"# Tides\n\nWater rises.\n\n{hidden}\n\nAnd falls.\n"
    assert [block.text for block in read(page, content_type)] == ["Tides", "Water rises.", "And falls."]


def test_a_hidden_comment_inside_a_line_is_left_out() -> None:
    assert [block.text for block in read("Water {/* secret */} rises.")] == ["Water rises."]


@pytest.mark.parametrize("code", ["```js\n{/* kept */}\n% kept\n```", "`{/* kept */}`", "`` {# kept #} ``"])
def test_comments_inside_code_stay(code: str) -> None:
    assert "kept" in read(f"Words.\n\n{code}\n")[1].text


def test_a_percent_sign_in_prose_is_no_comment_but_in_myst() -> None:
    prose = "About ninety\n% of boats float.\n"
    assert [block.text for block in read(prose)] == ["About ninety % of boats float."]
    assert "float" not in str(read(f"(here)=\n{prose}"))


@pytest.mark.parametrize(
    "note",
    [
        ":::warning[At night]\nBoats drift.\n:::",
        "::: warning At night\nBoats drift.\n:::",
        ':::warning{title="At night"}\nBoats drift.\n:::',
        '!!! warning "At night"\n    Boats drift.',
        '??? warning "At night"\n    Boats drift.',
        '::: {.callout-warning title="At night"}\nBoats drift.\n:::',
        '{% hint style="warning" title="At night" %}\nBoats drift.\n{% endhint %}',
        '{{% alert title="At night" color="warning" %}}\nBoats drift.\n{{% /alert %}}',
        '{{< callout type="warning" title="At night" >}}Boats drift.{{< /callout >}}',
        '<Callout type="warning" title="At night">\n  Boats drift.\n</Callout>',
        '<Warning title="At night">Boats drift.</Warning>',
    ],
)
def test_a_note_of_any_dialect_is_an_admonition_with_kind_and_title(note: str) -> None:
    assert brief(f"# Tides\n\n{note}\n\nLater.\n")[1:] == [
        ("admonition", "Boats drift.", "Warning: At night"),
        ("paragraph", "Later.", None),
    ]


def test_a_note_in_a_list_is_part_of_its_item() -> None:
    text = "1. Cast off\n\n    !!! note\n        Mind the rope.\n\n    Then row.\n\n2. Arrive\n"
    assert brief(text) == [
        ("paragraph", "1. Cast off", None),
        ("admonition", "Mind the rope.", "Note"),
        ("paragraph", "   Then row.", None),
        ("paragraph", "2. Arrive", None),
    ]


def test_indented_code_that_shows_a_note_stays_code() -> None:
    assert read("Write this:\n\n    !!! note\n        text\n")[1].kind == "code"


@pytest.mark.parametrize(
    "tabs",
    [
        '=== "yarn"\n\n    ```sh\n    yarn add\n    ```\n\n=== "Words"\n\n    Say so.',
        '<Tabs>\n<TabItem value="yarn">\n```sh\nyarn add\n```\n</TabItem>\n<Tab title="Words">Say so.</Tab>\n</Tabs>',
        "<Tabs items={['yarn', 'Words']}>\n<Tabs.Tab>\n```sh\nyarn add\n```\n</Tabs.Tab>\n<Tabs.Tab>\nSay so.\n"
        "</Tabs.Tab>\n</Tabs>",
        '{% tabs %}\n{% tab title="yarn" %}\n```sh\nyarn add\n```\n{% endtab %}\n{% tab title="Words" %}\nSay so.\n'
        "{% endtab %}\n{% endtabs %}",
        '{{< tabs >}}\n{{% tab name="yarn" %}}\n```sh\nyarn add\n```\n{{% /tab %}}\n{{% tab "Words" %}}\nSay so.\n'
        "{{% /tab %}}\n{{< /tabs >}}",
        "````{tab-set}\n```{tab-item} yarn\n~~~sh\nyarn add\n~~~\n```\n```{tab-item} Words\nSay so.\n```\n````",
    ],
)
def test_code_under_a_tab_bears_its_name_and_other_text_is_headed_by_it(tabs: str) -> None:
    assert brief(tabs) == [
        ("code", "yarn add", "yarn"),
        ("paragraph", "**Words**", None),
        ("paragraph", "Say so.", None),
    ]


def test_code_groups_name_their_code() -> None:
    vitepress = "::: code-group\n```sh [npm]\nnpm i\n```\n:::\n"
    mintlify = "<CodeGroup>\n```sh npm\nnpm i\n```\n</CodeGroup>\n"
    assert brief(vitepress) == brief(mintlify) == [("code", "npm i", "npm")]


def test_a_parameter_keeps_its_name_and_type() -> None:
    field = '<ParamField path="port" type="string" required>\n  Where to land.\n</ParamField>'
    assert brief(field, "text/mdx") == [("definition", "**`port` (string, required)**: Where to land.", None)]
    optional = '<ResponseField name="depth" type="number" required={false} default="3">In metres.</ResponseField>'
    assert read(optional)[0].text == "**`depth` (number, default `3`)**: In metres."


def test_a_box_that_does_not_close_is_only_its_label() -> None:
    assert brief('<Tab title="yarn">\n\nWords.\n\n```sh\nyarn\n```\n') == [
        ("paragraph", "yarn", None),
        ("paragraph", "Words.", None),
        ("code", "yarn", None),
    ]
    assert brief("Words.\n\n:::\n\n</Note>\n\nMore.\n") == [("paragraph", "Words.", None), ("paragraph", "More.", None)]


def test_other_tags_of_templates_are_left_out() -> None:
    page = (
        '{% content-ref url="a.md" %}\nSee it.\n{% endcontent-ref %}\n\nRun {{< param "x" >}} now, {% block %} too.\n'
    )
    assert [block.text for block in read(page)] == ["See it.", "Run now, {% block %} too."]


def test_a_listing_in_tags_is_code() -> None:
    (code,) = read("{% highlight ruby %}\nputs 1\n# no heading\n{% endhighlight %}\n")
    assert (code.kind, code.text, code.language) == ("code", "puts 1\n# no heading", "ruby")


@pytest.mark.parametrize("fence", ["```", "~~~", ":::"])
def test_directives_of_myst_are_read_as_those_of_sphinx(fence: str) -> None:
    code, note, table = read(
        f"{fence}{{code-block}} python\n:caption: tides.py\n\nimport tides\n{fence}\n\n"
        f"{fence}{{note}}\nMind the {{ref}}`rope <knots>`.\n{fence}\n\n"
        f"{fence}{{list-table}} Ports\n---\nheader-rows: 1\n---\n* - Port\n  - Depth\n* - Kiel\n  - `11`\n{fence}\n"
    )
    assert (code.text, code.language, code.title) == ("import tides", "python", "tides.py")
    assert (note.kind, note.text, note.title) == ("admonition", "Mind the rope.", "Note")
    assert (table.text, table.title) == ("| Port | Depth |\n| --- | --- |\n| Kiel | `11` |", "Ports")


def test_targets_and_roles_of_myst_are_ids_and_text() -> None:
    heading, words = read("(My_Target)=\n## Knots\n\nUse {func}`~tides.tie`, not `{id}`.\n")
    assert (heading.anchor, heading.aliases) == ("knots", ("my-target",))
    assert words.text == "Use `tie`, not `{id}`."


def test_symbols_of_myst_stand_in_their_class() -> None:
    page = "````{py:class} Boat(name)\n:module: tides\n\nA boat.\n\n```{py:method} row(count)\nRows.\n```\n````\n"
    assert [(block.kind, block.text, block.anchor, block.depth) for block in read(page)] == [
        ("signature", "tides.Boat(name)", "tides.Boat", 0),
        ("paragraph", "A boat.", None, 1),
        ("signature", "tides.Boat.row(count)", "tides.Boat.row", 1),
        ("paragraph", "Rows.", None, 2),
    ]


def test_code_that_only_has_a_title_has_the_language_of_that_file() -> None:
    (code,) = read('``` title="tides.py"\nx = 1\n```\n')
    assert (code.language, code.title) == ("python", "tides.py")


def test_code_of_a_notebook_language_in_braces_is_no_directive() -> None:
    assert [block.language for block in read("```{r, echo=FALSE}\nplot(1)\n```\n\n```{python}\nx\n```\n")] == [
        "r",
        "python",
    ]


@pytest.mark.parametrize(
    "piece", [":::note\n", "<Note>\n", '=== "a"\n', "{% tab %}\n", "{/*", "{#  ", "`{/*` ", "% a\n"]
)
def test_endless_boxes_and_comments_are_read_in_time(piece: str) -> None:
    assert extract_page((piece * 20_000).encode(), "text/markdown", "https://docs.example/a.md").problem in {
        None,
        "empty",
    }


def test_directives_in_directives_are_bounded() -> None:
    depth = 60
    opened = "".join(f"{'`' * (depth - level + 3)}{{note}}\n" for level in range(depth))
    closed = "".join(f"{'`' * (level + 4)}\n" for level in range(depth))
    assert read(f"{opened}deep\n{closed}")[-1].kind == "code"


def test_what_is_no_name_is_no_language() -> None:
    assert read("~~~ `e` f\nx\n~~~\n")[0].language is None


def test_a_comment_at_the_end_or_the_start_of_a_page_is_one() -> None:
    assert [block.text for block in read("% secret\n\n# Tides\n\n% secret\n\n%")] == ["Tides", "%"]
