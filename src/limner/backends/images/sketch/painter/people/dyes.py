"""The colours of cloth, hair, eyes and skin."""

from types import MappingProxyType

CLOTH = MappingProxyType(
    {
        "red": "c23b33",
        "orange": "e08a3a",
        "yellow": "f0c33c",
        "green": "5c8a4e",
        "blue": "3f74b5",
        "turquoise": "3fa7a0",
        "purple": "7d55a0",
        "pink": "e594ad",
        "brown": "80593d",
        "black": "34323c",
        "white": "f3efe6",
        "gray": "8b8f96",
        "gold": "d9a92f",
        "silver": "c3c9d1",
        "crimson": "9c2735",
        "navy": "2f4368",
        "tan": "c3a06c",
        "cream": "ead9b5",
        "steel": "a9b4bf",
        "denim": "48648c",
        "plum": "5d3a63",
        "olive": "6d7147",
        "rust": "a9552f",
        "skyblue": "86b3d6",
        "sand": "cdb48a",
        "rose": "bb5a72",
    }
)
HAIR = MappingProxyType(
    {
        "brown": "6b4327",
        "black": "2c2528",
        "yellow": "e3bd5b",
        "gold": "dba93f",
        "red": "b5472a",
        "orange": "cf6a2c",
        "white": "ece9e4",
        "gray": "a9a7a5",
        "silver": "ced5de",
        "blue": "4a7fc4",
        "green": "5a9a5e",
        "pink": "e792b4",
        "purple": "8a5fb5",
        "turquoise": "46aaa8",
    }
)
EYES = MappingProxyType(
    {
        "brown": "6d4526",
        "green": "4f9a4c",
        "blue": "3f80c4",
        "gray": "75838f",
        "black": "332b2b",
        "gold": "c9942a",
        "yellow": "d5a92c",
        "red": "b83a35",
        "purple": "8354b0",
        "turquoise": "38a39d",
        "pink": "d27a9a",
        "silver": "98a6b3",
        "orange": "c4762e",
        "white": "b9c2c9",
    }
)


def cloth(word: str, otherwise: str = "green") -> str:
    """The colour of cloth for a word, with the mark of a colour before it."""
    return f"#{CLOTH.get(word) or CLOTH[otherwise]}"


def darker(colour: str, share: float = 0.78) -> str:
    """The colour in shadow.

    >>> darker("#ffffff", 0.5)
    '#7f7f7f'
    """
    digits = colour.removeprefix("#")
    return "#" + "".join(f"{int(int(digits[k : k + 2], 16) * share):02x}" for k in (0, 2, 4))


def lighter(colour: str, share: float = 0.25) -> str:
    """The colour mixed with white.

    >>> lighter("#000000", 0.5)
    '#7f7f7f'
    """
    digits = colour.removeprefix("#")
    parts = (int(digits[k : k + 2], 16) for k in (0, 2, 4))
    return "#" + "".join(f"{int(part + (255 - part) * share):02x}" for part in parts)
