"""The independent mode: what the second model is asked, what it answers, and where that goes."""

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import every_value, share

from limner.errors import TagError
from limner.prompts import (
    Suggestion,
    find_prompts,
    format_tag,
    independent_messages,
    insert_prompts,
    parse_suggestions,
)
from limner.prompts.composition.suggestion import MOST
from limner.prompts.grammar.prose import Prose

FOX = format_tag("a fox")


def block(text: str = "a fox", after: str = "A.", before: str = "B.", **more: str) -> str:
    """One block of an answer."""
    lines = [f"TEXT: {text}", f"INSERT_AFTER: {after}", f"INSERT_BEFORE: {before}"]
    lines += [f"{name}: {value}" for name, value in more.items()]
    return "\n".join(["---PROMPT---", *lines, "---END---"])


def said(role: str, content: object, **more: str) -> dict[str, Any]:
    """A message."""
    return {"role": role, "content": content, **more}


CONTEXT = [
    said("user", "One."),
    said("assistant", f'Two <img alt="x" src="a.png"> {FOX}![x](b.png)', name="Ann"),
    said("assistant", None),
    said("user", [{"type": "text", "text": "Three <think>hm</think>"}, {"type": "image_url"}]),
]


def test_d14_no_context_means_none() -> None:
    """D14: a count of 0 shows nothing earlier; it is not taken for the default."""
    (system, user) = independent_messages("Now.", context=CONTEXT, context_messages=0)
    assert (system["role"], user["role"]) == ("system", "user")
    assert user["content"] == "The latest message:\n<latest>\nNow.\n</latest>"


def test_d14_earlier_messages_are_shown_as_words() -> None:
    """D14: names and words, without pictures, tags and reasoning, oldest first."""
    shown = independent_messages("Now.", context=CONTEXT)[1]["content"]
    assert "<earlier>\nuser: One.\n\nAnn: Two\n\nuser: Three\n</earlier>" in shown
    last = independent_messages("Now.", context=CONTEXT, context_messages=3)[1]["content"]
    assert "One." not in last


def test_the_text_is_shown_as_words_too() -> None:
    """The message itself comes without what is no prose for a reader."""
    shown = independent_messages(f"<think>plan</think>Now. {FOX} Then.")[1]["content"]
    assert "<latest>\nNow. Then.\n</latest>" in shown


def test_both_guidelines_can_be_replaced() -> None:
    """The task stays, the guidelines are the reader's; the maximum is filled in."""
    system = independent_messages("x", frequency="At most {maximum} {x}.", writing="", maximum=7)
    assert system[0]["content"].endswith("At most 7 {x}.")
    assert "---PROMPT---" in system[0]["content"]
    assert "Up to 5 of them" in independent_messages("x")[0]["content"]
    for wrong in ({"context_messages": -1}, {"maximum": 0}, {"maximum": 31}):
        with pytest.raises(ValueError, match="must be"):
            independent_messages("x", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        block(),
        f"```\n{block()}\n```",
        f"```text\n{block()}",
        f"Sure! Here you are:\n\n{block()}\n\nShall I go on? --- END of story",
        f"<think>\n{block('no')}\n---PROMPT---</think>\n{block()}",
        block(REASONING="strong", MOOD="x: y"),
        block().replace("TEXT:", "**TEXT:**").replace("INSERT_AFTER", "- insert after"),
        block().replace("---PROMPT---", "### --- Prompt 1 ---").replace("---END", "== end"),
        block().replace("\n", "\r\n\n"),
        block(text=FOX),
        block(text='"a fox"'),
        "---END---\n" + block() + "\n---END---\n---PROMPT---",
        block().replace("---END---", "") + "\n" + block(),
    ],
)
def test_r63_blocks_are_found_in_chatty_and_fenced_answers(answer: str) -> None:
    """R63: what a model writes around its blocks, and how it adorns them, is overlooked."""
    (found,) = parse_suggestions(answer)
    assert (found.prompt, found.after, found.before) == ("a fox", "A.", "B.")


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "No picture.",
        block().replace("---END---", ""),
        block(text=""),
        block(after=" "),
        block().replace("INSERT_BEFORE: B.", ""),
        block().replace("---PROMPT---", "PROMPT"),
        f"<think>{block()}",
    ],
)
def test_r63_incomplete_blocks_are_left_out(answer: str) -> None:
    """R63: a block without its end or a field is none."""
    assert parse_suggestions(answer) == []


def test_the_number_of_suggestions_is_bounded() -> None:
    """More than the maximum are not taken; the maximum has bounds itself."""
    answer = "\n".join(block(text=str(i)) for i in range(40))
    assert [one.prompt for one in parse_suggestions(answer, maximum=3)] == ["0", "1", "2"]
    assert len(parse_suggestions(answer)) == 5
    assert len(parse_suggestions(answer, maximum=MOST)) == MOST
    for wrong in (0, MOST + 1):
        with pytest.raises(ValueError, match="maximum"):
            parse_suggestions(answer, maximum=wrong)


