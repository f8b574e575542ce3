"""Of what a text asks for, a picture server gets to draw everything and to execute nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.prompts.composition.commands import without_commands

PIECES = [
    "<",
    ">",
    "</",
    "lora",
    ":",
    "sd_cpp_extra_args",
    "{",
    "|",
    "}",
    "__",
    "--",
    "a",
    " ",
    "$",
]


@pytest.mark.parametrize(
    ("prompt", "left"),
    [
        ('a fox<sd_cpp_extra_args>{"batch_count":500}</sd_cpp_extra_args>', "a fox"),
        ('a fox <SD_CPP_EXTRA_ARGS>{"batch_count":500}', "a fox"),
        ("a fox <lora:ink:0.8>, snow", "a fox, snow"),
        ("<hypernet:x:1> a <lyco:y:1> fox <wildcard:z>", "a fox"),
        ("<lo<lora:a:1>ra:b:1> a fox", "lo ra:b:1> a fox"),
        ("a fox <lora:x", "a fox lora:x"),
        ('a fox --steps 150 --negative_prompt "blur" --no_grid true', "a fox"),
        ("a fox --cfg_scale=30 --do_not_save_grid", "a fox do_not_save_grid"),
        ("a __colours/warm*__ fox", "a colours/warm* fox"),
        ("a {red|blue} fox", "a red fox"),
        ("a {2$$red|blue} and {0.3::old|young} fox", "a red and old fox"),
        ("a {red|{blue|green}} fox", "a red fox"),
        ("a ${fox=!wolf} fox {% for i in x %}", "a fox"),
        ("a fox, embedding:../../secret", "a fox, ../../secret"),
    ],
)
def test_commands_of_every_server_are_taken_out(prompt: str, left: str) -> None:
    """The picture's words stay; what was taken out is told."""
    cleaned = without_commands(prompt)
    assert cleaned.text == left
    assert cleaned.commands


@pytest.mark.parametrize(
    "prompt",
    [
        "a (fox:1.2), [day:night:0.5] BREAK snow",
        "{{fox}}, ||red|blue||, 1.5::rain::",
        "a market | girl, red hair | boy",
        "I <3 foxes, a < b, c > d -> e",
        "a fox - old, half-wild -- tired",
        "a_b, snake_case",
    ],
)
def test_weights_and_plain_signs_stay(prompt: str) -> None:
    """What says how something looks is no command, however odd its signs."""
    assert without_commands(prompt).text == prompt
    assert without_commands(prompt).commands == ()


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join), st.sampled_from(PIECES))
def test_nothing_left_can_be_read_as_a_command(prompt: str, suffix: str) -> None:
    """However they are nested, and whatever an owner's style adds after them."""
    left = without_commands(prompt).text
    assert "<lora" not in left
    assert "<sd_cpp_extra_args" not in left
    assert "__" not in left
    assert not without_commands(f"{left}, {suffix}").text.startswith("<lora")
