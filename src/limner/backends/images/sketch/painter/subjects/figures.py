"""Subjects: drawn in the scene's own light, standing in the ground and not on the paper."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageFilter

from limner.backends.images.sketch.painter.layout.artwork import Artwork
from limner.backends.images.sketch.painter.layout.stage import Placement, Stage
from limner.backends.images.sketch.painter.subjects.ground_contact import (
    cover_feet,
    pedestal,
    picnic_cloth,
    shoulders,
    waterline,
)
from limner.backends.images.sketch.painter.subjects.recolour import recoloured
from limner.backends.images.sketch.painter.surface.canvas import Canvas
from limner.backends.images.sketch.painter.surface.colour import mix, rgb
from limner.backends.images.sketch.painter.surface.noise import Field
from limner.backends.images.sketch.scene import Place, Stance, Time, Weather

_WET = (Stance.WATER, Stance.SWIMS)


def paint_figures(canvas: Canvas, stage: Stage, art: Mapping[str, Artwork], *, back: bool) -> None:
    """All subjects of the background or of the foreground, the farthest first."""
    chosen = [p for p in stage.placements if p.back is back]
    if not back:
        picnic_cloth(canvas, stage)
    for placement in in_order(chosen):
        _paint(canvas, stage, placement, art[placement.subject.drawing])


def in_order(placements: Sequence[Placement]) -> list[Placement]:
    """From back to front; what is carried stays next to its carrier, as it was planned."""
    groups: list[list[Placement]] = []
    for p in placements:
        if groups and ((p.carried and not p.hidden) or groups[-1][-1].hidden > 0):
            groups[-1].append(p)
        else:
            groups.append([p])
    groups.sort(
        key=lambda group: (
            -group[-1].depth,
            group[-1].foot if not group[-1].carried else group[0].foot,
        )
    )
    return [p for group in groups for p in group]


def _paint(canvas: Canvas, stage: Stage, p: Placement, artwork: Artwork) -> None:
    lift = 0.0 if p.carried else pedestal(canvas, stage, p)
    if p.subject.stance is Stance.FACE:
        shoulders(canvas, stage, p, artwork.colour)
        lift += p.height * 0.16
    drawing = _drawing(canvas, p, artwork)
    if drawing is None:
        return
    if p.hidden:
        keep = max(1, round(drawing.height * (1 - p.hidden)))
        drawing = drawing.crop((0, 0, drawing.width, keep))
    sunk = 0.0 if p.carried else _sunk(stage, p)
    if sunk:
        drawing = drawing.crop((0, 0, drawing.width, max(1, round(drawing.height * (1 - sunk)))))
    unit = canvas.frame.unit
    left = round(p.x * unit - drawing.width / 2)
    low = p.foot - lift - p.height * p.hidden
    top = round(low * unit - drawing.height)
    paint = _lit(canvas, stage, p, drawing)
    if p.subject.stance in _WET and not p.carried and stage.scene.place is not Place.UNDERWATER:
        _mirror(canvas, stage, paint, left, top)
    elif p.subject.stance not in (Stance.AIR, Stance.SKY, Stance.SWIMS) and not p.carried:
        _shadow(canvas, stage, p, paint, left, top)
    _put(canvas, paint, left, top)
    if sunk:
        waterline(canvas, stage, p)
    elif _stands_on_the_ground(p, lift) and not p.carried and p.foot < stage.down + 4:
        cover_feet(canvas, stage, p)


def _stands_on_the_ground(p: Placement, lift: float) -> bool:
    stance = p.subject.stance
    floats = stance in (Stance.AIR, Stance.SKY, Stance.WALL)
    return stance is Stance.FACE or not (floats or lift)


def _drawing(canvas: Canvas, p: Placement, artwork: Artwork) -> Image.Image | None:
    height = round(p.height * canvas.frame.unit)
    if height < 3:
        return None
    drawing = recoloured(artwork.image(height), p.subject.tint)
    if p.flip:
        drawing = drawing.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if p.tilt:
        drawing = drawing.rotate(p.tilt, Image.Resampling.BICUBIC, expand=True)
    return drawing


def _sunk(stage: Stage, p: Placement) -> float:
    """The share of a thing that is under the waterline."""
    if stage.scene.place is Place.UNDERWATER:
        return 0.0
    return {Stance.WATER: 0.07, Stance.SWIMS: 0.16}.get(p.subject.stance, 0.0)


def _lit(canvas: Canvas, stage: Stage, p: Placement, drawing: Image.Image) -> Field:
    """The print in the light of the scene: premultiplied colour and alpha, 0 to 1."""
    paint: Field = np.array(drawing.convert("RGBa"), dtype=np.float32)
    paint *= np.float32(1 / 255)
    colour, alpha = paint[..., :3], paint[..., 3]
    rows, columns = alpha.shape
    across = np.linspace(-1, 1, columns, dtype=np.float32) * stage.light_side
    down = np.linspace(0, 1, rows, dtype=np.float32)
    lit = np.clip(0.80 + 0.22 * across[None, :] - 0.24 * down[:, None] ** 2, 0, 1)[..., None]
    if p.subject.stance is Stance.SKY:
        lit = np.ones_like(lit)
    tones = stage.tones
    dark, bright = _light(stage)
    colour *= dark * (1 - lit) + bright * lit
    haze = min(0.8, p.depth * tones.thickness * 0.75)
    colour *= 1 - haze
    colour += haze * alpha[..., None] * np.array(tones.haze, np.float32)
    if p.subject.stance is not Stance.SKY and stage.scene.place is not Place.INTERIOR:
        _rim(canvas, stage, colour, alpha)
    return paint


def _light(stage: Stage) -> tuple[Field, Field]:
    """The light on figures, in shadow and in full: gentler than on land, so that all stay clear."""
    place, night = stage.scene.place, stage.scene.time is Time.NIGHT
    if place is Place.INTERIOR:
        dim = 0.86 if night else 1.0
        return (
            np.array((0.76 * dim, 0.68 * dim, 0.68 * dim), np.float32),
            np.array((1.08 * dim, 1.0 * dim, 0.9 * dim), np.float32),
        )
    if place is Place.SPACE:
        return np.array((0.5, 0.5, 0.62), np.float32), np.array((1.04, 1.0, 0.98), np.float32)
    dark: Field = np.array(stage.tones.shadow, np.float32)
    bright: Field = np.array(stage.tones.light, np.float32)
    if night:  # moonlight dims; if it also took all red away, faces would turn green
        np.divide(dark + dark.mean(), 2, out=dark)
        np.divide(bright + bright.mean(), 2, out=bright)
    shaded: Field = 0.25 + 0.75 * dark
    full: Field = 0.16 + 0.86 * bright
    return shaded, full


def _rim(canvas: Canvas, stage: Stage, colour: Field, alpha: Field) -> None:
    """A bright edge towards a low sun or the moon."""
    strength = {Time.DAY: 0.16, Time.NIGHT: 0.55}.get(stage.scene.time, 0.5)
    if stage.scene.weather not in (Weather.CLEAR, Weather.WIND, Weather.SNOW):
        strength *= 0.45
    step = max(1, round(0.42 * canvas.frame.unit))
    side = round(stage.light_side) * step
    rows, columns = alpha.shape
    if rows <= step or columns <= step:
        return
    edge = alpha - np.roll(alpha, (step, -side), (0, 1))
    mask = np.clip(edge, 0, 1)[..., None] * np.float32(strength)
    glow = np.array(mix(stage.tones.glow, rgb("ffffff"), 0.15), np.float32)
    colour *= 1 - mask
    colour += mask * glow


def _shadow(canvas: Canvas, stage: Stage, p: Placement, paint: Field, left: int, top: int) -> None:
    """Where a thing stands it darkens the ground; in clear light it also throws a shadow."""
    unit = canvas.frame.unit
    rows, columns = paint.shape[:2]
    foot = top + rows
    if p.subject.stance is Stance.WALL:
        return
    clear = stage.scene.weather in (Weather.CLEAR, Weather.WIND, Weather.SNOW)
    outside = stage.scene.place not in (Place.INTERIOR, Place.CAVE, Place.UNDERWATER)
    pad = max(4, round(rows * 0.5))
    flat = max(2, round(rows * (0.26 if clear and outside else 0.1)))
    sheet = Image.new("L", (columns + 2 * pad, flat + round(2 * unit) + 4), 0)
    body = Image.fromarray((paint[..., 3] * 255).astype(np.uint8))
    body = body.transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize((columns, flat))
    if clear and outside:
        sheet.paste(body, (pad, round(unit)))
        lean = stage.light_side * pad * 0.8 / max(1, flat)
        sheet = sheet.transform(
            sheet.size,
            Image.Transform.AFFINE,
            (1, lean, -lean * unit, 0, 1, 0),
            Image.Resampling.BILINEAR,
        )
    contact = Image.new("L", sheet.size, 0)
    thick = max(2, round(min(1.4 * unit, rows * 0.07)))
    low = (paint[max(0, rows - max(2, rows // 12)) :, :, 3].max(axis=0) * 255).astype(np.uint8)
    strip = Image.fromarray(np.repeat(low[None, :], thick * 2, axis=0))
    contact.paste(strip, (pad, max(0, round(unit) - thick)))
    contact = contact.filter(ImageFilter.GaussianBlur(max(0.8, 0.7 * unit)))
    sheet = sheet.filter(ImageFilter.GaussianBlur(max(0.6, 0.5 * unit)))
    cast = np.asarray(sheet, np.float32) / 255 * 0.42
    mask = np.maximum(cast, np.asarray(contact, np.float32) / 255 * 0.62)
    _darken(canvas, stage, mask, left - pad, foot - round(unit))


def _darken(canvas: Canvas, stage: Stage, mask: Field, left: int, top: int) -> None:
    cut = _inside(canvas, mask.shape[1], mask.shape[0], left, top)
    if cut is None:
        return
    (x0, y0, x1, y1), (sx, sy) = cut
    part = mask[sy : sy + y1 - y0, sx : sx + x1 - x0]
    target = canvas.pixels[y0:y1, x0:x1]
    dark = 0.35 + 0.35 * np.array(stage.tones.shadow, np.float32)
    target *= 1 - part[..., None] * (1 - dark)


def _mirror(canvas: Canvas, stage: Stage, paint: Field, left: int, top: int) -> None:
    """The thing upside down in the water, broken by ripples."""
    rows = paint.shape[0]
    depth = max(2, round(rows * 0.7))
    image = paint[::-1][:depth]
    y = np.arange(depth)
    sway = np.rint(
        np.sin(np.sqrt(y + 4.0) * 9.0 / max(1.0, canvas.frame.unit**0.5))
        * canvas.frame.unit
        * 0.35
        * (0.3 + y / depth)
    ).astype(int)
    shown = np.stack([np.roll(image[k], sway[k], axis=0) for k in range(depth)])
    fade = (0.5 * (1 - y / depth) ** 0.8).astype(np.float32)[:, None, None]
    body = np.array(mix(stage.seen(rgb("3f7590"), lit=0.3), stage.tones.sky[2], 0.2), np.float32)
    shown = shown * fade
    shown[..., :3] = shown[..., :3] * 0.72 + shown[..., 3:] * body * 0.28
    _put(canvas, shown, left, top + rows)


def _put(canvas: Canvas, paint: Field, left: int, top: int) -> None:
    cut = _inside(canvas, paint.shape[1], paint.shape[0], left, top)
    if cut is None:
        return
    (x0, y0, x1, y1), (sx, sy) = cut
    part = paint[sy : sy + y1 - y0, sx : sx + x1 - x0]
    target = canvas.pixels[y0:y1, x0:x1]
    target *= 1 - part[..., 3:]
    pigment = 1 + 0.05 * (canvas.mottle[y0:y1, x0:x1] + canvas.streaks[y0:y1, x0:x1])
    target += part[..., :3] * pigment[..., None]
    np.maximum(canvas.detail[y0:y1, x0:x1], part[..., 3], out=canvas.detail[y0:y1, x0:x1])


def _inside(
    canvas: Canvas, width: int, height: int, left: int, top: int
) -> tuple[tuple[int, int, int, int], tuple[int, int]] | None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(canvas.frame.width, left + width), min(canvas.frame.height, top + height)
    if x0 >= x1 or y0 >= y1:
        return None
    return (x0, y0, x1, y1), (x0 - left, y0 - top)