@pytest.mark.parametrize(
    ("text", "after", "before", "expected"),
    [
        ("One. Two. Three.", "Two.", "Three.", "One. Two.@ Three."),
        ("one.two.", "ONE.", "Two.", "one.@two."),
        ("A fox\nstopped.\n\nIt ran.", "a  fox stopped.", "It ran.", "A fox\nstopped.@\n\nIt ran."),
        ("Say “hi” – now. Go.", 'Say "hi" - now.', "Go.", "Say “hi” – now.@ Go."),
        ("a.b a.b", "a.", "b", "a.@b a.b"),
        ("aXb a.b", "a.", "b", "aXb a.@b"),
        ("Go (on)+? $1 \\d. Then", "(on)+?", "$1 \\d.", "Go (on)+?@ $1 \\d. Then"),
        ("Straße und Weg", "STRASSE", "und Weg", None),
        ("Straße und Weg", "straße", "UND", "Straße@ und Weg"),
        ("Nobody stood. Then rain.", "nobody stood.", "unknown", "Nobody stood.@ Then rain."),
        ("Where. Then came the rain.", "unknown", "came the rain", "Where. Then @came the rain."),
        ("# Title\n\nThe rain came.", "unknown", "The rain came.", "# Title\n\n@The rain came."),
        ("It was. It was.", "It was.", "unknown", None),
        ("It was all. It was all.", "It was all.", "unknown", None),
        ("unmistakably", "mistakabl", "unknown", None),
        ("A. B.", "", "unknown", None),
        ("", "a", "b", None),
    ],
)  # fmt: skip
def test_r63_snippets_find_their_place(
    text: str, after: str, before: str, expected: str | None
) -> None:
    """R63: case, blanks, line breaks and typographic signs may differ; signs are no patterns."""
    made = insert_prompts(text, [Suggestion("a fox", after, before)])
    if expected is None:
        assert made.text == (f"{text}\n\n{FOX}" if text else FOX)
        assert (len(made.placed), len(made.appended)) == (0, 1)
    else:
        assert (len(made.placed), len(made.appended)) == (1, 0)
        alone = expected.replace("@", f"{FOX}\n\n" if "\n@" in expected else f" {FOX} ")
        assert made.text == alone


def test_places_come_from_left_to_right() -> None:
    """The order of the answer does not matter; equal places keep it; the rest goes to the end."""
    made = insert_prompts(
        "One. Two. Three.\n",
        [
            Suggestion("c", "nobody", "nothing"),
            Suggestion("b", "Two.", "Three."),
            Suggestion("b2", "Two.", "Three."),
            Suggestion("a", "One.", "Two."),
        ],
    )
    assert [tag.prompt for tag in find_prompts(made.text)] == ["a", "b", "b2", "c"]
    assert [one.prompt for one in made.placed] == ["a", "b", "b2"]
    assert [one.prompt for one in made.appended] == ["c"]
    assert made.text.endswith(f"Three.\n\n{format_tag('c')}")


@pytest.mark.parametrize(
    ("text", "after", "before"),
    [
        ("see `one two` end", "one", "two"),
        ("```\none two\n```", "one", "two"),
        ("<think>one two</think> end", "one", "two"),
        (f"x {format_tag('one two')} y", "one", "two"),
        ("~~~\ntwo three\n~~~", "~~~", "two three"),
        ("~~~\none two\n~~~\n", "~~", "~"),
        ("<think>one</think>", "<thi", "nk>"),
        ("a \\`b c", "\\", "`b c"),
        ("```\nall is code and more code", "all is code", "and more"),
        ("Then <think> one two", "one", "two"),
        ("A.\n\n```\nall is code `", "all is", "code"),
    ],
)
def test_d26_no_place_is_in_code_reasoning_or_a_tag(text: str, after: str, before: str) -> None:
    """D26: what is hidden from a reader or from the grammar gets no picture, but none is lost."""
    made = insert_prompts(text, [Suggestion("a fox", after, before)])
    assert [tag.prompt for tag in find_prompts(made.text)][-1:] != ["one two"]
    assert "a fox" in [tag.prompt for tag in find_prompts(made.text)]
    assert len(find_prompts(made.text)) == len(find_prompts(text)) + 1
    assert made.placed == ()


