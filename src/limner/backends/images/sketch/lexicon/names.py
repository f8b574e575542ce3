"""Names and pronouns: somebody acts, though no noun says who."""

import functools
from collections.abc import Sequence
from importlib import resources

import msgspec

from limner.backends.images.sketch.lexicon.found import Mention
from limner.backends.images.sketch.lexicon.guard import Context, grammar
from limner.backends.images.sketch.lexicon.token import END, Token

_WOMANLY = ("a", "ia", "elle", "ette", "ine", "yn", "ie", "lyn", "iel", "ra")
_NOT_NAMES = (
    "ing",
    "ed",
    "al",
    "ic",
    "ous",
    "ful",
    "ive",
    "ly",
    "less",
    "ish",
    "ist",
    "ern",
    "ese",
    "ian",
    "ean",
    "ism",
    "ness",
)
"""Endings of capitalised words that are no names."""

_TITLE = 0.6
"""When so many words have capitals, the prompt is a title and capitals say nothing."""

NEAR = 40
"""How many mentions back somebody is looked for."""

_PLACES = frozenset(
    (
        "in",
        "of",
        "at",
        "through",
        "to",
        "from",
        "near",
        "over",
        "the",
        "across",
        "into",
        "by",
        "a",
        "an",
    )
)
_ALL = {"he": "man", "him": "man", "she": "woman", "i": "person", "they": "couple", "we": "couple"}
_BEFORE_NAMES = (
    "and",
    "with",
    "named",
    "called",
    "kisses",
    "hugs",
    "meets",
    "fights",
    "loves",
    "sees",
)
_MOVED = ("and", "is", "was", "has", "had", "stands", "in", "with", "kisses", "sits", "looks")


@functools.cache
def _known() -> dict[str, str]:
    """What the names of the list are; the table is read once a process."""
    path = resources.files("limner.backends.images.sketch.lexicon") / "names.toml"
    table = msgspec.toml.decode(path.read_text(encoding="utf-8"), type=dict[str, str])
    women = dict.fromkeys(table["women"].split(), "woman")
    return {**dict.fromkeys(table["men"].split(), "man"), **women}


def named(context: Context, mentions: Sequence[Mention]) -> Mention | None:
    """The person that a word no table knows stands for, if it is a name or a pronoun."""
    token = context.words[context.start]
    mentions = mentions[-NEAR:]
    if token.text in _ALL:
        return _meant(context, token.text, mentions)
    if not token.capital or not _is_name(context):
        return None
    who = _known().get(token.word) or ("woman" if token.word.endswith(_WOMANLY) else "man")
    if any(m.name == token.word for m in mentions):
        return None
    return _mention(context, who, token.word)


def _is_name(context: Context) -> bool:
    token = context.words[context.start]
    word = token.word
    if word in grammar().prepositions | grammar().pronouns | grammar().determiners:
        return False
    if _is_title(context.words):
        return word in _known() and context.before.word not in _PLACES
    if context.before.word in _PLACES or len(word) < 3:
        return False
    if word in _known():
        return True
    if word in grammar().adjectives or word.endswith(_NOT_NAMES):
        return False
    return _acts(context) or context.before.word in _BEFORE_NAMES


def _acts(context: Context) -> bool:
    """Whether a verb follows, as far as its ending shows."""
    after = context.after
    if after is END or context.vocabulary.names_thing(after.word):
        return False
    if after.word in _MOVED or after.owner:
        return True
    return len(after.word) > 3 and after.word.endswith(
        ("es", "ts", "ks", "ds", "ns", "ls", "ps", "ys", "rs", "ed")
    )


@functools.lru_cache(maxsize=4)
def _share(words: tuple[Token, ...]) -> float:
    long = [token for token in words if len(token.text) > 3]
    return sum(token.capital for token in long) / len(long) if len(long) > 3 else 0.0


def _is_title(words: Sequence[Token]) -> bool:
    return _share(tuple(words[:60])) > _TITLE


def _meant(context: Context, word: str, mentions: Sequence[Mention]) -> Mention | None:
    """The one a pronoun stands for, if nobody fits who was named before."""
    beings = [m for m in mentions if m.noun.animate]
    if word in ("i", "we") or (word == "they" and mentions):
        return None
    other = {"he": "woman", "him": "woman", "she": "man"}.get(word)
    if any(other is None or m.noun.sex != other for m in beings):
        return None
    return _mention(context, _ALL[word], "")


def _mention(context: Context, who: str, name: str) -> Mention | None:
    entry = context.vocabulary.lookup([Token(who, who)], 0, 1)
    if entry is None or entry.form is None:
        return None
    return Mention(
        noun=entry.form.noun,
        at=context.start,
        count=entry.form.noun.row.count,
        tint=None,
        owner=context.words[context.start].owner,
        preposition="",
        several=False,
        flying=None,
        end=context.end,
        name=name,
        adjectives=context.leading(),
    )
