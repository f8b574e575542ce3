"""What tells garments apart: collars, belts, buttons, hems."""

from collections.abc import Callable
from types import MappingProxyType

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.cuts import cut_of, hem_of
from limner.backends.images.sketch.painter.people.dyes import cloth, darker, lighter
from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import line, oval, shape


def _neckline(b: Bones, fill: str, deep: float = 12) -> str:
    s = b.shoulder
    return shape(
        f"M{-s * 0.4:g} {b.neck - 3:g}L0 {b.neck + deep:g}L{s * 0.4:g} {b.neck - 3:g}Q0 {b.neck + 4:g} {-s * 0.4:g} {b.neck - 3:g}z",
        fill,
    )


def _belt(b: Bones, fill: str, buckle: str = "#e3bd5b") -> str:
    w, y = b.waist + 1.4, b.middle
    return (
        shape(
            f"M{-w:g} {y - 4:g}Q0 {y - 1:g} {w:g} {y - 4:g}V{y + 3:g}Q0 {y + 6:g} {-w:g} {y + 3:g}z",
            fill,
        )
        + f'<rect x="-4.5" y="{y - 3.5:g}" width="9" height="8" rx="1.5" fill="{buckle}"/>'
    )


def _hem_band(look: Look, b: Bones, fill: str) -> str:
    hem, foot = hem_of(look, b), b.hip * cut_of(look).spread
    sway = min(8.0, foot * 0.12)
    return line(
        f"M{-foot * 0.98:g} {hem - 2.5:g}Q0 {hem + sway - 2.5:g} {foot * 0.98:g} {hem - 2.5:g}",
        fill,
        4,
    )


def _dress(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.82)
    hem = hem_of(look, b)
    folds = "".join(
        line(
            f"M{x * 0.4:g} {b.middle + 8:g}Q{x * 0.7:g} {(b.middle + hem) / 2:g} {x:g} {hem - 2:g}",
            dark,
            1.6,
            ' opacity=".7"',
        )
        for x in (-b.hip, -b.hip * 0.2, b.hip * 0.75)
    )
    sash = shape(
        f"M{-b.waist - 0.8:g} {b.middle - 4:g}Q0 {b.middle - 1:g} {b.waist + 0.8:g} {b.middle - 4:g}V{b.middle + 3:g}Q0 {b.middle + 6:g} {-b.waist - 0.8:g} {b.middle + 3:g}z",
        dark,
    )
    return folds + sash + _neckline(b, f"#{look.skin}", 9)


def _gown(look: Look, b: Bones, colour: str) -> str:
    trim = lighter(colour, 0.45) if look.colour not in ("white", "cream") else "#d9cfbd"
    return _dress(look, b, colour) + _hem_band(look, b, trim)


def _skirt(look: Look, b: Bones, colour: str) -> str:
    above = cloth(look.below, "cream")
    s, w = b.shoulder, b.waist + 0.5
    blouse = shape(
        f"M{-s * 0.42:g} {b.neck - 3:g}C{-s:g} {b.neck:g} {-s:g} {b.neck + 8:g} {-s:g} {b.neck + 10:g}"
        f"C{-s:g} {b.neck + 20:g} {-w:g} {b.middle - 12:g} {-w:g} {b.middle:g}Q0 {b.middle + 4:g} {w:g} {b.middle:g}"
        f"C{w:g} {b.middle - 12:g} {s:g} {b.neck + 20:g} {s:g} {b.neck + 10:g}C{s:g} {b.neck + 8:g} {s:g} {b.neck:g} {s * 0.42:g} {b.neck - 3:g}Q0 {b.neck + 6:g} {-s * 0.42:g} {b.neck - 3:g}z",
        above,
    )
    return blouse + line(f"M0 {b.neck + 8:g}V{b.middle - 3:g}", darker(above, 0.85), 1.2)


