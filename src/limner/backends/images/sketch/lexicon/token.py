"""A prompt cut into words."""

import re
import unicodedata
from dataclasses import dataclass

_PROMPT_SYNTAX = re.compile(r"<[^<>\n]{0,80}>")
"""Directives of other image programs, like ``<lora:style:0.8>``: no words."""

_PIECE = re.compile(
    r"(?P<people>\d+)\+?(?P<kind>girl|boy|other)s?\b"
    r"|(?P<number>\d+(?:[.,]\d+)*)(?P<unit>[^\W\d_]*)"
    r"|(?P<word>[^\W\d_]+(?:['’ʼ][^\W\d_]+)*)"
    r"|(?P<mark>[.,;:!?()\[\]{}<>|/\n\"“”„«»…—–&=*]|\s-+\s)",
    re.IGNORECASE,
)
_NUMBERS = ("zero", "one", "two", "three", "four", "five")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, or the end of a clause.

    Attributes:
        text: The word in lower case, as it is written; ``""`` is the end of a clause.
        word: The same without a possessive ending.
        capital: It is written with a capital letter and small ones, as names are.
    """

    text: str
    word: str
    capital: bool = False

    @property
    def owner(self) -> bool:
        """Whether it is a possessive: what it owns follows."""
        return self.text != self.word


END = Token("", "")
"""The end of a clause: a punctuation mark, or either end of the prompt."""


def tokens(prompt: str) -> list[Token]:
    """Cut a prompt into words; takes time linear in its length.

    Tags in the style of image boards are understood: ``1girl`` is "one girl", ``night_sky`` is
    "night sky".

    >>> [t.text for t in tokens("The Wizard’s tower, 2girls")]
    ['the', "wizard's", 'tower', '', 'two', 'girl']
    """
    plain = unicodedata.normalize("NFKC", _PROMPT_SYNTAX.sub(" ", prompt))
    found: list[Token] = []
    for piece in _PIECE.finditer(plain):
        if piece["people"]:
            kind = piece["kind"].lower()
            kind = "person" if kind == "other" else kind
            found += [_plain(_number(piece["people"])), _plain(kind)]
        elif piece["number"]:
            # "8k" and "1.3" count nothing; END would cut "(fox:1.3)" in two, which is right.
            counts = not piece["unit"] and piece["number"].isdecimal()
            found.append(_plain(_number(piece["number"])) if counts else END)
        elif piece["word"]:
            found.append(_word(piece["word"]))
        else:
            found.append(END)
    return found


def _plain(text: str) -> Token:
    return Token(text, text)


def _word(piece: str) -> Token:
    text = piece.replace("’", "'").replace("ʼ", "'").lower()
    capital = piece[0].isupper() and piece[1:2].islower()
    return Token(text, text.removesuffix("'s"), capital)


def _number(digits: str) -> str:
    # Only short numbers are converted: a prompt may hold a million digits.
    return _NUMBERS[min(int(digits), 5)] if len(digits) < 4 else "five"
