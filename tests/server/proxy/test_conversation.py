"""What a model is given of the conversation: its own tags, our instruction, and no picture."""

from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.server.proxy.streams import TAG, shown, ticket

from limner.prompts import tag_places
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.conversation import instructed, with_tags
from limner.server.proxy.desk import Remembered
from limner.testing import run_virtual

RAW = f"Once. \n\n{TAG}\n\nThen {TAG} she * <i>ran</i>. *  "


async def recall(ids: Sequence[str]) -> dict[str, Remembered]:
    """The tags of the raw text."""
    known = {ticket(0, i).id: Remembered(p, RAW) for i, p in enumerate(tag_places(RAW))}
    return {name: known[name] for name in ids if name in known}


def asked(body: bytes, instruction: str = "", depth: int = 0) -> bytes:
    """What the model server is sent."""
    made = run_virtual(with_tags(ChatRequest.read(body), recall=recall))
    return instructed(made, instruction, depth=depth).encoded()


def test_a_conversation_without_pictures_is_sent_to_the_byte() -> None:
    """Nothing is written anew that did not change."""
    body = b'{"messages": [ {"role":"assistant", "content":"a <b> ![c](http://x/d.png)"} ], "x":1}'
    assert asked(body) == body


@given(st.sampled_from(["\n\n", "\n", " ", "", "\r\n\r\n", "  \n\n\n"]))
def test_the_model_gets_exactly_its_own_words_back(gap: str) -> None:
    """Whatever became of the white space around a picture."""
    kept = shown(RAW).replace("\n\n![", gap + "![").replace("png)\n\n", "png)" + gap)
    messages = [
        {"role": "user", "content": "Go on."},
        {"role": "assistant", "content": kept.strip().replace(". *", ".*"), "name": "N"},
        {"role": "assistant", "content": [{"type": "text", "text": kept}]},
    ]
    sent = msgspec.json.decode(asked(msgspec.json.encode({"messages": messages})))
    assert sent["messages"][1] == {"role": "assistant", "content": RAW, "name": "N"}
    assert sent["messages"][2]["content"] == [{"type": "text", "text": RAW}]


def test_an_answer_that_was_edited_keeps_its_edits() -> None:
    """Only the pictures are turned back where the reader changed the words."""
    kept = shown(RAW).replace("Once", "Twice").rstrip()
    sent = msgspec.json.decode(asked(_story(kept)))
    assert sent["messages"][0]["content"] == RAW.replace("Once", "Twice").rstrip()


def _story(answer: str) -> bytes:
    return msgspec.json.encode({"messages": [{"role": "assistant", "content": answer}]})


def test_only_answers_are_changed_and_other_messages_keep_their_bytes() -> None:
    """What a user pastes is the user's."""
    link = f"![x]({ticket(0, 0).url})"
    user = b'{"role":  "user", "content": "%s", "w": 1.50}' % link.encode()
    answer = msgspec.json.encode({"role": "assistant", "content": f"Hm {link}"})
    sent = asked(b'{"messages": [%s, %s]}' % (user, answer))
    assert b'"content":"' + link.encode() in sent
    assert sent.count(b"![") == 1
    assert b'"w":1.50' in sent


def test_the_instruction_goes_to_its_depth() -> None:
    """Depth 0 is last, and more than there are messages is first."""
    body = b'{"messages": [{"role": "user", "content": "1"}, {"role": "user", "content": "2"}]}'
    for depth, place in ((0, 2), (1, 1), (9, 0)):
        sent = msgspec.json.decode(asked(body, "Draw.", depth))["messages"]
        assert sent[place] == {"role": "system", "content": "Draw."}


def test_messages_that_are_none_are_the_servers_to_refuse() -> None:
    """They are passed on as they are."""
    for body in (b'{"messages": "hi"}', b'{"messages": [1]}', b"{}"):
        assert asked(body, "Draw.") == (body if body != b"{}" else asked(b"{}", "Draw."))