def _coat(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.8)
    hem, s = hem_of(look, b), b.shoulder
    collar = shape(
        f"M{-s * 0.46:g} {b.neck - 4:g}L{-s * 0.12:g} {b.neck + 22:g}L0 {b.neck + 8:g}L{s * 0.12:g} {b.neck + 22:g}L{s * 0.46:g} {b.neck - 4:g}Q0 {b.neck + 4:g} {-s * 0.46:g} {b.neck - 4:g}z",
        dark,
    )
    inner = _neckline(b, cloth(look.below, "cream"), 9)
    front = line(f"M0 {b.neck + 12:g}V{hem:g}", dark, 1.6)
    buttons = "".join(
        oval(4.5, y, 1.7, 1.7, darker(colour, 0.6)) for y in _steps(b.neck + 26, b.middle + 22, 4)
    )
    belt = line(f"M{-b.waist:g} {b.middle:g}Q0 {b.middle + 3:g} {b.waist:g} {b.middle:g}", dark, 4)
    pockets = "".join(
        line(f"M{side * b.hip * 0.45:g} {b.middle + 16:g}h{side * 8:g}", dark, 2)
        for side in (-1, 1)
    )
    return front + buttons + belt + pockets + collar + inner


def _steps(top: float, bottom: float, count: int) -> list[float]:
    return [top + (bottom - top) * k / (count - 1) for k in range(count)]


def _robe(look: Look, b: Bones, colour: str) -> str:
    trim = cloth(look.extra_colour, "gold")
    hem = hem_of(look, b)
    band = shape(f"M-5 {b.neck + 4:g}L5 {b.neck + 4:g}L8 {hem + 4:g}H-8z", darker(colour, 0.82))
    return (
        band
        + _belt(b, trim, lighter(trim, 0.3))
        + _hem_band(look, b, trim)
        + _neckline(b, darker(colour, 0.7), 7)
    )


def _habit(look: Look, b: Bones, colour: str) -> str:
    rope = line(
        f"M{-b.waist:g} {b.middle:g}Q0 {b.middle + 4:g} {b.waist:g} {b.middle:g}M5 {b.middle + 3:g}L8 {b.middle + 30:g}",
        "#d8c8a0",
        2.6,
    )
    cowl = shape(
        f"M{-b.shoulder * 0.8:g} {b.neck + 2:g}Q0 {b.neck + 26:g} {b.shoulder * 0.8:g} {b.neck + 2:g}Q0 {b.neck - 8:g} {-b.shoulder * 0.8:g} {b.neck + 2:g}z",
        darker(colour, 0.86),
    )
    return rope + cowl


def _kimono(look: Look, b: Bones, colour: str) -> str:
    trim = lighter(colour, 0.6)
    s = b.shoulder
    cross = line(
        f"M{-s * 0.36:g} {b.neck - 2:g}L{s * 0.35:g} {b.middle - 8:g}M{s * 0.36:g} {b.neck - 2:g}L{-s * 0.3:g} {b.middle - 10:g}",
        trim,
        3,
    )
    obi = shape(
        f"M{-b.waist - 1:g} {b.middle - 11:g}H{b.waist + 1:g}V{b.middle + 6:g}H{-b.waist - 1:g}z",
        cloth(look.extra_colour, "red"),
    )
    blossoms = "".join(
        oval(x, y, 3, 3, trim, ' opacity=".8"')
        for x, y in ((-9, b.crotch + 20), (10, b.crotch + 34), (-4, b.crotch + 50))
    )
    return cross + obi + blossoms


def _tunic(look: Look, b: Bones, colour: str) -> str:
    return (
        _hem_band(look, b, darker(colour, 0.78))
        + _neckline(b, darker(colour, 0.72), 11)
        + _belt(b, "#5a3b28")
    )


def _shirt(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.82)
    collar = shape(
        f"M{-b.shoulder * 0.42:g} {b.neck - 4:g}L-3 {b.neck + 10:g}L0 {b.neck + 4:g}L3 {b.neck + 10:g}L{b.shoulder * 0.42:g} {b.neck - 4:g}Q0 {b.neck + 4:g} {-b.shoulder * 0.42:g} {b.neck - 4:g}z",
        lighter(colour, 0.25),
    )
    return (
        line(f"M0 {b.neck + 10:g}V{hem_of(look, b) - 2:g}", dark, 1.3)
        + collar
        + _belt(b, "#4a3426")
    )


def _sweater(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.82)
    return _hem_band(look, b, dark) + line(
        f"M{-b.shoulder * 0.4:g} {b.neck - 1:g}Q0 {b.neck + 7:g} {b.shoulder * 0.4:g} {b.neck - 1:g}",
        dark,
        4,
    )


