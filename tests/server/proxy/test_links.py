"""Pictures of ours in requests: whatever a request is for, no model is shown a link to one."""

from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, texts

from limner.prompts import Preset
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

PRESET = Preset(id="p", name="P", template="Draw.")
USER = {"role": "user", "content": "Go."}
TOOLS = [{"type": "function", "function": {"name": "look"}}]
OTHER = "![o](https://cdn.example.org/images/deadbeef01.png)"
ROLES = ("system", "developer", "user", "assistant", "tool")

ILLUSTRATED: list[dict[str, Any]] = [
    {},
    {"tools": TOOLS},
    {"model": "m:append"},
    {"model": "m:hold", "tools": TOOLS, "tool_choice": "required"},
    {"model": "m:inline", "stream": False},
    {"stream": False, "tools": TOOLS},
    {"stream": False},
]
LEFT_ALONE: list[dict[str, Any]] = [
    {"model": "m:off"},
    {"stream": False, "tools": TOOLS, "tool_choice": "required"},
    {"tools": TOOLS, "tool_choice": "required"},
    {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "look"}}},
    {"response_format": {"type": "json_object"}},
    {"grammar": "root ::= [0-9]"},
]


def said(role: str, text: str) -> dict[str, Any]:
    """A message, the text in a part of it where front-ends do that."""
    part = [{"type": "text", "text": text}]
    return {"role": role, "content": part if role in ("user", "tool") else text}


def text_of(message: dict[str, Any]) -> str:
    """What a message says."""
    content = message["content"]
    return str(content if isinstance(content, str) else content[0]["text"])


@pytest.mark.parametrize("fields", [*ILLUSTRATED, *LEFT_ALONE])
async def test_no_request_shows_a_model_a_picture_of_ours(fields: dict[str, Any]) -> None:
    """In every role and part; those of other sites stay, and so does everything else."""
    async with ChatServer(Reply.stream(f"A fox. {TAG} It ran.")) as model:
        async with proxy(model, preset=PRESET) as limner:
            shown = texts(await limner.ask())[0]
            assert "/images/" in shown
            history = [said(role, f"{shown}\n\n{OTHER} end") for role in ROLES]
            await limner.ask(messages=[*history, USER], **fields)
    asked = model.requests[1].body["messages"]
    left = f"A fox. {TAG} It ran." if fields in ILLUSTRATED else "A fox. It ran."
    assert [text_of(one) for one in asked[:5]] == [f"{left}\n\n{OTHER} end"] * 5
    assert [one["role"] for one in asked[5:]] == ["user"]
    assert asked[5]["content"].endswith("Draw.") is (fields in ILLUSTRATED)


@pytest.mark.parametrize(
    "asking",
    ["### Task:\nGenerate 1-3 broad tags for\n", "Generate a concise title for this chat:\n"],
)
async def test_side_requests_over_a_chat_show_none(asking: str) -> None:
    """Titles and tags are asked for with the whole chat in one message of the user."""
    async with ChatServer(Reply.stream(f"A fox. {TAG} It ran.")) as model:
        async with proxy(model, preset=PRESET) as limner:
            shown = texts(await limner.ask())[0]
            chat = f"{asking}USER: Go.\nASSISTANT: {shown}"
            await limner.ask(stream=False, messages=[{"role": "user", "content": chat}])
            async with limner.client.post(
                f"{limner.url}/completions", json={"prompt": shown}
            ) as response:
                await response.read()
                assert response.headers["X-Limner-Mode"] == "off; reason=unstreamed"
    (message,) = model.requests[1].body["messages"]
    assert message["content"] == f"{asking}USER: Go.\nASSISTANT: A fox. It ran."
    assert model.requests[2].body == {"prompt": "A fox. It ran."}


async def test_a_picture_of_another_limner_stays_a_link() -> None:
    """It knows the tag, this one does not; what it does not know is not its own."""
    story = Reply.stream(f"A fox. {TAG}")
    urls = ("http://127.0.0.1:8751", "http://127.0.0.1:8752")
    async with ChatServer(story) as model:
        async with proxy(model, public_url=urls[0]) as one, proxy(model, public_url=urls[1]) as two:
            shown = texts(await two.ask())[0]
            for stream in (True, False):
                await one.ask(messages=[said("assistant", shown), USER], stream=stream)
    for request in model.requests[1:]:
        assert request.body["messages"][0]["content"] == shown


async def test_a_picture_is_known_after_a_restart_under_another_name(tmp_path: Path) -> None:
    """The library knows its id, whatever the server was called when it was drawn."""
    async with ChatServer(Reply.stream(f"A fox. {TAG}")) as model:
        shown = ""
        for url in ("http://old.example:8750", "https://new.example/a"):
            async with await Library.open(tmp_path) as library:
                options: dict[str, Any] = {
                    "illustrator": {"store": library},
                    "pictures": {"library": library},
                    "public_url": url,
                }
                async with proxy(model, **options) as limner:
                    if shown:
                        await limner.ask(messages=[said("tool", shown), USER])
                        await limner.ask(messages=[said("tool", shown), USER], stream=False)
                    else:
                        shown = texts(await limner.ask())[0]
                    await limner.pictures.settled()
    assert "http://old.example:8750/images/" in shown
    told, gone = (text_of(request.body["messages"][0]) for request in model.requests[1:])
    assert (told, gone) == (f"A fox. {TAG}", "A fox.")


async def test_a_question_about_a_picture_begins_no_other_chat(tmp_path: Path) -> None:
    """What the user quotes is known again when it is asked once more."""
    replies = [Reply.stream(f"A fox. {TAG}"), Reply.stream("Red."), Reply.stream("Yes.")]
    async with ChatServer(replies) as model, await Library.open(tmp_path) as library:
        options: dict[str, Any] = {
            "illustrator": {"store": library},
            "pictures": {"library": library},
        }
        async with proxy(model, **options) as limner:
            first = texts(await limner.ask())[0]
            url = first.partition("(")[2].partition(")")[0]
            messages = [USER, said("assistant", first)]
            messages.append({"role": "user", "content": f"Is {url} red, as [here]({url})?"})
            await limner.pictures.settled()
            for _ in range(2):
                await limner.ask(messages=messages)
                await limner.pictures.settled()
            (chat,) = await library.chats()
            kept = await library.messages(chat.id)
            numbers = await library.variants(kept[-1].id)
    question = f"Is {TAG} red, as here?"
    assert [message.text for message in kept] == ["Go.", f"A fox. {TAG}", question, "Yes."]
    assert numbers == (0, 1)
