"""What becomes of a page once it was read: its state, and that of each address on the way."""

import pytest

from crawler.outcomes import Excluded, Failed, Redirected
from crawler.readings import Reading, results_of
from crawler.records import FrontierPage
from crawler.settings import CrawlerSettings

SITE = "https://x.org"


def page(tries: int = 1) -> FrontierPage:
    return FrontierPage(f"{SITE}/a", 1, tries)


def test_a_passing_failure_is_tried_again_and_then_final() -> None:
    settings = CrawlerSettings(max_tries=3, retry_base_seconds=0)
    failure = Failed(f"{SITE}/a", "the server answered 503", 503, is_transient=True)
    states = [results_of(Reading(page(tries), None, failure), settings)[0].state for tries in (1, 2, 3)]
    assert states == ["queued", "queued", "failed"]
    lasting = Failed(f"{SITE}/a", "the server answered 403", 403)
    assert results_of(Reading(page(), None, lasting), settings)[0].state == "failed"


@pytest.mark.parametrize(
    ("status", "depth", "state"), [(404, 1, "missing"), (410, 3, "missing"), (404, 0, "failed"), (403, 1, "failed")]
)
def test_a_page_a_link_led_to_may_be_missing_the_start_page_may_not(status: int, depth: int, state: str) -> None:
    outcome = Failed(f"{SITE}/a", "the server answered", status)
    reading = Reading(FrontierPage(f"{SITE}/a", depth, 1), None, outcome)
    assert results_of(reading, CrawlerSettings())[0].state == state


def test_the_last_hop_bears_the_outcome_and_each_points_to_the_next() -> None:
    outcome = Excluded(f"{SITE}/c", "not a document", 200)
    results = results_of(Reading(page(), None, outcome, (f"{SITE}/b", f"{SITE}/c")), CrawlerSettings())
    assert [(result.url, result.state, result.final_url) for result in results] == [
        (f"{SITE}/a", "redirected", f"{SITE}/b"),
        (f"{SITE}/b", "redirected", f"{SITE}/c"),
        (f"{SITE}/c", "excluded", None),
    ]
    known = results_of(Reading(page(), None, Redirected(f"{SITE}/a", f"{SITE}/z")), CrawlerSettings())
    assert [(result.state, result.final_url) for result in known] == [("redirected", f"{SITE}/z")]
