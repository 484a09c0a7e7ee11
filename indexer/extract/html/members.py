"""The signatures of functions, classes and options, as each generator marks them."""

import re
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from indexer.extract.code import code_text
from indexer.extract.inline import visible_text
from indexer.extract.parameters import shortened

_DOMAINS_WORDS = (
    "py c cpp js ts rst std ruby php http go java "
    "function class method attribute exception data classmethod staticmethod describe cmdoption option"
)
_DOMAINS = frozenset(_DOMAINS_WORDS.split())
_LANGUAGES = {"py": "python", "js": "javascript"} | {name: name for name in ("c", "cpp", "php", "go", "java", "qml")}
_TEMPLATE = re.compile(r"<[^<>()]*>")
_NAME = (
    ".sig-prename,.descclassname,.sig-name,.descname,.fn,.element-name,.signature > strong,.def:not(.attr > .def),"
    ".attr > .name,.tsd-kind-call-signature,.tsd-kind-constructor-signature,.tsd-kind-property,.tsd-kind-accessor,"
    ".tsd-kind-get-signature,.tsd-kind-set-signature,"
    ".category + span > strong,.def-name,.main_code_definition > b,"
    ".symbol > .name,.symbol > .implicit,.symbol > a > .name"
)
_TEXINFO = frozenset(["def", "def-block"])
_LINKED_NAME = "a:not(.def)"
_CALL = re.compile(r"(?:`([^`\s]+)`\*?|((?:[\w$.:~-]*::)?operator\S{1,3}|[\w$.:~-]*\w))\s*(?:\[[^\]]*\]\s*)?\(")
_WORD = re.compile(r"[\w$.:-]+")
_FIRST_NAME = re.compile(
    r"""
      (?:\#define|exception)\ (?P<macro>\w+)
    | (?:(?:pub(?:\([^)]*\))?|default|const|async|unsafe|extern|"[^"]*")\ ){0,6}fn\ (?P<function>\w+)[<(]
    | (?:pub(?:\([^)]*\))?\ )?(?:const|static|type)\ (?P<item>\w+)(?:<[^<>]*>)?\ ?[:=](?!:)
    | (?:(?:@property|prop|property|va[rl]|let|method|external)\ )?(?P<field>[\w$]+)\??\ ?:[ ]
    | (?!operator)(?P<alias>\w+)(?:\[[^\]]*\])?(?:\ \{\.[^{}]*\})?\ =[ ]
    """,
    re.VERBOSE,
)
"""What a macro, a function or item of Rust, a field or a type of Nim begins with; other names may follow it."""

_FUNCTION_POINTER = re.compile(r"[^()]*\(\s*[*^]\s*([\w:]+)\s*\)\s*\(")
_MAX_START_CHARS = 4000
"""In which the name of a signature stands."""

_MAX_NAME_CHARS = 80
_MAX_TEMPLATE_DEPTH = 8


@dataclass(frozen=True, slots=True)
class MemberRule:
    """Where a generator puts a member's signature inside the element that describes the member.

    `noise` finds what only repeats the name, `labels` words beside the signature that say more about it.
    """

    signature: str
    noise: str = ""
    labels: str = ""


MEMBER_RULES: dict[str, MemberRule] = {
    "memitem": MemberRule(".memproto", labels=".mlabel"),
    "detail": MemberRule(".member-signature", "h3,h4"),
    "class-description": MemberRule(".type-signature"),
    "top": MemberRule(".src"),
    "method_details": MemberRule(".signature"),
    "method-detail": MemberRule(".method-heading,.method-header"),
    "Documentation-function": MemberRule(".Documentation-declaration", "h3,h4"),
    "Documentation-typeFunc": MemberRule(".Documentation-declaration", "h3,h4"),
    "Documentation-typeMethod": MemberRule(".Documentation-declaration", "h3,h4"),
    "typedoc-member": MemberRule(".tsd-signature"),
    "pdoc-member": MemberRule(".attr"),
    "pydoctor-member": MemberRule(".functionHeader"),
    "crystal-member": MemberRule(".signature"),
    "gapdoc-member": MemberRule(".tdleft", labels=".tdright"),
    "naturaldocs-member": MemberRule("table.Prototype"),
    "odoc-member": MemberRule(".spec"),
    "scaladoc-member": MemberRule("h4.signature"),
    "valadoc-member": MemberRule(".main_code_definition"),
    "doc-function": MemberRule(".doc-signature", "h2,h3,h4,h5,h6"),
}
"""Class of the describing element -> rule."""


def is_signature_list(node: LexborNode) -> bool:
    """Whether the terms of a definition list are signatures, as in Sphinx."""
    classes = (node.attributes.get("class") or "").split()
    if "field-list" in classes or "simple" in classes or "glossary" in classes:
        return False
    term = node.css_first("dt")
    if term is None:
        return False
    if term.first_child is not None and term.css_first("pre,code.name .ident") is not None:
        return True
    if not _TEXINFO.isdisjoint(classes):
        return True
    return "sig" in (term.attributes.get("class") or "").split() or (
        bool(_DOMAINS.intersection(classes)) and term.css_first(".descname,.sig-name,a[name] + strong") is not None
    )


def signature_language(node: LexborNode) -> str | None:
    """Gives the language of a Sphinx signature list from its domain."""
    classes = (node.attributes.get("class") or "").split()
    return next((_LANGUAGES[name] for name in classes if name in _LANGUAGES), None)


def signature_text(node: LexborNode) -> str:
    """Gives a signature on one line, but one that is set as code as it stands."""
    if node.first_child is not None and (parts := node.css("pre")):
        return shortened("\n".join(map(code_text, parts)))
    for cell in node.css("td") if node.tag == "table" else ():
        cell.insert_after(" ")
    text = " ".join(visible_text(node.text_lexbor()).replace("\xb6", "").split())
    return shortened(text.removeprefix(": ").removeprefix("\u2023 ").removesuffix(" [source]").removesuffix("[source]"))


def signature_name(node: LexborNode, text: str) -> str:
    """Gives the name a signature defines, as the page writes it: `Class.method`, `--option`."""
    # A part that two of the selectors find is found twice.
    parts = {part.mem_id: part for part in node.css(_NAME)}.values()
    named = "".join(part.text_lexbor() for part in parts if part.tag != "a" or not part.css_matches(_LINKED_NAME))
    name = " ".join(visible_text(named).split())
    if name and name in text:
        return name
    if (first := _FIRST_NAME.match(text)) is not None:
        return first[first.lastgroup or 0]
    if text.startswith("impl"):
        return text[:_MAX_NAME_CHARS]
    text = _without_templates(text[:_MAX_START_CHARS])
    match = _FUNCTION_POINTER.match(text)
    if match:
        return match[1]
    match = _CALL.search(text)
    words = [match[1] or match[2]] if match else _WORD.findall(text.partition("=")[0])[-1:]
    return words[0] if words else text[:_MAX_NAME_CHARS]


def _without_templates(text: str) -> str:
    for _ in range(_MAX_TEMPLATE_DEPTH):
        text, found = _TEMPLATE.subn("", text)
        if not found:
            break
    return text
