"""How much of a page its main content is, for whoever looks before crawling."""

from dataclasses import dataclass

from core.parsing import parse
from indexer.extract import extract_page
from indexer.extract.blocks import Problem
from indexer.extract.charset import decode_body
from indexer.extract.site_rules import SiteRules


@dataclass(frozen=True, slots=True)
class MainContent:
    """What was taken for the content of a page."""

    code_blocks: int
    page_code_blocks: int
    """On the whole page."""
    text_percent: int
    """Of the text of the whole page; Markdown marks count, so it is at most 100."""
    headings: int
    is_main_missing: bool
    problem: Problem | None

    def __str__(self) -> str:
        code = f"code blocks {self.code_blocks}/{self.page_code_blocks}"
        missing = "; the selector of the main content finds nothing" if self.is_main_missing else ""
        problem = f"; {self.problem.replace('_', ' ')}" if self.problem else ""
        headings = f"{self.headings} heading{'' if self.headings == 1 else 's'}"
        return f"{code}, {self.text_percent} % of page text, {headings}{missing}{problem}"


def measure_page(body: bytes, content_type: str, url: str, rules: SiteRules) -> MainContent:
    """Gives what the extraction makes of a page, beside what there is; one that breaks its reader is unreadable."""
    try:
        return _measure(body, content_type, url, rules)
    except Exception:  # as in a crawl, a page nobody thought of fails alone
        return MainContent(0, 0, 0, 0, is_main_missing=False, problem="unreadable")


def _measure(body: bytes, content_type: str, url: str, rules: SiteRules) -> MainContent:
    page = extract_page(body, content_type, url, rules)
    kinds = [block.kind for block in page.blocks]
    letters = sum(_letters(block.text) for block in page.blocks)
    all_letters, all_code = _whole_page(decode_body(body, content_type)) if "html" in content_type else (0, 0)
    return MainContent(
        code_blocks=kinds.count("code"),
        page_code_blocks=max(all_code, kinds.count("code")),
        text_percent=min(100, letters * 100 // max(all_letters, letters, 1)),
        headings=kinds.count("heading"),
        is_main_missing=page.is_main_missing,
        problem=page.problem,
    )


def _whole_page(html: str) -> tuple[int, int]:
    """Gives the letters and the code blocks of a page."""
    document = parse(html)
    if document is None:
        return 0, 0
    for node in document.css("script,style,template,noscript"):
        node.decompose()
    body = document.body
    return (_letters(body.text_lexbor()), len(body.css("pre"))) if body is not None else (0, 0)


def _letters(text: str) -> int:
    return len("".join(text.split()))
