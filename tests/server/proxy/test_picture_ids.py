"""The ids of pictures: short, not to be guessed, and those of before lead to where they led."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.served import served

from limner.illustration import Message
from limner.prompts import PICTURE_ID, find_links
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.picture_id import MOST, STEM, PictureId
from limner.storage import Library
from limner.testing.chat_server import ChatServer, Reply

TAG = '<!--img-prompt="a fox"-->'
SHORT = re.compile(r"/images/([0-9a-z]{1,20})\.png")
OLDER = ("0123456789abcdef0123456789ab0001", f"{'e' * 32}00020001")
"""An id of each older form, as they stand in the chats of those who have used it."""


@given(st.text("0123456789abcdef", min_size=32, max_size=32), *2 * [st.integers(0, 1023)])
def test_an_id_is_short_and_leads_back(message_id: str, variant: int, ordinal: int) -> None:
    """Twenty digits hold 80 bits of the message's id, the answer and the slot."""
    name = PictureId(message_id, variant, ordinal)
    written = name.written()
    assert re.fullmatch(r"[0-9a-z]{20}", written)
    assert re.fullmatch(PICTURE_ID, written)
    assert PictureId.read(written) == PictureId(message_id[:STEM], variant, ordinal)
    assert STEM * 4 >= 80


@given(st.text("0123456789abcdef", min_size=32, max_size=32), *2 * [st.integers(0, MOST)])
def test_numbers_that_have_no_room_make_it_longer(message_id: str, one: int, two: int) -> None:
    """Nothing that had an address before is without one."""
    read = PictureId.read(PictureId(message_id, one, two).written())
    assert read is not None
    assert (read.variant, read.ordinal) == (one, two)
    assert read.is_of(message_id)


def test_older_ids_are_read_for_ever() -> None:
    """Both forms name the same slots as ever, and are known as limner's."""
    first, second = map(PictureId.read, OLDER)
    assert first == PictureId("0123456789abcdef0123456789ab", 0, 1)
    assert second == PictureId("e" * 32, 2, 1)
    for one in (*OLDER, PictureId("e" * 32, 2, 1).written()):
        url = f"http://h/images/{one}.png"
        assert OwnAddress.of("http://h").shows(url)
        assert [link.id for link in find_links(f"See ![a fox]({url})")] == [one]
    for other in ("not-base-32-at-all-x", "twenty-one-digits-0000", "z" * 20, "a" * 21):
        assert PictureId.read(other) is None
        assert not OwnAddress.of("http://h").shows(f"http://h/images/{other}.png")


@pytest.mark.real_time
async def test_a_beginning_leads_to_its_message_if_it_is_the_only_one(tmp_path: Path) -> None:
    """It is looked up; what begins like two of them, or like none, leads nowhere."""
    async with await Library.open(tmp_path) as library:
        for name in ("0" * 32, "1" * 20, f"{'2' * 20}a", f"{'2' * 20}b", "3" * 19 + "4"):
            await library.save(Message(id=name, chat_id="c", text=""))
        asked = ["0" * 20, "1" * 20, "2" * 20, "3" * 20, "f" * 20]
        assert await library.whole_ids(asked) == {"0" * 20: "0" * 32, "1" * 20: "1" * 20}


@pytest.mark.real_time
async def test_pictures_have_short_addresses_that_outlive_the_server(tmp_path: Path) -> None:
    """The one in the text shows the picture, and names its slot to programs."""
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Go."}]}
    async with ChatServer(Reply.stream("A ", TAG, " B")) as model:
        async with served(tmp_path, llm=model.url) as server:
            async with server.client.post(f"{server.address}/v1/chat/completions", json=body) as a:
                text = (await a.read()).decode()
        (picture,) = SHORT.findall(text)
        async with served(tmp_path, llm=model.url) as server:
            async with server.client.get(f"{server.address}/images/{picture}.png") as shown:
                assert shown.headers["ETag"]
            place = f"{server.address}/api/pictures/by-id/"
            async with server.client.get(place + picture) as named:
                slot = await named.json()
            assert (slot["variant"], slot["ordinal"], slot["prompt"]) == (0, 0, "a fox")
            assert len(slot["message"]) == 32
            longer = f"{slot['message']}{0:08x}"
            async with server.client.get(place + longer) as named:
                assert (await named.json())["id"] == slot["id"]
            async with server.client.get(f"{server.address}/images/{longer}.png") as again:
                assert again.headers["ETag"] == shown.headers["ETag"]
            for wrong, status in (("0" * 20, 404), ("ab", 404), ("not-an-id", 422)):
                assert await server.status("GET", f"/api/pictures/by-id/{wrong}") == status
