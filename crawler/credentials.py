"""What a private source is asked with, bound to one origin: it goes there and nowhere else, whoever redirects.

Values are never shown: not in errors, not in a repr, not in what the model dumps.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Self, cast
from urllib.parse import urlsplit

import orjson
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.alias_generators import to_camel

from core.errors import InvalidInput
from core.sealing import check_private_key
from core.validation import reason_of
from crawler.addresses import normalise_address, origin_of
from crawler.records import SourceKind

_MAX_HEADERS = 20
_MAX_HEADERS_CHARS = 16_384
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_HEADER_VALUE = re.compile(r"[!-~](?:[ -~]{0,8190}[!-~])?")
_PLAIN_TEXT = re.compile(r"[^\x00-\x1f\x7f]+")
# What the connection, the guard and the decoder have to say themselves. Source: RFC 9110 section 7.6.1.
_RESERVED_WORDS = (
    "host connection keep-alive te trailer transfer-encoding upgrade content-length content-type content-encoding "
    "expect range accept accept-encoding user-agent if-none-match if-modified-since if-match if-range"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())
_TOKEN_USER = "x-access-token"  # noqa: S105 - hosts take any user name beside a token; this is the usual one


class Credentials(BaseModel):
    """The secrets of one source.

    Raises:
        ValidationError: One is malformed, or two of them would say who is asking.
    """

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    origin: str | None = Field(
        default=None, max_length=300, description="The only scheme, host and port they go to; by default the source's"
    )
    headers: dict[str, SecretStr] = Field(default={}, description="Further request headers")
    user: str | None = Field(default=None, min_length=1, max_length=256, description="The user of a password or token")
    password: SecretStr | None = Field(default=None, min_length=1, max_length=4096, description="Basic authentication")
    token: SecretStr | None = Field(
        default=None, min_length=1, max_length=4096, description="A bearer token; of git the token of a user"
    )
    ssh_key: SecretStr | None = Field(
        default=None, max_length=16_384, description="The private key for a repository reached by ssh"
    )
    known_hosts: str | None = Field(
        default=None, max_length=16_384, description="The host's public keys, as ssh-keyscan prints them"
    )

    @model_validator(mode="before")
    @classmethod
    def _check_names(cls, given: object) -> object:
        """Checks before anybody would repeat a name: a secret may stand in the wrong place."""
        if isinstance(given, Mapping):
            values = cast("Mapping[str, object]", given)
            if not values.keys() <= _FIELDS:
                raise ValueError(f"there is a name in it that is none of {', '.join(sorted(_FIELDS))}")
            headers = values.get("headers")
            if isinstance(headers, Mapping) and not all(
                isinstance(value, str | SecretStr) for value in cast("Mapping[str, object]", headers).values()
            ):
                raise ValueError("the value of a header is no text")
        return cast("object", given)

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, headers: dict[str, SecretStr]) -> dict[str, SecretStr]:
        names = [name.lower() for name in headers]
        values = [value.get_secret_value() for value in headers.values()]
        if len(names) > _MAX_HEADERS or sum(map(len, (*names, *values))) > _MAX_HEADERS_CHARS:
            raise ValueError(f"more than {_MAX_HEADERS} headers or {_MAX_HEADERS_CHARS} characters")
        if not all(_HEADER_NAME.fullmatch(name) for name in names):
            raise ValueError("a header's name is none")
        if len(set(names)) < len(names):
            raise ValueError("a header is given twice")
        for name, value in zip(names, values, strict=True):
            if name in _RESERVED or name.startswith(("proxy-", "sec-")):
                raise ValueError(f"the header {name} is not for you to set")
            if not _HEADER_VALUE.fullmatch(value):
                raise ValueError(f"the value of the header {name} has characters a header cannot have, or too many")
        return headers

    @field_validator("user", "password", "token")
    @classmethod
    def _check_text(cls, given: str | SecretStr | None) -> str | SecretStr | None:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given
        if text is not None and not _PLAIN_TEXT.fullmatch(text):
            raise ValueError("there are control characters in it")
        return given

    @field_validator("ssh_key")
    @classmethod
    def _check_key(cls, given: SecretStr | None) -> SecretStr | None:
        if given is not None:
            try:
                check_private_key(given.get_secret_value())
            except InvalidInput as error:
                raise ValueError(error.message) from None
        return given

    @model_validator(mode="after")
    def _check_whole(self) -> Self:
        has_own = any(name.lower() == "authorization" for name in self.headers)
        if has_own + (self.password is not None) + (self.token is not None) > 1:
            raise ValueError("give one of password, token and the header Authorization")
        if (self.user is None and self.password is not None) or ":" in (self.user or ""):
            raise ValueError("a password needs a user, in whose name is no colon")
        if self.ssh_key is not None and not (self.known_hosts or "").strip():
            raise ValueError("ssh_key needs known_hosts: the server's public keys, as ssh-keyscan prints them")
        if not self.names:
            raise ValueError("there is no secret in it")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """What is there, without values."""
        single = ("user", "password", "token", "ssh_key", "known_hosts")
        return (*(f"headers.{name}" for name in self.headers), *(name for name in single if getattr(self, name)))

    def headers_for(self, address: str) -> dict[str, str]:
        """Gives the headers to ask a normalised address with: none, unless it is on the origin they are bound to."""
        if self.origin is None or origin_of(address) != self.origin:
            return {}
        bearer = {"Authorization": f"Bearer {self.token.get_secret_value()}"} if self.token else {}
        return self._own_headers() | bearer | self._basic(self.password)

    def git_headers_for(self, address: str) -> dict[str, str]:
        """Gives the same for git, where a token takes the place of a password."""
        if self.origin is None or origin_of(address) != self.origin:
            return {}
        return self._own_headers() | self._basic(self.password or self.token)

    def to_text(self) -> str:
        """Gives everything with its values, to be sealed."""
        return orjson.dumps(self.model_dump(exclude_none=True), default=_revealed).decode()

    def _own_headers(self) -> dict[str, str]:
        return {name: value.get_secret_value() for name, value in self.headers.items()}

    def _basic(self, password: SecretStr | None) -> dict[str, str]:
        if password is None:
            return {}
        pair = f"{self.user or _TOKEN_USER}:{password.get_secret_value()}"
        return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}


_FIELDS = frozenset(Credentials.model_fields) | {to_camel(name) for name in Credentials.model_fields}


def credentials_from_json(value: Mapping[str, object]) -> Credentials:
    """Reads credentials.

    Raises:
        InvalidInput: They are malformed; the message says what is, and holds no value.
    """
    try:
        return Credentials.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        where = str(first["loc"][0]) if first["loc"] and first["type"] != "extra_forbidden" else ""
        raise InvalidInput(f"The secrets are not valid: {f'{where}: ' if where else ''}{reason_of(first)}.") from None


def bind(credentials: Credentials, kind: SourceKind, address: str, *, allow_private: bool) -> Credentials:
    """Gives credentials for a source, with the one origin they go to.

    Raises:
        InvalidInput: The source is not asked over a network, the secrets are of another sort than it takes, or they
            would go over the network readably, which only `allow_private` allows.
    """
    scheme = urlsplit(address).scheme
    if kind == "folder" or scheme not in ("http", "https", "ssh"):
        raise InvalidInput("Secrets are for sources that are asked over the network.")
    origin = _origin_of_source(address) if credentials.origin is None else _named_origin(credentials.origin)
    is_by_ssh = origin.startswith("ssh:")
    if is_by_ssh != (scheme == "ssh"):
        raise InvalidInput(f"The origin {origin} is not of the sort of the source, which begins with {scheme}:.")
    if is_by_ssh and set(credentials.names) - {"ssh_key", "known_hosts"}:
        raise InvalidInput("A repository reached by ssh takes ssh_key and known_hosts, no other secrets.")
    if not is_by_ssh and {"ssh_key", "known_hosts"} & set(credentials.names):
        raise InvalidInput("ssh_key and known_hosts are for repositories reached by ssh.")
    check_way(origin, allow_private=allow_private)
    return credentials.model_copy(update={"origin": origin})


def check_way(origin: str, *, allow_private: bool) -> None:
    """Refuses to send secrets where everybody on the way could read them.

    Raises:
        InvalidInput: The origin is asked by plain http, and the operator has not said that its network is theirs.
    """
    if origin.startswith("http:") and not allow_private:
        raise InvalidInput(f"Secrets are not sent to {origin}: use https, or --allow-private on a network of your own.")


def _origin_of_source(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _named_origin(text: str) -> str:
    text = text.strip()
    if text.startswith("ssh://"):
        return "ssh" + _named_origin(f"https{text[3:]}").removeprefix("https")
    address = normalise_address(text)
    if address.rstrip("/") != origin_of(address):
        raise InvalidInput("An origin is a scheme, a host and a port, such as https://docs.example.com.")
    return origin_of(address)


def _revealed(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError
