"""How the things of a prompt stand to each other: on, under, behind, riding, holding."""

from collections.abc import Sequence
from itertools import pairwise

from limner.backends.images.sketch.lexicon.found import Mention
from limner.backends.images.sketch.lexicon.token import END, Token
from limner.backends.images.sketch.scene import Bond, Stance

_REACH = 14
"""How many words may stand between two that are related."""

_BONDS = {
    Bond.RIDES: """riding rides rode ride mounted horseback driving drives drove pedalling
        steering rows rowing sailing sails""",
    Bond.HOLDS: """holding holds held carrying carries carried with eating eats drinking drinks
        playing plays offering offers gives giving pulling lifting petting hugging wielding
        brandishing waving clutching serving serves reading reads catching throwing throws
        bringing brings wears wearing stirring""",
    Bond.IN: "in inside within into",
    Bond.ON: "on upon onto atop crossing crosses crossed",
    Bond.OVER: "over across above",
    Bond.UNDER: "under underneath beneath below",
    Bond.BEHIND: "behind",
    Bond.AROUND: "around round encircling surrounding",
    Bond.AT: "at",
    Bond.BESIDE: "beside near by next against alongside before facing",
}
_WORDS = {word: bond for bond, words in _BONDS.items() for word in words.split()}
_LEAPS = frozenset(
    ("jumping", "jumps", "jumped", "leaping", "leaps", "leapt", "hopping", "hops", "vaulting")
)
_RESTS = frozenset(
    ("sofa", "bed", "chair", "throne", "bench", "sleeping child", "rug", "pillow", "puddle")
)
_RIDDEN = frozenset(
    {
        *(
            "horse",
            "white horse",
            "bicycle",
            "motorcycle",
            "scooter",
            "elephant",
            "camel",
            "dragon",
        ),
        *(
            "donkey",
            "unicorn",
            "pegasus",
            "cow",
            "ox",
            "skateboard",
            "kick scooter",
            "sled",
            "whale",
        ),
        *("turtle", "wolf", "bear", "polar bear", "lion", "tiger", "deer", "dolphin", "ostrich"),
        *("giraffe", "llama", "goat", "pig", "dinosaur", "sauropod", "t rex", "eagle", "griffin"),
        *("phoenix", "flying carpet", "swan", "goose", "zebra", "moose", "rhinoceros", "mammoth"),
        *("carousel", "ram", "buffalo", "reindeer", "rabbit", "fox", "cat", "dog", "fish", "snail"),
    }
)
_FILLED = frozenset(("basket", "bucket", "box", "cart", "barrel", "treasure chest", "cauldron"))
_VESSELS = frozenset(
    {
        *("boat", "canoe", "raft", "basket", "bathtub", "nest", "cup", "teacup", "bucket", "cart"),
        *("carriage", "barrel", "hot air balloon", "box", "paper boat", "cauldron", "pot", "car"),
        *("ship", "pirate ship", "sailboat", "ferry", "steamship", "cruise ship"),
        *(
            "box",
            "suitcase",
            "well",
            "sled",
            "shopping cart",
            "chest",
            "treasure chest",
            "backpack",
            "boot",
            "boots",
        ),
    }
)
_WORN_BY_BEASTS = frozenset(
    (
        "crown",
        "hat",
        "straw hat",
        "witch hat",
        "cap",
        "scarf",
        "glasses",
        "sunglasses",
        "helmet",
        "headphones",
        "ribbon",
        "top hat",
    )
)
_HANDY = frozenset(("kite", "balloon", "balloons", "guitar", "violin", "umbrella", "flag", "net"))
_HANDS = frozenset(("hand", "hands", "arms", "paw", "paws"))
_EMBRACES = frozenset(
    ("holding", "holds", "held", "carrying", "carries", "carried", "cradling", "hugging", "hugs")
)
_BODY = frozenset(("shoulder", "shoulders", "head", "lap", "arm", "hand"))
_LARGE = 8.0
"""Metres; who is on so large a ship stands on its deck."""

_CARRIED = 0.75
"""Metres; what is larger is not held in a hand."""


def bonds(things: Sequence[Mention], words: Sequence[Token]) -> dict[int, tuple[Bond, int]]:
    """For each thing that another tells the place of: how, and which other (by their order)."""
    found: dict[int, tuple[Bond, int]] = {}
    order = sorted(range(len(things)), key=lambda k: things[k].at)
    for before, two in pairwise(order):
        one = before
        told = _between(things[one], things[two], words)
        if told is None:
            continue
        bond, swapped = told
        if one in found and found[one][0] in (Bond.HOLDS, Bond.WEARS):
            if swapped and bond is Bond.IN:  # what is in it is carried along
                found[two] = (bond, one)
                continue
            if bond not in (Bond.ON, Bond.IN, Bond.UNDER, Bond.BEHIND, Bond.RIDES) or swapped:
                continue
            one = found[one][1]  # who holds a thing is where the thing is said to be
            again = _fitting(bond, things[one], things[two])
            if again is None:
                continue
            bond, swapped = again
        who, whom = (two, one) if swapped else (one, two)
        if who not in found and found.get(whom, (None, -1))[1] != who:
            found[who] = (bond, whom)
    for k, _mention in enumerate(things):
        borne = _on_body(k, things, order, words)
        if borne is not None:
            found[k] = borne
            found.pop(borne[1], None)
    return found


