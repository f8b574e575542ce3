"""The garment on a body: its outline, its shadow, its details."""

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.cuts import cut_of, hem_of
from limner.backends.images.sketch.painter.people.dyes import cloth
from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import shade, shape
from limner.backends.images.sketch.painter.people.trimmings import DETAILS, apron


def outline(look: Look, b: Bones) -> str:
    """The garment's outline."""
    cut, hem = cut_of(look), hem_of(look, b)
    s, w, h, foot = b.shoulder, b.waist, b.hip, b.hip * cut.spread
    if cut.hem > 0.3:
        foot = max(foot, w * 1.02)
    sway = min(8.0, foot * 0.12)
    return (
        f"M{-s * 0.42:g} {b.neck - 3:g}C{-s * 0.8:g} {b.neck - 1:g} {-s:g} {b.neck + 2:g} {-s:g} {b.neck + 9:g}"
        f"C{-s:g} {b.neck + 20:g} {-w - 1:g} {b.middle - 14:g} {-w:g} {b.middle:g}"
        f"C{-h:g} {b.middle + 10:g} {-h - 1:g} {b.crotch - 8:g} {-foot:g} {hem:g}"
        f"Q0 {hem + sway:g} {foot:g} {hem:g}"
        f"C{h + 1:g} {b.crotch - 8:g} {h:g} {b.middle + 10:g} {w:g} {b.middle:g}"
        f"C{w + 1:g} {b.middle - 14:g} {s:g} {b.neck + 20:g} {s:g} {b.neck + 9:g}"
        f"C{s:g} {b.neck + 2:g} {s * 0.8:g} {b.neck - 1:g} {s * 0.42:g} {b.neck - 3:g}Q0 {b.neck + 5:g} {-s * 0.42:g} {b.neck - 3:g}z"
    )


def body(look: Look, b: Bones) -> str:
    """The garment from the shoulders to its hem."""
    colour = cloth(look.colour)
    parts = [shape(outline(look, b), colour), _shadow(look, b)]
    detail = DETAILS.get(cut_of(look).detail)
    if detail is not None:
        parts.append(detail(look, b, colour))
    if "apron" in look.extras:
        parts.append(apron(look, b))
    return "".join(parts)


def _shadow(look: Look, b: Bones) -> str:
    hem, foot = hem_of(look, b), b.hip * cut_of(look).spread
    return shade(
        f"M{b.shoulder * 0.42:g} {b.neck - 3:g}C{b.shoulder * 0.8:g} {b.neck - 1:g} {b.shoulder:g} {b.neck + 2:g} {b.shoulder:g} {b.neck + 9:g}"
        f"C{b.shoulder:g} {b.neck + 20:g} {b.waist + 1:g} {b.middle - 14:g} {b.waist:g} {b.middle:g}"
        f"C{b.hip:g} {b.middle + 10:g} {b.hip + 1:g} {b.crotch - 8:g} {foot:g} {hem:g}L{foot * 0.45:g} {hem + 3:g}"
        f"C{b.hip * 0.5:g} {b.crotch:g} {b.waist * 0.45:g} {b.middle:g} {b.shoulder * 0.5:g} {b.neck + 20:g}z"
    )
