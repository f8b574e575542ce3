"""A prompt read into the scene of a picture."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from types import MappingProxyType

from limner.backends.images.sketch.lexicon.feeling import emblem
from limner.backends.images.sketch.lexicon.found import Found, Mention, Sign, Trait
from limner.backends.images.sketch.lexicon.languages import translated
from limner.backends.images.sketch.lexicon.looks import look_of
from limner.backends.images.sketch.lexicon.occasion import festive, grounded, landed
from limner.backends.images.sketch.lexicon.relations import bonds
from limner.backends.images.sketch.lexicon.scan import scan
from limner.backends.images.sketch.lexicon.seeded_choice import SeededChoice
from limner.backends.images.sketch.lexicon.setting import Setting, settle
from limner.backends.images.sketch.lexicon.subjects import choose, rooms, same, size_of, subject
from limner.backends.images.sketch.lexicon.token import Token, tokens
from limner.backends.images.sketch.lexicon.vocabulary import Cue, vocabulary
from limner.backends.images.sketch.look import Look, Pose
from limner.backends.images.sketch.scene import (
    Bond,
    Place,
    Relation,
    Room,
    Scene,
    Shot,
    Stance,
    Subject,
)

_SEATS = ("chair", "sofa", "throne", "bench", "bed")
_TREES = MappingProxyType(
    {
        **dict.fromkeys(("jungle", "jungles", "rainforest", "tropical", "tropics"), "palm"),
        "bamboo": "bamboo",
    }
)
_RUINS = ("ruined", "ruins", "destroyed", "bombed", "devastated", "shelled")
_SEATED = (Bond.ON, Bond.IN, Bond.RIDES, Bond.AT)
_MOODS = ("battle", "noir", "neon")
"""They change a picture more than any other mood: named anywhere, they count."""


def read(prompt: str) -> Scene:
    """Read what a prompt shows.

    Nouns of a hand-made table become subjects, with what they wear, hold and do and how they stand
    to each other; words for places, hours and weather make the scene; every other word is passed
    over. Prompts in other languages are put into English first. What nothing decides is chosen by
    a hash of the prompt. The same prompt always gives the same scene; any text is understood
    somehow, in time linear in its length.

    >>> scene = read("two red dragons over a castle by the sea at dusk")
    >>> [(s.name, s.count, s.tint) for s in scene.subjects]
    [('dragon', 2, 'red'), ('castle', 1, None)]
    >>> str(scene.place), str(scene.time)
    ('shore', 'sunset')
    """
    words = tokens(translated(prompt))
    found = scan(words, vocabulary())
    mentions, indoors = rooms(found)
    signs = [*found.signs]
    if indoors:
        signs.append(Sign(Cue("place", Place.INTERIOR), 0, "inside", False))
    things = choose(mentions)
    choices = SeededChoice(" ".join(prompt.split()).lower())
    setting = settle(Found(mentions, [], signs), things, choices)
    said = {sign.cue.kind for sign in signs}
    mood = _mood(signs)
    room = _room(signs, found.mentions)
    things, setting = emblem(things, setting, mood, found)
    things, soil = landed(things, setting.place)
    return Scene(
        place=setting.place,
        time=setting.time,
        weather=setting.weather,
        season=setting.season,
        subjects=tuple(
            replace(subject, looks=_feeling(mood, subject.looks))
            for subject in festive(
                grounded(_subjects(things, mentions, found.traits, words, setting), soil),
                room,
                words,
            )
        ),
        mood=mood,
        moon="moon" in said,
        stars="stars" in said,
        lights="lights" in said or any(m.noun.row.lights for m in things),
        shot=_shot(signs),
        room=room,
        sunken=setting.place is Place.UNDERWATER and _speaks_of(signs, Place.CITY),
        soil=soil,
        hidden="grass" in said,
        ruined=any(t.word in _RUINS for t in words),
        hearth="hearth" in said,
        trees=next((_TREES[t.word] for t in words if t.word in _TREES), None),
        burning=any(t.word in ("burning", "ablaze", "flames", "burns", "inferno") for t in words),
    )


def _subjects(
    things: Sequence[Mention],
    mentions: Sequence[Mention],
    traits: Sequence[Trait],
    words: Sequence[Token],
    setting: Setting,
) -> tuple[Subject, ...]:
    """The chosen things, people with their looks, each where another one puts it."""
    related = bonds(things, words)
    people = [m for m in things if m.noun.person]
    traits = [*traits, *_partners(things, traits)]
    subjects = []
    for k, mention in enumerate(things):
        one = replace(subject(mention, setting.place, setting.season), size=size_of(mention))
        if k in related:
            bond, to = related[k]
            one = replace(one, relation=Relation(bond, to))
        if mention.noun.person:
            own = _own(mention, mentions, traits, first=bool(people) and mention is people[0])
            looks = tuple(look_of(mention, own, copy) for copy in range(mention.count))
            one = replace(one, looks=looks, tint=None)
        subjects.append(one)
    _gather(subjects, things)
    _lay(subjects, things)
    held = {to: subjects[k] for k, (bond, to) in related.items() if bond is Bond.HOLDS}
    rides = {k for k, (bond, _) in related.items() if bond is Bond.RIDES}
    seated = {
        k for k, (bond, to) in related.items() if bond is Bond.ON and subjects[to].name in _SEATS
    }
    for k, one in enumerate(subjects):
        if one.looks and k in seated:
            subjects[k] = _posed(one, Pose.SIT)
        elif one.looks and k in rides:
            subjects[k] = _posed(one, Pose.RIDE)
        elif one.looks and _is_round(one, subjects):
            subjects[k] = _posed(one, Pose.SIT, only=True)  # "playing" is no running here
        elif one.looks and k in held:
            empty = replace(one, looks=tuple(replace(look, held="") for look in one.looks))
            airy = held[k].stance is Stance.AIR
            subjects[k] = _posed(empty, Pose.REACH if airy else Pose.HOLD, only=not airy)
    return tuple(_with_seat(one, subjects, setting.place) for one in subjects)


def _with_seat(one: Subject, subjects: Sequence[Subject], place: Place) -> Subject:
    """Who sits, and has nothing to sit on, gets something that is at home there."""
    told = one.relation
    if told is not None and told.bond in _SEATED:
        return one
    what = "rock" if place is not Place.INTERIOR else "stool"
    if told is not None and told.bond is Bond.AROUND:
        what = "log" if subjects[told.to].name == "campfire" else "stool"
    looks = (replace(look, seat=what if look.pose is Pose.SIT else "") for look in one.looks)
    return replace(one, looks=tuple(looks))


def _gather(subjects: list[Subject], things: Sequence[Mention]) -> None:
    """People whom nothing else gives a place are on both sides of what people gather round."""
    middle = next((k for k, m in enumerate(things) if m.noun.row.gathers), None)
    for k, one in enumerate(subjects):
        if middle is not None and one.looks and one.relation is None:
            subjects[k] = replace(one, relation=Relation(Bond.AROUND, middle))


def _lay(subjects: list[Subject], things: Sequence[Mention]) -> None:
    """A table that people are at is seen from the front, and long if there are many."""
    for k, mention in enumerate(things):
        guests = [s.count for s in subjects if s.relation == Relation(Bond.AT, k)]
        if guests and mention.noun.row.laid is not None:
            short, long = mention.noun.row.laid
            subjects[k] = replace(subjects[k], art=long if sum(guests) > 2 else short)


def _is_round(one: Subject, subjects: Sequence[Subject]) -> bool:
    """Whether somebody sits at what is there to sit at."""
    told = one.relation
    if told is None or told.bond not in (Bond.AROUND, Bond.AT):
        return False
    return subjects[told.to].name in ("chess", "campfire", "table")


def _posed(subject: Subject, pose: Pose, *, only: bool = False) -> Subject:
    """The people of a subject in another pose; `only` those who just stand."""
    idle = (Pose.STAND, Pose.WALK, *((Pose.RUN,) if pose is Pose.SIT else ()))
    return replace(
        subject,
        looks=tuple(
            replace(look, pose=pose) if not only or look.pose in idle else look
            for look in subject.looks
        ),
    )


def _speaks_of(signs: Sequence[Sign], place: Place) -> bool:
    return any(sign.cue.value is place for sign in signs)


def _partners(things: Sequence[Mention], traits: Sequence[Trait]) -> list[Trait]:
    """Who is kissed kisses, and who is danced with dances: the next person does the same."""
    people = sorted((m for m in things if m.noun.person), key=lambda m: m.at)
    shared = []
    for one, two in pairwise(people):
        if any(t.owner == two.at and t.kind == "pose" for t in traits):
            continue
        if "pose:dance" in (one.noun.look or ""):
            shared.append(Trait("pose", "dance", one.at, two.at, None, ()))
        shared += [
            replace(t, owner=two.at)
            for t in traits
            if t.value in ("embrace", "dance") and t.owner == one.at
        ]
    return shared


def _own(
    mention: Mention, mentions: Sequence[Mention], traits: Sequence[Trait], *, first: bool
) -> list[Trait]:
    """What is said of somebody; what was said before anybody was named is the first one's."""
    places = {m.at for m in mentions if same(m, mention)}
    return [t for t in traits if t.owner in places or (t.owner is None and first)]


