"""Writing tags, and rewriting the prompt of one in a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import TagError
from limner.prompts import find_prompts, format_tag, rewrite_prompt, tag_prompt

TEXTS = st.lists(
    st.sampled_from(
        ['"', "\\", "-->", "--!>", "--", ">", "a", " ", "\n", "`", "```", "<!--img-prompt=", "$&"]
    ),
    max_size=12,
).map("".join)  # fmt: skip
PROMPTS = (TEXTS | st.text(max_size=30)).filter(lambda text: text.strip())
NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_-]{0,8}", fullmatch=True)

IMG = r"\[img:(.*?)\]"


@given(PROMPTS, st.dictionaries(NAMES, TEXTS, max_size=3))
def test_d24_a_written_tag_is_read_back(prompt: str, attributes: dict[str, str]) -> None:
    """D24: quotes, backslashes and line breaks come back as they were."""
    source = format_tag(prompt, **attributes)
    (tag,) = find_prompts(f"A {source} B")
    assert tag.prompt == tag_prompt(prompt)
    assert tag.source == source
    if "-->" not in prompt and "--!>" not in prompt:
        assert tag.prompt == prompt.strip()
    assert format_tag(tag.prompt, **tag.attributes) == source.strip()


@given(PROMPTS, TEXTS)
def test_d26_no_prompt_ends_the_comment_it_stands_in(prompt: str, value: str) -> None:
    """D26: whoever shows the comment as HTML shows nothing of the prompt."""
    source = format_tag(prompt, mood=value)
    # HTML, "comment end state" and "comment end bang state": what ends a comment.
    assert re.split("-->|--!>", source)[1:] == [""]


def test_d26_the_end_of_a_comment_gets_a_blank() -> None:
    """D26: the change is the smallest there is, and made once."""
    assert tag_prompt("a --> b --!> c ---> d") == "a -- > b --! > c --- > d"
    assert tag_prompt(tag_prompt("a --> b")) == "a -- > b"


@pytest.mark.parametrize("prompt", ["", " \n\t", "\u3000"])
def test_a_blank_prompt_is_refused(prompt: str) -> None:
    """R3: there is no tag without a prompt."""
    with pytest.raises(TagError, match="blank"):
        format_tag(prompt)


@pytest.mark.parametrize("name", ["", "two words", "1st", "-x", "größe", 'a"', "a="])
def test_an_attribute_needs_a_name_that_can_be_read(name: str) -> None:
    """A name outside the grammar is refused, not written."""
    with pytest.raises(TagError, match="attribute name"):
        format_tag("a fox", **{name: "x"})


@given(PROMPTS, st.integers(0, 2), st.booleans())
def test_d11_any_prompt_can_replace_any_other(prompt: str, ordinal: int, legacy: bool) -> None:
    """D11: a prompt is put in as it is, and the other tags and all text stay."""
    second = '<img_prompt="img">' if legacy else '<!--img-prompt="img" size="8x8" -->'
    text = f'img <!--img-prompt=""-->{format_tag("img")} {second}\n\n{format_tag("img")}.'
    tags = find_prompts(text)
    rewritten = rewrite_prompt(text, tags[ordinal].start, prompt)
    found = find_prompts(rewritten)
    wanted = ["img"] * 3
    wanted[ordinal] = tag_prompt(prompt)
    assert [tag.prompt for tag in found] == wanted
    assert [tag.attributes for tag in found] == [tag.attributes for tag in tags]
    assert rewritten.startswith(text[: tags[ordinal].start])
    assert rewritten.endswith(text[tags[ordinal].end :])


def test_r36_d23_the_tag_is_told_by_its_place() -> None:
    """R36, D23: an empty tag before it, or an equal one, changes nothing."""
    text = '<!--img-prompt=""--> <!--img-prompt="a"--> <!--img-prompt="a"-->'
    second = find_prompts(text)[1]
    changed = rewrite_prompt(text, second.start, 'b "c"')
    assert changed == r'<!--img-prompt=""--> <!--img-prompt="a"--> <!--img-prompt="b \"c\""-->'


@pytest.mark.needs("regex")
@pytest.mark.parametrize(
    ("pattern", "before", "prompt", "after"),
    [
        (IMG, "x [img: a fox ] y", "$1 \\g<0>", "x [img: $1 \\g<0> ] y"),
        (IMG, "[img:img]", 'say "hi"', '[img:say \\"hi\\"]'),
        (r'\[img "([^"]*)"\]', '[img "a"]', "b\\", '[img "b\\\\"]'),
        (r"(?m)^IMG: (.+)$", "IMG: a\n", "b", "IMG: b\n"),
        (r"<!--i:(.*?)-->", "<!--i:a-->", "b --> c", "<!--i:b -- > c-->"),
    ],
)
def test_r43_tags_of_custom_patterns_are_rewritten(
    pattern: str, before: str, prompt: str, after: str
) -> None:
    """R43: the patterns that found a tag also say where its prompt stands."""
    (tag,) = find_prompts(before, [pattern])
    assert rewrite_prompt(before, tag.start, prompt, patterns=[pattern]) == after
    assert find_prompts(after, [pattern])[0].prompt == tag_prompt(prompt)


@pytest.mark.needs("regex")
@pytest.mark.parametrize("prompt", ["a ] b", "two\nlines", "] [img:x"])
def test_what_a_pattern_would_not_find_again_is_refused(prompt: str) -> None:
    """A prompt that its wrapper cannot hold is an error, never a broken text."""
    with pytest.raises(TagError, match="pattern"):
        rewrite_prompt("[img:a]", 0, prompt, patterns=[IMG])


def test_where_no_tag_begins_nothing_is_rewritten() -> None:
    """A place that is none is an error: the text has changed, or the tag is in code."""
    text = f"`{format_tag('a')}`"
    for start in (0, 1, 500):
        with pytest.raises(TagError, match="no tag begins"):
            rewrite_prompt(text, start, "b")
