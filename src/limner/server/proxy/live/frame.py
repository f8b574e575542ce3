"""One frame of a picture that is not there yet: words, a bar, and what there is of it."""

import io
from collections.abc import Callable
from functools import partial

import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from PIL.ImageDraw import ImageDraw

from limner.illustration.rendering.lettering import Font, font_with, in_lines
from limner.server.proxy.live.stage import Stage

GROUND, EDGE, TRACK = (70, 73, 79), (92, 96, 103), (98, 102, 110)
LIGHT, DIM, WARM = (238, 235, 229), (190, 190, 187), (226, 164, 112)
"""A slate that is neither glaring on a dark page nor a hole in a light one."""

SHADES = 24
"""Colours of a frame without a preview, so that it is small."""
PREVIEW_PIXELS = 16 << 20
"""Pixels a preview may have."""
LONGEST = 400
"""Characters that are told of a reason."""

FONTS = (
    "DejaVuSans.ttf",
    "NotoSans-Regular.ttf",
    "LiberationSans-Regular.ttf",
    "segoeui.ttf",
    "Arial.ttf",
    "Helvetica.ttc",
    "NotoSansCJK-Regular.ttc",
    "wqy-zenhei.ttc",
    "PingFang.ttc",
    "msyh.ttc",
)
"""Files of fonts that machines have; where there is none, Pillow brings one for English."""

Size = tuple[int, int]


def frame(size: Size, stage: Stage) -> bytes:
    r"""A stage as a picture of this size: a PNG, or a JPEG where a preview is in it.

    Work of some milliseconds, for a thread.

    Args:
        size: Width and height in pixels.
        stage: What it tells.

    Examples:
        >>> made = frame((768, 512), Stage(words="Next in the queue"))
        >>> made[:4], len(made) < 8000
        (b'\x89PNG', True)
    """
    preview = None if stage.preview is None else _opened(stage.preview.data)
    if preview is not None:
        return _over(preview, size, stage)
    page = PIL.Image.new("RGB", size, GROUND)
    draw = PIL.ImageDraw.Draw(page)
    draw.rectangle((0, 0, size[0] - 1, size[1] - 1), outline=EDGE)
    _Layout(draw, size, stage).write()
    out = io.BytesIO()
    shades = page.quantize(SHADES, PIL.Image.Quantize.FASTOCTREE, dither=PIL.Image.Dither.NONE)
    shades.save(out, "PNG", optimize=True)
    return out.getvalue()


def _opened(data: bytes) -> PIL.Image.Image | None:
    """A preview, if it is a picture: servers send what they like."""
    try:
        with PIL.Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as found:
            if found.width * found.height > PREVIEW_PIXELS:
                return None
            return found.convert("RGB")
    except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError):
        return None