def _feeling(mood: str | None, looks: tuple[Look, ...]) -> tuple[Look, ...]:
    """Faces in the mood of the scene, where none is told of."""
    face = {"sad": "sad", "battle": "angry", "noir": "calm", "spooky": "calm"}.get(mood or "")
    if face is None:
        return looks
    return tuple(replace(look, mood=face) if look.mood == "happy" else look for look in looks)


def _mood(signs: Sequence[Sign]) -> str | None:
    moods = [str(sign.cue.value) for sign in signs if sign.cue.kind == "mood"]
    return next((mood for mood in _MOODS if mood in moods), moods[0] if moods else None)


def _shot(signs: Sequence[Sign]) -> Shot:
    shots = [sign.cue.value for sign in signs if sign.cue.kind == "shot"]
    return next((shot for shot in shots if isinstance(shot, Shot)), Shot.USUAL)


def _room(signs: Sequence[Sign], mentions: Sequence[Mention]) -> Room:
    kinds = [sign.cue.value for sign in signs if sign.cue.kind == "room"]
    kinds += [Room.HALL for m in mentions if m.noun.name == "throne"]
    kinds += [Room.BEDROOM for m in mentions if m.noun.name in ("bed", "sleeping child")]
    return next((kind for kind in kinds if isinstance(kind, Room)), Room.PARLOUR)
