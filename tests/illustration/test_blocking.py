"""A text is illustrated in one call that waits, and a notebook shows what came of it."""

import asyncio
import html
import os
import re
import signal
import threading
from contextlib import closing

import pytest

import limner
from limner.errors import UnknownBackend
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

TEXT = 'Snow. <!--img-prompt="a fox"--> The end.'


def test_a_script_calls_and_has_the_pictures() -> None:
    """No event loop is needed."""
    result = limner.illustrate(TEXT, backend=ScriptedBackend(seconds=0.0))
    assert result.complete
    assert [slot.prompt for slot in result.slots] == ["a fox"]


async def test_a_notebook_calls_although_its_loop_runs() -> None:
    """A cell of a notebook is run by an event loop."""
    result = limner.illustrate(TEXT, backend=ScriptedBackend(seconds=0.0))
    assert result.complete
    assert asyncio.get_running_loop().is_running()


async def test_an_error_comes_out_as_it_is_although_a_loop_runs() -> None:
    """It says what is wrong, as without one."""
    with pytest.raises(UnknownBackend, match="crayons"):
        limner.illustrate(TEXT, backend="crayons")


@pytest.mark.parametrize("running", [False, True], ids=["no loop", "a loop runs"])
def test_who_interrupts_it_stops_what_is_drawn(running: bool) -> None:
    """No thread and no drawing is left behind."""

    def interrupted(_: object) -> float:
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        return 600.0

    backend = ScriptedBackend(seconds=interrupted)

    async def cell() -> None:
        limner.illustrate(TEXT, backend=backend)

    def call() -> None:
        if not running:
            limner.illustrate(TEXT, backend=backend)
            return
        # As a notebook's kernel has it: `asyncio.run` would take the first interrupt itself.
        with closing(asyncio.new_event_loop()) as loop:
            loop.run_until_complete(cell())

    with pytest.raises(KeyboardInterrupt):
        call()
    assert [call.outcome for call in backend.calls] == ["cancelled"]
    assert [one for one in threading.enumerate() if one.name == "limner.illustrate"] == []


@pytest.mark.needs("markdown_it", "nh3")
def test_a_notebook_shows_the_page_in_a_frame_in_which_no_script_runs() -> None:
    """What a model wrote stays text, in the notebook too."""
    hostile = TEXT + ' <script>alert(1)</script> " onload="x'
    result = limner.illustrate(hostile, backend=ScriptedBackend(seconds=0.0))
    shown = result._repr_html_()
    frame = re.fullmatch(r'<iframe srcdoc="([^"]*)" sandbox=""[^<>]*></iframe>', shown)
    assert frame
    assert html.unescape(frame[1]) == result.render("html")
    assert "<script>alert" not in html.unescape(frame[1])