def _over(preview: PIL.Image.Image, size: Size, stage: Stage) -> bytes:
    """The preview, all of it and as large as it goes, with a bar along its foot."""
    width, height = size
    scale = min(width / preview.width, height / preview.height)
    fitted = preview.resize(
        (max(1, round(preview.width * scale)), max(1, round(preview.height * scale))),
        PIL.Image.Resampling.BILINEAR,
    )
    page = PIL.Image.new("RGB", size, GROUND)
    page.paste(fitted, ((width - fitted.width) // 2, (height - fitted.height) // 2))
    bar = max(4, height // 64)
    draw = PIL.ImageDraw.Draw(page)
    draw.rectangle((0, height - bar - 2, width, height), fill=GROUND)
    draw.rectangle((0, height - bar, width * (stage.percent or 0) / 100, height), fill=WARM)
    out = io.BytesIO()
    page.save(out, "JPEG", quality=80)
    return out.getvalue()


class _Layout:
    """Words in the middle, a small frame above them, the bar or the reason below.

    Args:
        draw: Where.
        size: How large that is.
        stage: What is told.
    """

    def __init__(self, draw: ImageDraw, size: Size, stage: Stage) -> None:
        self._draw = draw
        self._width, self._height = size
        self._stage = stage
        self._margin = max(4.0, self._width * 0.07)
        self._unit = min(max(min(self._width / 21, self._height / 9), 11.0), 48.0)
        words = _clean(stage.words), _clean(stage.detail)
        # Where no font has all letters, boxes stand for some.
        found = font_with("".join(words), FONTS) or font_with("", FONTS)
        self._font: Callable[[int], Font] = found or partial(PIL.ImageFont.load_default)
        self._words, self._detail = words

    def write(self) -> None:
        """Draw all of it."""
        unit, most = self._unit, self._height - 2 * min(self._margin, self._height * 0.07)
        head, small = self._font(round(unit)), self._font(max(10, round(unit * 0.68)))
        lines = _cut(in_lines(self._words, head, self._inner), int(most / (unit * 1.3)) or 1)
        taken = len(lines) * unit * 1.3
        bar = 0.0 if self._stage.percent is None else unit * 1.1
        step = max(10.0, unit * 0.68) * 1.4
        room = max(int((most - taken - bar - unit * 0.3) / step), 0)
        detail = _cut(in_lines(self._detail, small, self._inner), room) if room else []
        taken += bar + len(detail) * step + (unit * 0.3 if detail else 0)
        icon = unit * 2.6 if most - taken >= unit * 3.2 else 0.0
        top = (self._height - taken - icon) / 2
        if icon:
            self._icon(top, unit)
            top += icon
        for line in lines:
            self._line(top, line, head, LIGHT)
            top += unit * 1.3
        if bar:
            self._bar(top + unit * 0.35, unit)
            top += bar
        top += unit * 0.3
        for line in detail:
            self._line(top, line, small, DIM)
            top += step

    @property
    def _inner(self) -> float:
        return self._width - 2 * self._margin

    def _line(self, top: float, text: str, font: Font, colour: tuple[int, int, int]) -> None:
        self._draw.text((self._width / 2, top), text, fill=colour, font=font, anchor="ma")

    def _bar(self, top: float, unit: float) -> None:
        wide, high = min(self._inner, unit * 13), max(4.0, unit * 0.32)
        left = (self._width - wide) / 2
        box = (left, top, left + wide, top + high)
        self._draw.rounded_rectangle(box, high / 2, fill=TRACK)
        done = wide * (self._stage.percent or 0) / 100
        if done >= high:
            self._draw.rounded_rectangle((left, top, left + done, top + high), high / 2, fill=WARM)

    def _icon(self, top: float, unit: float) -> None:
        """A landscape in a frame; struck out where none will come."""
        wide, high = unit * 2.7, unit * 1.9
        left, line = (self._width - wide) / 2, max(1, round(unit / 13))
        ink = WARM if self._stage.failed else DIM

        def at(x: float, y: float) -> tuple[float, float]:
            return left + wide * x, top + high * y

        self._draw.rounded_rectangle((*at(0, 0), *at(1, 1)), unit / 5, outline=ink, width=line)
        self._draw.ellipse((*at(0.2, 0.2), *at(0.36, 0.42)), outline=ink, width=line)
        hills = [at(0.1, 0.82), at(0.38, 0.5), at(0.54, 0.68), at(0.7, 0.42), at(0.92, 0.82)]
        self._draw.line(hills, fill=ink, width=line, joint="curve")
        if self._stage.failed:
            self._draw.line([at(0.06, 1.14), at(0.94, -0.14)], fill=GROUND, width=line * 5)
            self._draw.line([at(0.06, 1.1), at(0.94, -0.1)], fill=ink, width=line)


def _clean(text: str) -> str:
    """The text in one line, without what cannot be written."""
    shown = "".join(one if one.isprintable() else " " for one in text[: LONGEST * 2])
    return " ".join(shown.split())[:LONGEST]


def _cut(lines: list[str], most: int) -> list[str]:
    """At most so many lines; the last one tells that there are more."""
    if len(lines) <= most:
        return lines
    return [*lines[: most - 1], f"{lines[most - 1].rstrip('.,;: ')} …"]
