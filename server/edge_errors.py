"""Errors only an HTTP edge knows, as leaves of the tree in `core.errors`.

InvalidInput
├── MethodRefused     the endpoint takes another method
├── WrongHost         addressed to a name that is not ours
├── BodyTooLarge      more bytes than are taken
├── BodyTooSlow       the body did not arrive in time
├── UnreadableMessage no JSON
└── MalformedMessage  JSON, but no JSON-RPC message
"""

from core.errors import InvalidInput


class MethodRefused(InvalidInput):
    """The endpoint does not take this method."""

    code = "method_not_allowed"


class WrongHost(InvalidInput):
    """The request is addressed to a name this server does not answer to."""

    code = "wrong_host"


class BodyTooLarge(InvalidInput):
    """The body has more bytes than are taken."""

    code = "body_too_large"


class BodyTooSlow(InvalidInput):
    """The body did not arrive in time."""

    code = "body_too_slow"


class UnreadableMessage(InvalidInput):
    """The body is not JSON."""

    code = "parse_error"


class MalformedMessage(InvalidInput):
    """The body is JSON, but not one JSON-RPC request or notification."""

    code = "invalid_request"
