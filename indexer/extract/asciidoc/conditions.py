"""The lines of AsciiDoc that its conditions leave. Source: AsciiDoc Language Documentation, preprocessor directives."""

import operator
import re
from collections.abc import Callable, Iterable, Iterator

_DIRECTIVE = re.compile(r"^(ifdef|ifndef|ifeval|endif|include)::([^\[\]]{0,500})\[(.{0,2000})\]\s*$")
_ATTRIBUTE = re.compile(r"^:(!?)(\w[\w-]{0,60})(!?):(?:\s+(.*)|)$")
_COMPARISON = re.compile(r"^\s*(\S.{0,500}?)\s*(==|!=|<=|>=|<|>)\s*(\S.{0,500}?)\s*$")
_REFERENCE = re.compile(r"\{(\w[\w-]{0,60})\}")
_COMPARE: dict[str, Callable[[str, str], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": lambda left, right: _number(left) < _number(right),
    "<=": lambda left, right: _number(left) <= _number(right),
    ">": lambda left, right: _number(left) > _number(right),
    ">=": lambda left, right: _number(left) >= _number(right),
}
# What is set where a website is made of a document. Source: Asciidoctor, intrinsic attributes.
_BUILT_IN = {
    "asciidoctor": "",
    "backend": "html5",
    "backend-html5": "",
    "basebackend": "html",
    "basebackend-html": "",
    "doctype": "article",
    "doctype-article": "",
    "filetype": "html",
    "filetype-html": "",
}
_MAX_CHARS = 1000


def shown_lines(lines: Iterable[str]) -> Iterator[str]:
    """Yields the lines that are not in a condition that fails, without the conditions and what includes files.

    An attribute holds if the document defines it, or if it is set wherever a website is made of one.
    """
    attributes = dict(_BUILT_IN)
    hides: list[bool] = []
    for line in lines:
        directive = _DIRECTIVE.match(line) if "::" in line else None
        if directive is None:
            if not any(hides):
                _define(attributes, line)
                yield line
        elif directive[1] == "endif":
            hides = hides[:-1]
        elif directive[1] != "include":
            holds = _holds(directive, attributes)
            if directive[1] == "ifeval" or not directive[3]:
                hides.append(not holds)
            elif holds and not any(hides):
                yield directive[3]


def _define(attributes: dict[str, str], line: str) -> None:
    found = _ATTRIBUTE.match(line) if line.startswith(":") else None
    if found and (found[1] or found[3]):
        attributes.pop(found[2], None)
    elif found:
        attributes[found[2]] = (found[4] or "")[:_MAX_CHARS]


def _holds(directive: re.Match[str], attributes: dict[str, str]) -> bool:
    kind, target, text = directive.groups()
    if kind == "ifeval":
        compared = _COMPARISON.match(text)
        return compared is not None and _is_true(compared, attributes)
    names = [name.strip() in attributes for name in re.split(r"[,+]", target)]
    has = all(names) if "+" in target else any(names)
    return has if kind == "ifdef" else not has


def _is_true(compared: re.Match[str], attributes: dict[str, str]) -> bool:
    left, sign, right = compared.groups()
    return _COMPARE[sign](_value(left, attributes), _value(right, attributes))


def _value(text: str, attributes: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda name: attributes.get(name[1], ""), text).strip("\"'")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
