"""Characters: what somebody always looks like, added wherever a prompt is about them."""

import unicodedata
from dataclasses import dataclass

from limner.prompts.composition.style import check_name, check_part

_UNSPACED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x9FFF),  # Chinese characters, kana, bopomofo
    (0xF900, 0xFAFF),
    (0xFF66, 0xFF9F),
    (0x20000, 0x3FFFF),
)
"""Scripts written without blanks between words, where a word may begin and end anywhere."""


@dataclass(frozen=True, slots=True)
class Character:
    """Somebody who appears in pictures.

    Attributes:
        name: What the story and a tag's ``character`` attribute call them.
        triggers: Other words that mean them.
        prompt: What they look like: items separated by commas, one block.
        negative: What pictures with them should not show.
        reference: Names of pictures that show them, for servers that can look at one.

    Raises:
        PartError: The name is blank or holds a comma, or a part has a bracket without a partner
            or a ``|`` outside of brackets.

    Examples:
        >>> mira = Character(name="Mira", triggers=("the captain",), prompt="red coat")
        >>> mira.occurs_in("THE CAPTAIN on deck"), mira.occurs_in("a mirage")
        (True, False)
    """

    name: str
    triggers: tuple[str, ...] = ()
    prompt: str = ""
    negative: str = ""
    reference: str = ""

    def __post_init__(self) -> None:
        check_name(self.name, "character")
        if isinstance(self.triggers, str):
            raise TypeError("triggers must be several strings, not a single one")
        object.__setattr__(self, "triggers", tuple(self.triggers))
        check_part(self.prompt, self.name)
        check_part(self.negative, self.name)

    def occurs_in(self, text: str) -> bool:
        """Whether the name or a trigger stands in the text, as whole words, in any case.

        Letters count as Unicode compares them without case, composed or not, and white space
        between words may be any. In scripts written without blanks a word may stand anywhere.
        """
        folded = fold(text)
        return any(contains_word(folded, fold(word)) for word in (self.name, *self.triggers))


def fold(text: str) -> str:
    """The text as names are compared: without case, composed, single blanks, trimmed.

    >>> fold(" The  STRASSE ") == fold("the straße")
    True
    """
    composed = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", composed).split())


def contains_word(text: str, word: str) -> bool:
    """Whether `word` stands in `text` and no word goes on over its edges; both are folded."""
    if not word:
        return False
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if not (joined(text, at) or joined(text, end)):
            return True
        at = text.find(word, at + 1)
    return False


def joined(text: str, at: int) -> bool:
    """Whether the characters on both sides of a place belong to one word."""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M"):
        return True  # an accent belongs to the letter before it
    return _wordy(before) and _wordy(after) and not (_unspaced(before) or _unspaced(after))


def _wordy(char: str) -> bool:
    return char == "_" or char.isalnum() or unicodedata.category(char).startswith("M")


def _unspaced(char: str) -> bool:
    return any(first <= ord(char) <= last for first, last in _UNSPACED)
