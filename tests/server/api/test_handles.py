"""What a program is told when it asks for pictures, and what it can see and stop, over HTTP."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from tests.server.api.running import FOX, Api, illustrated, running
from tests.waiting import until

pytestmark = pytest.mark.real_time

BROKEN = '<!--img-prompt="a broken fox"-->'


async def status_of(api: Api, path: str, body: object = None) -> tuple[int, str | None]:
    """The status of a request, and the kind of its error."""
    url = f"{api.address}/api{path}"
    async with api.client.post(url, json=body or {}) as answer:
        assert isinstance(answer, aiohttp.ClientResponse)
        said = await answer.json()
        return answer.status, said["error"]["kind"] if "error" in said else None


async def test_an_impossible_picture_beside_four_valid_ones_is_refused_alone(
    tmp_path: Path,
) -> None:
    """It gets its 404, the others their pictures; no event says that the slot has failed."""
    async with running(tmp_path) as api:
        slot = f"{await illustrated(api)}/0/0"
        async with api.events() as events:
            path = f"/slots/{slot}/regenerate"
            valid = {"mode": "append"}
            answers = await asyncio.gather(
                status_of(api, path, valid),
                status_of(api, path, valid),
                status_of(api, path, {"alternative": 9}),
                status_of(api, path, valid),
                status_of(api, path, valid),
            )
            assert answers[2] == (404, "unknown_slot")
            assert [*answers[:2], *answers[3:]] == [(202, None)] * 4
            while len((await api.ask("GET", f"/slots/{slot}"))["alternatives"]) < 5:
                await events.until("slot.changed")
            await api.ask("POST", f"/slots/{slot}/select", {"alternative": 0})
            await events.until("slot.changed", lambda data: data["slot"]["selected"] == 0)
            told = {event.kind for event in events.seen}
        assert "slot.failed" not in told
        shown = await api.ask("GET", f"/slots/{slot}")
        assert (shown["state"], shown["failure"], shown["pending"]) == ("ready", None, 0)


async def test_who_asks_for_several_is_told_which_are_drawn(tmp_path: Path) -> None:
    """Each place that was accepted is in the answer, and those that were not with their reason."""
    async with running(tmp_path) as api:
        message = await illustrated(api, f"{BROKEN} {FOX}")
        every = [f"{message}/0/0", f"{message}/0/1"]
        for path, slots in ((f"/messages/{message}/regenerate", every), ("/chats/tale/retry", [])):
            answer = await api.ask("POST", path, status=202)
            if slots:
                assert answer == {"accepted": True, "slots": slots, "refused": []}


async def test_a_redraw_is_a_session_that_is_seen_and_stopped(tmp_path: Path) -> None:
    """By its answer, its chat, or with everything else; the picture there was stays."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        slot = f"{message}/0/0"
        before = await api.ask("GET", f"/slots/{slot}")
        assert (await api.ask("GET", "/sessions"))["sessions"] == []
        for stop in (f"/messages/{message}/stop", "/chats/tale/stop", "/stop"):
            api.gate.open.clear()
            async with api.events() as events:
                await api.ask("POST", f"/slots/{slot}/regenerate", status=202)
                started = await events.until("slot.started")
                assert started.data["slot"]["state"] == "ready"
                for query in ("", "?chat=tale", f"?message={message}"):
                    (session,) = (await api.ask("GET", f"/sessions{query}"))["sessions"]
                    assert (session["kind"], session["message"]) == ("manual", message)
                    assert (session["active"], session["waits_for"]) == (True, ["pictures"])
                    assert session["progress"]["drawing"] == 1
                assert (await api.ask("GET", "/sessions?chat=other"))["sessions"] == []
                assert (await api.ask("POST", stop))["stopped"]
                failed = await events.until("slot.failed")
                assert failed.data["slot"]["state"] == "ready"
                assert "stopped by the reader" in failed.data["error"]["message"]
            assert (await api.ask("GET", "/sessions"))["sessions"] == []
            api.gate.open.set()
        after = await api.ask("GET", f"/slots/{slot}")
        assert after["alternatives"] == before["alternatives"]


async def test_a_deleted_chat_draws_nothing_any_more(tmp_path: Path) -> None:
    """Neither what is written nor what was asked for by hand."""
    async with running(tmp_path) as api:
        slot = f"{await illustrated(api)}/0/0"
        api.gate.open.clear()
        await api.ask("POST", f"/slots/{slot}/regenerate", status=202)
        await api.ask("DELETE", "/chats/tale", status=204)
        assert (await api.ask("GET", "/sessions"))["sessions"] == []
        queue = await api.ask("GET", "/queue")
        assert queue["jobs"] == []


async def test_the_queue_says_for_which_place_a_job_is(tmp_path: Path) -> None:
    """Streamed or by hand."""
    async with running(tmp_path) as api:
        slot = f"{await illustrated(api)}/0/0"
        api.gate.open.clear()
        async with api.events() as events:
            await api.ask("POST", f"/slots/{slot}/regenerate", status=202)
            await events.until("slot.started")
            (job,) = (await api.ask("GET", "/queue"))["jobs"]
            assert (job["slot"], job["message"]) == (slot, slot.partition("/")[0])
            api.gate.open.set()


async def test_operations_on_a_message_are_held_and_let_go(tmp_path: Path) -> None:
    """A change is refused at once while they are; reading is not, nor another message."""
    async with running(tmp_path) as api:
        message, other = await illustrated(api), await illustrated(api)
        slot, path = f"{message}/0/0", f"/messages/{message}/operations"
        assert await api.ask("GET", path) == {"paused": False, "length": 0}
        assert await api.ask("POST", f"{path}/pause") == {"paused": True, "length": 0}
        for changing in (
            f"/slots/{slot}/regenerate",
            f"/slots/{slot}/retry",
            f"/slots/{slot}/delete",
            f"/messages/{message}/regenerate",
            f"/messages/{message}/retry",
            f"/messages/{message}/undo",
            f"/messages/{message}/redo",
        ):
            assert await status_of(api, changing) == (409, "message_paused"), changing
        waiting = asyncio.create_task(
            api.services.illustrator.operations.undo(message)  # from within the program it waits
        )

        async def it_waits() -> bool:
            return bool((await api.ask("GET", path))["length"] == 1)

        await until(it_waits)
        cleared = await api.ask("POST", f"{path}/clear")
        assert cleared == {"paused": True, "length": 0, "dropped": 1}
        assert isinstance((await asyncio.gather(waiting, return_exceptions=True))[0], Exception)
        await api.ask("GET", f"/slots/{slot}")
        await api.ask("POST", f"/slots/{other}/0/0/regenerate", status=202)
        assert await api.ask("POST", f"{path}/resume") == {"paused": False, "length": 0}
        await api.ask("POST", f"/slots/{slot}/regenerate", status=202)
        await api.fails("GET", "/messages/nobody/operations", status=404)
