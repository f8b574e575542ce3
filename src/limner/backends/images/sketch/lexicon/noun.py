"""The nouns that can be drawn, as the tables in ``nouns/`` list them.

A table's sections are stances; in them stands one noun a line, its head word first::

    [ground]
    fox = { h = 0.6, place = "forest", also = ["vixen", "fox cub"], natural = ["red", "orange"] }

Only ``h`` must be given. Two tables of one noun, or one word of two nouns, are errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import msgspec

from limner.backends.images.sketch.lexicon.plural import plural
from limner.backends.images.sketch.scene import Place, Season, Stance, Time, Weather

Guard = Literal["noun", "article", "final", "tag", "never"]
"""What must stand around an ambiguous word (`limner.backends.images.sketch.lexicon.guard`)."""

_ANIMATE = ("animals", "people", "fantasy")
_TABLES = (*_ANIMATE, "buildings", "vehicles", "nature", "household", "food")


class Row(msgspec.Struct, forbid_unknown_fields=True):
    """One noun of a table.

    Attributes:
        h: Height of the real thing in metres.
        art: Its drawing; without it the head word with hyphens.
        also: Synonyms and kinds that have no drawing of their own.
        plural: The head's plurals; without it the regular one.
        guard: What must stand around the head word, if it is ambiguous.
        guards: The same for synonyms and plurals.
        stance: If another than the section's.
        place: Where the scene is if the prompt names no place.
        time: When it is if the prompt does not say.
        season: In which season, likewise.
        weather: In what weather, likewise.
        tint: Its own colour, if the drawing has another.
        natural: Colour words that say no more than the drawing already shows.
        count: How many one mention means.
        inside: Whether "in the …" or only "inside the …" means the room within.
        lights: It shines.
        flies: It may fly or rest.
        aloft: Its drawing when it flies, if that is another.
        afloat: It swims where there is water.
        brings: What is there with it, unless the prompt names that itself: a pianist's piano.
        parent: What its mother or father is, if that has a name of its own.
        laid: Its drawings where people are at it, for one or two, and for more.
        gathers: People are on both sides of it.
        scenery: Beside other subjects, several of it (or even one) are only part of the setting.
    """

    h: float
    art: str | None = None
    also: list[str] = []
    plural: list[str] | None = None
    guard: Guard | None = None
    guards: dict[str, Guard] = {}
    stance: Stance | None = None
    place: Place | None = None
    time: Time | None = None
    season: Season | None = None
    weather: Weather | None = None
    tint: str | None = None
    natural: list[str] = []
    count: int = 1
    inside: Literal["in", "inside"] | None = None
    lights: bool = False
    flies: bool = False
    aloft: str | None = None
    afloat: bool = False
    brings: str | None = None
    parent: str | None = None
    laid: tuple[str, str] | None = None
    gathers: bool = False
    scenery: Literal["several", "always"] | None = None


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun that can be drawn.

    Attributes:
        name: The head word, singular.
        art: Its drawing.
        stance: How it stands.
        animate: An animal, a person, a creature.
        row: Everything else the table says of it.
        look: How it is drawn if it is a person: words of ``looks.toml``.
    """

    name: str
    art: str
    stance: Stance
    animate: bool
    row: Row
    look: str | None = None

    @property
    def person(self) -> bool:
        """Whether it is drawn as a person, with a look."""
        return self.look is not None

    @property
    def sex(self) -> str:
        """``"woman"``, ``"man"``, or ``""`` if it may be either."""
        words = (self.look or "").split()
        if "woman" in words:
            return "woman"
        return "" if "??" in words or self.look is None else "man"


@dataclass(frozen=True, slots=True)
class Form:
    """One way to write a noun.

    Attributes:
        text: The words, lower-case.
        noun: What they mean.
        several: It is a plural.
        guard: What must stand around it, if anything.
    """

    text: str
    noun: Noun
    several: bool
    guard: Guard | None


def nouns() -> Iterator[Noun]:
    """All nouns, table by table."""
    lexicon = resources.files("limner.backends.images.sketch.lexicon")
    folder = lexicon / "nouns"
    looks = msgspec.toml.decode(
        (lexicon / "looks.toml").read_text(encoding="utf-8"), type=dict[str, str]
    )
    for table in _TABLES:
        text = (folder / f"{table}.toml").read_text(encoding="utf-8")
        sections = msgspec.toml.decode(text, type=dict[Stance, dict[str, Row]])
        for stance, rows in sections.items():
            for name, row in rows.items():
                art = row.art or name.replace(" ", "-")
                yield Noun(name, art, row.stance or stance, table in _ANIMATE, row, looks.get(name))


def forms(noun: Noun) -> Iterator[Form]:
    """Every way to write a noun: its head word, its synonyms and the plurals of all of them."""
    row = noun.row
    own = [plural(noun.name)] if row.plural is None else row.plural
    guards = {noun.name: row.guard, **row.guards}
    if noun.name not in own:
        yield Form(noun.name, noun, False, row.guard)
    for text in own:
        # What is only ever spoken of in pairs ("scissors") is one thing.
        yield Form(text, noun, noun.name not in own, row.guards.get(text, row.guard))
    for text in row.also:
        yield Form(text, noun, False, guards.get(text))
        if (several := plural(text)) not in row.also:
            yield Form(several, noun, True, guards.get(several, guards.get(text)))
