"""Instruments that people play; the hand on the right is at their neck, the other at the strings."""

from limner.backends.images.sketch.painter.people.frame import Bones
from limner.backends.images.sketch.painter.people.pen import line, oval, shape


def violin(x: float, y: float, b: Bones) -> str:
    """At the shoulder, with its bow across."""
    left, low = 2.0, b.neck + 3
    turn = f' transform="rotate(16 {left:g} {low:g})"'
    body = shape(
        f"M{left - 11:g} {low:g}C{left - 11:g} {low - 11:g} {left + 2:g} {low - 11:g} {left + 5:g} {low - 6:g}"
        f"C{left + 9:g} {low - 12:g} {left + 24:g} {low - 11:g} {left + 24:g} {low:g}"
        f"C{left + 24:g} {low + 11:g} {left + 9:g} {low + 12:g} {left + 5:g} {low + 6:g}"
        f"C{left + 2:g} {low + 11:g} {left - 11:g} {low + 11:g} {left - 11:g} {low:g}z",
        "#a9592b",
        turn,
    )
    string = line(f"M{left - 8:g} {low:g}L{x + 8:g} {y - 3:g}", "#2f211b", 3.4)
    hx, hy = b.left[1]
    bow = line(f"M{hx:g} {hy:g}L{left + 24:g} {b.neck - 24:g}", "#e9dcc0", 2.2)
    return body + string + oval(x + 9, y - 3, 3, 3, "#2f211b") + bow


def guitar(x: float, y: float, b: Bones) -> str:
    """Before the belly, its neck up to the hand."""
    cx, cy = -4.0, b.neck + 0.3 * b.tall
    return (
        line(f"M{cx:g} {cy:g}L{x + 9:g} {y - 5:g}", "#3d2a20", 5)
        + oval(cx - 8, cy + 6, 21, 17, "#b9793c")
        + oval(cx + 9, cy - 3, 14, 12.5, "#b9793c")
        + oval(cx, cy + 2, 6, 5.4, "#3d2417")
        + line(f"M{cx - 16:g} {cy + 9:g}L{x + 6:g} {y - 3:g}", "#f0e2c4", 1)
        + line(f"M{x + 5:g} {y - 3:g}L{x + 12:g} {y - 7:g}", "#3d2a20", 7)
    )


def flute(x: float, y: float, b: Bones) -> str:
    """At the lips."""
    return line(f"M2 {b.chin - 7:g}L{x + 8:g} {y + 3:g}", "#8a6238", 4.4) + "".join(
        oval(2 + (x + 6) * share, b.chin - 7 + (y - b.chin + 10) * share, 1, 1, "#3d2417")
        for share in (0.45, 0.6, 0.75)
    )


def drum(x: float, y: float, b: Bones) -> str:
    """On a strap, with two sticks."""
    cy = b.neck + 0.36 * b.tall
    return (
        line(f"M{-b.shoulder * 0.6:g} {b.neck:g}L18 {cy:g}", "#e6d2a8", 3)
        + f'<rect x="-20" y="{cy:g}" width="40" height="24" fill="#b5392f"/>'
        + oval(0, cy + 24, 20, 5, "#8f2c25")
        + oval(0, cy, 20, 5.4, "#f3ead6")
        + line(f"M-20 {cy:g}l8 24l8-22l8 23l8-23l8 22", "#e8c35a", 1.6)
        + line(f"M{x:g} {y:g}L6 {cy - 1:g}", "#8a6238", 2.6)
        + line(f"M{b.left[1][0]:g} {b.left[1][1]:g}L-8 {cy - 1:g}", "#8a6238", 2.6)
    )
