"""Who may do what: everybody everything in a household, else admins all and others their own."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.server.served import TOKEN, Served, served
from tests.server.test_guard import everything
from tests.server.test_users import TAG, asked

from limner.server.api.middleware.ownership import Kind, subject_of
from limner.server.tokens import add_token
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time


@dataclass(frozen=True, slots=True)
class House:
    """A server with a story of Anna's and one of Ben's, and an admin."""

    server: Served
    tokens: dict[str, str]

    async def ask(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and answer of a request under somebody's token."""
        url = f"{self.server.address}/api{path}"
        sent = {"Authorization": f"Bearer {self.tokens[who]}"}
        async with self.server.client.request(method, url, json=body, headers=sent) as answer:
            held = answer.content_type == "application/json" and path != "/events"
            return answer.status, await answer.json() if held else None

    async def chat_of(self, who: str) -> str:
        """The conversation somebody has."""
        (chat,) = (await self.ask(who, "GET", "/chats"))[1]["chats"]
        return str(chat["id"])


@contextlib.asynccontextmanager
async def house(place: Path, **options: Any) -> AsyncIterator[House]:
    """Two users who asked the same, and an admin."""
    async with ChatServer(Reply.stream("A ", TAG)) as model:
        async with served(place, llm=model.url, token=TOKEN, **options) as server:
            tokens = {"boss": TOKEN}
            for name in ("anna", "ben"):
                tokens[name] = await add_token(server.library, name, now=1.0)
            for name in ("anna", "ben"):
                await asked(server, tokens[name])
            yield House(server, tokens)


async def test_in_a_household_everybody_may_do_everything(tmp_path: Path) -> None:
    """That is the default."""
    async with house(tmp_path) as home:
        for who in home.tokens:
            assert len((await home.ask(who, "GET", "/chats"))[1]["chats"]) == 2
            assert (await home.ask(who, "POST", "/queue/pause"))[0] == 200
            assert (await home.ask(who, "PATCH", "/settings", {"every_words": 90}))[0] == 200


async def test_elsewhere_users_have_theirs_to_themselves(tmp_path: Path) -> None:
    """What is of others is not there for them, and what is everybody's is an admin's."""
    async with house(tmp_path, household=False) as home:
        annas, bens = await home.chat_of("anna"), await home.chat_of("ben")
        assert annas != bens
        message = (await home.ask("ben", "GET", f"/chats/{bens}/messages"))[1]["messages"][1]
        slot = message["slots"][0]["id"]
        for path in (
            f"/chats/{bens}",
            f"/chats/{bens}/messages",
            f"/chats/{bens}/export",
            f"/messages/{message['id']}",
            f"/slots/{slot}",
            f"/failed?chat={bens}",
            f"/pictures?chat={bens}",
            f"/sessions?chat={bens}",
        ):
            assert (await home.ask("ben", "GET", path))[0] == 200, path
            assert (await home.ask("boss", "GET", path))[0] == 200, path
            status, told = await home.ask("anna", "GET", path)
            assert (status, told["error"]["kind"]) == (404, "not_found"), path
        for method, path, body in (
            ("DELETE", f"/chats/{bens}", None),
            ("PATCH", f"/chats/{bens}", {"title": "Mine"}),
            ("POST", f"/chats/{bens}/restore", None),
            ("POST", f"/chats/{bens}/branch", {"message": message["id"]}),
            ("POST", f"/messages/{message['id']}/undo", None),
            ("POST", f"/slots/{slot}/regenerate", None),
        ):
            assert (await home.ask("anna", method, path, body))[0] == 404, path
        for method, path, body in (
            ("POST", "/queue/pause", None),
            ("PATCH", "/settings", {"every_words": 90}),
            ("POST", "/library/check", None),
            ("POST", "/stop", None),
            ("GET", "/pictures", None),
            ("GET", "/failed", None),
            ("GET", "/sessions", None),
            ("DELETE", "/presets/mine", None),
        ):
            status, told = await home.ask("anna", method, path, body)
            assert (status, told["error"]["kind"]) == (403, "not_allowed"), path
            assert (await home.ask("boss", method, path, body))[0] in (200, 404), path
        assert len((await home.ask("boss", "GET", "/chats"))[1]["chats"]) == 2


