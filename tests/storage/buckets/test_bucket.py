"""Libraries whose pictures are in a bucket: what they promise, and what happens to the store."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import obstore
import pytest
from sqlalchemy import Connection, func, select
from tests.storage.buckets.object_store import (
    Bucket,
    Line,
    bucket,
    new_bucket,
    object_store,
    running_object_store,
)
from tests.storage.conftest import MakeLibrary
from tests.storage.test_gallery import painted, showing
from tests.waiting import until

from limner.errors import PictureMissing, StorageUnavailable
from limner.illustration import Endurance, StoreKeeper
from limner.storage import Library
from limner.storage.database.tables import loose_pictures
from limner.storage.keeping import in_bucket, loose
from limner.storage.keeping.forgetting import forget_deleted, forget_pictures
from limner.testing.store_contract import CHECKS, Check, a_message, a_picture, a_slot
from limner.testing.store_contract.samples import loaded

__all__ = ["bucket", "object_store"]

pytestmark = [pytest.mark.real_time, pytest.mark.needs("obstore", "moto")]


@pytest.fixture(params=["sqlite", "postgres"])
def make_library(request: pytest.FixtureRequest, bucket: Bucket) -> MakeLibrary:
    """Opens one and the same library, each time it is called."""
    place = request.getfixturevalue("place" if request.param == "sqlite" else "postgres")

    @asynccontextmanager
    async def make() -> AsyncIterator[Library]:
        async with await Library.open(place, pictures=bucket.url) as library:
            yield library

    return make


async def noted(library: Library) -> int:
    """How many pictures are being placed or removed."""
    query = select(func.count()).select_from(loose_pictures)
    return await library._read(lambda connection: connection.execute(query).scalar_one())


async def overdue(library: Library) -> None:
    """Let all that was announced be over, as after an hour."""
    await library._at_length(
        lambda connection: connection.execute(loose_pictures.update().values(until=0.0)).close()
    )


@pytest.mark.parametrize("make_library", ["sqlite"], indirect=True)
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_they_keep_the_promises_of_stores(make_library: MakeLibrary, check: Check) -> None:
    """Libraries do what every store must, wherever their pictures are.

    What the database adds to that, `test_contract` looks at, and the tests below.
    """
    async with make_library() as library:
        await check(library)
        assert await noted(library) == 0


async def test_a_picture_is_an_object_named_by_its_content(
    make_library: MakeLibrary, bucket: Bucket
) -> None:
    """Below the prefix, with its media type; whoever opens the library reads it from there."""
    async with make_library() as library:
        await library.save(a_message("m", a_slot(pictures=1)))
    async with make_library() as library:
        image = (await loaded(library)).slots[0].image
        assert image is not None
        assert image.data == a_picture().data
        (entry,) = await library.pictures()
        (name,) = bucket.names()
        assert name == f"{entry.digest[:2]}/{entry.digest[2:]}.png"
        assert str(entry.image.path) == f"s3://{bucket.name}/tales/{name}"
        about = obstore.get(bucket.store(), name)
        assert about.attributes["Content-Type"] == "image/png"
        assert library.pictures_place == f"s3://{bucket.name}/tales"


async def test_thumbnails_are_objects_too(make_library: MakeLibrary, bucket: Bucket) -> None:
    """Made once, and removed with their picture."""
    async with make_library() as library:
        await library.save(
            a_message("m", replace(a_slot(), alternatives=showing(painted(600, 300))))
        )
        (entry,) = await library.pictures()
        small = await library.thumbnail(entry.digest, side=64)
        assert await library.thumbnail(entry.digest, side=64) == small
        assert len(bucket.names()) == 2
        await library.delete("m")
        found = await library.gc(grace=0, keep_deleted=0, dry_run=True)
        assert len(bucket.names()) == 2
        removed = await library.gc(grace=0, keep_deleted=0)
        assert removed == found
        assert (removed.messages, removed.pictures, removed.thumbnails) == (1, 1, 1)
        assert removed.bytes == entry.size + len(small)
        assert bucket.names() == []
        assert await noted(library) == 0


async def test_only_what_nothing_refers_to_is_removed(
    make_library: MakeLibrary, bucket: Bucket
) -> None:
    """Not what an undo could bring back, not what is young, and nothing that is no picture."""
    async with make_library() as library:
        await library.save(a_message("m", a_slot(pictures=2)))
        stray = "ab/" + "0" * 62 + ".png"
        for name in (stray, "notes.txt", "ab/short.png"):
            obstore.put(bucket.store(), name, b"stray")
        assert (await library.gc()).pictures == 0  # it is noted, and may be young
        assert (await library.check()).orphans == (stray,)
        await overdue(library)
        assert (await library.gc()).pictures == 1
        assert len(bucket.names()) == 4
        report = await library.check()
        assert (report.pictures, report.orphans, report.is_sound) == (2, (), True)


async def test_what_is_missing_or_damaged_is_told(
    make_library: MakeLibrary, bucket: Bucket
) -> None:
    """By its digest; looking at it says what to do; keeping the same picture again mends it."""
    async with make_library() as library:
        await library.save(a_message("m", a_slot(pictures=2)))
        second, first = await library.pictures()
        obstore.delete(bucket.store(), first.image.path.key)  # type: ignore[attr-defined]
        obstore.put(bucket.store(), second.image.path.key, b"?")  # type: ignore[attr-defined]
        report = await library.check()
        assert (report.missing, report.damaged) == ((first.digest,), (second.digest,))
        assert not report.is_sound
        for entry in (first, second):
            with pytest.raises(PictureMissing, match="restore it from a backup, or draw it again"):
                _ = entry.image.data
        await library.save(a_message("n", a_slot("n", pictures=2)))
        assert (await library.check()).is_sound


async def test_what_a_dead_process_placed_is_removed_after_an_hour(
    make_library: MakeLibrary, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By rows and the database's clock: nobody asks the store how old it is."""
    monkeypatch.setattr(in_bucket.BucketKeeping, "_end_placing", _dies)
    async with make_library() as library:
        async with library._keeping.placing([a_picture()]):
            pass
        assert (await library.gc(grace=0)).pictures == 0
        assert len(bucket.names()) == 1
        await overdue(library)
        assert (await library.gc()).pictures == 1
        assert bucket.names() == []


