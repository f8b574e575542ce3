"""Plurals of English nouns: the regular ones by rule, the irregular ones by list."""

_IRREGULAR = {
    "calf": "calves",
    "child": "children",
    "deer": "deer",
    "elf": "elves",
    "fish": "fish",
    "foot": "feet",
    "goose": "geese",
    "knife": "knives",
    "lady": "ladies",
    "leaf": "leaves",
    "loaf": "loaves",
    "moose": "moose",
    "mouse": "mice",
    "ox": "oxen",
    "person": "people",
    "scarf": "scarves",
    "sheep": "sheep",
    "shelf": "shelves",
    "tooth": "teeth",
    "wife": "wives",
    "wolf": "wolves",
}
_ALIKE = ("fish", "craft")
"""Endings of words whose plural looks like the singular."""

_MEN = ("german", "human", "shaman", "talisman", "caiman")
"""They end in "man" and are no men."""

_OES = ("buffalo", "echo", "hero", "mango", "mosquito", "potato", "tomato", "tornado", "volcano")


def plural(noun: str) -> str:
    """The plural of a noun of one or more words, which bends at its head.

    >>> [plural(noun) for noun in ("fox", "wolf", "fairy", "monkey", "milkman", "glass of milk")]
    ['foxes', 'wolves', 'fairies', 'monkeys', 'milkmen', 'glasses of milk']
    """
    for joint in (" of ", " in ", " on ", " with ", " at "):
        if joint in noun:
            head, rest = noun.split(joint, 1)
            return f"{plural(head)}{joint}{rest}"
    start, space, last = noun.rpartition(" ")
    return f"{start}{space}{_bent(last)}"


def _bent(word: str) -> str:
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("man") and word not in _MEN:
        return word[:-2] + "en"
    if word.endswith(_ALIKE):
        return word
    if word.endswith("wolf"):
        return word[:-1] + "ves"
    return _by_rule(word)


def _by_rule(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in tuple("aeiou"):
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")) or word in _OES:
        return word + "es"
    return word + "s"
