"""What `lectern up` says when it is up: where it is, the key, and configuration ready to paste."""

from pathlib import Path

import orjson
import typer

_NO_KEY = "YOUR_KEY"


def print_welcome(url: str, key: str | None, data: Path) -> None:
    """Prints the address, the first key if there is one to show, and how common clients connect."""
    shown = key or _NO_KEY
    lines = [
        "",
        f"Lectern is up.   MCP   {url}/mcp",
        f"                 API   {url}/api/v1/openapi.json",
        f"                 data  {data}",
        "",
        *(
            ["Your API key, shown this once:", f"  {key}", ""]
            if key
            else ["Keys: `lectern key list`, `key create`.", ""]
        ),
        "Claude Code:",
        f'  claude mcp add --transport http lectern {url}/mcp --header "Authorization: Bearer {shown}"',
        "",
        "Cursor (.cursor/mcp.json):",
        _indented({"mcpServers": {"lectern": _remote(url, shown)}}),
        "",
        "VS Code (.vscode/mcp.json):",
        _indented({"servers": {"lectern": {"type": "http", **_remote(url, shown)}}}),
        "",
        "Other clients, such as Windsurf, Codex and Gemini CLI: docs/connect.md",
        "",
        "Add documentation:  lectern add https://docs.example.org/ --id /example/docs --version 1.0 --wait",
        "Ctrl-C stops it; everything is kept.",
        "",
    ]
    typer.echo("\n".join(lines))


def _remote(url: str, key: str) -> dict[str, object]:
    return {"url": f"{url}/mcp", "headers": {"Authorization": f"Bearer {key}"}}


def _indented(value: object) -> str:
    text = orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    return "\n".join(f"  {line}" for line in text.split("\n"))
