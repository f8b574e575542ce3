"""All phrases the reader knows, each with what it says about a picture."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Literal

import msgspec

from limner.backends.images.sketch.lexicon.noun import Form, Guard, forms, nouns
from limner.backends.images.sketch.lexicon.token import Token, tokens
from limner.backends.images.sketch.scene import Place, Room, Season, Shot, Time, Weather

Value = Shot | Room | Place | Time | Weather | Season | str


@dataclass(frozen=True, slots=True)
class Cue:
    """Something a phrase says about the scene.

    Attributes:
        kind: About what: ``"place"``, ``"hint"``, ``"time"``, ``"weather"``, ``"season"``,
            ``"mood"``, ``"moon"``, ``"stars"``, ``"lights"``, ``"shot"`` or ``"room"``.
        value: What.
    """

    kind: str
    value: Value


@dataclass(frozen=True, slots=True)
class Entry:
    """What one phrase can mean; usually one of these.

    Attributes:
        form: The noun it is.
        cues: What it says about the scene.
        guard: What must stand around it to say that.
        count: How many of the noun that follows.
        colour: The colour of the noun that follows.
        negation: The noun that follows is not there.
        ignored: It says nothing, and hides its words.
        names: A name follows, which is no noun.
        trait: Of somebody: what kind of trait, and which one.
    """

    form: Form | None = None
    cues: tuple[Cue, ...] = ()
    guard: Guard | None = None
    count: int | None = None
    colour: str | None = None
    negation: bool = False
    ignored: bool = False
    names: bool = False
    trait: tuple[str, str] | None = None


class Cues(msgspec.Struct, forbid_unknown_fields=True):
    """The table ``cues.toml``."""

    place: dict[Place, list[str]]
    hint: dict[Place, list[str]]
    time: dict[Time, list[str]]
    weather: dict[Weather, list[str]]
    season: dict[Season, list[str]]
    mood: dict[str, list[str]]
    moon: dict[Literal["yes"], list[str]]
    stars: dict[Literal["yes"], list[str]]
    lights: dict[Literal["yes"], list[str]]
    hearth: dict[Literal["yes"], list[str]]
    grass: dict[Literal["yes"], list[str]]
    shot: dict[Shot, list[str]]
    room: dict[Room, list[str]]
    count: dict[str, list[str]]
    colour: dict[str, list[str]]
    ignore: dict[Literal["yes"], list[str]]
    negation: dict[Literal["yes"], list[str]]
    skip: dict[Literal["yes"], list[str]]
    guards: dict[str, Guard]


_SCENE = (
    "place",
    "hint",
    "time",
    "weather",
    "season",
    "mood",
    "moon",
    "stars",
    "lights",
    "hearth",
    "grass",
    "shot",
    "room",
)


class Vocabulary:
    """The phrases by their words, and how long a phrase each first word can begin."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, ...], Entry] = {}
        self._longest: dict[str, int] = {}
        self._add_nouns()
        path = resources.files("limner.backends.images.sketch.lexicon") / "cues.toml"
        table = msgspec.toml.decode(path.read_text(encoding="utf-8"), type=Cues)
        self._add_cues(table)
        self._add_words(table)
        self._add_traits()

    def lookup(self, words: Sequence[Token], start: int, length: int) -> Entry | None:
        """What the phrase of that many words says; a possessive ending is overlooked."""
        phrase = tuple(token.text for token in words[start : start + length])
        found = self._entries.get(phrase)
        if found is None and words[start + length - 1].owner:
            found = self._entries.get((*phrase[:-1], words[start + length - 1].word))
        return found

    def longest(self, token: Token) -> int:
        """How many words the longest phrase has that begins with this one."""
        return max(self._longest.get(token.text, 0), self._longest.get(token.word, 0))

    def names_thing(self, word: str) -> bool:
        """Whether the word alone names something that can be drawn, or a place."""
        entry = self._entries.get((word,))
        if entry is None:
            return False
        return entry.form is not None or any(cue.kind == "place" for cue in entry.cues)

    def knows(self, word: str) -> bool:
        """Whether the word alone, or a phrase that begins with it, says anything."""
        return word in self._longest

    def may_be_verb(self, word: str) -> bool:
        """Whether the word alone is a noun only where the words around it say so."""
        entry = self._entries.get((word,))
        return entry is not None and entry.form is not None and entry.form.guard is not None

    def names_place(self, word: str) -> bool:
        """Whether the word alone names a place."""
        entry = self._entries.get((word,))
        return entry is not None and any(cue.kind == "place" for cue in entry.cues)

    def _merge(self, text: str, **what: object) -> None:
        words = tuple(token.text for token in tokens(text))
        old = self._entries.get(words, Entry())
        self._entries[words] = replace(old, **what)  # type: ignore[arg-type]  # fields by name
        self._longest[words[0]] = max(self._longest.get(words[0], 0), len(words))

    def _add_nouns(self) -> None:
        for noun in nouns():
            for form in forms(noun):
                words = tuple(token.text for token in tokens(form.text))
                known = self._entries.get(words)
                if known is not None and known.form and known.form.noun.name != noun.name:
                    names = f"{known.form.noun.name!r} and {noun.name!r}"
                    raise ValueError(f"{form.text!r} is a form of both {names}")
                if known is None:
                    self._merge(form.text, form=form)

    def _add_cue(self, text: str, cue: Cue) -> None:
        words = tuple(token.text for token in tokens(text))
        self._merge(text, cues=(*self._entries.get(words, Entry()).cues, cue))

    def _add_cues(self, table: Cues) -> None:
        for kind in _SCENE:
            values: dict[Value, list[str]] = getattr(table, kind)
            for value, phrases in values.items():
                for text in phrases:
                    self._add_cue(text, Cue(kind, value))

    def _add_traits(self) -> None:
        path = resources.files("limner.backends.images.sketch.lexicon") / "wear.toml"
        table = msgspec.toml.decode(
            path.read_text(encoding="utf-8"), type=dict[str, dict[str, list[str]]]
        )
        for kind, values in table.items():
            for value, phrases in values.items():
                for text in phrases:
                    self._merge(text, trait=(kind, value))

    def _add_words(self, table: Cues) -> None:
        for number, phrases in table.count.items():
            for text in phrases:
                self._merge(text, count=int(number))
        for colour, phrases in table.colour.items():
            for text in phrases:
                self._merge(text, colour=colour)
        for text in table.negation["yes"]:
            self._merge(text, negation=True)
        for text in table.skip["yes"]:
            self._merge(text, names=True)
        for text in table.ignore["yes"]:
            self._merge(text, ignored=True)
        for text, guard in table.guards.items():
            self._merge(text, guard=guard)


@functools.cache
def vocabulary() -> Vocabulary:
    """The vocabulary; its tables are read once a process."""
    return Vocabulary()
