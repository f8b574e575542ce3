"""The words of a language and what they are in English."""

import functools
import gzip
import json
import re
from collections.abc import Iterable
from importlib import resources

from limner.backends.images.sketch.lexicon.languages.plurals import (
    ACCENTED,
    bare,
    folded,
    singulars,
)

_PACKAGE = "limner.backends.images.sketch.lexicon.languages"
_ENDINGS = {
    language: tuple(endings.split())
    for language, endings in {
        "de": "en er es em e n s",
        "fr": "es s e x",
        "es": "as os es a o s",
        "it": "a o e i",
        "pt": "as os es a o s",
        "pl": "ego emu ami ach owi iem ymi ych ym ej ie ów om em im ą ę a e i o u y",
        "ru": "ого его ему ому ами ями ыми ими ой ей ом ем ах ях ых их ый ий ая яя ое ее ые ие ую"
        " юю ым им ов ам ям а я о е и ы у ю ь й",
    }.items()
}
_STEM = 3
"""Letters that must stay when an ending is taken away."""


_ELIDED = re.compile(r"\b(?:[ldnsjm]|qu|dell|nell|sull|sott|all|un)['’](?=\w)", re.IGNORECASE)


def without_elisions(text: str) -> str:
    """A text whose words stand for themselves, as in "l'eau".

    >>> without_elisions("sous l'eau")
    'sous  eau'
    """
    return _ELIDED.sub(" ", text)


_PLURAL = 3
"""Letters that a plural has at least: an English "a" is no "à" without its accent."""


class Dictionary:
    """What the words of one language are in English.

    Args:
        entries: English by word or phrase, in small letters.
        endings: What may be taken from a word's end to find its stem.
        language: By whose rules plurals are made.
    """

    def __init__(
        self, entries: dict[str, str], endings: tuple[str, ...], language: str = ""
    ) -> None:
        self._entries = entries
        self._endings = endings
        self._language = language
        fold = folded if language in ACCENTED else str
        self._folded = _certain((fold(word), english) for word, english in entries.items())
        self._roots = _certain(
            (form, english)
            for word, english in entries.items()
            if (form := bare(word, language)) is not None
        )
        self._stems = {self.stem(word): english for word, english in reversed(entries.items())}
        self.longest = max((len(word) for word in entries), default=0)
        self.phrase = max((word.count(" ") + 1 for word in entries), default=1)

    def exactly(self, word: str) -> str | None:
        """The English of a word or a phrase as it stands."""
        return self._entries.get(word)

    def lookup(self, word: str) -> str | None:
        """The English of a word in any of its forms, as far as endings tell."""
        stem = self.stem(word)
        known = (self._entries.get(word), self._stems.get(stem), self._entries.get(stem))
        found = next((english for english in known if english is not None), None)
        return self._singular(word) if found is None and len(word) >= _PLURAL else found

    def _singular(self, word: str) -> str | None:
        """The English of what a word is the plural of, if its language's rules lead to it."""
        found: str | None = None
        for singular in singulars(word, self._language):
            found = self._entries.get(singular) or self._folded.get(folded(singular))
            if found is not None:
                return found
        for singular in singulars(word, self._language):
            form = bare(singular, self._language)
            found = None if form is None else self._roots.get(form)
            if found is not None:
                return found
        return None

    def stem(self, word: str) -> str:
        """The word without its ending."""
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= _STEM:
                return word[: -len(ending)]
        return word


def _certain(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What each form is in English, without those that may be several things."""
    found: dict[str, str] = {}
    doubtful = set()
    for form, english in pairs:
        if found.setdefault(form, english) != english:
            doubtful.add(form)
    return {form: english for form, english in found.items() if form not in doubtful}


@functools.cache
def dictionary(language: str) -> Dictionary:
    """The dictionary of a language; its tables are read once a process."""
    entries: dict[str, str] = {}
    for english, words in (*_own(language, "settings.tsv"), *_own(language, "words.tsv")):
        for word in words:
            entries.setdefault(" ".join(without_elisions(word).split()), english)
    for name, english in _emoji()[language].items():
        entries.setdefault(name, english)
    return Dictionary(entries, _ENDINGS.get(language, ()), language)


@functools.cache
def settings_in(language: str) -> dict[str, str]:
    """How a language says where, when and in what weather something is, by the English for it.

    >>> settings_in("de")["at night"], settings_in("en")["at night"]
    ('nachts', 'at night')
    """
    head, *rows = _table("settings.tsv")
    column = head.index(language)
    return {row[0]: row[column] for row in rows}


@functools.cache
def _table(name: str) -> tuple[tuple[str, ...], ...]:
    text = (resources.files(_PACKAGE) / name).read_text(encoding="utf-8")
    return tuple(tuple(line.split("\t")) for line in text.splitlines())


def _own(language: str, table: str) -> list[tuple[str, list[str]]]:
    """English and its translations, from a table made by hand."""
    head, *rows = _table(table)
    column = head.index(language)
    return [(row[0], [w.strip().lower() for w in row[column].split("/") if w]) for row in rows]


@functools.cache
def _emoji() -> dict[str, dict[str, str]]:
    """What emoji are called, from Unicode's tables."""
    packed = (resources.files(_PACKAGE) / "names.json.gz").read_bytes()
    found: dict[str, dict[str, str]] = json.loads(gzip.decompress(packed))
    return found
