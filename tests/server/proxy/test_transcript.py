"""The turns of a prompt: what is read of one is the beginning of what is read of the next."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.transcript import read_transcript, stops_of, told_in

Said = Sequence[tuple[str, str]]
Template = Callable[[str, str], str]
HEAD = "You are Fox, a fox.\nScenario: A wood: dark and deep.\n***\n"

TEMPLATES: dict[str, tuple[Template, Template, list[str]]] = {
    "names": (
        lambda who, text: f"{'Ann' if who == 'user' else 'Fox'}: {text}\n",
        lambda who, text: f"{'Ann' if who == 'user' else 'Fox'}:",
        ["\nAnn:", "\nAnn:"],
    ),
    "chatml": (
        lambda who, text: f"<|im_start|>{who}\n{text}<|im_end|>\n",
        lambda who, text: f"<|im_start|>{who}\n",
        ["<|im_end|>"],
    ),
    "llama 3": (
        lambda who, text: f"<|start_header_id|>{who}<|end_header_id|>\n\n{text}<|eot_id|>",
        lambda who, text: f"<|start_header_id|>{who}<|end_header_id|>\n\n",
        [],
    ),
    "mistral": (
        lambda who, text: f"[INST] {text}[/INST]" if who == "user" else f" {text}</s>",
        lambda who, text: "",
        [],
    ),
    "gemma": (
        lambda who, text: f"<start_of_turn>{_model(who)}\n{text}<end_of_turn>\n",
        lambda who, text: f"<start_of_turn>{_model(who)}\n",
        [],
    ),
    "alpaca": (
        lambda who, text: f"### {'Instruction' if who == 'user' else 'Response'}:\n{text}\n\n",
        lambda who, text: f"### {'Instruction' if who == 'user' else 'Response (2 paragraphs)'}:\n",
        ["\n### Instruction:"],
    ),
    "deepseek": (
        lambda who, text: f"<\uff5c{who.title()}\uff5c>{text}",
        lambda who, text: f"<\uff5c{who.title()}\uff5c>",
        [],
    ),
    "koboldcpp": (
        lambda who, text: f"{{{{[{'INPUT' if who == 'user' else 'OUTPUT'}]}}}}{text}",
        lambda who, text: f"{{{{[{'INPUT' if who == 'user' else 'OUTPUT'}]}}}}",
        [],
    ),
}
every = pytest.mark.parametrize("name", TEMPLATES)


def _model(who: str) -> str:
    return "user" if who == "user" else "model"


def prompt(name: str, said: Said, asks: str = "assistant", note: str = "") -> str:
    """What a front-end sends, with a note between the last turns, as it stands in all of them."""
    turn, begin, _ = TEMPLATES[name]
    told = [turn(*one) for one in said]
    noted = [*told[:-1], note, *told[-1:]] if note else told
    return HEAD + "".join(noted) + begin(asks, "")


def read(name: str, text: str) -> Said:
    """The turns that are read."""
    told = read_transcript(text, TEMPLATES[name][2])
    return [(one["role"], one["content"]) for one in told.messages]


TALK = [
    ("assistant", "*She looks.* Who is there?"),
    ("user", "Me: Ann."),
    ("assistant", "Hm.\n\n![a fox](http://h/images/ab.png)\n\nI know you [well]."),
    ("user", "Go on!"),
]


@every
def test_the_turns_are_those_that_were_said(name: str) -> None:
    """The head is nobody's, and the turn that is to come has not come."""
    talk = TALK if name != "mistral" else TALK[1:]
    assert read(name, prompt(name, talk)) == talk


@every
def test_an_answer_that_goes_on_is_the_last_turn(name: str) -> None:
    """As a prompt ends that is to go on where an answer ended."""
    whole = prompt(name, TALK[1:]) + " I fear"
    assert read(name, whole) == [*TALK[1:], ("assistant", "I fear")]


