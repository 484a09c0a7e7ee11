"""Curves over the number of passages as an SVG file, readable on light and on dark."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

_WIDTH, _HEIGHT = 400, 230
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 128, 34, 34
_COLUMNS = 2
_LABEL = 13
_WHOLE = 10
_COLOURS = ("#3b7dd8", "#d9722e")
_STYLE = """
  text { font: 11px system-ui, sans-serif; fill: #3a3a3a } .title { font-weight: 600; font-size: 12px }
  .grid { stroke: #8a8a8a; stroke-opacity: .28 }
  @media (prefers-color-scheme: dark) { text { fill: #d6d6d6 } }
"""

Series = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Panel:
    """A diagram: what its values are, and at most two curves by name, of passages and value, in powers of ten."""

    title: str
    curves: Mapping[str, Series]


def draw(panels: Sequence[Panel]) -> str:
    """Gives the file's text."""
    rows = ceil(len(panels) / _COLUMNS)
    inner = "".join(
        f'<g transform="translate({number % _COLUMNS * _WIDTH} {number // _COLUMNS * _HEIGHT})">{_panel(panel)}</g>'
        for number, panel in enumerate(panels)
    )
    size = f'viewBox="0 0 {_WIDTH * _COLUMNS} {_HEIGHT * rows}"'
    titles = escape(", ".join(panel.title for panel in panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{titles}, over the number of passages">'
        f"<style>{_STYLE}</style>{inner}</svg>\n"
    )


def _panel(panel: Panel) -> str:
    points = [point for curve in panel.curves.values() for point in curve]
    across = _Axis(_powers([x for x, _ in points]), _LEFT, _WIDTH - _RIGHT)
    up = _Axis(_powers([y for _, y in points]), _HEIGHT - _BOTTOM, _TOP)
    parts = [f'<text class="title" x="{_LEFT}" y="18">{escape(panel.title)}</text>', *_grid(across, up)]
    heights = _apart([up.place(curve[-1][1]) for curve in panel.curves.values()])
    for (name, curve), colour, height in zip(panel.curves.items(), _COLOURS, heights, strict=False):
        parts += _curve(curve, colour, across, up)
        x, value = across.place(curve[-1][0]) + 8, curve[-1][1]
        text = f"{escape(name)} {value:,.0f}" if value >= _WHOLE else f"{escape(name)} {value:.2g}"
        parts.append(f'<text x="{x}" y="{height + 4}" style="fill:{colour}">{text}</text>')
    return "".join(parts)


def _apart(heights: Sequence[float]) -> list[float]:
    """Gives heights for labels that do not cover each other."""
    if len(heights) == 1 or abs(heights[0] - heights[1]) >= _LABEL:
        return list(heights)
    middle, shift = sum(heights) / 2, _LABEL / 2
    return [middle + shift, middle - shift] if heights[0] > heights[1] else [middle - shift, middle + shift]


@dataclass(frozen=True)
class _Axis:
    """Powers of ten between two pixels."""

    powers: range
    start: float
    end: float

    def place(self, value: float) -> float:
        """Gives the pixel of a value."""
        share = (log10(max(value, 1e-3)) - self.powers[0]) / (self.powers[-1] - self.powers[0])
        return round(self.start + share * (self.end - self.start), 1)


def _powers(values: Sequence[float]) -> range:
    low, high = floor(log10(max(min(values), 1e-3))), ceil(log10(max(*values, 1e-3)))
    return range(low, max(high, low + 1) + 1)


def _grid(across: _Axis, up: _Axis) -> Iterator[str]:
    for power in across.powers:
        x = across.place(10.0**power)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{up.start}" y2="{up.end}"/>'
        yield f'<text x="{x}" y="{up.start + 16}" text-anchor="middle">{_number(power)}</text>'
    for power in up.powers:
        y = up.place(10.0**power)
        yield f'<line class="grid" x1="{across.start}" x2="{across.end}" y1="{y}" y2="{y}"/>'
        yield f'<text x="{across.start - 6}" y="{y + 4}" text-anchor="end">{_number(power)}</text>'


def _curve(curve: Series, colour: str, across: _Axis, up: _Axis) -> Iterator[str]:
    places = [(across.place(x), up.place(y)) for x, y in curve]
    path = " ".join(f"{x},{y}" for x, y in places)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in places)


def _number(power: int) -> str:
    named = {3: "1 k", 4: "10 k", 5: "100 k", 6: "1 M"}
    return named.get(power, f"{10.0**power:g}")
