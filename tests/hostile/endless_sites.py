"""Sites that make up pages as long as somebody asks."""

from tests.hostile.case import Case
from tests.hostile.wire import Exchange, Play, page

_LIMIT = "stopped at the limit of 40 pages"


def _generated(links: str) -> Play:
    """Answers every page with links made of the number of requests so far."""
    count = 0

    async def play(exchange: Exchange) -> None:
        nonlocal count
        count += 1
        await page(f"Page {count}", *(links.format(n=count, m=count * 7) for links in links.split()))(exchange)

    return play


def _site(name: str, does: str, links: str, reason: str | None = _LIMIT, most_requests: int = 60) -> Case:
    play = _generated(links)
    return Case(name, does, {"/": play, "*": play}, reason=reason, most_requests=most_requests)


CASES: tuple[Case, ...] = (
    _site("calendar", "A calendar that links to the next month for ever", "/calendar/{n}/ /calendar/{n}/events.html"),
    _site("growing-path", "Links that grow by a folder on each page", "a/ b/"),
    _site("growing-and-going-back", "Links that climb and grow", "../x{n}/ ./../y/../x{m}/"),
    Case(
        "sessions",
        "A new session number in every link",
        {"/": _generated("/?session={n} /?session={m}&again=1"), "*": _generated("/?session={n} /?session={m}")},
        limits={"max_pages": 1000, "delay_seconds": 0.0},
        most_requests=130,
    ),
    _site(
        "sorted-tables", "Filters that can be combined in endless ways", "/list?sort={n} /list?f={n}&g={m} /p{n}.html"
    ),
    _site("matrix-parameters", "Session numbers behind a semicolon", "/p.html;jsessionid={n} /q;v={m}.html"),
    _site("percent-escapes", "One page in endless spellings", "/%70age{n}.html /%2570age{n}.html /p%61ge{n}.html"),
    _site(
        "everything-exists",
        "No address is missing: each gives the same page",
        "/nothing{n}.html /nothing{m}/index.html",
    ),
    _site(
        "long-addresses",
        "Addresses of 2 000 characters and more",
        "/" + "a" * 1990 + "{n}.html /" + "b" * 3000 + "{n}",
        None,
    ),
)
