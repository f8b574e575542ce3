"""A prompt put into English, word by word, as far as the reader needs it."""

import re
from collections.abc import Sequence

from limner.backends.images.sketch.lexicon.languages.counting import Counted, counted
from limner.backends.images.sketch.lexicon.languages.detection import language_of
from limner.backends.images.sketch.lexicon.languages.dictionary import (
    Dictionary,
    dictionary,
    without_elisions,
)
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary

_PIECE = re.compile(r"[^\W_]+(?:-[^\W_]+)*|[.,;:!?()…«»。、，；：！？]", re.UNICODE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_UNSPACED = ("zh", "ja", "ko")
_POSTPOSED = ("fr", "es", "it", "pt", "pl")
"""Languages whose adjectives follow their nouns."""

_QUALITIES = _set(
    """red blue yellow green black white brown pink purple orange gray golden silver blonde big
    giant small tiny old young dark beautiful lonely snowy magical long short"""
)
_PEOPLE = _set(
    """man woman boy girl child children old_man old_woman king queen princess prince knight soldier
    wizard witch elf dwarf fairy pirate sailor fisherman farmer astronaut detective doctor cook
    teacher monk samurai couple dancer angel baby grandmother grandfather mother father family
    people baker blacksmith violinist merchant nurse bride hunter"""
)
_SMALL = _set("a the some in on at under over behind beside before through with and of")
_COUNTED = _QUALITIES | _set("a the some two three four five many of with and")
"""What stands before a noun. A number in digits does, too."""
_DOING = ("wearing", "holding", "riding", "reading")
_SAID = _set("wearing holding riding reading hair eyes coat dress hat umbrella")
_CLOTHES = _set(
    "coat dress hat scarf cape armor kimono glasses cloak shirt jacket crown apron boots skirt"
    " uniform suit gown robe mask"
)
_MARKS = dict(zip("。、，；：！？", ".,,;:!?", strict=True))
_LONGEST = 4000
"""Characters that are translated; what is behind them would find no place on a picture."""


def translated(prompt: str, language: str | None = None) -> str:
    """The prompt in English; one that is English already is given back as it is.

    Args:
        prompt: The prompt.
        language: Its language, one of those there is a dictionary of; ``None`` tells it by its
            words.

    Words that the tables do not know are left out; Latin names stay.

    >>> translated("ein Mädchen im gelben Mantel")
    'a girl in yellow coat'
    >>> translated("a fox in the snow")
    'a fox in the snow'
    """
    language = language or language_of(prompt)
    if language == "en":
        return prompt
    table = dictionary(language)
    text = prompt[:_LONGEST].replace("ё", "е") if language == "ru" else prompt[:_LONGEST]
    if language in _UNSPACED:
        return " ".join(_actors_first(_cut(text, table, language)))
    words = _by_word(_PIECE.findall(without_elisions(text)), table, names=language != "de")
    if language in _POSTPOSED:
        words = _qualities_first(words)
    return " ".join(_plain(_worn(words)))


def _by_word(pieces: Sequence[str], table: Dictionary, *, names: bool) -> list[str]:
    """The English of words with blanks between them."""
    result: list[str] = []
    k = 0
    while k < len(pieces):
        length, english = _phrase(pieces, k, table)
        if english is not None:
            result.append(english)
        elif not pieces[k][0].isalnum() or (names and k and _is_name(pieces[k])):
            result.append(pieces[k])
        elif pieces[k].isdecimal():
            result.append(pieces[k])  # so many of what follows
        k += length
    return result


def _is_name(piece: str) -> bool:
    return piece[0].isupper() and piece.isascii()


def _phrase(pieces: Sequence[str], start: int, table: Dictionary) -> tuple[int, str | None]:
    """The longest phrase that begins there, and its English."""
    for length in range(min(table.phrase, len(pieces) - start), 1, -1):
        found = table.exactly(" ".join(pieces[start : start + length]).lower())
        if found is not None:
            return length, found
    return 1, table.lookup(pieces[start].lower())


def _cut(text: str, table: Dictionary, language: str) -> list[str]:
    """The English of a text without blanks: always the longest word the table knows."""
    result: list[str] = []
    k = 0
    while k < len(text):
        number = counted(text, k, language)
        if number is not None:
            _count(result, number)
            k += number.length
            continue
        for length in range(min(table.longest, len(text) - k), 0, -1):
            found = table.exactly(text[k : k + length].lower())
            if found is not None:
                result.append(found)
                k += length
                break
        else:
            if text[k] in _MARKS or text[k] in ".,;:!?\n":
                result.append(_MARKS.get(text[k], "."))
            k += 1
    return result


def _count(result: list[str], counted: Counted) -> None:
    """A number stands before its noun, also where that has been said already."""
    noun = len(result) - 1
    if counted.before or noun < 0 or not result[noun][0].isalpha() or result[noun] in _SMALL:
        result.append(counted.number)
        if not counted.before and counted.people:
            result.append("people")
        return
    while noun and result[noun - 1] in _QUALITIES:
        noun -= 1
    result.insert(noun, counted.number)


def _qualities_first(words: list[str]) -> list[str]:
    """An adjective that follows its noun is put before it, as in English."""
    result: list[str] = []
    for word in words:
        spot = len(result)
        noun = spot and result[spot - 1] not in _QUALITIES and result[spot - 1].isalpha()
        led, _, last = result[spot - 1].rpartition(" ") if spot else ("", "", "")
        if word in _QUALITIES and led.split(" ")[0] in _SMALL:
            result[spot - 1] = f"{led} {word} {last}"  # "in a forest" of the table of settings
        elif word in _QUALITIES and noun and result[spot - 1] not in _SMALL:
            result.insert(spot - 1, word)
        else:
            result.append(word)
    return result


def _worn(words: list[str]) -> list[str]:
    """Who is named right before a garment wears it: "mulher de vestido" is no woman and a dress."""
    result: list[str] = []
    for word in words:
        if word in _CLOTHES:
            spot = len(result)
            while spot and result[spot - 1] in _QUALITIES:
                spot -= 1
            if spot > 1 and result[spot - 1] == "of" and _is_person(result[spot - 2]):
                result[spot - 1] = "wearing"
            elif spot and _is_person(result[spot - 1]):
                result.insert(spot, "wearing")
        result.append(word)
    return result


def _plain(words: list[str]) -> list[str]:
    """Words that in English could be verbs are nouns here: "feeding duck" feeds a duck."""
    result: list[str] = []
    for word in words:
        if vocabulary().may_be_verb(word) and not (result and _counts(result[-1])):
            result.append("a")
        result.append(word)
    return result


def _counts(word: str) -> bool:
    return word in _COUNTED or word.isdecimal()


def _is_person(word: str) -> bool:
    return word.replace(" ", "_") in _PEOPLE


def _actors_first(words: list[str]) -> list[str]:
    """Who is described comes before the description: "wearing a coat, girl" the other way round."""
    result: list[str] = []
    clause: list[str] = []
    for word in [*words, "."]:
        clause.append(word)
        if not word[0].isalnum():
            result += _turned(clause)
            clause = []
    return result[:-1]


def _turned(clause: list[str]) -> list[str]:
    """One clause with its person before what is said of that person."""
    spot = next((k for k, word in enumerate(clause) if _is_person(word)), 0)
    first = next((k for k, word in enumerate(clause[:spot]) if word in _SAID), None)
    if first is None:
        return clause
    start = first - 1 if first and clause[first - 1] in _QUALITIES else first
    link = [] if clause[start] in _DOING else ["with"]
    return [*clause[:start], clause[spot], *link, *clause[start:spot], *clause[spot + 1 :]]
