"""Code blocks: their exact text and their language."""

import re

from selectolax.lexbor import LexborNode

from indexer.extract.inline import visible_text

_CLASS = re.compile(
    r"(?:^|\s)(?:language-|lang-|highlight-source-|highlight-|hl-|brush:\s*|sourceCode\s+(?:numberSource\s+)?"
    r"|src\s+src-|highlight\s+tab\s+tab-)\{?([\w+#.-]+)"
)
_ATTRIBUTES = ("data-lang", "data-language", "data-code-lang", "data-enlighter-language")
_BARE_WORDS = (
    "ada apex bash c clojure cmake coffeescript console cpp crystal csharp css cuda dart diff dockerfile elixir elm "
    "erlang fortran fsharp glsl go golang gradle graphql groovy haskell hcl html http ini java javascript js json "
    "jsonc jsx julia kotlin kt latex lisp lua makefile markdown matlab mermaid nim nix objectivec ocaml perl php "
    "powershell prolog protobuf py pycon python r racket rb rs ruby rust scala scheme scss sh shell solidity sql "
    "svelte swift tcl terraform toml ts tsx typescript vala verilog vhdl vue xml yaml yml zig zsh"
)
_BARE = frozenset(_BARE_WORDS.split())
_SAME: dict[str | None, str] = {
    None: "none text plain plaintext plain-text txt notranslate raw output stdout nohighlight no-highlight auto ansi "
    "myst-ansi unknown",
    "python": "default pycon pycon3 python-repl ipython ipython2 ipython3 python3 py py3 pytb py3tb",
    "bash": "console shell-session shellsession sh-session bash-session shellscript shell-script sh zsh shell terminal "
    "curl npmyarn npm2yarn",
    "typescript": "ts mts cts",
    "javascript": "js mjs cjs node",
    "clojure": "clj cljs",
    "cpp": "c++ cxx hpp",
    "csharp": "cs c#",
    "diff": "patch udiff",
    "dockerfile": "docker containerfile",
    "elixir": "ex exs iex",
    "erlang": "erl",
    "fsharp": "fs f#",
    "go": "golang",
    "graphql": "gql",
    "haskell": "hs",
    "json": "jsonc json5",
    "kotlin": "kt",
    "latex": "tex",
    "makefile": "make mk",
    "markdown": "md",
    "objectivec": "objc obj-c objective-c",
    "powershell": "ps1 pwsh posh powershell-session",
    "protobuf": "proto proto3",
    "ruby": "rb",
    "rust": "rs",
    "sql": "postgresql postgres psql",
    "terraform": "tf",
    "yaml": "yml",
}
_ALIASES = {alias: name for name, aliases in _SAME.items() for alias in aliases.split()}
_FILE_LANGUAGES: dict[str, str] = {
    "bash": "sh bash zsh",
    "c": "c h",
    "cpp": "cpp cc cxx hpp",
    "csharp": "cs",
    "clojure": "clj cljs",
    "css": "css",
    "dart": "dart",
    "dockerfile": "dockerfile",
    "elixir": "ex exs",
    "erlang": "erl hrl",
    "fsharp": "fs fsx",
    "go": "go",
    "graphql": "graphql gql",
    "groovy": "groovy",
    "haskell": "hs",
    "html": "html htm",
    "ini": "ini cfg",
    "java": "java",
    "javascript": "js mjs cjs",
    "json": "json",
    "jsx": "jsx",
    "julia": "jl",
    "kotlin": "kt kts",
    "lua": "lua",
    "makefile": "mk",
    "nim": "nim",
    "php": "php",
    "powershell": "ps1",
    "protobuf": "proto",
    "python": "py pyi",
    "r": "r",
    "ruby": "rb",
    "rust": "rs",
    "scala": "scala",
    "scss": "scss",
    "sql": "sql",
    "svelte": "svelte",
    "swift": "swift",
    "terraform": "tf",
    "toml": "toml",
    "tsx": "tsx",
    "typescript": "ts mts cts",
    "vue": "vue",
    "xml": "xml",
    "yaml": "yml yaml",
    "zig": "zig",
}
_BY_ENDING = {ending: name for name, endings in _FILE_LANGUAGES.items() for ending in endings.split()}
_TAB_NAMES = frozenset([*_FILE_LANGUAGES, *_BARE, "c++", "c#", "node"]) - {"console", "cmake", "gradle", "nix"}
"""Without those that name a tool whose commands stand in the tab."""

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
    name = name.strip().lower().strip(".")
    if len(name) > _MAX_NAME_CHARS or "`" in name:
        return None
    return _ALIASES.get(name, name)


def language_of_title(title: str) -> str | None:
    """Gives the language a file name or the label of a tab stands for."""
    name = title.rpartition(", ")[2].strip(" `").lower()
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
    name = next(filter(None, map(attributes.get, _ATTRIBUTES)), None)
    if name:
        return name
    classes = attributes.get("class") or ""
    match = _CLASS.search(classes)
    if match:
        return match[1]
    if element.tag in {"pre", "code"}:
        # The attribute lang is most often of the words in code, and not of the code.
        return next((word for word in [*classes.split(), attributes.get("lang") or ""] if word in _BARE), None)
    words = classes.split() if element.tag == "figure" else []
    # Hexo's figures have the language as their second class.
    return words[1] if len(words) > 1 and words[0] == "highlight" else None
