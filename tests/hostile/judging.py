"""Whether a case ended as its table says."""

from collections.abc import Iterator

from tests.hostile.case import BAD, GOOD, Case
from tests.hostile.runs import Ran


def complaints(case: Case, ran: Ran) -> list[str]:
    """Gives what is not as it should be; nothing if all is."""
    return [*_about_crawl(case, ran), *_about_page(case, ran), *_about_others(case, ran)]


def _about_crawl(case: Case, ran: Ran) -> Iterator[str]:
    report = ran.report
    if report.status != case.status:
        yield f"the crawl {report.status}: {report.reason}"
    if (report.reason is None) != (case.reason is None) or (case.reason or "") not in (report.reason or ""):
        yield f"the crawl's reason is {report.reason!r}"
    if report.pages.queued or report.pages.leased:
        yield f"pages are left: {report.pages}"
    if case.most_requests is not None and len(ran.site.heads) > case.most_requests:
        yield f"{len(ran.site.heads)} requests"
    if any("\r\ncookie:" in head.lower() for head in ran.site.heads):
        yield "a cookie was sent back"


def _about_page(case: Case, ran: Ran) -> Iterator[str]:
    if case.page is None:
        return
    row = ran.rows.get(case.page if "://" in case.page else ran.site.url + case.page)
    if row is None or case.state is None:
        if (row is None) != (case.state is None):
            yield f"{case.page} is {row and row['state']}, of {sorted(ran.rows)[:9]}"
        return
    if row["state"] != case.state or (case.page_reason or "") not in (row["reason"] or ""):
        yield f"the page is {row['state']}: {row['reason']}"
    if row["indexed"] != case.indexed:
        yield f"the indexer found the page {row['indexed']}"


def _about_others(case: Case, ran: Ran) -> Iterator[str]:
    if not {BAD, GOOD} <= case.routes.keys() or case.status == "failed":
        return
    good = ran.rows.get(ran.site.url + GOOD)
    if good is None or (good["state"], good["indexed"]) != ("fetched", "indexed"):
        yield f"the good page is {good}"
