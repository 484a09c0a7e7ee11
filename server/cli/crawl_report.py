"""The report of a crawl as a person reads it."""

from typing import Any

import typer

_WIDTH = 12


def print_report(report: dict[str, Any]) -> None:
    """Prints a report: sums first, then what is worth a look."""
    taken = f" in {report['seconds']:.1f} s" if report["seconds"] is not None else ""
    typer.echo(
        f"{report['library']} {report['version']}: {report['status']}{taken}, {report['kind']} {report['source']}"
    )
    if report["origin"] == "snapshot":
        _line("from", "what an earlier crawl stored; nobody was asked")
    if report["reason"]:
        _line("limited by" if report["limitedBy"] else "reason", report["reason"])
    _line("warning", report["warning"] or "")
    _line("docs say", f"version {report['docsVersion']}" if report["docsVersion"] else "")
    _line("language", report["language"] or "")
    _line("pages", _pages(report["pages"]))
    _line("received", _size(report["bytes"]))
    _line("indexed", _counts(report["outcomes"]))
    found = f"{report['chunks']:,} passages, {report['tokens']:,} tokens, {report['codeBlocks']:,} code blocks"
    if report["knownMeanings"]:
        found += f", {report['knownMeanings']:,} passages whose text has a vector already"
    _line("found", found)
    _line("duplicates", f"{report['duplicates']} pages" if report["duplicates"] else "")
    missing = report["mainMissing"]
    _line("no main", f"{missing} pages have nothing where --main says" if missing else "")
    _line("generators", _counts(report["generators"]))
    _line("languages", _counts(report["languages"]))
    _line("coverage", _coverage(report["coverage"], report["origin"]))
    for title, reasons in (
        ("Failed", report["failed"]),
        ("Dead links", report["missing"]),
        ("Left out", report["excluded"]),
    ):
        _print_reasons(title, reasons)
    _print_scripted(report["needsJavascript"])
    _print_slowest(report)


def _line(name: str, text: str) -> None:
    if text:
        typer.echo(f"  {name:{_WIDTH}}{text}")


def _pages(pages: dict[str, int]) -> str:
    unchanged = f" ({pages['unchanged']} unchanged)" if pages.get("unchanged") else ""
    words = {"failed": "failed", "missing": "dead links", "redirected": "redirected", "excluded": "left out"}
    others = [f", {pages[state]} {word}" for state, word in words.items() if pages.get(state)]
    still_open = pages.get("queued", 0) + pages.get("leased", 0)
    others += [f", {still_open} still to read"] if still_open else []
    return f"{pages.get('fetched', 0)} read{unchanged}{''.join(others)}"


def _counts(counts: dict[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in ordered)


def _coverage(coverage: dict[str, Any] | None, origin: str) -> str:
    if coverage is None:
        return ""
    before = f", {coverage['before']} answered before" if coverage["before"] else ""
    again = "on pages that are read again" if origin == "snapshot" else "found again"
    gate = f" (at least {coverage['gatePercent']} % must be {again})" if coverage["before"] else ""
    return f"{coverage['verdict']}: {coverage['found']} passages{before}{gate}"


def _print_reasons(title: str, reasons: list[dict[str, Any]]) -> None:
    if reasons:
        typer.echo(f"\n{title}:")
    for reason in reasons:
        typer.echo(f"  {reason['count']:>6} {reason['reason'] or 'no reason given'}, such as {reason['examples'][0]}")


def _print_scripted(scripted: dict[str, Any] | None) -> None:
    if scripted is not None:
        typer.echo(f"\n{scripted['pages']} pages need JavaScript, such as {scripted['examples'][0]}")
        typer.echo(f"  {scripted['advice']}")


def _print_slowest(report: dict[str, Any]) -> None:
    if report["slowestPages"]:
        typer.echo("\nSlowest:")
    for host in report["slowestHosts"]:
        sums = f"{host['pages']} answers, {host['seconds'] * 1000:.0f} ms on average, {_size(host['bytes'])}"
        typer.echo(f"  {host['host']}: {sums}")
    for page in report["slowestPages"]:
        typer.echo(f"  {page['seconds'] * 1000:>6.0f} ms {page['url']}")


def _size(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size >= 2**20 else f"{size / 1024:.1f} KiB"
