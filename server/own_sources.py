"""What a user who does not run this server may have crawled: public addresses, within the limits of the operator."""

import re

from core.errors import InvalidInput, NotAllowed
from crawler.rules import CrawlRules
from crawler.settings import CrawlerSettings

_REMOTE = re.compile(r"^(?:https?://|ssh://|[\w.-]+@[\w.-]+:(?!//))", re.IGNORECASE)
_MOST = ("max_pages", "max_depth", "connections", "max_repository_bytes", "max_archive_bytes")


def check_own_address(source: str) -> None:
    """Refuses what is on the server itself, before anybody looks whether it is there.

    Raises:
        InvalidInput: It is no address of another machine.
    """
    if not _REMOTE.match(source.strip()):
        raise InvalidInput(
            "Give the address of a website or of a repository, with https:// in front. Folders, archives and "
            "repositories on the server itself are for its administrators."
        )


def check_own_rules(rules: CrawlRules, settings: CrawlerSettings) -> None:
    """Refuses rules that would reach behind the server's firewall, or further than its operator lets crawls go.

    Raises:
        NotAllowed: They are for administrators.
    """
    if rules.allow_private:
        raise NotAllowed("Crawling private addresses is for administrators of this server.")
    for name in _MOST:
        wanted, most = getattr(rules, name), getattr(settings, name)
        if wanted is not None and wanted > most:
            raise NotAllowed(f"{name} is at most {most} here. Only administrators may go further.")
    if rules.delay_seconds is not None and rules.delay_seconds < settings.delay_seconds:
        raise NotAllowed(f"delay_seconds is at least {settings.delay_seconds:g} here.")