async def test_lists_and_new_chats_are_ones_own(tmp_path: Path) -> None:
    """Search, the queue and what one begins; nobody begins a chat that another one has."""
    async with house(tmp_path, household=False) as home:
        bens = await home.chat_of("ben")
        for who, found in (("anna", 1), ("boss", 2)):
            told = (await home.ask(who, "GET", "/search?q=img-prompt"))[1]
            assert len(told["passages"]) == found
        assert (await home.ask("anna", "POST", "/chats", {"id": bens}))[0] == 422
        assert (await home.ask("ben", "DELETE", f"/chats/{bens}"))[0] == 204
        assert (await home.ask("anna", "POST", "/chats", {"id": bens}))[0] == 422
        assert (await home.ask("ben", "POST", f"/chats/{bens}/restore"))[0] == 200
        assert (await home.ask("anna", "POST", "/chats", {"id": "new"}))[0] == 201
        assert (await home.ask("anna", "GET", "/chats/new"))[0] == 200
        assert (await home.ask("ben", "GET", "/chats/new"))[0] == 404
        branch = {"message": (await home.server.library.message_ids(bens))[0]}
        made = (await home.ask("ben", "POST", f"/chats/{bens}/branch", branch))[1]
        assert (await home.ask("ben", "GET", f"/chats/{made['id']}"))[0] == 200
        assert (await home.ask("anna", "GET", f"/chats/{made['id']}"))[0] == 404


async def test_a_chat_is_begun_by_what_is_said_in_it_and_is_ones_own(tmp_path: Path) -> None:
    """As the page does it, under an id that nobody has; what is settled for it before is, too."""
    async with house(tmp_path, household=False) as home:
        for path, body, method, status in (
            ("said/messages", {"text": "Go."}, "POST", 202),
            ("told/illustrate", {"text": "A tale. " + TAG}, "POST", 202),
            ("set/settings", {"preset": "none"}, "PATCH", 200),
        ):
            assert (await home.ask("anna", method, f"/chats/{path}", body))[0] == status, path
            assert (await home.ask("ben", method, f"/chats/{path}", body))[0] == 404, path
            chat = path.partition("/")[0]
            assert (await home.server.library.chat_owners([chat])) == {chat: "anna"}
        assert (await home.ask("anna", "GET", "/chats/told"))[1]["title"] == "A tale."
        assert (await home.ask("anna", "POST", "/chats/none/answer"))[0] == 404


async def test_a_picture_by_itself_is_in_a_chat_of_ones_own(tmp_path: Path) -> None:
    """Not in one that all share: whoever drew first would see what others draw."""
    async with house(tmp_path, household=False) as home:
        body = {"prompt": "a secret"}
        for who in ("anna", "ben"):
            url = f"{home.server.address}/v1/images/generations"
            sent = {"Authorization": f"Bearer {home.tokens[who]}"}
            async with home.server.client.post(url, json=body, headers=sent) as answer:
                assert answer.status == 200
        for who in ("anna", "ben"):
            told = (await home.ask(who, "GET", "/search?q=secret"))[1]["passages"]
            assert len(told) == 1
            assert (await home.ask(who, "GET", f"/chats/{told[0]['chat']}"))[0] == 200


async def test_users_of_a_front_end_are_no_admins(tmp_path: Path) -> None:
    """Even where its token is an admin's: that speaks for itself alone."""
    async with house(tmp_path, household=False) as home:
        library = home.server.library
        token = await add_token(library, "webui", now=1.0, front_end=True, admin=True)
        home.server.running.app._tokens._read_at = float("-inf")
        url = f"{home.server.address}/api/queue/resume"
        known = {"Authorization": f"Bearer {token}"}
        for more, status in (({}, 200), ({"X-OpenWebUI-User-Id": "u1"}, 403)):
            async with home.server.client.post(url, headers=known | more) as answer:
                assert answer.status == status