def test_a_hit_in_code_does_not_hide_one_in_prose() -> None:
    """The first hit that can hold a tag counts."""
    made = insert_prompts("`one two` one two", [Suggestion("a fox", "one", "two")])
    assert made.text == f"`one two` one {FOX}  two"
    twice = insert_prompts(
        "<thinking>x</thinking> <thinking cap", [Suggestion("a fox", "<thi", "nking")]
    )
    assert twice.text == f"<thinking>x</thinking> <thi {FOX} nking cap"
    many = "`one two` " * 20
    made = insert_prompts(f"{many}one two", [Suggestion("a fox", "one", "two")])
    assert made.text == f"{many}one {FOX}  two"


PIECES = ["one", " ", "two", "\n", "\n\n", "`", "```", "~~~\n", "<think>", "</think>", "\\", "é",
          FOX, '<!--img-prompt="', "<", "~", "ß", ".", "# ", "   "]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=16).map("".join)
SNIPPETS = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)


@settings(max_examples=share(500))
@given(TEXTS, st.lists(st.tuples(SNIPPETS, SNIPPETS), max_size=4))
def test_every_tag_put_in_is_found_and_nothing_else_changes(
    text: str, snippets: list[tuple[str, str]]
) -> None:
    """Whatever the text and the snippets: old and new tags are found, and no word is lost."""
    suggestions = [Suggestion(f"p{i}", *pair) for i, pair in enumerate(snippets)]
    made = insert_prompts(text, suggestions)
    found = [tag.prompt for tag in find_prompts(made.text)]
    assert sorted(found) == sorted(
        [tag.prompt for tag in find_prompts(text)] + [one.prompt for one in suggestions]
    )
    assert len(made.placed) + len(made.appended) == len(suggestions)
    stripped = made.text
    for one in suggestions:
        stripped = re.sub(f"\\s*{re.escape(format_tag(one.prompt))}\\s*", "", stripped)
    assert "".join(stripped.split()) == "".join(text.split())


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_prose_is_where_a_tag_is_found(text: str) -> None:
    """Where the text may take a tag, one that is put there between words is found."""
    prose = Prose(text, find_prompts(text))
    gap = prose.next_gap(0)
    while gap is not None:
        around = text[max(0, gap - 1) : gap + 1]
        if not set(around) & set('`~<>\\\n"') and "<" not in text[max(0, gap - 20) : gap]:
            made = find_prompts(f"{text[:gap]} {FOX} {text[gap:]}")
            assert len(made) >= 1
            assert gap + 1 in [tag.start for tag in made]
        gap = prose.next_gap(gap + 1)


@pytest.mark.needs("regex")
def test_tags_of_custom_patterns_are_put_in() -> None:
    """Who uses patterns says how a tag is written; a mismatch is told before anything is lost."""
    pattern = [r"\[img:(.*?)\]"]
    suggestion = [Suggestion("a fox", "One.", "Two.")]
    made = insert_prompts("One. Two.", suggestion, write=lambda p: f"[img:{p}]", patterns=pattern)
    assert made.text == "One. [img:a fox]  Two."
    with pytest.raises(TagError, match="do not find"):
        insert_prompts("One. Two.", suggestion, patterns=pattern)


@pytest.mark.needs("regex")
def test_tags_that_would_swallow_each_other_are_kept_apart() -> None:
    """With a greedy pattern two tags on one line would be one; the second goes to the end."""
    suggestions = [Suggestion("a", "One.", "Two."), Suggestion("b", "Two.", "Three.")]
    pattern = [r"\[img:(.*)\]"]
    made = insert_prompts(
        "One. Two. Three.", suggestions, write=lambda p: f"[img:{p}]", patterns=pattern
    )
    assert made.text == "One. [img:a]  Two. Three.\n\n[img:b]"
    assert (made.placed, made.appended) == ((suggestions[0],), (suggestions[1],))


@pytest.mark.parametrize(
    ("unit", "snippet"),
    every_value(
        ["a", "ab ", "`", "one `two` ", "<think>", " ", "\n", FOX, "ß"],
        ["a" * 4000, "ab " * 50, "`", "two"],
    ),
)
def test_hostile_texts_are_bounded(unit: str, snippet: str) -> None:
    """Thirty suggestions of a text that is one long repetition take seconds at most."""
    text = unit * (40_000 // len(unit))
    suggestions = [Suggestion("x", snippet, snippet)] * 10
    began = time.process_time()
    made = insert_prompts(text, suggestions)
    assert len(made.placed) + len(made.appended) == 10
    assert time.process_time() - began < 15


@given(st.text(max_size=200), st.integers(1, MOST))
def test_any_answer_is_read_without_harm(answer: str, maximum: int) -> None:
    """Whatever a model answers, reading it gives suggestions and no error."""
    answer = answer.replace("0", "\n---PROMPT---\nTEXT:").replace("1", "\n---END---\n")
    assert len(parse_suggestions(answer, maximum=maximum)) <= maximum
