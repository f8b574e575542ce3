"""What is known of a stream that has to be ended in its middle."""

import asyncio
import json
from typing import Any

import openai
import pytest
from tests.server.proxy.dialects.speaking import BY_NAME
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG
from tests.waiting import PATIENCE, until

from limner.server.proxy.dialects.message_so_far import MessageSoFar
from limner.server.proxy.dialects.response_so_far import MANY, ResponseSoFar
from limner.testing.chat_server import ChatServer, Hang

RESPONSES, MESSAGES = BY_NAME["openai responses"], BY_NAME["anthropic messages"]


def response(*events: Any) -> Any:
    """The response as it is told when it is stopped behind these events."""
    so_far = ResponseSoFar()
    for event in events:
        so_far.own(event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode())
    return RESPONSES.data(so_far.ending())[-1]["response"]


def delta(text: str, item: int = 0, part: int = 0) -> dict[str, Any]:
    """A piece of text."""
    where = {"output_index": item, "content_index": part, "item_id": f"msg_{item}"}
    return {"type": "response.output_text.delta", **where, "delta": text}


def test_a_long_text_is_told_whole() -> None:
    """However many pieces it came in."""
    pieces = [f"{at} " for at in range(3 * MANY)]
    (item,) = response(*RESPONSES.server.said(pieces))["output"][1:]
    assert item["content"][0]["text"] == "".join(pieces)


def test_texts_that_grow_by_turns_are_told_apart() -> None:
    """Parts of one message, of which one may be done."""
    parts = [
        {"type": "response.content_part.added", "output_index": 0, "content_index": at,
         "part": {"type": "output_text", "text": ""}}
        for at in (0, 1)
    ]  # fmt: skip
    item = {"id": "msg_0", "type": "message", "role": "assistant"}
    added = {"type": "response.output_item.added", "output_index": 0, "item": item}
    done = {**delta("", 0, 0), "type": "response.output_text.done", "text": "A fox."}
    said = [delta("A fox"), delta("An ", part=1), delta("."), done, delta("owl", part=1)]
    (told,) = response(added, *parts, *said)["output"]
    assert [one["text"] for one in told["content"]] == ["A fox.", "An owl"]


def test_what_a_server_leaves_out_is_no_reason_to_lose_a_text() -> None:
    """Some begin with the first piece."""
    (item,) = response(delta("A fox "), delta("ran."))["output"]
    assert [one["text"] for one in item["content"]] == ["A fox ran."]


def test_a_call_that_is_not_whole_is_not_made() -> None:
    """A program would run it with half of what it needs; one that is whole stays."""
    kind = {"type": "function_call", "name": "look", "call_id": "c", "arguments": ""}
    added = [{"type": "response.output_item.added", "output_index": at, "item": kind}
             for at in (0, 1)]  # fmt: skip
    whole = {**kind, "arguments": '{"at":"fox"}'}
    done = {"type": "response.output_item.done", "output_index": 0, "item": whole}
    assert response(added[0], done, added[1])["output"] == [whole]


def test_a_message_in_which_a_call_is_open_ends_with_it() -> None:
    """In the order in which blocks begin and end."""
    events = MESSAGES.server.events(["A fox."])
    at = next(at for at, one in enumerate(events) if b"input_json_delta" in one)
    so_far = MessageSoFar()
    sent = b"".join(so_far.own(event) for event in events[: at + 1])
    assert MESSAGES.ends_well(sent + so_far.ending())
    assert MESSAGES.data(so_far.ending())[0]["index"] == 2


@pytest.mark.parametrize("events", [0, 2])
def test_a_message_that_says_nothing_says_so(events: int) -> None:
    """With an empty text, behind a thought or alone: one without any is an error to its clients."""
    so_far = MessageSoFar()
    sent = b"".join(so_far.own(event) for event in MESSAGES.server.events(["A fox."])[:events])
    sent += so_far.ending()
    assert MESSAGES.ends_well(sent)
    blocks = [one["content_block"] for one in MESSAGES.data(sent) if "content_block" in one]
    assert [one["type"] for one in blocks][-1] == "text"


@pytest.mark.real_time
async def test_openais_client_has_the_whole_of_a_response_that_was_stopped() -> None:
    """Its last word is a response with all that was said, pictures included."""
    server = ChatServer(RESPONSES.server.stream("A fox ", TAG, Hang()))
    async with server, proxy(server) as limner:
        client = openai.AsyncOpenAI(base_url=limner.url, api_key="none", max_retries=0)
        async with client, client.responses.stream(model="m", input="Go.") as stream:
            async for event in stream:
                if "/images/" in getattr(event, "delta", ""):
                    await until(lambda: bool(limner.illustrator.sessions.active()))
                    for session in limner.illustrator.sessions.active():
                        session.stop_text("enough")
            final = await asyncio.wait_for(stream.get_final_response(), PATIENCE)
    assert final.status == "completed"
    assert final.output_text.startswith("A fox \n\n![a red fox")
