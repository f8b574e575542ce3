"""Guessing a text's language, so that browsers hyphenate it and read it aloud correctly."""

import re
from collections import Counter

from limner.illustration.rendering.dialect.front_matter import front_matter

SAMPLE = 8192
"""Characters of a text that are looked at."""

_WORD = re.compile(r"[^\W\d_]+")

_COMMON = {
    "de": "der die und das nicht ich ist ein sie mit den auf dem sich es war eine er zu im als noch"
    " aber wie auch nach sein hatte",
    "en": "the and of to was he she it that in his her with had is you for not they but at there"
    " were what from all my said this have upon once who will",
    "es": "el los que de y en un por con una las del era pero la se su al lo más como no había",
    "fr": "le les des et est une dans que qui pas pour elle il du la je un sur au ne ce avec"
    " était mais vous nous",
    "it": "il che di e non un una per con gli era della sono anche la si del nel ma come aveva più",
    "nl": "het een van en niet dat de ik zijn op met voor was hij haar maar er aan ze had naar ook",
    "pt": "o que não e um uma com os para do da em era mas as se ao ele ela mais como na no",
    "sv": "och att det som en inte jag han hon var på med den till av för ett hade men så",
}
_LETTERS = {"de": "äöüß", "es": "ñ¿¡", "fr": "çœèêàù", "pt": "ãõ", "sv": "å"}
"""Letters that none of the others has, or hardly."""

_SCRIPTS = (
    ("ja", "\u3040-\u30ff"),
    ("ko", "\uac00-\ud7af\u1100-\u11ff"),
    ("zh", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("uk", "іїєґІЇЄҐ"),
    ("ru", "\u0400-\u04ff"),
    ("el", "\u0370-\u03ff"),
    ("he", "\u0590-\u05ff"),
    ("ar", "\u0600-\u06ff"),
    ("hi", "\u0900-\u097f"),
    ("th", "\u0e00-\u0e7f"),
)
"""Languages that are told by their letters; one that shares them stands before the others."""

_BY_SCRIPT = {language: re.compile(f"[{letters}]") for language, letters in _SCRIPTS}


def language_of(text: str) -> str | None:
    """What the text's front matter says of its language, else what it is guessed to be."""
    said = front_matter(text)
    return said.language or guess_language(text[said.end : said.end + SAMPLE])


def guess_language(text: str) -> str | None:
    """The text's language as a BCP 47 tag, or ``None`` where it is not clear.

    Counts the letters of other scripts, then each language's commonest words and own letters:
    enough to tell eight European languages apart.

    Examples:
        >>> guess_language("It was the last day of the year, and the fox had nothing to eat.")
        'en'
        >>> guess_language("Der Fuchs schlief."), guess_language("狐狸睡着了。")
        ('de', 'zh')
        >>> guess_language("Fox") is None
        True
    """
    return _by_script(text) or _by_words(text)


def _by_script(text: str) -> str | None:
    letters = sum(character.isalpha() for character in text)
    for language, script in _BY_SCRIPT.items():
        share = len(script.findall(text))
        # Japanese and Ukrainian have but some letters of their own among those of others.
        if share and share >= letters * (0.05 if language in ("ja", "uk") else 0.4):
            return language
    return None


def _by_words(text: str) -> str | None:
    words = Counter(word.lower() for word in _WORD.findall(text))
    total = words.total()
    if total < 8:  # so few that a name or an initial would decide
        words = Counter({word: n for word, n in words.items() if len(word) > 1})
    scores = sorted(
        (sum(words[word] for word in common.split()) + _own_letters(text, language), language)
        for language, common in _COMMON.items()
    )
    (second, _), (best, language) = scores[-2:]
    clear = best > 1.2 * second if total >= 40 else best > second
    return language if total > 1 and best >= max(1, 0.08 * total) and clear else None


def _own_letters(text: str, language: str) -> float:
    return 0.5 * sum(text.count(letter) for letter in _LETTERS.get(language, ""))
