"""Colours as style sheets write them, as far as it matters whether text can be told from what is behind it."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_NAMES = {"white": "#fff", "black": "#000", "transparent": "#0000", "snow": "#fffafa", "ivory": "#fffff0",
          "ghostwhite": "#f8f8ff", "whitesmoke": "#f5f5f5", "floralwhite": "#fffaf0", "azure": "#f0ffff"}  # fmt: skip
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,100})\)")
_NUMBER = re.compile(r"(-?\d*\.?\d+)(%?)")
_ANY = re.compile(rf"{_HEX.pattern}\b|{_FUNCTION.pattern}|\b(?:{'|'.join(_NAMES)})\b")
_NEAR, _NEARLY_WHITE = 12, 248


class Colour(NamedTuple):
    """Red, green and blue from 0 to 255; alpha from 0 to 1."""

    red: float
    green: float
    blue: float
    alpha: float = 1.0


_WHITE = Colour(255, 255, 255)


def read_colour(text: str) -> Colour | None:
    """Gives the colour a value names; None if it is another word, or no colour at all."""
    text = _NAMES.get(text, text)
    if match := _HEX.fullmatch(text):
        return _of_digits(match[1])
    if match := _FUNCTION.fullmatch(text):
        numbers = [(float(number), bool(percent)) for number, percent in _NUMBER.findall(match[2])]
        return _of_numbers(match[1], numbers) if len(numbers) in (3, 4) else None
    return None


def find_colour(background: str) -> Colour | None:
    """Gives the one colour in the value of `background`; None if there is an image, none, or a word unknown here."""
    if "url(" in background or "gradient" in background or "var(" in background:
        return None
    match = _ANY.search(background)
    return read_colour(match[0]) if match else None


def blend(layers: Iterable[Colour]) -> Colour:
    """Gives what the eye sees of layers on a white page, the first of them on top."""
    seen = _WHITE
    for layer in reversed([*layers]):
        mixed = (layer.alpha * own + (1 - layer.alpha) * below for own, below in zip(layer[:3], seen[:3], strict=True))
        seen = Colour(*mixed)
    return seen


def is_alike(left: Colour, right: Colour) -> bool:
    """Tells whether the eye cannot tell two colours apart."""
    return all(abs(one - other) <= _NEAR for one, other in zip(left[:3], right[:3], strict=True))


def is_white(colour: Colour) -> bool:
    """Tells whether a colour cannot be seen on a page that is white."""
    return min(colour[:3]) >= _NEARLY_WHITE


def _of_digits(digits: str) -> Colour:
    pairs = [digit * 2 for digit in digits] if len(digits) <= 4 else re.findall("..", digits)  # noqa: PLR2004 - #rgba
    red, green, blue, *alpha = (int(pair, 16) for pair in pairs)
    return Colour(red, green, blue, alpha[0] / 255 if alpha else 1.0)


def _of_numbers(model: str, numbers: list[tuple[float, bool]]) -> Colour | None:
    alpha = numbers[3][0] / (100 if numbers[3][1] else 1) if len(numbers) > 3 else 1.0  # noqa: PLR2004 - alpha is the fourth
    if model == "rgb":
        red, green, blue = (number * 2.55 if percent else number for number, percent in numbers[:3])
        return Colour(red, green, blue, alpha)
    lightness = numbers[2][0]
    # Between the ends the hue counts, and no such text is lost on a white or a black page.
    grey = round(lightness * 2.55)
    is_grey = numbers[1][0] == 0 or not 3 < lightness < 97  # noqa: PLR2004 - black and white, nearly
    return Colour(grey, grey, grey, alpha) if is_grey or alpha == 0 else None
