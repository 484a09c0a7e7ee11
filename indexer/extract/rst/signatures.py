"""Directives that describe a symbol. Source: Sphinx, domains."""

import re
from collections.abc import Iterator, Sequence

from indexer.extract.blocks import Block
from indexer.extract.cursor import dedented
from indexer.extract.parameters import shortened
from indexer.extract.rst.reading import BlockReader

_PYTHON_WORDS = (
    "function class method classmethod staticmethod attribute property exception data decorator decoratormethod "
    "coroutinefunction coroutinemethod awaitablefunction awaitablemethod abstractmethod opcode type"
)
_PYTHON = frozenset(_PYTHON_WORDS.split())
_DOMAINS = frozenset(["py", "c", "cpp", "js", "rb", "go", "php", "http", "std", "rust"])
_OBJECT_WORDS = (
    "function class method staticmethod classmethod attribute property exception data decorator member var type struct "
    "union enum enumerator macro concept alias module-level option program get post put patch delete head describe "
    "object envvar cmdoption trait impl"
)
_OBJECTS = frozenset(_OBJECT_WORDS.split())
_STANDARD = frozenset(["option", "cmdoption", "envvar", "confval", "setting", "describe", "object", "productionlist"])
_LANGUAGES = {"py": "python", "c": "c", "cpp": "cpp", "js": "javascript", "rb": "ruby", "rust": "rust", "http": "http"}
_MAX_START_CHARS = 2000
"""In which the name of a signature stands."""

_MAX_SCOPE_CHARS = 200
"""Of the class or module that the names in it are led by; a longer one would be repeated with each."""

_AUTO = re.compile(r"^auto(?:function|class|method|attribute|data|exception|decorator|property)$")
_NAME = re.compile(r"^(?:[\w.]+\s+)*?([\w.$]+)\s*(?:\(|\[|=|:|->|$)")
_FLAG = re.compile(r"^[^\s,=\[<]+")


def is_signature(name: str) -> bool:
    """Whether a directive describes a symbol."""
    domain, _, kind = name.rpartition(":")
    if domain:
        return domain in _DOMAINS and (kind in _OBJECTS or kind in _PYTHON or kind in _STANDARD)
    return kind in _PYTHON or kind in _STANDARD or _AUTO.match(kind) is not None


def read_signature(
    reader: BlockReader, directive: str, argument: str, lines: Sequence[str], module: str
) -> Iterator[Block]:
    """Yields the signature with the id Sphinx gives it, and what describes it one level deeper.

    `module` is what the directive itself says the symbol is in, empty if it says nothing.
    """
    domain, _, kind = directive.rpartition(":")
    domain = domain or ("std" if kind in _STANDARD else "py")
    signatures = [shortened(line.replace("\\", "").strip()) for line in argument.split("\n") if line.strip()]
    if not signatures or (kind.startswith("auto") and not lines):
        return
    names = [_symbol(reader, domain, text[:_MAX_START_CHARS], module) for text in signatures]
    ids = [_id(domain, kind, name) for name in names]
    text = "\n".join(_full(signature, name, domain) for signature, name in zip(signatures, names, strict=True))
    title = ", ".join(dict.fromkeys(names))
    yield reader.emit(Block("signature", text, language=_LANGUAGES.get(domain), title=title), ids)
    reader.depth += 1
    reader.scopes.append(names[0])
    yield from reader.read(dedented(lines))
    reader.scopes.pop()
    reader.depth -= 1


def _symbol(reader: BlockReader, domain: str, signature: str, module: str) -> str:
    """Gives the name a signature defines, with those of the class or module around it."""
    if domain in {"std", "http"}:
        flag = _FLAG.match(signature)
        return flag[0] if flag and domain == "std" else signature
    found = _NAME.match(signature)
    name = found[1] if found else signature
    module = module or reader.module
    around = reader.scopes[-1] if reader.scopes else module
    if domain not in {"py", "js"} or not 0 < len(around) <= _MAX_SCOPE_CHARS or name.startswith(f"{around}."):
        return name
    return f"{around}.{name}" if reader.scopes or not name.startswith(f"{module}.") else name


def _full(signature: str, name: str, domain: str) -> str:
    """Gives a signature of Python with the whole name of what it defines."""
    own = _NAME.match(signature)
    if domain != "py" or own is None or not name.endswith(own[1]):
        return signature
    return f"{signature[: own.start(1)]}{name}{signature[own.end(1) :]}"


def _id(domain: str, kind: str, name: str) -> str:
    if domain == "py":
        return name
    prefix = "cmdoption" if kind == "option" else kind
    return f"{prefix}-{name.lstrip('-')}" if domain == "std" else f"{domain}.{name}"
