"""Conversations over HTTP."""

import asyncio
import io
from pathlib import Path

import pytest
from tests.server.api.running import FOX, PATIENCE, illustrated, running

from limner.illustration.model.pending import asked_for

pytestmark = pytest.mark.real_time


async def test_chats_are_begun_listed_renamed_and_deleted(tmp_path: Path) -> None:
    """A conversation can be begun, found in the list, renamed, deleted and restored."""
    async with running(tmp_path) as api:
        made = await api.ask("POST", "/chats", {"title": "Tales"}, status=201)
        assert made["title"] == "Tales"
        renamed = await api.ask("PATCH", f"/chats/{made['id']}", {"title": "Fables"})
        assert renamed["title"] == "Fables"
        listed = await api.ask("GET", "/chats")
        assert [chat["title"] for chat in listed["chats"]] == ["Fables"]
        await api.ask("DELETE", f"/chats/{made['id']}", status=204)
        assert (await api.ask("GET", "/chats"))["chats"] == []
        assert (await api.fails("GET", f"/chats/{made['id']}", status=404))["kind"] == "not_found"
        assert (await api.ask("POST", f"/chats/{made['id']}/restore"))["title"] == "Fables"


async def test_a_chat_that_comes_back_waits_for_no_picture_that_nobody_draws(
    tmp_path: Path,
) -> None:
    """What another process was asked for while it was deleted is called off, as all else is."""
    async with running(tmp_path) as api:
        message_id = await illustrated(api)
        library = api.services.library
        kept = await library.load(message_id)
        assert kept is not None
        asked, _ = asked_for(kept.slots[0], at=1.0)
        assert await library.save_slots(asked)
        await api.ask("DELETE", "/chats/tale", status=204)
        await api.ask("POST", "/chats/tale/restore")
        (slot,) = (await api.ask("GET", f"/messages/{message_id}"))["slots"]
        assert (slot["state"], slot["pending"]) == ("ready", 0)


async def test_the_list_of_chats_has_pages(tmp_path: Path) -> None:
    """Going from cursor to cursor shows every conversation once, the newest first."""
    async with running(tmp_path) as api:
        made = [
            (await api.ask("POST", "/chats", {"title": f"{n}"}, status=201))["id"] for n in range(5)
        ]
        seen, cursor = [], ""
        while True:
            page = await api.ask("GET", f"/chats?limit=2{cursor}")
            seen += [chat["id"] for chat in page["chats"]]
            if page["next"] is None:
                break
            cursor = f"&after={page['next']}"
        assert seen == made[::-1]


async def test_a_branch_takes_the_chat_over_up_to_a_message(tmp_path: Path) -> None:
    """A branch has copies of the messages up to the one that is named, pictures included."""
    async with running(tmp_path) as api:
        first = await illustrated(api)
        await illustrated(api, "More.")
        new = await api.ask("POST", "/chats/tale/branch", {"message": first}, status=201)
        assert (new["messages"], new["pictures"]) == (1, 1)
        copied = (await api.ask("GET", f"/chats/{new['id']}/messages"))["messages"]
        assert [message["text"] for message in copied] == [FOX]
        assert copied[0]["id"] != first
        await api.fails("POST", "/chats/tale/branch", {"message": "nobody"}, status=404)


async def test_a_branch_gets_the_pictures_that_were_being_drawn(tmp_path: Path) -> None:
    """Both conversations wait for them, and both get them."""
    async with running(tmp_path) as api:
        api.gate.open.clear()
        async with api.events() as events:
            begun = await api.ask("POST", "/chats/tale/illustrate", {"text": FOX}, status=202)
            await events.until("slot.started")
            branching = {"message": begun["message"]}
            new = await api.ask("POST", "/chats/tale/branch", branching, status=201)
            api.gate.open.set()
            await events.until("message.finished")
        (copy,) = await api.services.library.message_ids(new["id"])
        await api.services.illustrator.recovered(copy)
        for name in (begun["message"], copy):
            message = await api.services.library.load(name)
            assert message is not None
            assert [slot.state.value for slot in message.slots] == ["ready"]


