"""The text of a body: byte order mark, then HTTP charset, then <meta>, then UTF-8, then what fits but for faults."""

import codecs
import functools
import logging
import re
from collections.abc import Iterator

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HTTP_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
_META_BYTES = 1024
# What pages call one of these is read as its superset. Source: WHATWG Encoding Standard, names and labels.
_REAL_NAMES = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_GREEDY = frozenset(["gb18030", "big5hkscs", "cp949", "cp932"])
"""Encodings that take most bytes for characters of their own, so that UTF-8 declared as one of them goes unnoticed."""

_LABELS = {
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "cn-big5": "big5",
    "windows-31j": "cp932",
    "windows-874": "cp874",
    "windows-949": "cp949",
}
"""Labels of the same standard that Python has no alias for."""


def decode_body(body: bytes, content_type: str) -> str:
    """Gives the text of a body; never fails, bytes that fit no encoding become U+FFFD."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    declared = list(_declared_encodings(body, content_type))
    for encoding in ["utf-8", *declared] if not _GREEDY.isdisjoint(declared) else [*declared, "utf-8"]:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    # UTF-8 first: hardly anything else looks like it, while single bytes fit what was declared by mistake.
    decoded = (body.decode(encoding, errors="replace") for encoding in dict.fromkeys(["utf-8", *declared]))
    return next(filter(_is_sound, decoded), None) or _guess(body)


def _is_sound(text: str) -> bool:
    """Whether most characters that tell encodings apart were decoded, so that the others are faults of the page."""
    telling = len(text) - len(text.encode("ascii", errors="ignore"))
    return 2 * text.count("\ufffd") < telling


def _declared_encodings(body: bytes, content_type: str) -> Iterator[str]:
    declared = [match[1] for match in [_HTTP_CHARSET.search(content_type)] if match]
    for pattern in (_XML_CHARSET, _META_CHARSET):
        match = pattern.search(body[:_META_BYTES])
        # A <meta> that could be read byte by byte cannot be UTF-16. Source: HTML Standard, 13.2.3.2.
        if match and not match[1].lower().startswith(b"utf-16"):
            declared.append(match[1].decode("ascii"))
    yield from (name for label in declared if (name := _codec_name(label.lower())))


@functools.lru_cache(maxsize=256)
def _codec_name(label: str) -> str | None:
    # Before a label was registered it began with "x-", and many still do.
    label = label.removeprefix("x-")
    try:
        codec = codecs.lookup(_LABELS.get(label, label))
    except (LookupError, ValueError):
        return None
    # Python also has codecs that are no character sets, such as base64 and zlib.
    is_text: bool = getattr(codec, "_is_text_encoding", True)
    if not is_text or codec.name in {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}:
        return None
    return _REAL_NAMES.get(codec.name, codec.name)


def _guess(body: bytes) -> str:
    # Imported here: BeautifulSoup takes a tenth of a second, and nearly no page needs it.
    from bs4.dammit import UnicodeDammit  # noqa: PLC0415 - few pages need it

    # It writes on standard error that a character was replaced; readers see that.
    logging.getLogger("bs4.dammit").setLevel(logging.ERROR)
    # Without a declaration windows-1252 is likelier than what statistics find in a few odd bytes.
    return UnicodeDammit(body, ["utf-8", "windows-1252"], is_html=True).unicode_markup or body.decode(
        "utf-8", errors="replace"
    )