async def _dies(*_: object) -> None:
    """Nothing is told any more."""


async def test_a_picture_is_not_placed_while_the_same_one_is_removed(
    make_library: MakeLibrary, bucket: Bucket
) -> None:
    """Whoever places it waits until it is gone; if the cleaner died, for a minute."""
    key = (a_message("m", a_slot(pictures=1)).slots[0], a_picture())
    async with make_library() as here, make_library() as there:
        await here.save(a_message("m", key[0]))
        (entry,) = await here.pictures()
        await here.delete("m")
        gone = (entry.digest, "image/png")
        await here._at_length(lambda connection: _taken(connection, gone))
        placing = asyncio.create_task(there.save(a_message("n", a_slot("n", pictures=1))))
        await until(lambda: noticed(there))
        assert not placing.done()
        await here._keeping._remove([gone])  # type: ignore[attr-defined]
        await placing
        assert len(bucket.names()) == 1
        assert (await there.check()).is_sound
        assert await noted(there) == 0


async def noticed(library: Library) -> bool:
    """Whether a picture is being removed."""
    return await noted(library) == 1


def _taken(connection: Connection, key: tuple[str, str]) -> None:
    forget_deleted(connection, 1e12)
    assert forget_pictures(connection, 1e12) == [key]
    loose.loosen(connection, [key], 0.0)
    assert loose.claim(connection, 1, 60.0) == [key]


async def test_a_picture_on_its_way_is_no_stray(make_library: MakeLibrary, bucket: Bucket) -> None:
    """However it is cleaned meanwhile, also if it was there before and was not needed any more."""
    async with make_library() as here, make_library() as there:
        await here.save(a_message("m", a_slot(pictures=1)))
        await here.delete("m")
        async with here._keeping.placing([a_picture()]):
            removed = await there.gc(grace=0, keep_deleted=0)
            assert (removed.messages, removed.pictures) == (1, 0)
            assert len(bucket.names()) == 1
            assert (await there.check()).pictures == 1  # whoever places it may count on its row
        assert (await there.gc(grace=0)).pictures == 1
        assert bucket.names() == []


