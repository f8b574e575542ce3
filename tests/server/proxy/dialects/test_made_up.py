"""A protocol that nobody speaks: the one file of docs/protocols.md, and its line of a test."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.dialects import test_contract
from tests.server.proxy.dialects.speaking import Spoken, place
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG

from limner.server.proxy.dialects.every import DIALECTS
from limner.server.proxy.mode import Mode
from limner.testing.chat_server import ChatServer, Protocol

DOCS = Path(__file__).parents[4] / "docs/protocols.md"


def made_up() -> Any:
    """The dialect as it stands in the docs, without what shows it there."""
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    room: dict[str, Any] = {}
    exec(code.partition("async def main")[0], room)
    return room["Sayings"]()


def _events(pieces: Sequence[str]) -> list[bytes]:
    said = [{"thought": 'Hm. <!--img-prompt="no"-->'}, *({"say": piece} for piece in pieces)]
    lines = (*said, {"usage": len(pieces)}, {})
    return [json.dumps(one, ensure_ascii=False).encode() + b"\n" for one in lines]


SAYINGS = Spoken(
    made_up(),
    Protocol(
        name="sayings",
        media_type="application/x-ndjson",
        events=_events,
        whole=lambda text: json.dumps({"say": text}).encode(),
        error=lambda message: json.dumps({"error": message}).encode() + b"\n",
    ),
    lambda told: str(told.get("say", "")),
    lambda text: {"model": "m", "prompt": text, "stream": True},
    lambda body: str(body["prompt"]),
    lambda told: list(told).index({}) == len(told) - 1,
)
CONTRACT = [
    test_contract.test_tags_across_events_become_pictures_in_their_places,
    test_contract.test_every_event_is_one_of_the_protocol,
    test_contract.test_append_puts_pictures_behind_the_text_and_before_its_end,
    test_contract.test_a_cut_stream_gives_what_it_held,
    test_contract.test_what_tells_an_error_is_a_whole_one,
    test_contract.test_an_answer_that_is_whole_has_its_pictures,
    test_contract.test_what_is_told_besides_the_text_is_as_it_came_beside_pictures,
]


@pytest.mark.parametrize("rule", CONTRACT, ids=lambda rule: rule.__name__)
def test_it_keeps_the_contract(rule: Any) -> None:
    """With nothing but its line."""
    rule(SAYINGS)


@pytest.mark.parametrize("mode", [Mode.INLINE, Mode.OFF])
def test_a_stream_that_is_stopped_anywhere_ends_as_one_does(mode: Mode) -> None:
    """By the event of its own that says so."""
    test_contract.test_a_stream_that_is_stopped_anywhere_ends_as_one_does(SAYINGS, mode)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_without_a_tag_every_byte_is_as_it_came(size: int) -> None:
    """However it is cut."""
    test_contract.test_without_a_tag_every_byte_is_as_it_came(SAYINGS, size)


@pytest.mark.real_time
async def test_it_is_spoken_over_http() -> None:
    """Asked at its own path, of a server that is asked at its own."""
    server = ChatServer(SAYINGS.server.stream("A fox. ", TAG), rooted=["/say"])
    async with server, proxy(server, dialects=(*DIALECTS, SAYINGS.dialect)) as limner:
        url = place(limner, SAYINGS)
        async with limner.client.post(url, json=SAYINGS.asks("Go.")) as response:
            text = SAYINGS.text(await response.read())
    assert text.startswith("A fox. \n\n![a red fox")
    assert server.requests[0].path == "/say"
