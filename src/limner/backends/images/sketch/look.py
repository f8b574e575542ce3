"""How a person looks: what is worn, the hair, the pose. The painter draws people from it."""

from dataclasses import dataclass
from enum import StrEnum


class Age(StrEnum):
    """How old a person looks."""

    CHILD = "child"
    YOUNG = "young"
    ADULT = "adult"
    OLD = "old"


class Pose(StrEnum):
    """What arms and legs do."""

    STAND = "stand"
    WALK = "walk"
    RUN = "run"
    SIT = "sit"
    KNEEL = "kneel"
    RIDE = "ride"
    """Astride; one leg hangs down before the mount."""
    DANCE = "dance"
    EMBRACE = "embrace"
    REACH = "reach"
    """One arm stretched out: giving, pointing, fighting."""
    RAISE = "raise"
    """Both arms up."""
    HOLD = "hold"
    """One hand before the breast: something is in it."""
    PLAY = "play"
    """An instrument: one hand at its neck, the other at the strings."""
    READ = "read"
    """Both hands before the breast."""


@dataclass(frozen=True, slots=True)
class Look:
    """A person from head to toe.

    Attributes:
        woman: Drawn with a woman's outline.
        age: How old.
        skin: Its colour, six hexadecimal digits.
        hair: Its colour, a word; see `limner.backends.images.sketch.painter.people.dyes`.
        cut: How the hair is worn: ``"long"``, ``"short"``, ``"bun"`` …
        beard: ``"full"``, ``"long"``, ``"moustache"`` or ``""``.
        eyes: Their colour, a word.
        garment: What is worn: ``"dress"``, ``"coat"``, ``"robe"`` …
        colour: Of the garment, a word.
        below: Colour of what is under it: trousers, a shirt.
        hat: What is on the head, or ``""``.
        hat_colour: Of that, a word.
        shoes: Their colour, a word; ``""`` is the usual one.
        extras: What else is worn: ``"glasses"``, ``"scarf"``, ``"cape"`` …
        extra_colour: Of scarf, cape or apron, a word.
        held: What is in the hand and drawn with the person: ``"staff"``, ``"sword"`` …
        seat: What there is to sit on: ``"stool"``, ``"rock"``, ``"log"`` or ``""``.
        pose: What arms and legs do.
        mood: ``"happy"``, ``"sad"``, ``"angry"``, ``"calm"`` or ``"asleep"``.
        away: Seen from behind.

    >>> Look(garment="coat", colour="yellow").woman
    False
    """

    woman: bool = False
    age: Age = Age.ADULT
    skin: str = "f0c8a0"
    hair: str = "brown"
    cut: str = "short"
    beard: str = ""
    eyes: str = "brown"
    garment: str = "tunic"
    colour: str = "green"
    below: str = "brown"
    hat: str = ""
    hat_colour: str = ""
    shoes: str = ""
    extras: frozenset[str] = frozenset()
    extra_colour: str = ""
    held: str = ""
    seat: str = ""
    pose: Pose = Pose.STAND
    mood: str = "happy"
    away: bool = False
