"""Letters in drawn pictures: a font that has them, and lines that are not too long."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont
    from PIL.ImageFont import ImageFont as PlainFont

Font: TypeAlias = "FreeTypeFont | PlainFont"


def font_with(letters: str, names: Sequence[str]) -> Callable[[int], Font] | None:
    """Gives a font of a size that has these letters, in pixels; ``None`` if there is none.

    Args:
        letters: Every letter that is to be written.
        names: Files of fonts that machines have; the first that has all the letters is taken.
    """
    from PIL import ImageFont

    for name in names:
        try:
            font = ImageFont.truetype(name, 40)
        except OSError:
            continue  # this machine has not got it
        if _has_letters(font, letters):
            return partial(ImageFont.truetype, font.path)
    return ImageFont.load_default if letters.isascii() else None


def in_lines(words: str, font: Font, width: float) -> list[str]:
    """Words in lines of at most a width in pixels; a longer word stands in a line of its own."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _has_letters(font: "FreeTypeFont", letters: str) -> bool:
    """Whether none of them shows as the box that stands for what a font has not got."""
    unknown = bytes(font.getmask("\uffff"))
    return all(one.isspace() or bytes(font.getmask(one)) != unknown for one in set(letters))
