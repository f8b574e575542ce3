"""The reason a picture is missing is for people: one short line, and no server's page."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.errors.test_travel import every_error, made

import limner.errors
from limner.errors import (
    BackendUnavailable,
    JobCancelled,
    LimnerError,
)
from limner.errors.remedy import remedy_for
from limner.illustration import Message, Slot, SlotId, SlotState
from limner.illustration.generation.failure import ADVICE, MOST, describe
from limner.illustration.model.slot import Failure
from limner.illustration.rendering.markdown import markdown_pieces
from limner.prompts import find_prompts

SOURCE = Path(limner.errors.__file__).parents[1]
PAGE = (
    "<!doctype html><html><head><title>502 Bad Gateway</title><style>p {}</style></head>"
    "<body><script>alert(1)</script><p>nginx" + "x" * 5000 + "</p></body></html>"
)


@given(st.text(max_size=400), st.booleans())
def test_it_is_one_line_of_two_hundred_characters(said: str, own: bool) -> None:
    """Whatever a server or a plug-in says."""
    for error in (BackendUnavailable(said) if own else RuntimeError(said), JobCancelled(said)):
        reason = describe(error).reason
        assert 0 < len(reason) <= MOST
        assert len(reason.splitlines()) == 1


@pytest.mark.parametrize("kind", [BackendUnavailable, RuntimeError])
def test_of_a_page_only_its_words_are_kept(kind: type[Exception]) -> None:
    """No markup, no script, no style."""
    reason = describe(kind(f"the server said: {PAGE}")).reason
    assert "502 Bad Gateway" in reason
    assert not set("<>{}") & set(reason)
    assert "alert" not in reason


def test_what_to_do_outlives_a_long_complaint() -> None:
    """It stands behind the last semicolon."""
    error = LimnerError(f"the server complains of {'this and that ' * 40}; raise settle_timeout")
    assert describe(error).reason.endswith("…; raise settle_timeout")


def test_markdown_tells_the_reason_from_the_prompt() -> None:
    """Each is a sentence."""
    (tag,) = find_prompts('A <!--img-prompt="a fox"-->')
    failure = Failure("BackendUnavailable", "the server is away; start it")
    slot = Slot.of(SlotId("m", 0, 0), tag)
    failed = Slot(
        id=slot.id, tag=tag, prompts=slot.prompts, state=SlotState.FAILED, failure=failure
    )
    message = Message(id="m", text='A <!--img-prompt="a fox"-->', slots=(failed,))
    assert "No picture: the server is away; start it. Prompt: a fox" in "".join(
        markdown_pieces(message)
    )


ASKED = [
    kind for kind in every_error() if issubclass(kind, LimnerError) and kind is not JobCancelled
]


@pytest.mark.parametrize("kind", ASKED, ids=lambda kind: kind.__name__)
def test_every_error_says_whose_fault_it_is_and_what_to_do(kind: type[Exception]) -> None:
    """Also one that says nothing else."""
    error = made(kind)
    reason, remedy = describe(error).reason, remedy_for(error)
    assert 0 < len(reason) <= MOST
    assert any(word in reason.lower() for word in (*remedy.known_by, remedy.whose))
    head, semicolon, advice = reason.rpartition("; ")
    assert semicolon
    assert head
    assert 0 < len(advice) <= ADVICE


def messages_of_backends() -> list[tuple[str, str]]:
    """The place and the text of every error that picture servers' files and their ways raise."""
    found = []
    raised = re.compile(rf"\b(?:{'|'.join(limner.errors.__all__)})\(")
    for file in sorted((SOURCE / "backends").rglob("*.py")):
        source = file.read_text("utf-8")
        for node in ast.walk(ast.parse(source)) if raised.search(source) else ():
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id not in vars(limner.errors) or node.func.id == "JobCancelled":
                continue
            said = node.args[0]
            parts = said.values if isinstance(said, ast.JoinedStr) else [said]
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts
            )
            found.append((f"{node.func.id} {file.relative_to(SOURCE)}:{node.lineno}", text))
    return found


@pytest.mark.parametrize(("place", "text"), messages_of_backends())
def test_every_error_of_a_backend_says_whose_fault_it_is_and_what_to_do(
    place: str, text: str
) -> None:
    """Whatever is put into its message."""
    kind = getattr(limner.errors, place.partition(" ")[0])
    if kind in (
        limner.errors.ConfigError,
        limner.errors.UnknownBackend,
        limner.errors.MissingExtra,
    ):
        return  # of the start, before there is a picture
    error = made(kind)
    error.args = (text,)
    reason, remedy = describe(error).reason, remedy_for(error)
    assert len(reason) <= MOST
    assert any(word in reason.lower() for word in (*remedy.known_by, remedy.whose))
    assert "; " in reason
