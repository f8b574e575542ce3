"""Who, where and what the tales are of: found in what somebody asks for, and put into sentences."""

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

import msgspec

TOLD = ("en", "de", "zh")
"""The languages in which there are tales; what is in doubt is the first."""

Table = Mapping[str, Mapping[str, Sequence[str]]]


class Tables(msgspec.Struct, forbid_unknown_fields=True):
    """The file ``cast.toml``."""

    who: dict[str, dict[str, list[str]]]
    where: dict[str, dict[str, list[str]]]
    what: dict[str, dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class Named:
    """What is named in a text.

    Attributes:
        who: Those in it, by their English nouns, in the order in which they come.
        where: The first place.
    """

    who: tuple[str, ...] = ()
    where: str | None = None

    def __len__(self) -> int:
        return len(self.who) + (self.where is not None)


class Cast:
    """Everybody and everything the tales are of, in one language.

    Args:
        language: One of `TOLD`.

    Examples:
        >>> cast("en").named("Two foxes at the lighthouse, please")
        Named(who=('fox', 'lighthouse keeper'), where='lighthouse')
        >>> cast("zh").named("森林里的猫头鹰")
        Named(who=('owl',), where='forest')
        >>> cast("de").noun("who", "fox")
        'Fuchs'
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._tables = _tables()
        self._nouns: dict[tuple[str, str], str] = {}
        self._named: dict[str, list[tuple[str, str]]] = {}
        for kind, table in (("who", self._tables.who), ("where", self._tables.where)):
            for name in table:
                for word in self._names(kind, name):
                    self._named.setdefault(word.lower(), []).append((kind, name))
        words = "|".join(map(re.escape, sorted(self._named, key=len, reverse=True)))
        bent = {"en": r"(?:e?s)?\b", "de": r"(?:es?|e?n|s)?\b"}.get(language)
        self._pattern = re.compile(f"({words})" if bent is None else rf"\b({words}){bent}")

    @property
    def who(self) -> list[str]:
        """Everybody."""
        return list(self._tables.who)

    @property
    def where(self) -> list[str]:
        """Every place."""
        return list(self._tables.where)

    @property
    def what(self) -> list[str]:
        """Every thing."""
        return list(self._tables.what)

    def named(self, text: str) -> Named:
        """Who is named in a text, and where."""
        found = [one for word in self._pattern.findall(text.lower()) for one in self._named[word]]
        who = dict.fromkeys(name for kind, name in found if kind == "who")
        return Named(tuple(who), next((name for kind, name in found if kind == "where"), None))

    def noun(self, kind: str, name: str) -> str:
        """The noun for somebody, or for a place."""
        return self._names(kind, name)[0]

    def words(self, *, hero: str, friend: str, place: str, thing: str) -> dict[str, str]:
        """What stands in the places that the sentences have, for these."""
        said = {
            **_FORMS[self._language]["who"]("hero", self._told("who", hero)),
            **_FORMS[self._language]["who"]("friend", self._told("who", friend)),
            **_FORMS[self._language]["where"]("place", self._told("where", place)),
            **_FORMS[self._language]["what"]("object", self._told("what", thing)),
        }
        the = said["hero_the"]
        return said | {"hero_cap": the[0].upper() + the[1:]}

    def _told(self, kind: str, name: str) -> str:
        told = getattr(self._tables, kind)[name].get(self._language)
        if told is not None:
            return str(told[0])
        if kind == "where":
            return f"the {name}"
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"

    def _names(self, kind: str, name: str) -> list[str]:
        """Its noun, and what else it is called."""
        told = getattr(self._tables, kind)[name].get(self._language, [""])
        if self._language == "en":
            return [name, *told[1:]]
        parts = told[0].split(" ")
        nouns = parts[-1:] if self._language == "zh" or kind != "who" else parts[1:]
        return [*nouns, *told[1:]]


def _english_who(place: str, told: str) -> dict[str, str]:
    return {place: told, f"{place}_the": f"the {told.partition(' ')[2]}"}


def _chinese(place: str, told: str) -> dict[str, str]:
    measure, _, noun = told.rpartition(" ")
    return {place: f"{measure}{noun}", f"{place}_the": noun}


_ARTICLES = {"m": "ein der dem den", "f": "eine die der die", "n": "ein das dem das"}


def _german_who(place: str, told: str) -> dict[str, str]:
    gender, noun, *bent = told.split(" ")
    a, the, to_the, the_one = _ARTICLES[gender].split(" ")
    other = bent[0] if bent else noun
    return {
        place: f"{a} {noun}",
        f"{place}_the": f"{the} {noun}",
        f"{place}_dat": f"{to_the} {other}",
        f"{place}_acc": f"{the_one} {other}",
    }


def _german_where(place: str, told: str) -> dict[str, str]:
    at, the, noun = told.split(" ")
    return {place: f"{at.replace('_', ' ')} {noun}", f"{place}_dat": f"{the} {noun}"}


def _german_what(place: str, told: str) -> dict[str, str]:
    gender, strong, weak, noun = told.split(" ")
    a, _, _, the_one = _ARTICLES[gender].split(" ")
    return {
        place: f"{a} {strong} {noun}",
        f"{place}_acc": f"{'einen' if gender == 'm' else a} {weak} {noun}",
        f"{place}_the": f"{the_one} {weak} {noun}",
    }


_Forms = Callable[[str, str], dict[str, str]]

_FORMS: Mapping[str, Mapping[str, _Forms]] = MappingProxyType(
    {
        "en": {
            "who": _english_who,
            "where": lambda place, told: {place: told},
            "what": lambda place, told: {place: told},
        },
        "zh": {"who": _chinese, "where": _chinese, "what": _chinese},
        "de": {"who": _german_who, "where": _german_where, "what": _german_what},
    }
)
"""How each language makes of a name what its sentences have places for."""


@functools.cache
def _tables() -> Tables:
    text = files("limner.server.story.telling").joinpath("cast.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=Tables)


@functools.cache
def cast(language: str) -> Cast:
    """The cast in a language; it is read once a process."""
    return Cast(language)
