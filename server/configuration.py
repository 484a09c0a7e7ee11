"""Every settings class, read once at start and passed down."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from accounts.settings import AccountsSettings
from billing.settings import BillingSettings
from core.errors import Misconfigured
from core.settings import CoreSettings
from core.validation import reason_of
from crawler.settings import CrawlerSettings
from indexer.settings import IndexerSettings
from server.settings import ServerSettings


@dataclass(frozen=True)
class Configuration:
    """The settings of all packages."""

    core: CoreSettings = field(default_factory=CoreSettings)
    accounts: AccountsSettings = field(default_factory=AccountsSettings)
    billing: BillingSettings = field(default_factory=BillingSettings)
    crawler: CrawlerSettings = field(default_factory=CrawlerSettings)
    indexer: IndexerSettings = field(default_factory=IndexerSettings)
    server: ServerSettings = field(default_factory=ServerSettings)


def read_configuration(**overrides: Any) -> Configuration:  # noqa: ANN401 - settings classes by field name
    """Reads the environment.

    Raises:
        Misconfigured: A setting has a value it cannot have; the message names it, and no secret.
    """
    try:
        return Configuration(**overrides)
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc'][0]}: {reason_of(problem)}" for problem in error.errors())
        raise Misconfigured(f"A setting cannot be used: {problems}") from None
