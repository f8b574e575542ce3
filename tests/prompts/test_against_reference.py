"""The scanner against the slow reference, on texts made of what tags and code are made of."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share
from tests.prompts import reference
from tests.prompts.cutting import cut, scan

from limner.prompts import PromptScanner, find_prompts
from limner.prompts.grammar.opening import EXACT

PIECES = [
    '<!--img-prompt="', '<img_prompt="', '"-->', '">', '" -->', '-->', '"', "\\", '\\"', "\\\\",
    ' size="1"', " a_-1=\"x\\\"y\"", '="', "`", "``", "```", "````", "~~~", "~", "\n", "\n\n",
    "\r\n", " ", "   ", "\t", "<think>", "</think>", "<THINKING>", "</thinking>", "<reasoning>",
    "</reasoning>", "<", "<i", "<!-", ">", "fox", "é", "x", '<!--img-prompt="a"-->',
    "[THINK]", "[/THINK]", "<analysis>", "</analysis>", '<details type="reasoning">', "</details>",
    "'", "“", "”", "<!-- img-prompt='", "<img-prompt=“", "=", " = ", "/>", " x='y'", "\\“", "s",
    "‘", "’", "<IMG_PROMPT = ‘", "\n<think>", "\n [think]", "é's",
    '<img_prompt="b">', "py\n", '<!--img-prompt="a"', ' style="b"', ' size="1" -->',
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(max_examples=share(1500))
@given(TEXTS)
def test_the_whole_text_gives_what_the_reference_gives(text: str) -> None:
    """The incremental scanner and the slow reference find the same tags, to the letter."""
    found = [(t.start, t.end, t.prompt, dict(t.attributes)) for t in find_prompts(text)]
    assert found == reference.prompts(text)


@settings(max_examples=share(600))
@given(TEXTS, st.lists(st.integers(0, 1000), max_size=8))
def test_cuts_change_nothing(text: str, places: list[int]) -> None:
    """However the text is cut, the events are the same."""
    assert scan(cut(text, places)) == scan([text])


@settings(max_examples=share(600))
@given(TEXTS)
def test_one_character_at_a_time_changes_nothing(text: str) -> None:
    """Fed character by character, the events are the same."""
    assert scan(list(text)) == scan([text])


@given(TEXTS, st.lists(st.integers(0, 1000), max_size=8))
def test_the_sources_give_the_input_back(text: str, places: list[int]) -> None:
    """Concatenated sources are the input, and every piece stands where it says."""
    pieces = scan(cut(text, places))
    assert "".join(piece.source for piece in pieces) == text
    for piece in pieces:
        assert text[piece.start : piece.end] == piece.source


# What can still follow a piece of a tag. One of them completes whatever is worth holding back.
ENDS = ["-->", "->", ">", *(f"{before}{mark}{end}" for before in ("", "x") for mark in "\"'”’“"
                            for end in ("-->", ">"))]  # fmt: skip
ATTRIBUTES = ['="v"', 'n="v"', '"v"', "x"]
CLOSINGS = [
    opening[i:] + end
    for opening in ("", *EXACT)
    for i in range(len(opening) + 1)
    for end in (*ENDS, *(f"{attribute}{end}" for attribute in ATTRIBUTES for end in ENDS))
]


@settings(max_examples=share(400))
@given(TEXTS)
def test_what_is_held_back_can_still_become_a_tag(text: str) -> None:
    """After every feed the text held back is a proper beginning of some tag.

    Or a tag begins it that a block of reasoning may hide, which is still open.
    """
    scanner = PromptScanner()
    given_out = 0
    for count, char in enumerate(text, 1):
        given_out += sum(len(piece.source) for piece in scanner.feed(char))
        held = text[given_out:count]
        if held and reference.tag_at(held, 0) is None:
            assert any(
                (tag := reference.tag_at(held + closing, 0)) and tag[1] == len(held + closing)
                for closing in CLOSINGS
            ), held
        elif held:
            assert reference.OPENING.search(text[:given_out])