async def test_an_erased_picture_is_gone_from_the_bucket(
    make_library: MakeLibrary, bucket: Bucket
) -> None:
    """Unless another place shows it."""
    async with make_library() as library:
        for name in "ab":
            await library.save(a_message(name, a_slot(name, pictures=1)))
        image = a_picture()
        assert not await library.erase("a", image)
        for name in "ab":
            await library.save(a_message(name, a_slot(name)))
        assert await library.erase("a", image)
        assert bucket.names() == []
        assert not await library.erase("a", image)


async def test_a_store_that_is_away_is_waited_for(postgres: str, bucket: Bucket) -> None:
    """Nothing is lost and nothing counts as missing; when it is back all goes on."""
    async with Line(bucket.endpoint).running() as line:
        place = bucket.over(line.endpoint).url
        async with await Library.open(postgres, pictures=place) as library:
            await library.save(a_message("m", a_slot(pictures=1)))
            (entry,) = await library.pictures()
            line.cut()
            with pytest.raises(
                StorageUnavailable, match="cannot be reached; look at it and at the"
            ):
                await asyncio.to_thread(lambda: entry.image.data)
            with pytest.raises(StorageUnavailable):
                await library.probe()
            keeper = StoreKeeper(Endurance(timeout=60))
            keeping = asyncio.create_task(
                keeper.keep(lambda: library.save(a_message("n", a_slot("n", pictures=2))))
            )
            refused = line.refused
            await until(lambda: line.refused > refused)
            assert await library.load("m") is not None
            assert not keeping.done()
            line.mend()
            await keeping
            assert (await library.check()).pictures == 2
            assert await noted(library) == 0


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ({"endpoint": "http://127.0.0.1:1"}, "object store cannot be reached"),
        ({"name": "nobody-made-it"}, "there is no such bucket: make it, or name another"),
    ],
)
async def test_what_is_wrong_with_a_bucket_is_told_in_a_line(
    bucket: Bucket, tmp_path: Path, bad: dict[str, str], told: str
) -> None:
    """When the library is opened, and without a secret."""
    with pytest.raises(StorageUnavailable, match=told) as caught:
        await Library.open(tmp_path, pictures=replace(bucket, **bad).url)
    assert "\n" not in str(caught.value)
    assert "a secret" not in str(caught.value)


async def test_a_wrong_key_is_told_in_a_line(bucket: Bucket, tmp_path: Path) -> None:
    """And what to look at; the key itself is not."""
    with running_object_store(INITIAL_NO_AUTH_ACTION_COUNT="1") as strict:
        locked = await asyncio.to_thread(new_bucket, strict)
        with pytest.raises(StorageUnavailable, match="AWS_ACCESS_KEY_ID and AWS_SECRET") as caught:
            await Library.open(tmp_path, pictures=locked.url)
    assert str(caught.value).startswith(
        f"the pictures in s3://{locked.name}/tales cannot be used: "
    )
    assert "\n" not in str(caught.value)
    assert "limner" not in str(caught.value).partition("used: ")[2].replace("let limner in", "")


async def test_others_who_have_it_open_are_known_by_rows(postgres: str, bucket: Bucket) -> None:
    """As long as they are heard; no file says it, as there is none."""
    async with await Library.open(postgres, pictures=bucket.url) as here:
        await here.join("me")
        assert not await here.is_open_elsewhere()
        async with await Library.open(postgres, pictures=bucket.url) as there:
            assert await here.is_open_elsewhere()
            assert await there.is_open_elsewhere()
        assert not await here.is_open_elsewhere()


async def test_a_library_moves_between_files_and_a_bucket(
    postgres: str, bucket: Bucket, tmp_path: Path
) -> None:
    """All pictures come along, both ways."""
    async with (
        await Library.open(tmp_path / "old") as old,
        await Library.open(postgres, pictures=bucket.url) as there,
        await Library.open(tmp_path / "new") as new,
    ):
        await old.save(a_message("m", *(a_slot("m", at, pictures=2) for at in range(5))))
        copied = await old.copy_to(there)
        assert (copied.pictures, copied.missing) == (10, ())
        assert len(bucket.names()) == 10
        assert await noted(there) == 0
        assert (await there.copy_to(new)).pictures == 10
        for library in (there, new):
            assert (await library.check()).is_sound
            assert await loaded(library) == await loaded(old)
