"""Colours as three numbers from 0 to 1, and how they are mixed."""

import colorsys

Colour = tuple[float, float, float]
"""Red, green and blue, each 0 to 1."""

WHITE: Colour = (1.0, 1.0, 1.0)


def rgb(code: str) -> Colour:
    """The colour of a six-digit hexadecimal code.

    >>> rgb("ff8000")
    (1.0, 0.5019607843137255, 0.0)
    """
    red, green, blue = bytes.fromhex(code)
    return (red / 255, green / 255, blue / 255)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """A colour between two: `share` 0 is the first, 1 the second.

    >>> mix((0.0, 0.0, 0.0), (1.0, 1.0, 1.0), 0.5)
    (0.5, 0.5, 0.5)
    """
    keep = 1 - share
    return (
        one[0] * keep + other[0] * share,
        one[1] * keep + other[1] * share,
        one[2] * keep + other[2] * share,
    )


def times(one: Colour, other: Colour) -> Colour:
    """A colour seen in a coloured light: the product, channel by channel."""
    return (one[0] * other[0], one[1] * other[1], one[2] * other[2])


def brighter(colour: Colour, factor: float) -> Colour:
    """The colour with its brightness multiplied, never past white."""
    return (
        min(1.0, colour[0] * factor),
        min(1.0, colour[1] * factor),
        min(1.0, colour[2] * factor),
    )


def varied(colour: Colour, hue: float = 0.0, strength: float = 1.0, light: float = 1.0) -> Colour:
    """The colour turned by `hue` (1 is the whole circle) and scaled in strength and lightness."""
    h, s, v = colorsys.rgb_to_hsv(*(min(1.0, max(0.0, c)) for c in colour))
    return colorsys.hsv_to_rgb((h + hue) % 1.0, min(1.0, s * strength), min(1.0, v * light))


def lightness(colour: Colour) -> float:
    """How light a colour looks, 0 to 1 (Rec. 709 weights, applied to the encoded values).

    >>> lightness((1.0, 1.0, 1.0))
    1.0
    """
    return round(0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2], 6)


def as_bytes(colour: Colour) -> tuple[int, int, int]:
    """The colour as three whole numbers from 0 to 255.

    >>> as_bytes((1.0, 0.5, 0.0))
    (255, 128, 0)
    """
    red, green, blue = (round(255 * min(1.0, max(0.0, c))) for c in colour)
    return (red, green, blue)
