"""Places of pictures over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.api.running import FOX, Api, illustrated, running

from limner.illustration import Budget
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

BROKEN = '<!--img-prompt="a broken fox"-->'


async def redrawn(api: Api, slot: str, path: str, body: Any = None) -> Any:
    """The slot after a drawing that was asked for has ended."""
    async with api.events() as events:
        await api.ask("POST", f"/slots/{slot}/{path}", body, status=202)
        await events.until("slot.started", lambda data: data["slot_id"] == slot)
        ended = await events.until(
            "slot.changed", lambda data: data["slot_id"] == slot and not data["slot"]["pending"]
        )
    return ended.data["slot"]


async def test_a_picture_is_drawn_again_chosen_and_deleted(tmp_path: Path) -> None:
    """Appending keeps the old picture, replacing does not; any can be shown; deleting is undone."""
    async with running(tmp_path) as api:
        slot = f"{await illustrated(api)}/0/0"
        first = (await api.ask("GET", f"/slots/{slot}"))["alternatives"][0]
        appended = await redrawn(api, slot, "regenerate", {"mode": "append"})
        assert (len(appended["alternatives"]), appended["selected"]) == (2, 1)
        replaced = await redrawn(api, slot, "regenerate")
        assert len(replaced["alternatives"]) == 2
        shown = await api.ask("POST", f"/slots/{slot}/select", {"alternative": first["id"]})
        assert shown["selected"] == 0
        left = await api.ask("POST", f"/slots/{slot}/delete", {"alternative": 0})
        assert len(left["alternatives"]) == 1
        message = slot.partition("/")[0]
        undone = await api.ask("POST", f"/messages/{message}/undo")
        assert undone["change"] == "delete"
        assert len(undone["message"]["slots"][0]["alternatives"]) == 2
        assert (await api.ask("POST", f"/messages/{message}/redo"))["change"] == "delete"


async def test_prompts_are_edited_refined_and_restored(tmp_path: Path) -> None:
    """Each change is a version; the next picture has the new prompt; old versions come back."""
    answer = '<!--img-prompt="a red fox at dusk"-->'
    async with ChatServer(Reply.stream(answer)) as model, running(tmp_path, model) as api:
        slot = f"{await illustrated(api)}/0/0"
        edited = await api.ask("PUT", f"/slots/{slot}/prompt", {"prompt": "a red fox"})
        assert (edited["prompt"], edited["versions"][1]["source"]) == ("a red fox", "edited")
        refined = await api.ask("POST", f"/slots/{slot}/refine", {"feedback": "darker"})
        assert (refined["prompt"], refined["versions"][2]["feedback"]) == (
            "a red fox at dusk",
            "darker",
        )
        drawn = await redrawn(api, slot, "regenerate")
        assert drawn["alternatives"][-1]["prompt"] == "a red fox at dusk"
        restored = await api.ask("POST", f"/slots/{slot}/restore", {"version": 0})
        assert restored["prompt"] == "a fox"
        await api.fails("POST", f"/slots/{slot}/restore", {"version": 9}, status=404)
        error = await api.fails("PUT", f"/slots/{slot}/prompt", {"prompt": "  "}, status=422)
        assert "blank" in error["message"]


async def test_a_model_that_does_not_refine_changes_nothing(tmp_path: Path) -> None:
    """An answer without a prompt is the model's fault, and said so."""
    async with ChatServer(Reply.stream("Sure!")) as model, running(tmp_path, model) as api:
        slot = f"{await illustrated(api)}/0/0"
        error = await api.fails("POST", f"/slots/{slot}/refine", {"feedback": "more"}, status=502)
        assert error["kind"] == "refine_error"
        assert len((await api.ask("GET", f"/slots/{slot}"))["versions"]) == 1


