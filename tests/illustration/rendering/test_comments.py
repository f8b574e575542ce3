"""A writer's comments are read as the text comes: each line once, and none is held back."""

from collections.abc import Iterator

import pytest
from tests.prompts.test_linear_cost import calls

from limner.illustration.rendering.dialect.comments import CLOSING, without_comments
from limner.illustration.rendering.marks import mark


def told(text: str) -> str:
    """What of a text is for readers."""
    return "".join(without_comments(text.splitlines(keepends=True), text.count(CLOSING)))


def test_a_line_is_given_out_before_the_next_is_read() -> None:
    """Also one that opens a comment which never closes: nobody looks ahead for its end."""
    read = []

    def lines() -> Iterator[str]:
        for number in range(3):
            read.append(number)
            yield f"<!-- {number}\n"

    made = without_comments(lines(), 0)
    for number in range(3):
        assert next(made) == f"<!-- {number}\n"
        assert read == [*range(number + 1)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<!-- a\n--> b -->\nc\n", " b -->\nc\n"),
        ("<!-- a -->\n<!-- b\nc\n", "\n<!-- b\nc\n"),
        ("   <!-- a -->\n    <!-- b -->\n", "\n    <!-- b -->\n"),
        ("~~~\n<!-- a\n~~~\n-->\n", "~~~\n<!-- a\n~~~\n-->\n"),
        (f"<!-- a {mark(3)}\n{mark(4)} -->b\n", f"{mark(3)}{mark(4)}b\n"),
        ("<!-- a\n```\n-->\n<!-- b -->\n", "\n\n"),
    ],
)
def test_what_stands_around_comments_stays(text: str, left: str) -> None:
    """Ends without a beginning, code, beginnings without an end; and the places of pictures."""
    assert told(text) == left


@pytest.mark.parametrize(
    "unit", ["<!--\n", "-->\n", "<!-- a -->\n", "<!--\n-->\n", "<!-- -->-->-->\n", "```\n<!--\n"]
)
def test_four_times_the_text_is_four_times_the_work(unit: str) -> None:
    """Whatever it repeats."""
    assert calls(lambda: told(unit * 1000)) <= 4.5 * calls(lambda: told(unit * 250)) + 50
