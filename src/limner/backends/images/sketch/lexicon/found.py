"""What a reading of a prompt finds: things, what is said of them, what is said of the scene."""

from dataclasses import dataclass, field

from limner.backends.images.sketch.lexicon.noun import Noun
from limner.backends.images.sketch.lexicon.vocabulary import Cue
from limner.backends.images.sketch.scene import Stance

_FLOCKS = 1.0
"""Metres; several creatures that can fly and are smaller than this are in the air."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing the prompt names.

    Attributes:
        noun: The thing.
        at: Where in the prompt, in words.
        count: How many.
        tint: The colour word before it.
        owner: It is named as the owner of what follows.
        preposition: What leads to it: "in" the castle; ``""`` if nothing does.
        several: It is a plural.
        flying: ``True`` if words near by say it flies, ``False`` if they say it rests.
        end: Where the next word stands.
        name: Who it is, if it has a name.
        adjectives: The words right before it.
    """

    noun: Noun
    at: int
    count: int
    tint: str | None
    owner: bool
    preposition: str
    several: bool
    flying: bool | None
    end: int = 0
    name: str = ""
    adjectives: tuple[str, ...] = ()

    @property
    def stance(self) -> Stance:
        """How it stands: in the air if it can fly and the words say so, or say nothing of many."""
        row = self.noun.row
        if not row.flies:
            return self.noun.stance
        if self.flying:
            return Stance.AIR
        if self.flying is False:
            return Stance.GROUND if self.noun.stance is Stance.AIR else self.noun.stance
        flock = self.count > 1 and row.h < _FLOCKS and not row.afloat
        return Stance.AIR if flock else self.noun.stance


@dataclass(frozen=True, slots=True)
class Sign:
    """Something the prompt says of the scene.

    Attributes:
        cue: What.
        at: Where in the prompt, in words.
        preposition: What leads to it; ``""`` if nothing does.
        modifies: It stands right before another place or thing, as in "forest lake".
    """

    cue: Cue
    at: int
    preposition: str
    modifies: bool


@dataclass(frozen=True, slots=True)
class Trait:
    """Something said of somebody: what is worn, held, done, or how he looks.

    Attributes:
        kind: ``"garment"``, ``"hat"``, ``"pose"`` …, a section of ``wear.toml``.
        value: Which one.
        at: Where in the prompt, in words.
        owner: Where the one stands it is said of; ``None`` if nobody has been named yet.
        colour: The colour word before it.
        adjectives: The words right before it.
    """

    kind: str
    value: str
    at: int
    owner: int | None
    colour: str | None
    adjectives: tuple[str, ...]


@dataclass
class Found:
    """All that was read, in the order of the prompt."""

    mentions: list[Mention] = field(default_factory=list)
    traits: list[Trait] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