async def test_every_route_is_an_admins_unless_it_says_whose_it_is(tmp_path: Path) -> None:
    """Those that are open to all are listed here; the list grows by thinking, not by chance."""
    async with served(tmp_path, token=TOKEN) as server:
        routes = [one for one in await everything(server) if one[1].startswith("/api/")]
    kinds = {(method, path): subject_of(method, path, "").kind for method, path in routes}
    assert {one for one, kind in kinds.items() if kind is Kind.ANYBODY} == {
        ("GET", "/api/about"),  # without what is an admin's
        ("GET", "/api/events"),  # of one's own conversations
        ("GET", "/api/chats"),
        ("POST", "/api/chats"),
        ("POST", "/api/manuscripts"),  # reads what is sent, and keeps nothing
        ("GET", "/api/search"),
        ("GET", "/api/queue"),
        ("GET", "/api/queue/timeline"),
        ("POST", "/api/queue/order"),
        ("POST", "/api/pictures/archive"),
        ("DELETE", "/api/jobs/x"),
        ("GET", "/api/models"),
        ("GET", "/api/settings"),
        ("PATCH", "/api/settings"),  # the chats that one has pinned, and nothing else
        ("GET", "/api/presets"),
        ("GET", "/api/presets/export"),
        ("GET", "/api/presets/x"),
        ("GET", "/api/pictures/states"),
        ("POST", "/api/pairing"),
        ("GET", "/api/pairing/x"),
        ("GET", "/api/references"),
        ("GET", "/api/references/x"),
        ("PUT", "/api/references/x"),
        ("DELETE", "/api/references/x"),
    }
    assert {path for (_, path), kind in kinds.items() if kind is Kind.ADMIN} >= {
        "/api/queue/pause",
        "/api/stop",
        "/api/library/clean",
    }


async def test_users_are_told_what_the_server_is_without_what_is_an_admins(tmp_path: Path) -> None:
    """The addresses of its servers are nobody else's."""
    async with house(tmp_path, household=False) as home:
        for who, admin in (("anna", False), ("boss", True)):
            status, told = await home.ask(who, "GET", "/about")
            assert (status, told["admin"]) == (200, admin)
            assert bool(told["models"]) == bool(told["backends"]) == admin


@pytest.mark.parametrize("chat", ["", "?chat=own"])
async def test_users_hear_of_their_own_conversations_only(tmp_path: Path, chat: str) -> None:
    """And of what is everybody's: of another one's not even that there is one."""
    async with house(tmp_path, household=False) as home:
        for who in ("anna", "ben"):
            own = {"id": "own"} if who == "anna" else {"id": "bens"}
            assert (await home.ask(who, "POST", "/chats", own))[0] == 201
        sent = {"Authorization": f"Bearer {home.tokens['anna']}"}
        url = f"{home.server.address}/api/events{chat}"
        async with home.server.client.get(url, headers=sent) as heard:
            assert heard.status == 200
            assert (await home.ask("boss", "PATCH", "/settings", {"every_words": 90}))[0] == 200
            for who, title in (("ben", "a secret"), ("anna", "a tale"), ("ben", "a secret")):
                mine = "own" if who == "anna" else "bens"
                assert (await home.ask(who, "PATCH", f"/chats/{mine}", {"title": title}))[0] == 200
            await asked(home.server, home.tokens["ben"], X_Limner_Chat="other")
            assert (await home.ask("anna", "DELETE", "/chats/own"))[0] == 204
            told = b""
            while b"chat.deleted" not in told:
                told += await heard.content.readany()
        assert told.count(b"event: chat.changed") == 1
        assert b"bens" not in told
        assert b"message." not in told
        assert b"event: settings" in told


async def test_on_this_machine_alone_nobody_is_refused(tmp_path: Path) -> None:
    """Where no token is needed, whoever gets in runs the server."""
    async with served(tmp_path, household=False) as server:
        assert await server.status("POST", "/api/queue/pause") == 200
        assert await server.status("GET", "/api/pictures") == 200
