"""A story of several turns, as a front-end and a model see it."""

import pytest
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, texts

from limner.prompts import META_PROMPT, Preset, find_pictures
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

PRESET = Preset(id="p", name="P", template="Ask like this: {tag_example}")
ANSWERS = [f"One.\n\n{TAG}\n\nMore {TAG} text.", f"{TAG} Two.  ", f"Three.\n{TAG}"]


@pytest.mark.parametrize("kept", [str, str.strip, lambda text: text.replace("\n\n", "\n")])
async def test_the_model_sees_its_own_words_and_never_a_picture(kept: object) -> None:
    """After three turns, whatever the front-end did to white space."""
    assert callable(kept)
    replies = [Reply.stream(*[text[i : i + 5] for i in range(0, len(text), 5)]) for text in ANSWERS]
    messages = [{"role": "user", "content": "Go."}]
    async with ChatServer([*replies, Reply.stream("The end.")]) as model:
        async with proxy(model, preset=PRESET) as limner:
            for _ in range(4):
                said = texts(await limner.ask(messages=messages))[0]
                messages += [
                    {"role": "assistant", "content": kept(said)},
                    {"role": "user", "content": "Go on."},
                ]
    seen = model.requests[3].body["messages"]
    assert [m["content"] for m in seen if m["role"] == "assistant"] == ANSWERS
    assert seen[-1]["role"] == "user"
    assert "<!--img-prompt=" in seen[-1]["content"]
    assert "![" not in str(model.requests[3].body)


async def test_a_continued_answer_keeps_its_tags() -> None:
    """A front-end that appends to an answer sends two of them as one."""
    replies = [Reply.stream(f"A {TAG} B"), Reply.stream(f"C {TAG} D"), Reply.stream("x")]
    async with ChatServer(replies) as model, proxy(model) as limner:
        said = "".join([texts(await limner.ask())[0] for _ in range(2)])
        await limner.ask(messages=[{"role": "assistant", "content": said}])
    assert model.requests[2].body["messages"][0]["content"] == f"A {TAG} BC {TAG} D"


async def test_an_answer_that_was_stopped_is_remembered_at_once() -> None:
    """The next question may follow within the same moment."""
    reply = Reply.stream(f"A {TAG} B and no more")
    async with ChatServer(reply) as model, proxy(model) as limner:
        asked = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
        response = await limner.client.post(f"{limner.url}/chat/completions", json=asked)
        sent = b""
        while b"![" not in sent:
            sent += await response.content.readany()
        response.close()
        await limner.ask(messages=[{"role": "assistant", "content": texts(sent)[0]}])
    assert TAG in model.requests[1].body["messages"][0]["content"]


async def test_side_requests_and_their_fields_arrive_to_the_byte() -> None:
    """No instruction, no restored tag, no changed number."""
    body = b'{"messages": [{"role":"user","content":"### Task: title"}], "stream":true, "x":1.50}'
    async with ChatServer(Reply.stream(TAG)) as model, proxy(model, preset=PRESET) as limner:
        response = await limner.client.post(f"{limner.url}/chat/completions", data=body)
        assert TAG.replace('"', '\\"').encode() in await response.read()
        assert limner.backend.calls == []
    assert model.requests[0].body["messages"] == [{"role": "user", "content": "### Task: title"}]


async def test_the_first_message_of_a_chat_gets_the_instruction() -> None:
    """R57, with the preset that is the default."""
    from limner.prompts import BUILT_IN

    async with ChatServer(Reply.stream("x")) as model, proxy(model, preset=BUILT_IN[0]) as limner:
        await limner.ask()
    told = f"Go.\n\n{META_PROMPT}"
    assert model.requests[0].body["messages"][-1] == {"role": "user", "content": told}


async def test_what_a_front_end_keeps_are_pictures_of_ours() -> None:
    """Ids are short; addresses hold nothing that a front-end marks up."""
    async with ChatServer(Reply.stream("A", TAG, TAG)) as model:
        async with proxy(model, public_url="http://my-host.lan:80/a/") as limner:
            text = texts(await limner.ask())[0]
    pictures = find_pictures(text)
    assert [len(picture.id or "") for picture in pictures] == [20, 20]
    assert len({picture.id for picture in pictures}) == 2
    assert text.count("](http://my-host.lan:80/a/images/") == 2
