"""One name per language, whatever a page or the product calls it."""

_SAME = {
    None: "none text plain plaintext txt output nohighlight no-highlight notranslate raw literal",
    "python": "default pycon pycon3 ipython ipython2 ipython3 python2 python3 py py3 pytb py3tb",
    "bash": "console shell-session shellsession sh zsh shell terminal",
    "javascript": "js mjs cjs node",
    "typescript": "ts",
    "cpp": "c++ cxx hpp",
    "csharp": "cs c#",
    "dockerfile": "docker",
    "go": "golang",
    "haskell": "hs",
    "json": "jsonc json5",
    "kotlin": "kt",
    "markdown": "md",
    "powershell": "ps1 pwsh",
    "ruby": "rb",
    "rust": "rs",
    "sql": "postgresql postgres psql",
    "yaml": "yml",
}
_NAMES = {alias: name for name, aliases in _SAME.items() for alias in aliases.split()}


def language_name(name: str | None) -> str | None:
    """Gives the one name of a language, None for plain text."""
    return _NAMES.get(name.lower(), name.lower()) if name else None
