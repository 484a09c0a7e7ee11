"""The text of a body: byte order mark, then HTTP charset, then <meta>, then UTF-8, then a tolerant guess."""

import codecs
import functools
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
# Pages that say Latin-1 mean windows-1252. Source: WHATWG Encoding Standard, names and labels.
_REAL_NAMES = {"iso8859-1": "cp1252", "ascii": "cp1252"}


def decode_body(body: bytes, content_type: str) -> str:
    """Gives the text of a body; never fails, bytes that fit no encoding become U+FFFD."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, errors="replace")
    for encoding in _declared_encodings(body, content_type):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _guess(body)


def _declared_encodings(body: bytes, content_type: str) -> Iterator[str]:
    declared = [match[1] for match in [_HTTP_CHARSET.search(content_type)] if match]
    for pattern in (_XML_CHARSET, _META_CHARSET):
        match = pattern.search(body[:_META_BYTES])
        # A <meta> that could be read byte by byte cannot be UTF-16. Source: HTML Standard, 13.2.3.2.
        if match and not match[1].lower().startswith(b"utf-16"):
            declared.append(match[1].decode("ascii"))
    yield from (name for label in declared if (name := _codec_name(label)))
    yield "utf-8"


@functools.lru_cache(maxsize=256)
def _codec_name(label: str) -> str | None:
    try:
        codec = codecs.lookup(label)
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

    # Without a declaration windows-1252 is likelier than what statistics find in a few odd bytes.
    return UnicodeDammit(body, ["utf-8", "windows-1252"], is_html=True).unicode_markup or body.decode(
        "utf-8", errors="replace"
    )
