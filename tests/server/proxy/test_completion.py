"""Answers that are not streamed: pictures in every choice, and nothing else changed."""

import json

from tests.server.proxy.streams import TAG, RecordingSink, shown, ticket

from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.mode import Mode
from limner.server.proxy.pictures.picture_sink import AnswerState
from limner.server.proxy.protocol.completion import rewrite_completion


def completion(*contents: object) -> bytes:
    """An answer with one choice for each content."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": content, "refusal": None}}
        for i, content in enumerate(contents)
    ]
    body = json.dumps({"id": "x", "choices": choices, "usage": {"cost": 1}})
    return body.replace("1}}", "1.10}}").encode()


def test_without_a_tag_not_one_byte_changes() -> None:
    """Text, no text, half answers and what is no answer leave as they came."""
    for body in (completion("a <b>", None, []), b"\n\n{}", b"no JSON", b'{"choices": 1}'):
        assert rewrite_completion(body, RecordingSink(), OPENAI_CHAT) == (body, [])


def test_every_choice_gets_its_pictures() -> None:
    """Each is scanned by itself, and its pictures are counted by themselves."""
    sink = RecordingSink()
    raw = [f"A{TAG}B{TAG}", f"{TAG}", "plain"]
    body, tickets = rewrite_completion(completion(*raw), sink, OPENAI_CHAT)
    answer = json.loads(body)
    contents = [choice["message"]["content"] for choice in answer["choices"]]
    assert contents == [shown(text, i) for i, text in enumerate(raw)]
    assert tickets == [ticket(0, 0), ticket(0, 1), ticket(1, 0)]
    assert dict(sink.texts) == dict(enumerate(raw))
    assert set(sink.ended.values()) == {AnswerState.COMPLETE}
    assert b'"usage":{"cost": 1.10}' in body


def test_append_puts_the_pictures_last() -> None:
    """All behind the text."""
    body, _ = rewrite_completion(
        completion(f"A{TAG}B"), RecordingSink(), OPENAI_CHAT, mode=Mode.APPEND
    )
    assert json.loads(body)["choices"][0]["message"]["content"].startswith("AB\n\n![")


def test_parts_stay_parts() -> None:
    """A tag may even stand in two of them."""
    picture = {"type": "image_url", "image_url": {"url": "x"}}
    parts = [{"type": "text", "text": TAG[:9]}, picture, {"type": "text", "text": TAG[9:] + "!"}]
    body, _ = rewrite_completion(completion(parts), RecordingSink(), OPENAI_CHAT)
    made = json.loads(body)["choices"][0]["message"]["content"]
    assert made[0]["text"] == ""
    assert made[1] == picture
    assert made[2]["text"] == shown(TAG + "!")