def _hoodie(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.82)
    pocket = shape(
        f"M{-b.waist * 0.6:g} {b.crotch - 6:g}L{-b.waist * 0.4:g} {b.middle + 8:g}H{b.waist * 0.4:g}L{b.waist * 0.6:g} {b.crotch - 6:g}z",
        dark,
    )
    strings = line(f"M-4 {b.neck + 6:g}v12M4 {b.neck + 6:g}v12", "#f3efe6", 1.4)
    return (
        _sweater(look, b, colour)
        + pocket
        + shape(
            f"M{-b.shoulder * 0.7:g} {b.neck + 1:g}Q0 {b.neck + 18:g} {b.shoulder * 0.7:g} {b.neck + 1:g}Q0 {b.neck - 9:g} {-b.shoulder * 0.7:g} {b.neck + 1:g}z",
            dark,
        )
        + strings
    )


def _jacket(look: Look, b: Bones, colour: str) -> str:
    under, dark, hem = cloth(look.below, "white"), darker(colour, 0.74), hem_of(look, b)
    if look.below == look.colour:
        under = cloth("cream")
    shirt = shape(
        f"M{-b.shoulder * 0.36:g} {b.neck - 3:g}L-5 {hem:g}H5L{b.shoulder * 0.36:g} {b.neck - 3:g}Q0 {b.neck + 5:g} {-b.shoulder * 0.36:g} {b.neck - 3:g}z",
        under,
    )
    lapels = shape(
        f"M{-b.shoulder * 0.44:g} {b.neck - 4:g}L{-b.shoulder * 0.42:g} {b.neck + 16:g}L-5 {b.neck + 30:g}zM{b.shoulder * 0.44:g} {b.neck - 4:g}L{b.shoulder * 0.42:g} {b.neck + 16:g}L5 {b.neck + 30:g}z",
        dark,
    )
    return shirt + lapels + _hem_band(look, b, dark)


def _suit(look: Look, b: Bones, colour: str) -> str:
    tie = cloth(look.extra_colour, "red")
    dark = darker(colour, 0.72)
    shirt = _neckline(b, "#f6f3ec", 34)
    knot = shape(
        f"M-3 {b.neck + 3:g}H3L4 {b.neck + 24:g}L0 {b.neck + 31:g}L-4 {b.neck + 24:g}z", tie
    )
    lapels = shape(
        f"M{-b.shoulder * 0.44:g} {b.neck - 4:g}L{-b.shoulder * 0.46:g} {b.neck + 14:g}L0 {b.neck + 36:g}zM{b.shoulder * 0.44:g} {b.neck - 4:g}L{b.shoulder * 0.46:g} {b.neck + 14:g}L0 {b.neck + 36:g}z",
        dark,
    )
    return (
        shirt
        + knot
        + lapels
        + line(f"M0 {b.neck + 36:g}V{hem_of(look, b):g}", dark, 1.4)
        + oval(3.4, b.middle + 2, 1.5, 1.5, "#d9c58b")
    )


def _uniform(look: Look, b: Bones, colour: str) -> str:
    dark = darker(colour, 0.72)
    gold = "#e3bd5b"
    buttons = "".join(oval(0, y, 1.9, 1.9, gold) for y in _steps(b.neck + 14, b.middle - 8, 3))
    boards = line(
        f"M{-b.shoulder * 0.62:g} {b.neck + 1:g}L{-b.shoulder * 0.95:g} {b.neck + 6:g}M{b.shoulder * 0.62:g} {b.neck + 1:g}L{b.shoulder * 0.95:g} {b.neck + 6:g}",
        gold,
        4,
    )
    return (
        line(f"M0 {b.neck + 6:g}V{hem_of(look, b):g}", dark, 1.3)
        + buttons
        + boards
        + _belt(b, dark, gold)
        + line(
            f"M{-b.shoulder * 0.36:g} {b.neck - 2:g}Q0 {b.neck + 6:g} {b.shoulder * 0.36:g} {b.neck - 2:g}",
            dark,
            4,
        )
    )


