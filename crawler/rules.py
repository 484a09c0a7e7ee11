"""What an operator sets for one source; kept as JSON beside it."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.errors import InvalidInput
from core.selectors import check_selector
from core.validation import reason_of
from crawler.trust import certificates_in

ANY_LANGUAGE = "any"


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
    tags: str | None = Field(default=None, min_length=1, max_length=250)
    """A glob of tags of a git repository; the newest of them become versions of their own."""
    newest: int = Field(default=3, ge=1, le=20)
    """How many of those tags."""
    max_repository_bytes: int | None = Field(default=None, ge=2**16, le=2**40)
    max_archive_bytes: int | None = Field(default=None, ge=2**16, le=2**36)
    certificates: str | None = Field(default=None, max_length=200_000)
    """Further certificate authorities for this source, as PEM text."""
    language: str | None = Field(default=None, pattern=r"^(any|[a-z]{2,3}(-[a-z0-9]{2,8}){0,2})$")
    """The language pages are read in, such as `de` or `pt-br`; `any` takes all, None that of the start page."""
    rendering: bool | None = None
    """Whether pages that are empty without JavaScript are drawn by a browser."""
    all_versions: bool | None = None
    """Whether pages of other versions of the documentation are taken as well."""
    main: str | None = None
    """The selector of a page's main content; where it finds nothing, the detected one is taken."""
    strip: tuple[str, ...] = Field(default=(), max_length=50)
    """Selectors of what is no content, to be dropped."""
    title: str | None = None
    """The selector of a page's title."""
    code_language: str | None = Field(default=None, pattern=r"^[a-z0-9+#.-]{1,30}$")
    """The language of code that names none."""

    @field_validator("main", "title")
    @classmethod
    def _check_selector(cls, selector: str | None) -> str | None:
        return selector if selector is None else check_selector(selector)

    @field_validator("strip")
    @classmethod
    def _check_selectors(cls, selectors: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_selector(selector) for selector in selectors)

    @field_validator("certificates")
    @classmethod
    def _check_certificates(cls, text: str | None) -> str | None:
        return text if text is None else certificates_in(text)

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
        raise InvalidInput(f"The crawl rule {where} is not valid: {reason_of(first)}.") from error
