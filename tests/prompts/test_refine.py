"""Changing a prompt through a model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import RefineError
from limner.prompts import find_prompts, format_tag, parse_refined, refine_messages, tag_prompt


def test_r37_a_model_sees_the_prompt_and_the_wish_and_nothing_else() -> None:
    """R37: no story goes in, so none comes out."""
    system, user = refine_messages('a "big" fox', " smaller\n", instruction="Edit.")
    assert system == {"role": "system", "content": "Edit."}
    assert user["content"] == 'Prompt: <!--img-prompt="a \\"big\\" fox"-->\nWish: smaller'
    default = refine_messages("a fox", "x")[0]["content"]
    assert "keep everything it does not mention" in default
    assert all(parse_refined(tag.source) == tag.prompt for tag in find_prompts(default))


@pytest.mark.parametrize(("prompt", "feedback"), [("", "x"), ("a fox", " \n")])
def test_a_refinement_needs_feedback(prompt: str, feedback: str) -> None:
    """Nothing is sent for nothing."""
    with pytest.raises(ValueError, match="blank"):
        refine_messages(prompt, feedback)


@pytest.mark.parametrize(
    "answer",
    [
        '<!--img-prompt="a hare"-->',
        '<!--IMG-Prompt="a hare" seed="7"-->',
        'Sure!\n```html\n<!--img-prompt=" a hare "-->\n```\nAnything else?',
        '`<img_prompt="a hare">`',
        '<!-- img-prompt = "a hare" -->',
        '<think><!--img-prompt="no"--></think><!--img-prompt="a hare"--> <!--img-prompt="b"-->',
        '<!--img-prompt=""--><!--img-prompt="a hare"-->',
    ],
)
def test_r63_the_first_tag_counts(answer: str) -> None:
    """R63: case, fences, backticks and chat around the tag are overlooked."""
    assert parse_refined(answer) == "a hare"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "a hare",
        '<!--img-prompt="a hare',
        '<!--img-prompt="a hare"',
        '<!--img-prompt=" "-->',
        '<think><img_prompt="x">',
    ],
)
def test_an_answer_without_a_tag_is_an_error_that_keeps_it(answer: str) -> None:
    """Nothing changes, and the person sees what the model said."""
    with pytest.raises(RefineError) as caught:
        parse_refined(answer)
    assert caught.value.answer == answer


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_a_refined_prompt_comes_back_as_written(prompt: str) -> None:
    """Whatever a prompt holds, the tag that carries it is read as it was meant."""
    if "think" not in prompt and "reasoning" not in prompt:
        assert parse_refined(f"Here: {format_tag(prompt)}") == tag_prompt(prompt)


@pytest.mark.parametrize("unit", ['<!--img-prompt="', '<img_prompt="\\', "<!--", "<think>", "\\"])
def test_hostile_answers_are_refused_at_once(unit: str) -> None:
    """No answer makes reading it take longer than its length."""
    with pytest.raises(RefineError):
        parse_refined(unit * 50_000)
