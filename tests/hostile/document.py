"""`python -m tests.hostile.document`: the page of the documentation that is made of the table of cases."""

from pathlib import Path

from tests.hostile.case import Case
from tests.hostile.poison import INVISIBLE
from tests.hostile.table import CASES, GROUPS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "hostile-sites.md"

_ABOVE = """\
# What a hostile site can not do

Whoever crawls reads what strangers wrote. Each line below is a case of the tests: a site does it, the crawler
crawls it, the indexer indexes what came, and it ends in time, as the last column says. A bad page fails that page; the
others of its site are read all the same.

No address a site names, in links, redirects, meta refreshes, `<base>`, canonical addresses, sitemaps, `robots.txt`,
`llms.txt`, Markdown twins, inventories, specifications or repositories, makes Lectern connect to a machine that is not
on the public internet, unless you allow that. Names are resolved once, every answer is checked, and the connection goes
to the address that was checked.

What readers of a page do not see is not indexed: comments, what styles hide, what is too small, off the screen or of
the colour of its background, invisible characters, and more: {invisible} ways to hide text are tested through a real
client. What readers do see is documentation and comes out with its source, also if it speaks to a model: judging
visible text is not part of Lectern yet. Not known is what sheets on other addresses or scripts hide.
"""


def page() -> str:
    """Gives the text of the page."""
    sections = (f"## {name}\n\n{_table(cases)}\n" for name, cases in GROUPS.items())
    return "\n".join([_ABOVE.format(invisible=len(INVISIBLE)), *sections])


def _table(cases: tuple[Case, ...]) -> str:
    rows = (f"| {_escaped(case.does)} | {_escaped(case.outcome)} |" for case in cases)
    return "\n".join(["| What it does | How it ends |", "| --- | --- |", *rows])


def _escaped(text: str) -> str:
    return text.replace("<", "\\<").replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
    print(f"{len(CASES)} cases")  # noqa: T201 - a command
