"""A conversation as JSON: all that is known, in a shape that is versioned."""

import json
from base64 import b64decode
from dataclasses import replace
from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.illustration.rendering.pages import illustrated, tag, without_picture

from limner.illustration import Message, PendingDrawing, Role, SlotState
from limner.illustration.rendering import json_pieces


def document(*messages: list[Message], **options: Any) -> Any:
    """The document, read back."""
    return json.loads("".join(json_pieces(messages, chat={"id": "c"}, **options)))


def test_everything_of_a_message_is_in_the_document() -> None:
    """Text, tags, prompt trees, alternatives, failures and what is pending."""
    made = illustrated(f'One {tag("a fox")} two <!--img-prompt="b" seed="3"-->.')
    first, second = made.slots
    first = replace(first, prompts=first.prompts.edited("a red fox").refined("x", "darker"))
    second = without_picture(second, SlotState.FAILED, "no paint")
    second = replace(second, pending=(PendingDrawing(attempt=4, replaces="z"),), attempts=5)
    found = document([replace(made, slots=(first, second), owner="ann")])
    assert (found["format"], found["version"], found["chat"]) == ("limner-chat", 1, {"id": "c"})
    (message,) = found["messages"]
    assert (message["role"], message["owner"], message["selected"]) == ("assistant", "ann", 0)
    (answer,) = message["answers"]
    assert answer["text"] == made.text
    assert answer["state"] == "complete"
    fox, other = answer["slots"]
    assert fox["prompts"]["current"] == 2
    assert [version["parent"] for version in fox["prompts"]["versions"]] == [None, 0, 1]
    assert fox["prompts"]["versions"][2]["feedback"] == "darker"
    assert made.text[fox["tag"]["start"] : fox["tag"]["end"]] == fox["tag"]["source"]
    (picture,) = fox["alternatives"]
    assert picture["picture"] == sha256(b"0").hexdigest()
    assert other["tag"]["attributes"] == {"seed": "3"}
    assert other["failure"] == {"kind": "BackendTimeout", "reason": "no paint"}
    assert other["pending"][0]["replaces"] == "z"
    assert other["attempts"] == 5
    assert found["pictures"] == {picture["picture"]: {"media_type": "image/png", "bytes": 1}}


def test_pictures_can_be_embedded() -> None:
    """Each once, however often it is used."""
    message = illustrated(tag("a"))
    again = replace(message, id="n")
    found = document([message], [again], embed=True)
    ((digest, picture),) = found["pictures"].items()
    assert b64decode(picture["data"]) == b"0"
    assert sha256(b"0").hexdigest() == digest


def test_all_answers_are_there_and_the_selected_one_is_named() -> None:
    """By default the last one counts as selected."""
    answers = [Message(id="m", variant=0, text="a"), Message(id="m", variant=2, text="b")]
    found = document(answers, selected={"m": 0})
    assert found["messages"][0]["selected"] == 0
    assert [a["variant"] for a in found["messages"][0]["answers"]] == [0, 2]
    assert document(answers)["messages"][0]["selected"] == 2


@given(st.text())
def test_any_text_comes_back(text: str) -> None:
    """Also what UTF-8 cannot carry: the document can always be written."""
    text += "\ud83d \ud83d\ude00"
    message = Message(id="m", text=text, role=Role.USER)
    written = "".join(json_pieces([[message]], chat={})).encode("utf-8")
    found = json.loads(written)["messages"][0]["answers"][0]["text"]
    assert found.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")
