"""Inline AsciiDoc to inline Markdown: links and emphasis reduced to their text, code in backticks."""

import re

from indexer.extract.substitutions import Substitutions

_ATTRIBUTE = re.compile(r"(?<!\\)\{(\w[\w-]{0,60})\}")
_INLINE = re.compile(
    r"""
      (?<!\w)(?P<ticks>`{1,2})\+?(?P<code>[^`\n]{1,2000}?)\+?(?P=ticks)(?!\w)
    | <<(?P<target>[^<>,\n]{1,300})(?:,(?P<shown>[^<>]{1,500}))?>>
    | (?:link|xref|mailto):(?P<address>[^\s\[\]]{1,1000})\[(?P<link>[^\]\n]{0,500})\]
    | (?P<url>(?:https?|ftp)://[^\s\[\]<>]{1,1000})(?:\[(?P<label>[^\]\n]{0,500})\])?
    | (?:image|icon|indexterm2?|anchor|footnote(?:ref)?):[^\s\[\]]{0,300}\[(?P<dropped>[^\]\n]{0,500})\]
    | (?:kbd|btn|menu|pass|stem|latexmath):[^\s\[\]]{0,100}\[(?P<kept>[^\]\n]{0,500})\]
    | \[\[(?P<anchor>[\w:.-]{1,200})(?:,[^\]\n]{0,300})?\]\]
    | \[[^\]\n]{0,200}\](?=\#\S)
    | (?<![\w*])\*{1,2}(?P<strong>[^\s*][^*\n]{0,2000}?)\*{1,2}(?![\w*])
    | (?<![\w_])_{1,2}(?P<emphasis>[^\s_][^_\n]{0,2000}?)_{1,2}(?![\w_])
    | (?<![\w\#])\#{1,2}(?P<mark>[^\s\#][^\#\n]{0,2000}?)\#{1,2}(?![\w\#])
    | (?<![\w+])\+{1,3}(?P<literal>[^\s+][^+\n]{0,2000}?)\+{1,3}(?![\w+])
    """,
    re.VERBOSE,
)
_SHOWN = ("kept", "strong", "emphasis", "mark", "literal")


def inline_asciidoc(text: str, attributes: Substitutions) -> str:
    """Gives one line of Markdown."""
    text = attributes.put_in(_ATTRIBUTE, text)
    return " ".join(_INLINE.sub(_reduced, text).split())


def inline_anchors(text: str) -> list[str]:
    """Gives the ids that stand in the text."""
    return [match["anchor"] for match in _INLINE.finditer(text) if match["anchor"]] if "[[" in text else []


def _reduced(match: re.Match[str]) -> str:
    if match["code"]:
        return f"`{match['code']}`"
    if match["target"]:
        return (match["shown"] or match["target"].lstrip("#_").replace("_", " ")).strip()
    if match["address"]:
        return _label(match["link"]) or match["address"]
    if match["url"]:
        return _label(match["label"] or "") or match["url"]
    return next((match[name] for name in _SHOWN if match[name]), "")


def _label(text: str) -> str:
    return text.partition(",window=")[0].strip().removesuffix("^").strip('"')