async def test_failed_pictures_are_listed_and_tried_again(tmp_path: Path) -> None:
    """One, all of a message and all of a chat can be retried; what fails again says why."""
    async with running(tmp_path) as api:
        message = await illustrated(api, f"{BROKEN} {BROKEN}")
        listed = (await api.ask("GET", "/failed?chat=tale"))["failed"]
        assert [one["slot"] for one in listed] == [f"{message}/0/0", f"{message}/0/1"]
        assert "the paint is dry" in listed[0]["failure"]["reason"]
        async with api.events() as events:
            await api.ask("POST", f"/slots/{message}/0/0/retry", status=202)
            failed = await events.until("slot.failed")
            assert failed.data["error"]["message"] == (
                "the drawing broke off: the paint is dry; draw it again; limner's log may say more"
            )
            assert failed.data["slot"]["state"] == "failed"
        slot = f"{message}/0/0"
        await api.ask("PUT", f"/slots/{slot}/prompt", {"prompt": "a whole fox"})
        assert (await redrawn(api, slot, "retry"))["state"] == "ready"
        for path in (f"/messages/{message}/retry", "/chats/tale/retry"):
            async with api.events() as events:
                await api.ask("POST", path, status=202)
                await events.until("slot.changed", lambda data: not data["slot"]["pending"])
        assert len((await api.ask("GET", "/failed"))["failed"]) == 1


async def test_all_pictures_of_a_message_are_drawn_again(tmp_path: Path) -> None:
    """Each keeps its old picture where the settings say so."""
    async with running(tmp_path) as api:
        message = await illustrated(api, FOX + FOX)
        await api.ask("PATCH", "/settings", {"default_mode": "append"})
        async with api.events() as events:
            await api.ask("POST", f"/messages/{message}/regenerate", status=202)
            twice: set[str] = set()
            while len(twice) < 2:
                told = await events.until("slot.changed")
                if len(told.data["slot"]["alternatives"]) == 2:
                    twice.add(told.data["slot_id"])
        slots = (await api.ask("GET", f"/messages/{message}"))["slots"]
        assert [len(slot["alternatives"]) for slot in slots] == [2, 2]


async def test_unknown_places_are_told(tmp_path: Path) -> None:
    """No such message, answer, slot, picture or version: 404, and nothing is drawn."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        drawn = len(api.gate.scripted.calls)
        for slot in ("nobody/0/0", f"{message}/1/0", f"{message}/0/7"):
            await api.fails("GET", f"/slots/{slot}", status=404)
            for path in ("regenerate", "retry"):
                await api.fails("POST", f"/slots/{slot}/{path}", status=404)
        slot = f"{message}/0/0"
        for body in ({"alternative": 5}, {"alternative": "nobody"}, {"prompt_version": 5}):
            await api.fails("POST", f"/slots/{slot}/regenerate", body, status=404)
        await api.fails("POST", f"/slots/{slot}/select", {"alternative": 5}, status=404)
        await api.fails("POST", f"/slots/{slot}/regenerate", {"mode": "shuffle"}, status=422)
        assert len(api.gate.scripted.calls) == drawn


async def test_a_used_up_budget_refuses_at_once(tmp_path: Path) -> None:
    """The picture is not even asked for; when more may be drawn is in the answer and the queue."""
    async with running(tmp_path, budget=Budget(per_hour=1)) as api:
        slot = f"{await illustrated(api)}/0/0"
        error = await api.fails("POST", f"/slots/{slot}/regenerate", status=429)
        assert error["kind"] == "budget_exceeded"
        assert 0 < error["retry_after"] <= 3600
        queue = await api.ask("GET", "/queue")
        assert [(use["scope"], use["used"], use["left"]) for use in queue["budget"]] == [
            ("hour", 1, 0)
        ]


async def test_what_pictures_cost_is_told(tmp_path: Path) -> None:
    """By day and by owner, and what the budget leaves of it, in its own unit."""
    async with running(tmp_path, budget=Budget(per_day="2 USD, 90 seconds")) as api:
        await illustrated(api)
        (day,) = (await api.ask("GET", "/costs"))["spent"]
        assert day["pictures"] == 1
        assert [cost["unit"] for cost in day["costs"]] == ["seconds"]
        (owner,) = (await api.ask("GET", "/costs?by=owner&days=1"))["spent"]
        assert owner["pictures"] == 1
        budget = (await api.ask("GET", "/queue"))["budget"]
        assert [(use["unit"], use["limit"]) for use in budget] == [("USD", 2), ("seconds", 90)]
        assert budget[0]["used"] == 0 < budget[1]["used"] < 90
        await api.fails("GET", "/costs?by=moon", status=422)


async def test_a_preview_can_be_seen_while_the_picture_is_drawn(tmp_path: Path) -> None:
    """Its address is in the event, and leads nowhere once the picture has ended."""
    async with running(tmp_path) as api:
        api.gate.open.clear()
        async with api.events() as events:
            await api.ask("POST", "/chats/tale/illustrate", {"text": FOX}, status=202)
            preview = (await events.until("slot.progress")).data["preview"]
            async with api.client.get(api.address + preview) as answer:
                assert (answer.content_type, await answer.read()) == (
                    "image/jpeg",
                    b"\xff\xd8a preview",
                )
            api.gate.open.set()
            await events.until("message.finished")
        await api.fails("GET", preview.removeprefix("/api"), status=404)


async def test_a_picture_is_drawn_in_another_size_and_with_a_seed_of_ones_own(
    tmp_path: Path,
) -> None:
    """This time only: the next is as its tag says; what makes no sense is refused."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        slot = f"/slots/{message}/0/0"
        async with api.events() as events:
            for wish in ({"size": "512x640", "seed": 7}, {}):
                await api.ask("POST", f"{slot}/regenerate", {"mode": "append", **wish}, status=202)
                await events.until("slot.changed", lambda data: not data["slot"]["pending"])
        first, second, third = [call.request for call in api.gate.scripted.calls]
        assert (second.width, second.height, second.seed) == (512, 640, 7)
        assert (third.width, third.height) == (first.width, first.height)
        assert third.seed != 7
        for wrong in ({"size": "<b>"}, {"seed": -1}, {"seed": 1 << 40}):
            await api.fails("POST", f"{slot}/regenerate", wrong, status=422)


