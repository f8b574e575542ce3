"""In which of the known languages a prompt is written."""

import re
from types import MappingProxyType

from limner.backends.images.sketch.lexicon.languages.dictionary import dictionary
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary

_LETTERS = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("ru", re.compile(r"[\u0400-\u04ff]")),
)
_ENOUGH = 0.3
"""The share of letters that must be of a script."""

_COMMON = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "en": "the a an of in on at with and by is are to from his her under over through near",
            "de": "der die das den dem des ein eine einen einem einer im in am auf mit und von"
            " über hinter neben vor durch bei ist nachts zum zur vom trägt am ohne sitzt auf",
            "fr": "le la les un une des du de au aux dans sur avec et sous près derrière devant est"
            " en à qui sa son ses chez vers par pour d l",
            "es": "el la los las un una unos unas del de al en sobre con y bajo junto detrás es por"
            " para su sus que desde entre hacia",
            "it": "il lo la gli le un una uno del della dei di al alla nel nella nello sul sulla"
            " e sotto accanto dietro che suo sua in per tra",
            "pt": "o a os as um uma uns umas do da dos das de no na nos nas num numa em com e sob"
            " à por para seu sua que sobre atrás",
            "pl": "w we na z ze pod nad przed za obok przez i o po do od się jest dwa trzy dwie",
        }.items()
    }
)
_MARKS = MappingProxyType(
    {
        "de": re.compile(r"[äöüß]"),
        "fr": re.compile(r"[éèêëàâçîïôûùœ]"),
        "es": re.compile(r"[ñ¿¡áíóú]"),
        "it": re.compile(r"[àèéìòù]"),
        "pt": re.compile(r"[ãõçáâêôéíóúà]"),
        "pl": re.compile(r"[ąćęłńóśźż]"),
    }
)
LATIN = tuple(_MARKS)
KNOWN = frozenset({"en", *LATIN, *(language for language, _ in _SCRIPTS)})
"""Languages in which prompts and stories are read."""
_ACCENT = 0.4
"""What a letter with an accent counts beside a word."""


def language_of(prompt: str) -> str:
    """The language's two letters; ``"en"`` where nothing speaks for another one.

    >>> [language_of(p) for p in ("eine alte Mühle am Fluss", "a fox", "月光下的狐狸")]
    ['de', 'en', 'zh']
    """
    text = prompt[:600]
    letters = sum(len(word) for word in _LETTERS.findall(text)) or 1
    for language, script in _SCRIPTS:
        share = len(script.findall(text)) / letters
        if share > (0.1 if language == "ja" else _ENOUGH):
            return language
    return _latin(text.lower())


def _latin(text: str) -> str:
    """The language by its small words, its accents, and by which tables know the other words."""
    words = _LETTERS.findall(text)
    small = {
        language: sum(word in common for word in words) for language, common in _COMMON.items()
    }
    best, lead = "en", 0.0
    for language, marks in _MARKS.items():
        score = small[language] + _ACCENT * len(marks.findall(text))
        if score <= small["en"] * 0.5:
            continue
        score += _known(words, language) - small["en"]
        if score > lead:
            best, lead = language, score
    return best


def _known(words: list[str], language: str) -> int:
    """How many more of the words that language's table knows than English does."""
    theirs, ours = dictionary(language), vocabulary()
    found = 0
    for word in words:
        own = word in _COMMON["en"] or ours.knows(word)
        found += (theirs.lookup(word) is not None) - own
    return found
