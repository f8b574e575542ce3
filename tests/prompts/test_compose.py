"""Characters, and composing what a backend is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import PartError
from limner.prompts import Character, Style, compose

INK = Style(name="Ink", prefix="ink drawing", suffix="fine lines", negative="photo")
OIL = Style(name="oil", prefix="oil painting", negative="photo, blurry")
MIRA = Character(name="Mira", triggers=("the captain",), prompt="red coat, grey hair")
JON = Character(name="Jon", prompt="blue eyes", negative="beard")


@pytest.mark.parametrize(
    ("word", "text", "occurs"),
    [
        ("Mira", "MIRA's hat", True),
        ("Mira", "a mirage", False),
        ("Mira", "El_Mira", False),
        ("Zoë", "Zoe\u0308 laughs", True),
        ("Zoe", "Zoe\u0308 laughs", False),
        ("Straße", "in der STRASSE", True),
        ("the captain", "The\n captain", True),
        ("C-3PO", "c-3po.", True),
        ("Mr. Fox!", "see Mr. Fox! run", True),
        ("美咲", "美咲は走る", True),
        ("Аня", "рядом аня стоит", True),
        ("Аня", "Таня", False),
        ("ก", "ก่", False),
    ],
)
def test_a_character_occurs_as_whole_words(word: str, text: str, occurs: bool) -> None:
    """Case, composition and blanks do not count; the edges of words do."""
    assert Character(name="x y z", triggers=(word,)).occurs_in(text) is occurs
    assert Character(name=word).occurs_in(text) is occurs


def test_the_order_is_style_prompt_characters_style() -> None:
    """Several characters come in the order given, whatever the prompt says first."""
    made = compose("Jon and the captain", style=INK, characters=[MIRA, JON], negative_prompt="text")
    assert made.prompt == (
        "ink drawing, Jon and the captain, red coat, grey hair, blue eyes, fine lines"
    )
    assert made.negative_prompt == "text, photo, beard"
    assert (made.styles, made.characters) == (("Ink",), ("Mira", "Jon"))


def test_without_anything_to_join_the_prompt_stays_as_it_is() -> None:
    """Composing with nothing gives the very prompt."""
    assert compose(" a ,b,, a |c ").prompt == " a ,b,, a |c "
    assert compose("a fox", characters=[MIRA]).prompt == "a fox"


@pytest.mark.parametrize(
    ("asked", "styles", "unknown"),
    [
        (None, ("Ink",), ()),
        ("", ("Ink",), ()),
        ("OIL", ("oil",), ()),
        ("oil, ink, oil", ("oil", "Ink"), ()),
        ("none", (), ()),
        ("chalk", ("Ink",), ("chalk",)),
        ("chalk, oil", ("oil",), ("chalk",)),
    ],
)
def test_a_tag_picks_its_style_by_name(
    asked: str | None, styles: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    """The attribute overrides the default; unknown names are told, and do no harm."""
    attributes = {} if asked is None else {"style": asked}
    made = compose("a fox", attributes, style=INK, styles=[OIL])
    assert (made.styles, made.unknown_styles) == (styles, unknown)


def test_a_tag_names_characters() -> None:
    """The attribute brings in who is not mentioned, once, and tells of whom nobody knows."""
    made = compose("Mira at sea", {"character": "jon, MIRA, Anna"}, characters=[MIRA, JON])
    assert made.prompt == "Mira at sea, red coat, grey hair, blue eyes"
    assert made.characters == ("Mira", "Jon")
    assert made.unknown_characters == ("Anna",)


def test_d15_a_character_goes_where_it_occurs() -> None:
    """D15: in a prompt of blocks a part joins the block that is about that character."""
    prompt = "two people | Mira, blue eyes | Jon, running"
    made = compose(prompt, style=INK, characters=[MIRA, JON])
    assert made.prompt == (
        "ink drawing, two people, fine lines"
        " | Mira, blue eyes, red coat, grey hair | Jon, running, blue eyes"
    )


def test_a_character_gets_a_block_of_its_own_if_asked() -> None:
    """Only in a prompt of blocks, and not if a block says all of it already."""
    options = {"characters": [MIRA], "character_blocks": True}
    assert compose("Mira | girl", **options).prompt == "Mira | girl | red coat, grey hair"  # type: ignore[arg-type]
    assert compose("Mira, sea", **options).prompt == "Mira, sea, red coat, grey hair"  # type: ignore[arg-type]
    there = "Mira | girl, Grey Hair, red coat"
    assert compose(there, **options).prompt == there  # type: ignore[arg-type]


def test_a_character_does_not_bring_in_another() -> None:
    """Only what the tag says counts, not what was joined to it."""
    anna = Character(name="Anna", prompt="Jon's hat")
    assert compose("Anna", characters=[anna, JON]).characters == ("Anna",)


@given(
    st.lists(st.sampled_from(["Mira", "Jon", "red coat", ", ", " | ", "a"]), max_size=10),
    st.booleans(),
)
def test_composing_twice_adds_nothing(words: list[str], blocks: bool) -> None:
    """What is there already is not added again, in any form of prompt."""
    once = compose("".join(words), style=INK, characters=[MIRA, JON], character_blocks=blocks)
    twice = compose(once.prompt, style=INK, characters=[MIRA, JON], character_blocks=blocks)
    assert twice.prompt == once.prompt


def test_a_malformed_character_is_refused() -> None:
    """A part is one whole block; a single string is not a list of triggers."""
    with pytest.raises(PartError, match="outside"):
        Character(name="Mira", prompt="a | b")
    with pytest.raises(TypeError, match="several"):
        Character(name="Mira", triggers="the captain")  # type: ignore[arg-type]
