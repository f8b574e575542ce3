"""From the words for a person to how that person looks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from limner.backends.images.sketch.lexicon.found import Mention, Trait
from limner.backends.images.sketch.lexicon.seeded_choice import SeededChoice
from limner.backends.images.sketch.look import Age, Look, Pose

_SKINS = {"f3cfae": 5, "eec3a0": 5, "d9a27a": 3, "b07c54": 2, "83563a": 2}
_HAIR = {"brown": 5, "black": 4, "gold": 3, "red": 2, "orange": 1}
_SKIN_WORDS = {
    "black": "6f4730",
    "brown": "99663f",
    "dark": "7d5236",
    "white": "f5d9c0",
    "pale": "f7e4d6",
    "green": "8fb36b",
    "blue": "8fb4d8",
    "red": "c96a5c",
    "gray": "a9adb0",
    "gold": "d9b36a",
    "purple": "a98bc4",
    "tanned": "c08a5c",
    "tan": "c08a5c",
    "olive": "c59b6c",
    "fair": "f5d9c0",
    "pink": "f2b8b0",
}
_MEN = {"tunic": 4, "shirt": 4, "coat": 2, "sweater": 3}
_WOMEN = {"dress": 5, "skirt": 3, "coat": 1, "sweater": 1}
_CHILDREN = {"t-shirt": 3, "sweater": 3, "tunic": 1}
_CUTS = {"long": 4, "wavy": 3, "bob": 2, "bun": 1, "ponytail": 2}
_GIRLS = {"long": 2, "bob": 2, "braids": 3, "ponytail": 3}
_DYES = {
    "green": 3,
    "blue": 3,
    "crimson": 3,
    "turquoise": 2,
    "plum": 2,
    "rust": 2,
    "navy": 2,
    "olive": 1,
    "rose": 2,
}
_BELOW = {"brown": 3, "navy": 2, "denim": 3, "olive": 1}
_INSTRUMENTS = ("violin", "guitar", "flute", "drum")
_CUT_WORDS = {
    "long": "long",
    "short": "bob",
    "curly": "curly",
    "wavy": "wavy",
    "messy": "spiky",
    "spiky": "spiky",
    "braided": "braids",
    "straight": "long",
    "flowing": "wavy",
}


def look_of(mention: Mention, traits: Sequence[Trait], copy: int = 0) -> Look:
    """How somebody looks; what is not said is chosen by the name or the noun.

    Args:
        mention: Who.
        traits: What is said of that person.
        copy: Which of several, so that they are not all alike.
    """
    seed = f"{mention.name or mention.noun.name} {copy}"
    words = mention.noun.look or "??"
    if "??" in words and mention.count > 1 and copy % 2 == 0:
        words = f"woman {words}"
    elif "??" in words and mention.count > 1:
        words = words.replace("??", "?")
    look = _base(words, SeededChoice(seed))
    look = _described(look, mention)
    for trait in traits:
        look = _with(look, trait)
    return look


def _base(words: str, choices: SeededChoice) -> Look:
    """The look that the table gives, what it leaves open being chosen."""
    marks = words.split()
    woman = "woman" in marks or ("??" in marks and choices.pick("sex", {True: 1, False: 1}))
    child, young, old = (word in marks for word in ("child", "young", "old"))
    age = Age.CHILD if child else Age.YOUNG if young else Age.OLD if old else Age.ADULT
    said = dict(mark.split(":", 1) for mark in marks if ":" in mark)
    plain = [
        m for m in marks if ":" not in m and m not in ("woman", "child", "young", "old", "?", "??")
    ]
    usual = _usual(woman, age, choices)
    if plain:
        usual |= dict(zip(("garment", "colour", "below"), plain, strict=False))
    extras = {said["extra"].replace("_", " ")} if "extra" in said else set()
    usual |= {
        "hat": said.get("hat", "").replace("_", " "),
        "hat_colour": said.get("top", ""),
        "beard": said.get("beard", ""),
        "held": said.get("held", ""),
        "extra_colour": said.get("worn", ""),
        "extras": frozenset(extras),
    }
    usual |= {key: said[key] for key in ("hair", "cut", "skin") if key in said}
    return Look(woman=woman, age=age, pose=Pose(said.get("pose", "stand")), **usual)


def _usual(woman: bool, age: Age, choices: SeededChoice) -> dict[str, Any]:
    """What everybody wears who is not described."""
    child = age is Age.CHILD
    garments = _WOMEN if woman else _CHILDREN if child else _MEN
    cuts = _GIRLS if child else _CUTS
    return {
        "skin": choices.pick("skin", _SKINS),
        "hair": choices.pick("hair", _HAIR),
        "cut": choices.pick("cut", cuts)
        if woman
        else choices.pick("cut", {"short": 3, "swept": 2, "curly": 1}),
        "eyes": choices.pick("eyes", {"brown": 3, "blue": 2, "green": 1}),
        "garment": choices.pick("garment", garments),
        "colour": choices.pick("colour", _DYES),
        "below": choices.pick("below", _BELOW),
    }


def _described(look: Look, mention: Mention) -> Look:
    """What the words right before the noun say: a blonde woman, an old king, a red witch."""
    words = mention.adjectives
    if "away" in words:
        look = replace(look, away=True, hat="", pose=Pose.STAND)
    if {"old", "elderly", "aged", "ancient"} & set(words):
        look = replace(look, age=Age.OLD, hair="white" if not look.woman else "gray")
        if look.woman and look.cut in ("long", "wavy"):
            look = replace(look, cut="bun")
    if {"young", "teenage", "teenaged", "little"} & set(words) and look.age is Age.ADULT:
        look = replace(look, age=Age.YOUNG)
    return _coloured(look, mention)


def _coloured(look: Look, mention: Mention) -> Look:
    """What a colour before the noun dyes: hair, skin, or what is worn."""
    words, tint = mention.adjectives, mention.tint
    if {"blonde", "blond"} & set(words):
        return replace(look, hair="gold")
    if {"ginger", "auburn"} & set(words):
        return replace(look, hair="red")
    if tint in ("black", "brown", "white") and mention.noun.look in (
        "?",
        "??",
        "woman ?",
        "child ?",
        "woman child ?",
        "child ??",
    ):
        return replace(look, skin=_SKIN_WORDS[tint])
    if tint is not None and tint != mention.noun.row.tint:
        return replace(look, colour=tint)
    return look


def _with(look: Look, trait: Trait) -> Look:
    """The look with one trait more."""
    change = _CHANGES.get(trait.kind)
    return change(look, trait) if change is not None else look


def _garment(look: Look, t: Trait) -> Look:
    if "leather" in t.adjectives:
        t = replace(t, colour=t.colour or "brown")
    text = t.value
    if text == "dress" and {"long", "flowing", "evening", "wedding"} & set(t.adjectives):
        text = "gown"
    if text == "gown" and "wedding" in t.adjectives:
        t = replace(t, colour=t.colour or "white")
    below = look.below
    colour = t.colour or look.colour
    if text == "armour" and t.colour is None:
        colour = "steel"
    hat = "bubble" if text == "spacesuit" and not look.hat else look.hat
    return replace(look, garment=text, colour=colour, below=below, hat=hat)


def _hat(look: Look, t: Trait) -> Look:
    hat = t.value
    if hat == "fedora" and {"pointed", "pointy", "witch"} & set(t.adjectives):
        hat = "pointed"
    if hat == "fedora" and {"straw", "sun"} & set(t.adjectives):
        hat = "straw"
    return replace(look, hat="" if hat == "none" else hat, hat_colour=t.colour or "")


def _extra(look: Look, t: Trait) -> Look:
    if t.value == "tie":
        suit = look if look.garment == "suit" else replace(look, garment="suit", colour="navy")
        return replace(suit, extra_colour=t.colour or "red")
    if t.value == "boots":
        return replace(look, extras=look.extras | {"boots"}, shoes=t.colour or look.shoes)
    if t.value == "shoes":
        return replace(look, shoes=t.colour or look.shoes)
    colour = t.colour or look.extra_colour or ("white" if t.value in ("apron", "wings") else "")
    return replace(look, extras=look.extras | {t.value}, extra_colour=colour)


def _held(look: Look, t: Trait) -> Look:
    book = t.value == "book"
    if t.value in _INSTRUMENTS:
        return replace(look, held=t.value, pose=Pose.PLAY)
    kept = (Pose.SIT, Pose.KNEEL) if book else (Pose.SIT, Pose.KNEEL, Pose.RIDE, Pose.REACH)
    pose = look.pose if look.pose in kept else Pose.READ if book else Pose.HOLD
    return replace(look, held=t.value, pose=pose)


def _doing(look: Look, t: Trait) -> Look:
    pose, _, tool = t.value.partition(" ")
    low = look.pose in (Pose.SIT, Pose.KNEEL)
    return replace(look, held=tool, pose=look.pose if low else Pose(pose))


def _pose(look: Look, t: Trait) -> Look:
    return replace(
        look, pose=Pose(t.value), held="" if t.value in ("dance", "embrace", "kneel") else look.held
    )


def _face(look: Look, t: Trait) -> Look:
    return replace(look, mood=t.value)


def _cut(look: Look, t: Trait) -> Look:
    return replace(look, cut=t.value, hair=t.colour or look.hair)


def _age(look: Look, t: Trait) -> Look:
    return look


def _feature(look: Look, t: Trait) -> Look:
    if t.value == "hair":
        return _hair(look, t)
    if t.value == "eyes":
        return replace(look, eyes=t.colour or look.eyes)
    if t.value == "skin":
        words = (t.colour or "", *t.adjectives)
        skin = next((_SKIN_WORDS[word] for word in words if word in _SKIN_WORDS), None)
        return replace(look, skin=skin or look.skin)
    if t.value in ("beard", "moustache"):
        return _bearded(look, t)
    dyed = {"redhead": "red", "blonde": "gold", "brunette": "brown", "white": "white"}
    return replace(look, hair=dyed.get(t.value, look.hair))


def _hair(look: Look, t: Trait) -> Look:
    blond = {"blonde", "blond", "fair", "golden"} & set(t.adjectives)
    look = replace(look, hair="gold" if blond else t.colour or look.hair)
    cut = next((_CUT_WORDS[word] for word in t.adjectives if word in _CUT_WORDS), None)
    if cut == "bob" and not look.woman:
        cut = "short"
    return replace(look, cut=cut) if cut else look


def _bearded(look: Look, t: Trait) -> Look:
    style = "moustache" if t.value == "moustache" else "full"
    if t.value == "beard" and ("long" in t.adjectives or look.beard == "long"):
        style = "long"
    return replace(look, beard=style, hair=t.colour or look.hair)


_CHANGES = {
    "garment": _garment,
    "hat": _hat,
    "extra": _extra,
    "held": _held,
    "pose": _pose,
    "doing": _doing,
    "face": _face,
    "cut": _cut,
    "age": _age,
    "feature": _feature,
}