async def test_a_picture_that_is_deleted_for_good_is_gone(tmp_path: Path) -> None:
    """Its file too, and every way back; the others of its place stay, and so do their changes."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        path = f"/slots/{message}/0/0"
        await redrawn(api, f"{message}/0/0", "regenerate", {"mode": "append"})
        first, second = (await api.ask("GET", path))["alternatives"]
        assert first["made_at"] is not None
        assert first["picture"]["info"]["seconds"] >= 0
        (file,) = (tmp_path / "pictures").glob("??/*")  # both have the same bytes
        assert file.parent.name + file.stem == first["picture"]["digest"]
        async with api.client.get(api.address + first["picture"]["thumbnail"]) as answer:
            assert answer.status == 200
        gone = {"alternative": first["id"], "for_good": True}
        slot = await api.ask("POST", f"{path}/delete", gone)
        assert [one["id"] for one in slot["alternatives"]] == [second["id"]]
        await api.ask("POST", f"/messages/{message}/undo")
        slot = await api.ask("GET", path)
        assert [one["id"] for one in slot["alternatives"]] == [second["id"]]
        await api.fails("POST", f"{path}/delete", gone, status=404)
        assert file.exists()
        slot = await api.ask("POST", f"{path}/delete", {"for_good": True})
        assert (slot["state"], slot["alternatives"]) == ("deleted", [])
        await api.ask("POST", f"/messages/{message}/undo")
        assert (await api.ask("GET", path))["alternatives"] == []
        files = [one for one in (tmp_path / "pictures").rglob("*") if one.is_file()]
        assert [one for one in files if one.suffix in (".png", ".webp")] == []
        await api.fails("POST", f"{path}/delete", {"for_good": True}, status=404)


async def test_the_file_of_a_picture_stays_where_another_place_shows_it(tmp_path: Path) -> None:
    """A branch of the conversation keeps what it has."""
    async with running(tmp_path) as api:
        message = await illustrated(api)
        slot = await api.ask("GET", f"/slots/{message}/0/0")
        branch = await api.ask("POST", "/chats/tale/branch", {"message": message}, status=201)
        await api.ask("POST", f"/slots/{message}/0/0/delete", {"for_good": True})
        there = (await api.ask("GET", f"/chats/{branch['id']}/messages"))["messages"][-1]
        kept = there["slots"][0]["alternatives"][0]["picture"]
        assert kept["digest"] == slot["alternatives"][0]["picture"]["digest"]
        async with api.client.get(api.address + kept["url"]) as answer:
            assert answer.status == 200


async def test_what_a_message_may_have_no_more_is_refused_at_once(tmp_path: Path) -> None:
    """As any other bound: nothing is accepted that would only fail, and no reason is lost."""
    async with running(tmp_path, budget=Budget(per_message=1)) as api:
        slot = f"{await illustrated(api)}/0/0"
        message = slot.partition("/")[0]
        for path in (f"slots/{slot}/regenerate", f"messages/{message}/regenerate"):
            told = await api.ask("POST", f"/{path}", {}, status=402)
            assert told["error"]["kind"] == "budget_exceeded"
        assert (await api.ask("GET", f"/slots/{slot}"))["state"] == "ready"