@pytest.mark.parametrize("name", ["names", "chatml", "llama 3", "gemma", "alpaca"])
def test_a_note_between_the_turns_is_nobodys(name: str) -> None:
    """Front-ends move it along with each question."""
    note = "[Style: sad,\nslow]\n"
    assert read(name, prompt(name, TALK, note=note)) == TALK


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name != "mistral"])
def test_where_the_user_is_to_speak_is_told(name: str) -> None:
    """The model is asked for the user's words, which land in their input."""
    stops = ["\nFox:", "\nAnn:"] if name == "names" else TEMPLATES[name][2]
    assert read_transcript(prompt(name, TALK[:3], asks="user"), stops).for_user
    assert not read_transcript(prompt(name, TALK), TEMPLATES[name][2]).for_user


WORDS = st.text("ab .\n*", min_size=1, max_size=12).map(lambda text: f"x{text}y")


@every
@given(texts=st.lists(WORDS, min_size=1, max_size=7))
def test_what_was_read_once_is_read_again(name: str, texts: list[str]) -> None:
    """Of each prompt of a conversation that goes on."""
    roles = ("user", "assistant")
    said = [(roles[at % 2], text) for at, text in enumerate(texts)]
    before: Said = []
    for count in range(1, len(said) + 1, 2):
        told = read(name, prompt(name, said[:count]))
        assert list(told[: len(before)]) == list(before)
        assert len(told) == count
        before = told


@given(st.text("<|im_start>aFox:\n []{#}\uff5c/INST*", max_size=60))
def test_any_text_is_read(text: str) -> None:
    """Whatever stands in it."""
    for stops in ([], ["\nFox:"], [":", ""]):
        for one in read_transcript(text, stops).messages:
            assert one["content"] in text or one["role"]


@pytest.mark.parametrize("name", ["names", "chatml", "alpaca"])
def test_examples_before_the_chat_are_nobodys(name: str) -> None:
    """They are parted from it by a line, and left out when the chat has grown."""
    whole = prompt(name, TALK)
    turn = TEMPLATES[name][0]
    told = turn("user", "Hm?") + turn("assistant", "So!")
    examples = f"{HEAD}{told}***\n{whole.removeprefix(HEAD)}"
    assert read(name, examples) == read(name, whole) == TALK
    scene = [("user", "Go."), ("assistant", "One.\n***\nTwo.")]
    assert read(name, prompt(name, scene)) == scene


def test_members_of_a_group_are_all_answered_by_the_model() -> None:
    """Only the user is the user, whoever speaks next."""
    text = "Ann: Hi.\nFox: Ha.\nOwl: Hu.\n"
    for last, stops in (("Fox", ["\nAnn:", "\nOwl:"]), ("Owl", ["\nAnn:", "\nFox:"])):
        told = read_transcript(f"{text}{last}:", stops).messages
        assert [one["role"] for one in told] == ["user", "assistant", "assistant"]


def test_words_with_a_colon_are_no_turn_where_the_speakers_are_named() -> None:
    """The stop sequences say who speaks besides."""
    told = read_transcript("Ann: Look!\nFox: I see:\nNote: a box.\nAnn: Ha\nFox:", ["\nAnn:"])
    assert [one["content"] for one in told.messages] == ["Look!", "I see:\nNote: a box.", "Ha"]


def test_where_stops_are_told_in_every_protocol() -> None:
    """As one, as a list, and in Ollama's options."""
    asked = b'{"stop": "a", "stop_sequence": ["b", 1], "stopping_strings": null}'
    assert stops_of(ChatRequest.read(asked)) == ["a", "b"]
    assert stops_of(ChatRequest.read(b'{"options": {"stop": ["c"]}}')) == ["c"]


def test_a_text_without_turns_is_a_story() -> None:
    """And messages are what they are."""
    asked = ChatRequest.read(b'{"messages": [{"role": "prompt", "content": "Once"}]}')
    assert told_in(asked) == ([{"role": "user", "content": "Once"}], True)
    asked = ChatRequest.read(b'{"messages": [{"role": "user", "content": "Once"}]}')
    assert told_in(asked) == ([{"role": "user", "content": "Once"}], False)
    assert told_in(ChatRequest.read(b"{}")) == (None, False)
