"""The scanner's work grows with the text and not faster, counted in calls, not in time."""

import sys
from collections.abc import Callable
from typing import SupportsIndex

import pytest
from tests.examples import every_value

from limner.prompts import PromptScanner
from limner.prompts.grammar.memoised_find import MemoisedFind
from limner.prompts.grammar.verbatim import Verbatim

HOSTILE = {
    "angles": "<",
    "backticks": "`",
    "unequal backticks": "`a``b",
    "inline code": "`a` ",
    "escapes": "\\`",
    "tildes": "~~~\n",
    "fences": "```\na\n```\n",
    "fence lines": "```\n",
    "reasoning": "<think>a</think>",
    "half reasoning": "<thinkin",
    "newlines": "\n",
    "html": "<p>a <b>b</b></p>\n",
    "false starts": '<!--img-prompt="a" b',
    "blank starts": '<!--img-prompt=" "',
    "openings": '<!--img-prompt="',
    "openings in values": ' a="<!--img-prompt="',
    "values": ' a=" b="',
    "quoted escapes": '<!--img-prompt="\\"',
    "tags": '<!--img-prompt="a"-->',
    "legacy openings": '<img_prompt="a" ',
    "openings of all kinds": "".join(f"<img-prompt={quote}" for quote in "\"'“‘„”"),
    "curly openings": "<!--img-prompt=“a",
    "apostrophes": "<!--img-prompt='a's ",
    "blanks before names": "<!--   ",
    "blanks before signs": "<img-prompt  ",
    "open blocks": '<think>\n<!--img-prompt="a"-->\n',
    "open blocks of all kinds": "<think>\n<thought>\n[think]\n<analysis>\n<reasoning>\n",
    "closed blocks": '<think>\n<!--img-prompt="a"--></think>\n',
    "nearly": "<!--image prompt ",
}


def calls(work: Callable[[], object]) -> int:
    """How many calls of Python and built-in functions the work makes."""
    count = 0

    def profile(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def scan(text: str, chunk: int) -> Callable[[], object]:
    """Feeding the text in chunks of one size, and finishing."""
    chunks = [text[start : start + chunk] for start in range(0, len(text), chunk)]

    def work() -> None:
        scanner = PromptScanner()
        for piece in chunks:
            scanner.feed(piece)
        scanner.finish()

    return work


@pytest.mark.parametrize(
    ("name", "prefix", "chunk"),
    every_value([*HOSTILE], ["", '<!--img-prompt="a', '<!--img-prompt="a"'], [4, 100_000]),
)
def test_four_times_the_text_is_four_times_the_work(name: str, prefix: str, chunk: int) -> None:
    """Whatever the text repeats, even after a tag that never closes, the work is linear."""
    unit = HOSTILE[name]
    short = prefix + unit * (1000 // len(unit))
    long = prefix + unit * (4000 // len(unit))
    assert calls(scan(long, chunk)) <= 4.5 * calls(scan(short, chunk)) + 50


class Searched(str):
    """A text that counts the characters searched in it."""

    __slots__ = ("characters",)

    def __init__(self, _text: str) -> None:
        self.characters = 0

    def find(
        self,
        sub: str,
        start: SupportsIndex | None = None,
        end: SupportsIndex | None = None,
        /,
    ) -> int:
        """Find, and count how far."""
        at = super().find(sub, start, end)
        self.characters += (len(self) if at < 0 else at + 1) - int(start or 0)
        return at


@pytest.mark.parametrize("name", HOSTILE)
def test_no_stretch_is_searched_twice_for_one_character(name: str) -> None:
    """Backticks, line ends and either sign that begins a mark: four passes at most together."""
    text = Searched(HOSTILE[name] * (4000 // len(HOSTILE[name])))
    marks, verbatim, at = MemoisedFind(text), Verbatim(), 0
    while at < len(text):
        at = verbatim.consume(marks, at, len(text))
        if verbatim.block is not None:
            verbatim.leave_block()
    assert text.characters <= 4 * len(text)