def _armour(look: Look, b: Bones, colour: str) -> str:
    light, dark = lighter(colour, 0.4), darker(colour, 0.72)
    s = b.shoulder
    plate = shape(
        f"M{-s * 0.8:g} {b.neck + 4:g}Q0 {b.neck - 4:g} {s * 0.8:g} {b.neck + 4:g}Q{s * 0.9:g} {b.middle - 16:g} 0 {b.middle - 2:g}Q{-s * 0.9:g} {b.middle - 16:g} {-s * 0.8:g} {b.neck + 4:g}z",
        light,
    )
    ridge = line(f"M0 {b.neck + 2:g}V{b.middle - 6:g}", dark, 1.5)
    pads = oval(-s * 0.98, b.neck + 8, 11, 9, light) + oval(s * 0.98, b.neck + 8, 11, 9, dark)
    skirt = "".join(
        line(f"M{-b.hip:g} {y:g}Q0 {y + 4:g} {b.hip:g} {y:g}", dark, 1.4)
        for y in _steps(b.middle + 8, hem_of(look, b) - 5, 3)
    )
    return plate + ridge + skirt + _belt(b, "#5a3b28") + pads


def _spacesuit(look: Look, b: Bones, colour: str) -> str:
    pack = f'<rect x="-11" y="{b.neck + 22:g}" width="22" height="18" rx="3" fill="#c9ced6"/>'
    lamps = (
        oval(-5, b.neck + 28, 2, 2, "#d8493f")
        + oval(1, b.neck + 28, 2, 2, "#4a8fd0")
        + oval(6, b.neck + 28, 1.6, 1.6, "#e3bd5b")
    )
    return (
        pack
        + lamps
        + line(
            f"M{-b.waist:g} {b.middle + 4:g}Q0 {b.middle + 8:g} {b.waist:g} {b.middle + 4:g}",
            "#d8703f",
            4,
        )
    )


def _overalls(look: Look, b: Bones, colour: str) -> str:
    bib = cloth(look.below, "denim")
    return (
        shape(
            f"M{-b.waist * 0.62:g} {b.neck + 26:g}H{b.waist * 0.62:g}L{b.waist:g} {b.middle:g}L{b.hip:g} {b.crotch + 6:g}H{-b.hip:g}L{-b.waist:g} {b.middle:g}z",
            bib,
        )
        + line(
            f"M{-b.waist * 0.55:g} {b.neck + 27:g}L{-b.shoulder * 0.5:g} {b.neck:g}M{b.waist * 0.55:g} {b.neck + 27:g}L{b.shoulder * 0.5:g} {b.neck:g}",
            bib,
            5,
        )
        + oval(-b.waist * 0.5, b.neck + 28, 1.8, 1.8, "#e3bd5b")
        + oval(b.waist * 0.5, b.neck + 28, 1.8, 1.8, "#e3bd5b")
    )


def _vest(look: Look, b: Bones, colour: str) -> str:
    return _jacket(look, b, colour) + _belt(b, "#4a3426")


def apron(look: Look, b: Bones) -> str:
    """An apron over whatever is worn."""
    fill = cloth(look.extra_colour, "white")
    low = min(-2.0, b.crotch + 0.3 * b.tall)
    return (
        shape(
            f"M{-b.waist * 0.6:g} {b.neck + 18:g}H{b.waist * 0.6:g}L{b.waist * 0.9:g} {b.middle:g}C{b.hip * 1.1:g} {b.crotch:g} {b.hip * 1.2:g} {low:g} {b.hip * 0.9:g} {low:g}H{-b.hip * 0.9:g}C{-b.hip * 1.2:g} {low:g} {-b.hip * 1.1:g} {b.crotch:g} {-b.waist * 0.9:g} {b.middle:g}z",
            fill,
        )
        + line(
            f"M{-b.waist * 0.5:g} {b.neck + 18:g}L{-b.shoulder * 0.4:g} {b.neck - 2:g}M{b.waist * 0.5:g} {b.neck + 18:g}L{b.shoulder * 0.4:g} {b.neck - 2:g}",
            fill,
            3,
        )
        + line(
            f"M{-b.waist:g} {b.middle:g}Q0 {b.middle + 3:g} {b.waist:g} {b.middle:g}",
            darker(fill, 0.85),
            2.4,
        )
    )


DETAILS: MappingProxyType[str, Callable[[Look, Bones, str], str]] = MappingProxyType(
    {
        "dress": _dress,
        "gown": _gown,
        "skirt": _skirt,
        "coat": _coat,
        "robe": _robe,
        "habit": _habit,
        "kimono": _kimono,
        "tunic": _tunic,
        "shirt": _shirt,
        "sweater": _sweater,
        "hoodie": _hoodie,
        "jacket": _jacket,
        "suit": _suit,
        "uniform": _uniform,
        "armour": _armour,
        "spacesuit": _spacesuit,
        "overalls": _overalls,
        "vest": _vest,
    }
)
