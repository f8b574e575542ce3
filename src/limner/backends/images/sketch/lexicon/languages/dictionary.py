"""The words of a language and what they are in English."""

import functools
import gzip
import json
import re
from importlib import resources

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


class Dictionary:
    """What the words of one language are in English.

    Args:
        entries: English by word or phrase, in small letters.
        endings: What may be taken from a word's end to find its stem.
    """

    def __init__(self, entries: dict[str, str], endings: tuple[str, ...]) -> None:
        self._entries = entries
        self._endings = endings
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
        return next((english for english in known if english is not None), None)

    def stem(self, word: str) -> str:
        """The word without its ending."""
        for ending in self._endings:
            if word.endswith(ending) and len(word) - len(ending) >= _STEM:
                return word[: -len(ending)]
        return word


@functools.cache
def dictionary(language: str) -> Dictionary:
    """The dictionary of a language; its tables are read once a process."""
    entries: dict[str, str] = {}
    for english, words in (*_own(language, "settings.tsv"), *_own(language, "words.tsv")):
        for word in words:
            entries.setdefault(" ".join(without_elisions(word).split()), english)
    for name, english in _emoji()[language].items():
        entries.setdefault(name, english)
    return Dictionary(entries, _ENDINGS.get(language, ()))


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
