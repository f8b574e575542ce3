"""What the services hear of work that others began."""

from pathlib import Path

import pytest
from tests.server.api.running import FOX, running

from limner.illustration import Event, Illustrator, Session
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time


async def test_streams_that_others_watch_are_told_as_well(tmp_path: Path) -> None:
    """What a front-end behind the proxy gets is seen by every reader of its chat."""
    async with running(tmp_path) as api, api.events("?chat=elsewhere") as events:
        illustrator = api.services.illustrator
        await illustrator.illustrate(["A fox. ", FOX], chat_id="elsewhere")
        await events.until("message.finished")
        text = "".join(told.data["text"] for told in events.seen if told.kind == "message.text")
        assert text == "A fox. A fox.  The end."
        kinds = events.kinds()
        order = ("slot.found", "slot.started", "slot.ready", "message.finished")
        assert sorted(order, key=kinds.index) == list(order)


async def test_a_listener_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the others hear everything; one that has gone hears nothing more."""
    heard: list[Event] = []

    def fails(session: Session, event: Event) -> None:
        raise RuntimeError("deaf")

    async with Illustrator(backend=ScriptedBackend(seconds=0.0)) as illustrator:
        illustrator.on_event(fails)
        gone = illustrator.on_event(lambda session, event: heard.append(event))
        result = await illustrator.illustrate(FOX)
        assert result.complete
        number = len(heard)
        assert number > 3
        gone()
        gone()
        await illustrator.illustrate(FOX)
        assert len(heard) == number
    assert "deaf" in caplog.text
