"""What a model is given of the conversation: its own tags, our instruction, and no picture."""

import json
import time
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.proxy.streams import TAG, shown, ticket

from limner.errors import StorageUnavailable
from limner.prompts import tag_places
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.conversation import instructed, with_tags, without_links
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.recalled_picture import RecalledPicture
from limner.testing import run_virtual

RAW = f"Once. \n\n{TAG}\n\nThen {TAG} she * <i>ran</i>. *  "


async def recall(ids: Sequence[str]) -> dict[str, RecalledPicture]:
    """The tags of the raw text."""
    known = {ticket(0, i).id: RecalledPicture(p, RAW) for i, p in enumerate(tag_places(RAW))}
    return {name: known[name] for name in ids if name in known}


OWN = OwnAddress.of("http://127.0.0.1:8750", "limner:8750")
LINK = f"![x]({ticket(0, 0).url})"
LOST = f"{'f' * 40}.png"
"""The end of an address that nobody knows."""


def asked(body: bytes, instruction: str = "", depth: int = 0) -> bytes:
    """What the model server is sent for an answer that is illustrated."""
    made = run_virtual(with_tags(ChatRequest.read(body), recall=recall, own=OWN))
    return instructed(made, instruction, depth=depth).encoded()


def left_alone(body: bytes) -> bytes:
    """What it is sent for any other."""
    return run_virtual(without_links(ChatRequest.read(body), recall=recall, own=OWN)).encoded()


def test_a_conversation_without_pictures_is_sent_to_the_byte() -> None:
    """Nothing is written anew that did not change."""
    others = b"![c](https://cdn.example.org/images/deadbeef01.png) <img src=/images/fox.png>"
    body = b'{"messages": [ {"role":"assistant", "content":"a <b> %s"} ], "x":1.50}' % others
    assert asked(body) == left_alone(body) == body


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


ROLES = ("system", "developer", "user", "assistant", "tool", "function")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("form", [str, lambda text: [{"type": "text", "text": text}]])
def test_no_picture_of_ours_is_shown_to_a_model_whoever_says_it(role: str, form: Any) -> None:
    """It becomes its tag, or goes away; messages without one keep their bytes."""
    other = b'{"role":"user","content":"![x](https:\\/\\/h/images/ab.png)","w":1.50}'
    message = {"role": role, "content": form(f"Hm {LINK} so."), "name": "n"}
    body = b'{"messages": [%s, %s], "seed": 1e3}' % (other, msgspec.json.encode(message))
    for sent, text in ((asked(body), f"Hm \n\n{TAG}\n\nso."), (left_alone(body), "Hm so.")):
        assert json.loads(sent)["messages"][1] == message | {"content": form(text)}
        assert other in sent
        assert b'"seed":1e3' in sent


def test_a_picture_is_known_on_whatever_host_and_a_lost_one_at_our_address() -> None:
    """Nobody guesses an id; and what stands at our address was ours. All else stays."""
    places = {
        f"https://old.example/a{ticket(0, 0).url.removeprefix('http://127.0.0.1:8750')}": True,
        f"http://127.0.0.1:8750/images/{LOST}": True,
        f"https://127.0.0.1:8750/images/{LOST}?w=200": True,
        f"http://limner:8750/images/{LOST}": True,
        f"http://127.0.0.1:8751/images/{LOST}": False,
        f"http://127.0.0.1:8750/other/images/{LOST}": False,
        "http://127.0.0.1:8750/images/deadbeef01.png": False,
        f"https://cdn.example.org/images/{LOST}": False,
        f"/images/{LOST}": False,
    }
    for url, ours in places.items():
        for said in (f"A ![x]({url}) B", f"A {url} B", f'A <img src="{url}"> B'):
            body = _story(said)
            gone = json.loads(left_alone(body))["messages"][0]["content"]
            assert gone == ("A B" if ours else said)
            assert (url in asked(body).decode()) != ours


def test_a_picture_linked_to_our_page_goes_with_the_link() -> None:
    """A link of others around it stays."""
    body = _story(f"A [{LINK}](http://limner:8750/picture/7) B [{LINK}](https://x.example) C")
    sent = json.loads(left_alone(body))["messages"][0]["content"]
    assert sent == "A B [](https://x.example) C"


async def broken(ids: Sequence[str]) -> dict[str, RecalledPicture]:
    """A library that cannot be read."""
    raise StorageUnavailable("it is gone", place="here")


@pytest.mark.parametrize("rewritten", [with_tags, without_links])
def test_a_library_that_fails_shows_the_model_no_picture(rewritten: Any) -> None:
    """What stands at our address goes away; the question is asked all the same."""
    body = _story(f"A {LINK} B ![x](https://h/images/{LOST})")
    sent = run_virtual(rewritten(ChatRequest.read(body), recall=broken, own=OWN)).encoded()
    assert ticket(0, 0).id.encode() not in sent
    assert f"![x](https://h/images/{LOST})".encode() in sent


