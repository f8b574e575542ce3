"""What a start takes up of what was left before, while it is asked already."""

from pathlib import Path

import pytest
from tests.server.served import served

from limner.illustration import Message
from limner.testing import ScriptedBackend


@pytest.mark.real_time
async def test_a_picture_asked_for_while_a_start_looks_for_what_was_left_is_drawn_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is kept before it is drawn, and might be taken for one of a former process."""
    backend = ScriptedBackend(seconds=0.05)
    async with served(tmp_path, backend=backend) as server:
        illustrator = server.running.services.illustrator
        save = illustrator.store.save

        async def saved(message: Message) -> None:
            await save(message)
            await illustrator.recover()

        monkeypatch.setattr(illustrator.store, "save", saved)
        url = server.address + "/v1/images/generations"
        async with server.client.post(url, json={"prompt": "a fox", "n": 2}) as answer:
            assert (answer.status, len((await answer.json())["data"])) == (200, 2)
        await illustrator.recovered()
        assert len(backend.calls) == 2