def _on_body(
    k: int, things: Sequence[Mention], order: Sequence[int], words: Sequence[Token]
) -> tuple[Bond, int] | None:
    """On whose shoulder, head or lap or in whose hand it is, if what follows says so."""
    after = [token.word for token in words[things[k].end : things[k].end + 4]]
    people = [j for j in order[: order.index(k)] if things[j].noun.person]
    if things[k].noun.person or not people:
        return None
    if after[:1] == ["on"] and _BODY & set(after):
        return (Bond.ON, people[-1])
    if after[:1] == ["in"] and _HANDS & set(after) and _is_handy(things[k]):
        return (Bond.HOLDS, people[-1])
    return None


def _is_handy(thing: Mention) -> bool:
    """Whether somebody can have it in hand, or in the arms."""
    row, name = thing.noun.row, thing.noun.name
    if thing.noun.animate:
        return row.h <= _CARRIED and not thing.noun.person
    return row.h <= _CARRIED or name in _HANDY


def _between(a: Mention, b: Mention, words: Sequence[Token]) -> tuple[Bond, bool] | None:
    """The bond of two neighbours in the text, and whether it is the second that is placed."""
    gap = words[a.end : b.at]
    if not 0 < len(gap) <= _REACH or END in gap:
        return None
    text = [token.word for token in gap]
    if text == ["of"] and a.noun.name in _FILLED and b.noun.row.h < a.noun.row.h:
        return (Bond.IN, True)
    if text[-1] == "and" or text == ["and", "a"] or text == ["and", "the"]:
        return None
    if "front" in text and "in" in text:
        return (Bond.BEHIND, True)
    said = [_WORDS[word] for word in text if word in _WORDS]
    if Bond.OVER in said and not (a.noun.animate and _LEAPS & set(text)):
        said = [bond for bond in said if bond is not Bond.OVER]
    if b.noun.name == "bridge" and {"over", "across"} & set(text):
        said.append(Bond.ON)
    if not said:
        return None
    if Bond.RIDES in said and _large_enough(b, a):
        return (
            Bond.RIDES
            if b.noun.name in _RIDDEN
            else Bond.IN
            if b.noun.name in _VESSELS
            else Bond.ON,
            False,
        )
    return _fitting(said[-1], a, b, frozenset(text))


def _large_enough(carrier: Mention, rider: Mention) -> bool:
    return carrier.noun.row.h > 0.12 and rider.noun.animate


def _fitting(
    bond: Bond, a: Mention, b: Mention, said: frozenset[str] = frozenset()
) -> tuple[Bond, bool] | None:
    """The bond if these two can have it, after what is said between them."""
    beast = a.noun.animate and not a.noun.person
    if beast and bond in (Bond.HOLDS, Bond.IN) and b.noun.name in _WORN_BY_BEASTS:
        return (Bond.WEARS, True)
    if bond is Bond.HOLDS:
        handy = _is_handy(b) and (not b.noun.animate or bool(_EMBRACES & said))
        return (Bond.HOLDS, True) if a.noun.person and handy else None
    if bond is Bond.AROUND and a.noun.person and b.noun.row.laid is not None:
        return (Bond.AT, False)
    if bond is Bond.AROUND and not (a.noun.animate and (a.count > 1 or b.noun.row.gathers)):
        return (Bond.BESIDE, False)
    if bond is Bond.AT and not (a.noun.person and b.noun.row.laid is not None):
        return (Bond.BESIDE, False)
    if bond is Bond.ON:
        return _on(a, b, back=bool({"back", "top"} & said))
    if bond is Bond.IN:
        return _in(b)
    return (bond, False)


def _on(a: Mention, b: Mention, *, back: bool) -> tuple[Bond, bool]:
    if a.noun.person and b.stance is Stance.TABLE and b.noun.name not in _RESTS:
        return (Bond.HOLDS, True)
    if a.noun.animate and b.stance is Stance.WATER and b.noun.name in _VESSELS:
        return (_aboard(b), False)
    if a.noun.animate and b.noun.name in _RIDDEN and b.noun.row.h > 0.5:
        return (Bond.RIDES, False)
    return (Bond.ON if _carries(b, a) or back else Bond.BESIDE, False)


def _in(b: Mention) -> tuple[Bond, bool] | None:
    if b.noun.name in _RESTS:
        return (Bond.ON, False)
    return (_aboard(b), False) if b.noun.name in _VESSELS else None


def _aboard(vessel: Mention) -> Bond:
    return Bond.ON if vessel.noun.row.h > _LARGE else Bond.IN


def _carries(carrier: Mention, load: Mention) -> bool:
    """Whether the one can lie or stand on the other."""
    if carrier.stance in (Stance.SKY, Stance.AIR) or load.stance in (Stance.SKY, Stance.AIR):
        return False
    return load.noun.row.h <= carrier.noun.row.h * 2.6 or load.noun.animate