def test_the_library_is_not_asked_for_what_only_goes_away() -> None:
    """A title over a long chat costs no look-ups."""
    asked_for: list[str] = []

    async def noting(ids: Sequence[str]) -> dict[str, RecalledPicture]:
        asked_for.extend(ids)
        return {}

    body = _story(f"A {LINK} B ![x](https://h/images/{LOST}) ![x](https://h/images/{LOST})")
    run_virtual(without_links(ChatRequest.read(body), recall=noting, own=OWN))
    assert asked_for == ["f" * 40]


def test_the_result_of_a_tool_stays_json() -> None:
    """A tag has quotation marks, a front-end's JSON may have escaped slashes."""
    result = json.dumps({"chat": f"Hm {LINK}\n\nso."}).replace("/", "\\/")
    body = msgspec.json.encode({"messages": [{"role": "tool", "content": result}]})
    sent = json.loads(asked(body))["messages"][0]["content"]
    assert json.loads(sent) == {"chat": f"Hm \n\n{TAG}\n\nso."}
    sent = json.loads(left_alone(body))["messages"][0]["content"]
    assert json.loads(sent) == {"chat": "Hm so."}


def test_what_is_no_text_stays() -> None:
    """A picture that is attached to be looked at, and the arguments of a call."""
    url = ticket(0, 0).url
    messages = [
        {"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]},
        {"role": "assistant", "content": None, "tool_calls": [{"function": {"arguments": LINK}}]},
    ]
    body = msgspec.json.encode({"messages": messages})
    assert asked(body) == left_alone(body) == body


def test_the_prompt_of_a_plain_completion_shows_no_picture() -> None:
    """Whether it is one text or several; token numbers stay."""
    for prompt, sent in (
        (f"A {LINK} B", "A B"),
        ([f"A {LINK}", "B"], ["A", "B"]),
        ([1, 2], [1, 2]),
    ):
        body = msgspec.json.encode({"prompt": prompt, "echo": True})
        assert json.loads(left_alone(body)) == {"prompt": sent, "echo": True}


def steps(count: int) -> float:
    """Processor seconds that a history of so many turns takes: the least of three runs."""
    turn = [{"role": "user", "content": "Go on."}, {"role": "assistant", "content": shown(RAW)}]
    body = msgspec.json.encode({"messages": turn * count})
    times = []
    for _ in range(3):
        began = time.process_time()
        asked(body)
        left_alone(body)
        times.append(time.process_time() - began)
    return min(times)


def test_a_long_history_takes_no_more_than_linear_time() -> None:
    """Eight times the turns take nowhere near sixty-four times as long."""
    assert steps(800) <= 24 * steps(100) + 0.05


def test_the_instruction_goes_to_its_depth() -> None:
    """Depth 0 is last, and more than there are messages is first, where system messages stand."""
    body = (
        b'{"messages": [{"role": "user", "content": "1"}, {"role": "system", "content": "Now."},'
        b' {"role": "user", "content": "2"}]}'
    )
    for depth, place in ((0, 3), (1, 2), (9, 0)):
        sent = msgspec.json.decode(asked(body, "Draw.", depth))["messages"]
        assert sent[place] == {"role": "system", "content": "Draw."}


def test_where_user_and_model_take_turns_the_instruction_is_no_turn_of_its_own() -> None:
    """Mistral's and Gemma's templates refuse it; what is not changed stays as it came."""
    body = (
        b'{"messages": [{"role":"system","content":"Be kind."},'
        b'{"role":"user","content":"1", "n":1e3},{"role":"assistant","content":"A"},'
        b'{"role":"user","content":[{"type":"text","text":"2"}],"n":1e3}]}'
    )
    last = b'"content":[{"type":"text","text":"2"},{"type":"text","text":"Draw."}],"n":1e3}'
    assert last in asked(body, "Draw.")
    assert b'"content":"1\\n\\nDraw.","n":1e3' in asked(body, "Draw.", 1)
    assert b'"content":"Be kind.\\n\\nDraw."}' in asked(body, "Draw.", 9)
    alone = b'{"messages": [{"role":"user","content":"1"}]}'
    first = msgspec.json.decode(asked(alone, "Draw.", 1))["messages"]
    assert [message["role"] for message in first] == ["system", "user"]


def test_messages_that_are_none_are_the_servers_to_refuse() -> None:
    """They are passed on as they are."""
    for body in (b'{"messages": "hi"}', b'{"messages": [1]}', b"{}"):
        assert asked(body, "Draw.") == (body if body != b"{}" else asked(b"{}", "Draw."))
