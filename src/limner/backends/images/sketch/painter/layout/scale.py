"""How large things are drawn: real heights, compressed so that mice and castles share a page."""

from limner.backends.images.sketch.scene import Place, Stance, Subject

HUGE, SMALL = 4.5, 0.9
"""Metres: what is taller stands far back; what is lower comes close to the viewer."""

_HERO = (2.45, 2.15, 1.8, 1.5, 1.3)
"""How much larger subjects are drawn when there are one, two, three, four, five or more."""


def drawn_height(subject: Subject, crowd: int, place: Place) -> float:
    """The height in scene units at which a subject is drawn.

    Args:
        subject: What.
        crowd: How many things are drawn altogether.
        place: Where: inside a room everything is nearer.

    >>> fox = Subject(art="fox", name="fox", stance=Stance.GROUND, height=0.5)
    >>> castle = Subject(art="castle", name="castle", stance=Stance.GROUND, height=40)
    >>> drawn_height(fox, 2, Place.MEADOW) < 0.6 * drawn_height(castle, 2, Place.MEADOW)
    True
    """
    return min(62.0, _usual_height(subject, crowd, place) * _share(subject))


def _share(subject: Subject) -> float:
    """How much the prompt makes it larger; what stands far off is large already."""
    return subject.size if subject.height < HUGE or subject.size < 1 else min(subject.size, 1.3)


def _usual_height(subject: Subject, crowd: int, place: Place) -> float:
    hero = _HERO[min(crowd, len(_HERO)) - 1]
    base: float = 16.5 * max(0.02, subject.height) ** 0.3
    if subject.stance is Stance.SKY:
        return 17.0
    if subject.height >= HUGE and subject.stance is not Stance.AIR:
        return min(56.0, base * (1 + (hero - 1) * 0.35))
    if place in (Place.INTERIOR, Place.CAVE):
        hero *= 1.1
    if subject.stance is Stance.TABLE:
        return min(23.0 if crowd == 1 else 17.0, max(8.5, base * hero))
    if subject.stance is Stance.WATER:
        hero *= 0.8  # boats are long, and their water needs room
    if subject.stance is Stance.FACE:
        return min(30.0, max(15.0, base * hero * 0.85))
    if subject.stance is Stance.AIR:
        return min(38.0, max(9.0, base * hero * 0.95))
    if subject.looks:
        hero *= 1.08
    return min(56.0, max(10.0, base * hero))


def nearness(subject: Subject) -> float:
    """Where on the ground a thing stands: 0 at the horizon, 1 at the lower edge."""
    if subject.stance is Stance.TABLE:
        return 0.84
    if subject.height >= 30:
        return 0.12
    if subject.height >= 12:
        return 0.18
    if subject.height >= HUGE:
        return 0.27
    if subject.height >= SMALL:
        return 0.66
    return 0.76
