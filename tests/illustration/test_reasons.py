"""The reason a picture is missing is for people: one short line, and no server's page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.errors import BackendUnavailable, JobCancelled, LimnerError
from limner.illustration import Message, Slot, SlotId, SlotState
from limner.illustration.generation.failure import MOST, describe
from limner.illustration.model.slot import Failure
from limner.illustration.rendering.markdown import markdown_pieces
from limner.prompts import find_prompts

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
