"""Code blocks: their exact text and their language."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.inline import visible_text

_CLASS = re.compile(r"(?:^|\s)(?:language-|lang-|highlight-source-|highlight-|hl-|brush:\s*|sourceCode\s+)([\w+#.-]+)")
_BARE_WORDS = (
    "bash c console cpp csharp css diff dockerfile go haskell html ini java javascript json kotlin lua nim ocaml perl "
    "php powershell python ruby rust scala scheme sh shell sql swift toml typescript xml yaml zsh"
)
_BARE = frozenset(_BARE_WORDS.split())
_SAME: dict[str | None, str] = {
    None: "none text plain plaintext txt notranslate raw output nohighlight no-highlight auto",
    "python": "default pycon pycon3 ipython ipython2 ipython3 python3 py py3",
    "bash": "console shell-session shellsession sh zsh shell terminal npmyarn npm2yarn",
    "typescript": "ts",
    "javascript": "js node",
    "cpp": "c++ cxx",
    "csharp": "cs c#",
    "dockerfile": "docker",
    "go": "golang",
    "haskell": "hs",
    "json": "jsonc json5",
    "kotlin": "kt",
    "markdown": "md",
    "powershell": "ps1",
    "ruby": "rb",
    "rust": "rs",
    "sql": "postgresql postgres",
    "yaml": "yml",
}
_ALIASES = {alias: name for name, aliases in _SAME.items() for alias in aliases.split()}
_FILE_LANGUAGES: dict[str, str] = {
    "bash": "sh bash zsh",
    "c": "c h",
    "cpp": "cpp cc cxx hpp",
    "csharp": "cs",
    "css": "css",
    "dockerfile": "dockerfile",
    "go": "go",
    "html": "html htm",
    "ini": "ini cfg",
    "java": "java",
    "javascript": "js mjs cjs",
    "json": "json",
    "jsx": "jsx",
    "kotlin": "kt kts",
    "php": "php",
    "python": "py pyi",
    "ruby": "rb",
    "rust": "rs",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "toml": "toml",
    "tsx": "tsx",
    "typescript": "ts mts cts",
    "vue": "vue",
    "xml": "xml",
    "yaml": "yml yaml",
}
_BY_ENDING = {ending: name for name, endings in _FILE_LANGUAGES.items() for ending in endings.split()}
_TAB_NAMES = frozenset([*_FILE_LANGUAGES, *_BARE, "c++", "c#", "node"]) - {"console"}
_SHELL = re.compile(
    r"(?:sudo|npm|npx|yarn|pnpm|bunx?|pip3?|uv|pipx|brew|apt|apt-get|dnf|cargo|docker|git|curl|wget|cd|mkdir|kubectl|helm)"
    r" [\w./@-]|export \w+="
)
_MAX_NAME_CHARS = 30
_ANCESTORS = 3
_TABLE_PARTS = frozenset(["td", "tr", "tbody", "table"])
"""What sets line numbers beside code, and is no level of its own."""

_PROMPT = re.compile(r"^\$ \S", re.MULTILINE)


def code_text(node: LexborNode) -> str:
    """Gives the exact text of a code block, without blank lines at its ends."""
    text = visible_text(node.text_lexbor().replace("\r\n", "\n").replace("\xa0", " "))
    lines = text.rstrip().split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return "\n".join(lines[first:])


def code_language(node: LexborNode, code: str, default: str | None, title: str = "") -> str | None:
    """Gives the language named on the block, in it or closely around it, else what its title or the page's says.

    Without any of these it is an obvious guess.
    """
    around: list[LexborNode] = [node, *node.css("code,pre")[:3]]
    levels = len(around) + _ANCESTORS
    parent = node.parent
    while parent is not None and len(around) < levels:
        if parent.tag not in _TABLE_PARTS:
            around.append(parent)
        parent = parent.parent
    for element in around:
        found = _named_language(element)
        if found is not None:
            return canonical_language(found)
    return language_of_title(title) or default or guess_language(code)


def canonical_language(name: str) -> str | None:
    """Gives one name per language; None for plain text and for what is no language name."""
    name = name.lower().strip(".")
    if len(name) > _MAX_NAME_CHARS:
        return None
    return _ALIASES.get(name, name)


def language_of_title(title: str) -> str | None:
    """Gives the language a file name or the label of a tab stands for."""
    name = title.rpartition(", ")[2].strip().lower()
    if name in _TAB_NAMES:
        return canonical_language(name)
    _, dot, ending = name.rpartition(".")
    return _BY_ENDING.get(ending) if dot else None


def guess_language(code: str) -> str | None:
    """Gives the language of code that shows it in its first characters, None for all other."""
    if _PROMPT.match(code):
        return "bash"
    if code.startswith(">>> "):
        return "python"
    if code[:1] in "{[" and code[-1:] in "}]" and '"' in code:
        return "json"
    if _SHELL.match(code):
        return "bash"
    return "html" if re.match(r"<(?:!DOCTYPE html|html|div|head|body|script)\b", code, re.IGNORECASE) else None


def _named_language(element: LexborNode) -> str | None:
    attributes = element.attributes
    name = attributes.get("data-lang") or attributes.get("data-language")
    if name:
        return name
    classes = attributes.get("class") or ""
    match = _CLASS.search(classes)
    if match:
        return match[1]
    if element.tag in {"pre", "code"}:
        return next((word for word in classes.split() if word in _BARE), None)
    return None
