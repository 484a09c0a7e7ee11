"""What an operator sets for one source; kept as JSON beside it."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidInput


class CrawlRules(BaseModel):
    """The scope, limits and politeness of one source; None means the setting's default.

    `includes` and `excludes` are globs relative to the directory of the start address: `**` crosses directories, `*`
    and `?` do not. A page must match some include, if there are any, and no exclude; an include also brings back pages
    that are left out by default, such as `search.html`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    includes: tuple[str, ...] = Field(default=(), max_length=200)
    excludes: tuple[str, ...] = Field(default=(), max_length=200)
    max_pages: int | None = Field(default=None, ge=1)
    max_depth: int | None = Field(default=None, ge=0)
    delay_seconds: float | None = Field(default=None, ge=0, le=60)
    connections: int | None = Field(default=None, ge=1, le=4)
    allow_private: bool | None = None
    ref: str | None = Field(default=None, min_length=1, max_length=250)
    """The branch or tag of a git repository; None is its default branch."""
    folder: str | None = Field(default=None, min_length=1, max_length=500)
    """The only folder of a git repository to read."""

    def to_json(self) -> dict[str, object]:
        """Gives what was set, for the `rules` column."""
        return self.model_dump(mode="json", exclude_defaults=True)


def rules_from_json(value: Mapping[str, object]) -> CrawlRules:
    """Reads rules.

    Raises:
        InvalidInput: A value is out of its limits.
    """
    try:
        return CrawlRules.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The crawl rule {where} is not valid: {first['msg']}.") from error
