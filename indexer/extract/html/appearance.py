"""Filters that put into the text what only the style sheet shows."""

from indexer.extract.html.subtree import Subtree


def part_headings(part: Subtree) -> None:
    """Puts a space between the lines of a heading or a signature, which are elements and nothing else."""
    for first in part.css("h1 > span:first-child,h2 > span:first-child"):
        after = first.next
        if after is not None and after.tag == "span" and first.prev is None:
            first.insert_after(" ")
    for clause in part.css(".code-header .where,.title .mlabel"):
        clause.insert_before(" ")
    for line_break in part.css("dt br,.functionHeader br"):
        line_break.replace_with(" ")
    for method in part.css("button > .http-verb"):
        method.insert_after(" ")


def name_cards(part: Subtree) -> None:
    """Gives cards the name in their `title`: what they show begins with an icon and is cut to one line."""
    for name in part.css("a h2[title],a h3[title]"):
        title = name.attributes.get("title") or ""
        if title.strip() and name.text_lexbor().strip().endswith(title):
            for child in list(name.iter(include_text=True)):
                child.decompose()
            name.insert_child(title)


def unfold_file_trees(part: Subtree) -> None:
    """Makes nested lists of file trees, whose folders can be closed."""
    for fold in part.css("starlight-file-tree details,starlight-file-tree summary"):
        fold.unwrap()
