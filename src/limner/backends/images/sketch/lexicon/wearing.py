"""Whose a trait is: who wears the coat, has the red hair, sits or dances."""

from collections.abc import Sequence

from limner.backends.images.sketch.lexicon.found import Mention, Trait
from limner.backends.images.sketch.lexicon.guard import Context
from limner.backends.images.sketch.lexicon.token import END

ANYWHERE = ("pose", "doing", "face", "age", "cut", "feature")
"""Said of whoever was named last; no thing of that name can stand about instead."""

_REACH = 16
"""How many words a trait may stand behind its owner."""

_MANY = 12
"""How many things may have been named since."""

_WORN = frozenset(
    {
        *("in", "with", "wearing", "wears", "wore", "dressed", "clad", "has", "had", "having"),
        *("whose", "sporting", "his", "her", "its", "their", "donning", "dons", "under"),
    }
)
_HELD = frozenset(
    {
        *("with", "holding", "holds", "held", "carrying", "carries", "carried", "wielding"),
        *("wields", "swinging", "swings", "raising", "raises", "reading", "reads", "under"),
        *("his", "her", "drawing", "draws", "clutching", "gripping", "lifts", "lifting", "opens"),
        *(
            "playing",
            "plays",
            "played",
            "leaning",
            "drew",
            "brandishing",
            "handed",
            "writing",
            "writes",
            "shares",
            "sharing",
        ),
    }
)
_LAID = frozenset(
    {
        *("on", "beside", "near", "behind", "sells", "selling", "buys", "buying", "over", "next"),
        *("sewing", "sews", "at", "by", "makes", "making", "above", "below", "finds", "against"),
    }
)


def owner_of(
    kind: str, context: Context, mentions: Sequence[Mention], traits: Sequence[Trait]
) -> Mention | None:
    """Who is meant; ``None`` if nobody, or nobody yet."""
    near_by = mentions[-_MANY:]
    beings = [m for m in near_by if m.noun.animate and context.start - m.end <= _REACH]
    if kind in ("garment", "held"):
        beings = [m for m in beings if m.noun.person] or beings[:0]
    if not beings:
        return None
    being = beings[-1]
    if kind in ("hat", "extra") and not being.noun.person:
        return None  # beasts wear the thing itself
    if kind in ANYWHERE:
        return _actor(kind, context, beings)
    between = context.words[being.end : context.start]
    near = [token.word for token in between[-5:]]
    if kind == "held":
        back = context.words[max(0, context.start - 5) : context.start]
        return _giver(context, beings) if _held([token.word for token in back]) else None
    if any(word in _LAID for word in near[-3:]):
        return None
    linked = any(token.word in _WORN for token in between)
    follows = bool(traits) and context.start - traits[-1].at <= 6 and traits[-1].owner == being.at
    tag = context.before is END or END in between
    return being if linked or follows or tag or not between else None


def _giver(context: Context, beings: Sequence[Mention]) -> Mention:
    """Who has it in hand: whoever the last verb is said of, not whom it is handed to."""
    last = beings[-1]
    handed = {"handed", "hands", "gives", "gave", "giving", "offers", "offering"} & {
        token.word for token in context.words[max(0, last.at - 2) : last.at]
    }
    return beings[-2] if handed and len(beings) > 1 else last


def _held(near: Sequence[str]) -> bool:
    """Whether the words before a thing say that it is in somebody's hand."""
    leads = [k for k, word in enumerate(near) if word in _HELD]
    laid = [k for k, word in enumerate(near) if word in _LAID]
    return bool(leads) and (not laid or leads[-1] > laid[-1])


def _actor(kind: str, context: Context, beings: Sequence[Mention]) -> Mention:
    """Who does it: people before animals, unless an animal was named right before."""
    last = beings[-1]
    if (
        last.noun.person
        or kind not in ("pose", "doing", "feature", "cut", "age")
        or last.end == context.start
    ):
        return last
    people = [m for m in beings if m.noun.person]
    return people[-1] if people and context.start - last.end > 2 else last
