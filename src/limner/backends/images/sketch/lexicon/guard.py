"""Whether an ambiguous word is used as a noun: "a bear", but not "to bear".

The words around it decide; no grammar is parsed. A wrong guess costs a missing or a superfluous
figure in a picture, so the rules are short and lean towards leaving a doubtful word out.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

import msgspec

from limner.backends.images.sketch.lexicon.noun import Guard
from limner.backends.images.sketch.lexicon.token import END, Token
from limner.backends.images.sketch.lexicon.vocabulary import Vocabulary

_REACH = 5
"""How many words back an article is looked for."""

_ADJECTIVAL = ("ed", "ing", "ful", "ous", "less", "ish", "en", "est")
"""Endings that mark an unknown word between an article and a noun as an adjective."""


class SmallWords(msgspec.Struct):
    """The table ``words.toml``, each list in one string."""

    determiners: str
    possessives: str
    articles: str
    pronouns: str
    objects: str
    prepositions: str
    negators: str
    fly: str
    rest: str
    adjectives: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """Small words by what they do."""

    determiners: frozenset[str]
    possessives: frozenset[str]
    articles: frozenset[str]
    pronouns: frozenset[str]
    objects: frozenset[str]
    prepositions: frozenset[str]
    negators: frozenset[str]
    fly: frozenset[str]
    rest: frozenset[str]
    adjectives: frozenset[str]


@functools.cache
def grammar() -> Grammar:
    """The small words; the table is read once a process."""
    path = resources.files("limner.backends.images.sketch.lexicon") / "words.toml"
    table = msgspec.toml.decode(path.read_text(encoding="utf-8"), type=SmallWords)
    return Grammar(
        **{name: frozenset(text.split()) for name, text in msgspec.structs.asdict(table).items()}
    )


@dataclass(frozen=True, slots=True)
class Context:
    """A phrase in its prompt.

    Attributes:
        words: The whole prompt.
        start: Where the phrase begins.
        end: Where the next word stands.
        several: The phrase is a plural.
        vocabulary: What is known about the other words.
    """

    words: Sequence[Token]
    start: int
    end: int
    several: bool
    vocabulary: Vocabulary

    @property
    def before(self) -> Token:
        """The word before the phrase."""
        return self.words[self.start - 1] if self.start else END

    @property
    def after(self) -> Token:
        """The word after the phrase."""
        return self.words[self.end] if self.end < len(self.words) else END

    @property
    def tag(self) -> bool:
        """The phrase stands alone between two marks."""
        return self.before is END and self.after is END

    def leading(self, reach: int = 4) -> tuple[str, ...]:
        """The words of the clause right before the phrase."""
        words: list[str] = []
        for token in reversed(self.words[max(0, self.start - reach) : self.start]):
            if token is END:
                break
            words.append(token.word)
        return tuple(reversed(words))

    def lead(self) -> tuple[Token, int]:
        """The word before the phrase and its adjectives, and how many adjectives there are."""
        k = self.start - 1
        while k >= 0 and self.start - k <= _REACH and self._adjective(self.words[k], k):
            k -= 1
        return (self.words[k] if k >= 0 else END), self.start - 1 - k

    def _adjective(self, token: Token, position: int) -> bool:
        if token is END or token.owner:
            return False
        entry = self.vocabulary.lookup(self.words, position, 1)
        if entry is not None and entry.colour is not None:
            return True
        if token.word in grammar().adjectives:
            return True
        if entry is not None and entry.form is not None:
            return False
        small = grammar().prepositions | grammar().pronouns | grammar().determiners
        return token.word.endswith(_ADJECTIVAL) and token.word not in small


def stands(guard: Guard | None, context: Context) -> bool:
    """Whether the phrase is used the way its guard asks for."""
    if guard is None:
        return _unguarded(context)
    if guard == "never":
        return False
    if guard == "tag":
        return context.tag
    if context.tag:
        return True
    if guard == "article":
        return _article(context)
    if guard == "final" and not _final(context):
        return False
    return _noun(context)


def _unguarded(context: Context) -> bool:
    """Any word may be a verb after a bare "to": "to ship", "to fish", "to hammer"."""
    return context.several or context.before.word != "to"


def _noun(context: Context) -> bool:
    words = grammar()
    if context.after.word in words.objects and context.after is not END:
        return False
    lead, adjectives = context.lead()
    counted = context.vocabulary.lookup([lead], 0, 1) if lead is not END else None
    if lead.owner or lead.word in words.determiners or (counted and counted.count):
        return True
    if lead is END or lead.word in words.prepositions:
        if lead.word == "to":
            return False
        return bool(
            context.several
            or adjectives
            or lead.word in ("of", "with", "and", "or")
            or context.after.word in ("in", "on", "under")
            or context.after.word.endswith("ing")
        )
    if context.several and adjectives and context.before.word.endswith("ing"):
        return True  # "feeding ducks", not "the king ducks"
    return counted is not None and counted.ignored


def _article(context: Context) -> bool:
    lead, adjectives = context.lead()
    counted = context.vocabulary.lookup([lead], 0, 1) if lead is not END else None
    if lead.word in grammar().articles or (counted and counted.count):
        return True
    return lead is END and adjectives > 0


def _final(context: Context) -> bool:
    """The phrase is not itself an adjective of what follows: "an orange", not "an orange cat"."""
    after = context.after
    if after is END or after.word in grammar().prepositions | grammar().determiners:
        return True
    if context.vocabulary.names_thing(after.word) or after.word in grammar().adjectives:
        return False
    return after.word.endswith(("s", "ed", "ing")) or after.word in grammar().pronouns
