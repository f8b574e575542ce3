"""What an occasion asks for: masks at a ball, a planet under those who have landed on it."""

from collections.abc import Sequence
from dataclasses import replace

from limner.backends.images.sketch.lexicon.found import Mention
from limner.backends.images.sketch.lexicon.token import Token
from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.scene import Place, Room, Stance, Subject

_PLAIN = ("tunic", "shirt", "sweater", "dress", "skirt", "coat")
"""What people wear whose clothes nothing tells; for a ball they change."""

_MASKED = ("masked", "masquerade")


def landed(things: Sequence[Mention], place: Place) -> tuple[list[Mention], str | None]:
    """The things without the planet they are on, and that planet's colour."""
    ground = [m for m in things if m.noun.name == "planet" and m.preposition in ("on", "onto")]
    if place is not Place.SPACE or not ground or len(ground) == len(things):
        return list(things), None
    return [m for m in things if m not in ground], ground[0].tint or "gray"


def grounded(subjects: Sequence[Subject], soil: str | None) -> tuple[Subject, ...]:
    """On a planet a spaceship stands."""
    if soil is None:
        return tuple(subjects)
    return tuple(
        replace(s, stance=Stance.GROUND) if s.stance is Stance.AIR and s.height > 2 else s
        for s in subjects
    )


def festive(subjects: Sequence[Subject], room: Room, words: Sequence[Token]) -> tuple[Subject, ...]:
    """At a ball people wear gowns and suits, at a masked one masks, too."""
    if room is not Room.BALLROOM:
        return tuple(subjects)
    masked = any(token.word in _MASKED for token in words)
    return tuple(
        replace(s, looks=tuple(_dressed_up(look, masked=masked) for look in s.looks))
        for s in subjects
    )


def _dressed_up(look: Look, *, masked: bool) -> Look:
    if look.garment in _PLAIN:
        colour = look.colour if look.woman else "navy"
        look = replace(look, garment="gown" if look.woman else "suit", colour=colour, below="black")
    return replace(look, extras=look.extras | {"mask"}) if masked else look
