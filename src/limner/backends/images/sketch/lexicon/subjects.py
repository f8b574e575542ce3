"""The subjects of a picture: which things of a prompt are shown, and how they stand."""

from collections.abc import Sequence
from dataclasses import replace
from types import MappingProxyType

from limner.backends.images.sketch.lexicon.found import Found, Mention
from limner.backends.images.sketch.lexicon.setting import weigh
from limner.backends.images.sketch.scene import Place, Season, Stance, Subject

MOST = 5
"""Subjects on one picture."""

_INDOORS = ("in", "inside", "within")
_OPEN_AIR = 2.5
"""A place outdoors that speaks louder than this keeps "in the house" outside it."""

_MATTERS = ("at", "around", "round", "under", "underneath", "beneath", "below", "behind")
"""Who is said to be there needs the table itself, not just any."""

_SIZES = {
    **dict.fromkeys(
        ("giant", "gigantic", "enormous", "colossal", "huge", "immense", "massive", "monstrous"),
        2.4,
    ),
    **dict.fromkeys(("big", "large", "great", "tall", "towering"), 1.3),
    **dict.fromkeys(("small", "little", "wee", "short"), 0.8),
    **dict.fromkeys(("tiny", "miniature", "minuscule", "microscopic"), 0.55),
}

_TREES = MappingProxyType({Season.AUTUMN: "autumn-tree", Season.WINTER: "leafless-tree"})
"""What a tree looks like when it is not green."""

_OF = ("of", "on", "aboard", "upon")
_SHIP = 8.0
"""Metres; what has a deck is larger."""

_WATERS = (Place.SEA, Place.SHORE, Place.LAKE, Place.RIVER, Place.WATERFALL)
_SMALL = 0.6
"""Metres; what is smaller is laid down near the viewer."""


def rooms(found: Found) -> tuple[list[Mention], bool]:
    """The mentions without the building or ship one is in, and whether it is a building."""
    outdoors = any(
        weigh(sign, sign.cue.value) > _OPEN_AIR
        for sign in found.signs
        if isinstance(sign.cue.value, Place) and sign.cue.kind == "place"
    )
    kept = [m for m in found.mentions if not _entered(m, outdoors)]
    aboard = any(sign.cue.value is Place.DECK for sign in found.signs)
    shown = [m for m in kept if not (aboard and m.noun.row.h > _SHIP and m.preposition in _OF)]
    return shown, len(kept) < len(found.mentions)


def _entered(mention: Mention, outdoors: bool) -> bool:
    how = mention.noun.row.inside
    if how is None or mention.preposition not in _INDOORS:
        return False
    return mention.preposition != "in" or (how == "in" and not outdoors)


def choose(mentions: Sequence[Mention]) -> list[Mention]:
    """At most `MOST` things, the most important first.

    The order is that of the prompt, with what belongs to somebody before its owner and what
    hangs in the sky last. When there are too many, animals and people stay before things.
    """
    things = _merged(_owned_first(mentions))
    if len(things) > 1:
        things = [m for m in things if not _is_scenery(m)] or things[:1]
    kept = sorted(range(len(things)), key=lambda k: (not things[k].noun.animate, k))[:MOST]
    return sorted((things[k] for k in sorted(kept)), key=lambda m: m.stance is Stance.SKY)


def _is_scenery(mention: Mention) -> bool:
    scenery = mention.noun.row.scenery
    if scenery == "always" and mention.preposition in _MATTERS:
        return False
    return scenery == "always" or (scenery == "several" and mention.several)


def _owned_first(mentions: Sequence[Mention]) -> list[Mention]:
    ordered = list(mentions)
    for k in range(len(ordered) - 1):
        if ordered[k].owner and ordered[k + 1].at - ordered[k].at <= MOST:
            ordered[k], ordered[k + 1] = ordered[k + 1], ordered[k]
    return ordered


def _merged(mentions: Sequence[Mention]) -> list[Mention]:
    """The same thing named twice is one thing, with all that was said of it."""
    by_name: dict[tuple[str, str], Mention] = {}
    for m in mentions:
        key = (m.noun.name, m.name)
        first = by_name.get(key, m)
        count, tint = max(first.count, m.count), first.tint or m.tint
        by_name[key] = replace(first, count=count, tint=tint)
    return list(by_name.values())


def same(one: Mention, other: Mention) -> bool:
    """Whether two mentions mean one thing."""
    return (one.noun.name, one.name) == (other.noun.name, other.name)


def size_of(mention: Mention) -> float:
    """How much larger than usual the words before it say that it is."""
    sizes = [_SIZES[word] for word in mention.adjectives[-3:] if word in _SIZES]
    return sizes[-1] if sizes else 1.0


def subject(mention: Mention, place: Place, season: Season) -> Subject:
    """A chosen mention as a subject, standing the way it can at that place."""
    noun, stance = mention.noun, _placed(mention, place)
    flying = stance is Stance.AIR and noun.row.aloft is not None
    art = noun.row.aloft or noun.art if flying else noun.art
    if art == "deciduous-tree" and mention.tint is None:
        art = _TREES.get(season, art)
    return Subject(
        art=art,
        name=noun.name,
        stance=stance,
        height=noun.row.h,
        count=mention.count,
        tint=mention.tint,
    )


def _placed(mention: Mention, place: Place) -> Stance:
    stance = mention.stance
    if place is Place.SPACE and mention.flying and stance is Stance.GROUND:
        return Stance.AIR
    if stance is Stance.GROUND and mention.noun.row.afloat:
        if place is Place.UNDERWATER:
            return Stance.SWIMS
        return Stance.WATER if place in _WATERS[2:] or place is Place.SEA else stance
    if place is Place.INTERIOR and stance is Stance.GROUND:
        small = not mention.noun.animate and mention.noun.row.h <= _SMALL
        return Stance.TABLE if small else stance
    if stance is Stance.WALL and place is not Place.INTERIOR:
        return Stance.GROUND
    if stance is Stance.WATER and place is Place.UNDERWATER and mention.noun.animate:
        return Stance.SWIMS
    if stance in (Stance.WATER, Stance.SWIMS) and place not in (*_WATERS, Place.UNDERWATER):
        return _stranded(mention, place)
    return stance


def _stranded(mention: Mention, place: Place) -> Stance:
    """What belongs in water, where there is none."""
    if place in (Place.SKY, Place.SPACE):
        return Stance.AIR
    return Stance.TABLE if mention.noun.row.h < _SMALL else Stance.GROUND
