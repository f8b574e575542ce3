"""For whom a request is: a front-end with a token of that kind speaks for its users."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.served import TOKEN, Served, served
from tests.waiting import until

from limner.server.tokens import add_token, list_tokens
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

TAG = '<!--img-prompt="a fox"-->'


async def asked(server: Served, token: str | None, **headers: str) -> None:
    """Ask the same question as everybody."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    url = f"{server.address}/v1/chat/completions"
    async with server.client.post(url, json=body, headers=sent) as answer:
        assert answer.status == 200
        await answer.read()
    illustrator = server.running.services.illustrator
    await until(lambda: not illustrator.sessions.active())


async def owners(server: Served) -> list[tuple[str | None, ...]]:
    """The owners of the answers in each conversation."""
    found = []
    for chat in await server.library.chats():
        said = await server.library.messages(chat.id)
        found.append(tuple(message.owner for message in said))
    return sorted(found, key=str)


async def test_users_of_a_front_end_are_owners_with_chats_of_their_own(tmp_path: Path) -> None:
    """With the same question; and each chat that is named is one, too."""
    async with ChatServer(Reply.stream("A ", TAG)) as model:
        async with served(tmp_path, llm=model.url) as server:
            token = await add_token(server.library, "webui", now=1.0, front_end=True)
            for user in ("u1", "u2", "u1", "x y"):
                await asked(server, token, X_OpenWebUI_User_Id=user)
            await asked(server, token)
            await asked(server, token, X_OpenWebUI_User_Id="u1", X_OpenWebUI_Chat_Id="c1")
            found = await owners(server)
    names = {one[0] for one in found}
    assert {"webui", "webui/u1", "webui/u2"} < names
    assert len(names) == 4
    assert [one[0] for one in found].count("webui/u1") == 2


async def test_other_tokens_speak_for_nobody_else(tmp_path: Path) -> None:
    """Whoever has one is its owner, whatever they say."""
    async with ChatServer(Reply.stream("A ", TAG)) as model:
        async with served(tmp_path, llm=model.url, token=TOKEN) as server:
            anna = await add_token(server.library, "anna", now=1.0)
            for token in (anna, TOKEN):
                await asked(server, token, X_OpenWebUI_User_Id="boss")
            assert {one[0] for one in await owners(server)} == {"anna", "default"}


async def test_on_this_machine_alone_users_are_believed(tmp_path: Path) -> None:
    """Where no token is needed; whoever names nobody is nobody."""
    async with ChatServer(Reply.stream("A ", TAG)) as model:
        async with served(tmp_path, llm=model.url) as server:
            await asked(server, None, X_OpenWebUI_User_Id="u1")
            await asked(server, None)
            assert {one[0] for one in await owners(server)} == {"local/u1", None}


async def test_each_user_has_turns_and_requests_of_their_own(tmp_path: Path) -> None:
    """One who asks for much takes nothing from the others behind the same token."""
    async with served(tmp_path, requests_per_token=1) as server:
        token = await add_token(server.library, "webui", now=1.0, front_end=True)
        known: dict[str, Any] = {"Authorization": f"Bearer {token}"}
        one, two = ({**known, "X-OpenWebUI-User-Id": user} for user in ("u1", "u2"))
        async with server.client.get(f"{server.address}/api/events", headers=one):
            assert await server.status("GET", "/api/chats", headers=one) == 429
            assert await server.status("GET", "/api/chats", headers=two) == 200


async def test_what_a_token_is_for_is_kept_with_it(tmp_path: Path) -> None:
    """And those of before are for neither."""
    async with served(tmp_path) as server:
        await add_token(server.library, "webui", now=1.0, front_end=True)
        await add_token(server.library, "boss", now=1.0, admin=True)
        await add_token(server.library, "anna", now=1.0)
        kept = await server.library.setting("tokens")
        kept["old"] = {"hash": "0" * 64, "created_at": 1.0}
        await server.library.set_setting("tokens", kept)
        told = {one.name: (one.front_end, one.admin) for one in await list_tokens(server.library)}
    assert told == {
        "webui": (True, False),
        "boss": (False, True),
        "anna": (False, False),
        "old": (False, False),
    }
