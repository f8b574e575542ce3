"""A picture that is drawn again is seen: the address stays, what it leads to does not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.server.painter import Painter, colour_of
from tests.server.served import Served, served
from tests.storage.conftest import file_of

from limner.illustration import SlotId
from limner.server.proxy.picture_id import PictureId
from limner.server.proxy.pictures.picture_variants import WIDTHS

pytestmark = pytest.mark.real_time

VARY = "Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, Origin"
ENCODINGS = ("image/png", "image/jpeg", "image/webp", "image/avif")
Key = tuple[str, int | None]


async def drawn(server: Served) -> tuple[str, SlotId]:
    """The address of a new picture, wider than all small versions, and its slot."""
    asked = {"prompt": "a fox", "size": "1344x64", "response_format": "url"}
    async with server.client.post(server.address + "/v1/images/generations", json=asked) as answer:
        url = str((await answer.json())["data"][0]["url"])
    name = PictureId.read(url.rpartition("/")[2].removesuffix(".png"))
    assert name is not None
    return url, SlotId(name.message_id, name.variant, name.ordinal)


def versions() -> Iterator[tuple[Key, str, dict[str, str]]]:
    """Every encoding and width there is: its name, its query, and what asks for it."""
    for encoding in ENCODINGS:
        for width in (None, *WIDTHS):
            query = "" if width is None else f"?w={width}"
            yield (encoding, width), query, {"Accept": encoding}


async def seen(server: Served, url: str) -> tuple[dict[Key, str], dict[Key, str]]:
    """The colour and the tag of every version."""
    colours, tags = {}, {}
    for key, query, headers in versions():
        async with server.client.get(url + query, headers=headers) as answer:
            assert (answer.status, answer.content_type) == (200, key[0])
            assert answer.headers["Cache-Control"] == "no-cache"
            assert answer.headers["Vary"] == VARY
            tags[key] = answer.headers["ETag"]
            colours[key] = colour_of(await answer.read())
        async with server.client.head(url + query, headers=headers) as head:
            for name in ("ETag", "Cache-Control", "Vary", "Content-Type", "Content-Length"):
                assert head.headers[name] == answer.headers[name], name
    return colours, tags


async def test_a_redrawn_picture_is_the_new_one_in_every_version(tmp_path: Path) -> None:
    """Drawn again, drawn beside the old one, chosen, taken back: each time what is shown comes."""
    async with served(tmp_path, backend=Painter(seconds=0.0)) as server:
        url, slot = await drawn(server)
        operations = server.running.services.illustrator.operations
        colours, tags = await seen(server, url)
        assert set(colours.values()) == {"red"}
        assert len(set(tags.values())) == len(tags)
        known = [tags]
        for change, colour in (
            (operations.regenerate(slot, mode="replace"), "blue"),
            (operations.regenerate(slot, mode="append"), "green"),
            (operations.select(slot, 0), "blue"),
            (operations.undo(slot.message_id), "green"),
        ):
            await change
            colours, now = await seen(server, url)
            assert set(colours.values()) == {colour}
            assert set(now.values()).isdisjoint(known[-1].values())
            known.append(now)
        assert known[2] == known[4]


async def test_who_has_the_picture_is_told_so_until_it_is_another(tmp_path: Path) -> None:
    """With the tag of a version, and of no other version."""
    async with served(tmp_path, backend=Painter(seconds=0.0)) as server:
        url, slot = await drawn(server)
        _, tags = await seen(server, url)
        for after, status in (("nothing", 304), ("a redrawing", 200)):
            if after != "nothing":
                await server.running.services.illustrator.operations.regenerate(slot)
            for key, query, headers in versions():
                has = headers | {"If-None-Match": tags[key]}
                assert await server.status("GET", url_path(url) + query, headers=has) == status
                assert await server.status("HEAD", url_path(url) + query, headers=has) == status
        wrong = {"Accept": "image/webp", "If-None-Match": tags["image/png", None]}
        assert await server.status("GET", url_path(url), headers=wrong) == 200


async def test_telling_so_reads_no_file(tmp_path: Path) -> None:
    """Nor does it encode anything. Where the file is lost, nobody keeps what is shown instead."""
    async with served(tmp_path, backend=Painter(seconds=0.0)) as server:
        url, _ = await drawn(server)
        _, tags = await seen(server, url)
        entries = await server.library.pictures()
        file_of(entries[0].image).unlink()
    async with served(tmp_path, backend=Painter(seconds=0.0)) as server:
        for key, query, headers in versions():
            path = url_path(url) + query
            has = headers | {"If-None-Match": tags[key]}
            assert await server.status("GET", path, headers=has) == 304
            async with server.client.get(server.address + path, headers=headers) as answer:
                assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
                assert "ETag" not in answer.headers


async def test_a_page_that_may_reads_pictures_however_they_came_into_its_cache(
    tmp_path: Path,
) -> None:
    """Those of a slot are open to all; the answer by content depends on the page, and says so."""
    page = {"Origin": "https://chat.example"}
    painter = Painter(seconds=0.0)
    async with served(tmp_path, backend=painter, origins=["https://chat.example"]) as server:
        url, _ = await drawn(server)
        (entry,) = await server.library.pictures()
        for headers in (page, {}):
            async with server.client.get(server.address + url_path(url), headers=headers) as answer:
                assert answer.headers.getall("Access-Control-Allow-Origin") == ["*"]
                assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
                assert answer.headers.getall("Vary") == [VARY]
            by_content = f"{server.address}/api/pictures/{entry.digest}"
            async with server.client.get(by_content, headers=headers) as answer:
                told = answer.headers.get("Access-Control-Allow-Origin")
                assert told == headers.get("Origin")
                assert answer.headers.getall("Vary") == ["Origin"]
                assert "immutable" in answer.headers["Cache-Control"]


def url_path(url: str) -> str:
    """The path of a picture's address."""
    return "/images/" + url.rpartition("/")[2]
