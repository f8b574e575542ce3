"""From the plural of a noun to what its singular may be, by the rules of each language.

A rule says what stands at a word's end in the plural, in any case, and what may stand there in the
singular. Which of them is the word is for the dictionary to say: it knows the singulars.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType

ACCENTED = ("fr", "es", "it", "pt")
"""Languages whose singulars may have an accent that the plural has not, as "dragón", "dragones"."""

_SHORTEST = 1
"""Letters of a word that no rule takes away."""


def _rules(text: str) -> tuple[tuple[str, str], ...]:
    """Rules of a table: the plural's end, and what may be in its place; ``-`` is nothing."""
    pairs = [one.split(":") for one in text.split()]
    return tuple(
        (plural, "" if singular == "-" else singular)
        for plural, singulars in pairs
        for singular in singulars.split("/")
    )


_RULES: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        language: _rules(rules)
        for language, rules in {
            "de": "innen:in nissen:nis nisse:nis ern:- er:- en:-/um/a e:- n:- s:-",
            "fr": "aux:al/ail/au s:- x:-",
            "es": "ces:z es:- s:-",
            "it": "chi:co ghi:go che:ca ghe:ga ci:cia/cio gi:gia/gio ce:cia ge:gia i:o/e/a/io"
            " e:a a:o",
            "pt": "ões:ão ães:ão ãos:ão ais:al éis:el eis:el óis:ol uis:ul is:il ns:m res:r"
            " zes:z ses:s/ês s:-",
            "ru": "ята:енок ят:енок ья:о/- ьев:о/- ей:ь/й/- ев:й/ь/- ов:-/о ы:-/а и:-/а/я/ь/й"
            " а:о/- я:е/ь ам:-/а/о ям:-/я/ь/е ами:-/а/о ями:-/я/ь/е ах:-/а/о ях:-/я/ь/е -:а/о/я",
            "pl": "owie:- ów:-/a/o i:-/a/ia/ń/ś/ć y:-/a/e e:-/a/o a:o/-/e/ie nie:ń sie:ś zie:ź"
            " dzie:dź cie:ć ci:t/ć cy:k/ec/ca si:ś ni:ń zi:ź dzi:dź ki:k/ka gi:g/ga ek:ka/ko/ek"
            " om:-/a/o ami:-/a/o ach:-/a/o -:a/o/e/ia",
        }.items()
    }
)
_FLEETING = MappingProxyType(
    {
        "ru": re.compile(r"(?<=[бвгджзйклмнпрстфхцчшщ])[еоь](?=[бвгджзйклмнпрстфхцчшщ]ь?$)"),
        "pl": re.compile(r"(?<=[bcćdfghjklłmnńprsśtwzźż])i?e(?=[bcćdfghjklłmnńprsśtwzźż]$)"),
    }
)
"""The vowel before the last consonant that comes and goes: "lew", "lwy"; "башня", "башен"."""

_ENDS = MappingProxyType(
    {"ru": re.compile(r"(?<=..)[аяоеьй]$"), "pl": re.compile(r"(?<=..)(?:[aoe]|ia)$")}
)
_FOLDED = str.maketrans({"ß": "ss", "ł": "l", "ё": "е"})


def folded(word: str) -> str:
    """A word without what plurals change inside of it: umlauts and accents.

    Examples:
        >>> folded("Füchse".lower()), folded("dragón"), folded("сёла"), folded("róże")
        ('fuchse', 'dragon', 'села', 'roze')
    """
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFD", word.translate(_FOLDED))
    return unicodedata.normalize(
        "NFC", "".join(c for c in parts if c == "\u0306" or not _is_mark(c))
    )


def _is_mark(character: str) -> bool:
    return unicodedata.combining(character) != 0


def singulars(word: str, language: str) -> Iterator[str]:
    """What the singular of a word may be, likely ones first; the word itself is one of them.

    Examples:
        >>> [folded(word) for word in singulars("füchse", "de")]
        ['fuchse', 'fuchs']
        >>> "cheval" in singulars("chevaux", "fr"), "leão" in singulars("leões", "pt")
        (True, True)
    """
    yield word
    for plural, singular in _RULES.get(language, ()):
        if plural == "-":
            yield word + singular
        elif word.endswith(plural) and len(word) - len(plural) >= _SHORTEST:
            yield word[: -len(plural)] + singular


def bare(word: str, language: str) -> str | None:
    """A word without its ending and without a vowel that comes and goes, where there are such.

    Examples:
        >>> bare("lew", "pl"), bare("башен", "ru"), bare("башня", "ru"), bare("fox", "en")
        ('lw', 'башн', 'башн', None)
    """
    fleeting = _FLEETING.get(language)
    return None if fleeting is None else folded(fleeting.sub("", _ENDS[language].sub("", word)))