async def test_deleting_a_chat_stops_what_is_written_in_it(tmp_path: Path) -> None:
    """A conversation that is deleted while pictures are drawn for it takes no slot any more."""
    async with running(tmp_path) as api:
        api.gate.open.clear()
        async with api.events() as events:
            await api.ask("POST", "/chats/tale/illustrate", {"text": FOX}, status=202)
            await events.until("slot.started")
            await api.ask("DELETE", "/chats/tale", status=204)
            end = await events.until("message.finished")
            assert end.data["cancelled"] is True
            api.gate.open.set()
            slot = f"{await illustrated(api, chat='other')}/0/0"
            api.gate.open.clear()
            await api.ask("POST", f"/slots/{slot}/regenerate", status=202)
            await events.until("slot.started", lambda data: data["slot_id"] == slot)
            await api.ask("DELETE", "/chats/other", status=204)
            await events.until("chat.deleted", lambda data: data["chat"] == "other")
            await asyncio.wait_for(api.services.limiter.join(), PATIENCE)


async def test_a_phrase_is_found_in_all_chats(tmp_path: Path) -> None:
    """Searching tells where a phrase stands."""
    async with running(tmp_path) as api:
        message = await illustrated(api, "Once there was an owl.")
        found = await api.ask("GET", "/search?q=an%20owl")
        assert [one["message"] for one in found["passages"]] == [message]
        assert (await api.ask("GET", "/search?q=badger"))["passages"] == []


async def test_a_chat_and_a_message_can_be_exported(tmp_path: Path) -> None:
    """Each format comes as a file with a name, its type, and the story in it."""
    async with running(tmp_path) as api:
        message = await illustrated(api, "A fox walked by. " + FOX)
        await api.ask("PATCH", "/chats/tale", {"title": "The Fox"})
        for kind in ("html", "md", "epub", "json"):
            for path in ("chats/tale", f"messages/{message}"):
                url = f"{api.address}/api/{path}/export?format={kind}"
                async with api.client.get(url) as answer:
                    data = await answer.read()
                assert answer.status == 200
                assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
                assert data.startswith(b"PK") if kind == "epub" else b"walked by" in data
        await api.fails("GET", "/chats/tale/export?format=pdf", status=422)
        await api.fails("GET", "/chats/nobody/export", status=404)


async def test_what_is_wrong_with_a_request_is_told_by_field(tmp_path: Path) -> None:
    """Unknown fields, wrong types, bad ids and large numbers are refused, each with its field."""
    async with running(tmp_path) as api:
        for method, path, body, field in (
            ("POST", "/chats", {"title": 5}, "title"),
            ("POST", "/chats", {"titel": "x"}, "titel"),
            ("POST", "/chats", {"id": "a/b"}, "id"),
            ("POST", "/chats", {"title": "x" * 301}, "title"),
            ("GET", "/chats?limit=0", None, "limit"),
            ("GET", "/chats?limit=many", None, "limit"),
            ("GET", "/chats/a%00b", None, "chat_id"),
            ("POST", "/chats/tale/illustrate", {"text": "nul \0"}, "text"),
        ):
            error = await api.fails(method, path, body, status=422)
            assert error["field"] == field
            assert field in error["message"]


async def test_broken_bodies_and_addresses_are_told_in_the_same_form(tmp_path: Path) -> None:
    """No JSON, half a character, nothing there, a wrong method, a huge body: one form for all."""
    async with running(tmp_path) as api:
        for data, status in (
            (b"{", 422),
            (b'{"title": "\\ud800"}', 422),
            (b"[" * 100_000, 400),
            (io.BytesIO(b'"' + b"x" * (9 << 20) + b'"'), 413),
        ):
            url, kind = f"{api.address}/api/chats", {"Content-Type": "application/json"}
            async with api.client.post(url, data=data, headers=kind) as answer:
                told = await answer.json()
            assert (answer.status, list(told)) == (status, ["error"]), told
        await api.fails("GET", "/nothing", status=404)
        assert (await api.fails("PUT", "/chats", status=405))["kind"] == "method_not_allowed"
