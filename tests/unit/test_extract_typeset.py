"""Signatures and code that pages of Scribble set with tables."""

from indexer.extract import Block, extract_page

_HEAD = "<title>Bytes</title><script src='../scribble-common.js'></script>"
_SPACE = "<span class='hspace'>&nbsp;</span>"


def _blocks(body: str) -> list[Block]:
    page = f"<html><head>{_HEAD}</head><body><div class='maincolumn'><div class='main'>{body}</div></div></body></html>"
    return [*extract_page(page.encode(), "text/html", "https://docs.example/bytes.html").blocks]


def _row(cell: str) -> str:
    return f"<tr><td>{cell}</td></tr>"


def _defined(name: str, rest: str, kind: str = "procedure") -> str:
    label = f"<div class='RBackgroundLabel SIEHidden'><div class='RBackgroundLabelInner'><p>{kind}</p></div></div>"
    signature = f"(<a name='(def._{name})'></a><a class='RktValDef RktValLink' href='#d'>{name}</a>{rest}"
    return _row(f"<blockquote class='SubFlow'>{label}<p class='RForeground'>{signature}</p></blockquote>")


def _box(*rows: str) -> str:
    return f"<blockquote class='SVInsetFlow'><table class='boxed RBoxed'>{''.join(rows)}</table></blockquote>"


def test_a_box_of_scribble_is_a_signature_with_what_its_arguments_must_be() -> None:
    argument = _row(f"<span class='hspace'>&nbsp;&nbsp;</span>v{_SPACE}:{_SPACE}any/c")

    (signature,) = _blocks(_box(_defined("bytes?", f"{_SPACE}v) → boolean?"), argument))

    assert (signature.kind, signature.title, signature.anchor) == ("signature", "bytes?", "(def._bytes?)")
    assert signature.text == "(bytes? v) → boolean?  procedure\n  v : any/c"
    assert signature.language == "racket"


def test_a_box_that_defines_two_names_is_one_signature_of_both() -> None:
    (signature,) = _blocks(_box(_defined("car", " p)"), _defined("cdr", " p)", "value")))

    assert signature.title == "car, cdr"
    assert signature.text == "(car p)  procedure\n(cdr p)  value"


def test_columns_of_a_grammar_in_a_box_stand_below_each_other() -> None:
    rows = "<tr><td>clause</td><td> = </td><td>[id seq]</td></tr><tr><td> </td><td> | </td><td>#:when guard</td></tr>"

    (signature,) = _blocks(
        _box(_defined("for", " clause)", "syntax"), _row(f"<table class='specgrammar'>{rows}</table>"))
    )

    assert signature.text.split("\n") == ["(for clause)  syntax", "clause = [id seq]", "       | #:when guard"]


def test_an_example_set_as_nested_tables_is_exact_code() -> None:
    lines = _row("<span class='stt'>&gt; </span>(for ([i 3])") + _row(
        "<span class='hspace'>&nbsp;&nbsp;&nbsp;&nbsp;</span>(display i))"
    )
    example = f"<table class='RktBlk'>{_row(f'<table class=RktBlk>{lines}</table>')}{_row('<p>012</p>')}</table>"

    (code,) = _blocks(f"<blockquote class='SCodeFlow'>{example}</blockquote>")

    assert (code.kind, code.language) == ("code", "racket")
    assert code.text == "> (for ([i 3])\n    (display i))\n012"


def test_verbatim_lines_are_code_of_no_language() -> None:
    (code,) = _blocks(f"<table class='SVerbatim'>{_row('<p>raco&nbsp;make&nbsp;x</p>')}{_row('<p>done</p>')}</table>")

    assert (code.kind, code.text, code.language) == ("code", "raco make x\ndone", None)


def test_a_note_in_the_margin_is_one_quotation() -> None:
    note = "<blockquote class='refcontent'><p>See the guide.</p></blockquote>"

    (block,) = _blocks(f"<blockquote class='refpara'><blockquote class='refcolumn'>{note}</blockquote></blockquote>")

    assert block.text == "> See the guide."


def test_a_wide_column_does_not_pad_all_the_others() -> None:
    wide = _row("x" * 5000).removesuffix("</tr>") + "<td>a</td></tr>"
    narrow = "<tr><td>y</td><td>b</td></tr>"

    (code,) = _blocks(f"<table class='SVerbatim'>{wide}{narrow * 50}</table>")

    assert len(code.text) < 5000 + 50 * 130
