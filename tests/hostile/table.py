"""All cases: the table that is at once the test, the benchmark and a page of the documentation."""

from tests.hostile import bodies, documents, endless_sites, listings, protocol, redirects
from tests.hostile.case import Case

GROUPS: dict[str, tuple[Case, ...]] = {
    "Bodies": bodies.CASES,
    "Answers": protocol.CASES,
    "Redirects": redirects.CASES,
    "Sites without end": endless_sites.CASES,
    "robots.txt": listings.ROBOTS,
    "Sitemaps": listings.SITEMAPS,
    "llms.txt and objects.inv": (*listings.LLMS, *listings.INVENTORIES),
    "Version switchers": listings.SWITCHERS,
    "Encodings": documents.ENCODINGS,
    "Documents": documents.DOCUMENTS,
    "Archives": documents.ARCHIVES,
}

CASES: tuple[Case, ...] = tuple(case for group in GROUPS.values() for case in group)
