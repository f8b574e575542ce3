"""A place of pictures belongs to one library, and no other one removes anything there."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier

import pytest
from tests.storage.buckets.object_store import Bucket, bucket, object_store

from limner.errors import StorageForeign
from limner.storage import Library
from limner.storage.files.open_marker import OpenMarker
from limner.storage.files.picture_files import MARK, PictureFiles
from limner.storage.files.picture_store import PictureStore
from limner.storage.keeping.belonging import belong
from limner.testing.store_contract import a_message, a_slot

__all__ = ["bucket", "object_store"]

pytestmark = pytest.mark.real_time


def database(folder: Path, name: str) -> str:
    """The address of a library whose pictures may be anywhere."""
    return f"sqlite:///{folder / name}.db"


async def filled(place: str, pictures: Path | str) -> None:
    """A library with three pictures."""
    async with await Library.open(place, pictures=pictures) as library:
        await library.save(a_message("m", a_slot(pictures=3)))


def left_by_the_dead(pictures: Path) -> None:
    """As after a kill: the next one who opens the library removes what nothing refers to."""
    OpenMarker(pictures / ".open").abandon()


def there(pictures: Path) -> list[Path]:
    """The files of pictures."""
    return list(pictures.glob("??/*.png"))


@pytest.mark.parametrize("says", [True, False], ids=["marked", "of-an-older-limner"])
@pytest.mark.parametrize("other_is_filled", [True, False])
async def test_another_library_is_refused_and_removes_nothing(
    tmp_path: Path, says: bool, other_is_filled: bool
) -> None:
    """Also where the place does not say yet whose it is, and the library before was killed."""
    pictures = tmp_path / "shared"
    await filled(database(tmp_path, "one"), pictures)
    if other_is_filled:
        other = tmp_path / "elsewhere"
        async with await Library.open(database(tmp_path, "two"), pictures=other) as library:
            await library.save(a_message("n", a_slot("n", 7)))
    if not says:
        (pictures / MARK).unlink()
    left_by_the_dead(pictures)
    with pytest.raises(StorageForeign, match="another library") as refused:
        await Library.open(database(tmp_path, "two"), pictures=pictures)
    assert "\n" not in str(refused.value)
    assert len(there(pictures)) == 3
    async with await Library.open(database(tmp_path, "one"), pictures=pictures) as library:
        assert (await library.check()).is_sound
    assert len(there(pictures)) == 3


async def test_a_place_of_an_older_limner_is_opened_by_whose_pictures_are_in_it(
    tmp_path: Path,
) -> None:
    """And says so from then on; so does one that is empty."""
    pictures = tmp_path / "shared"
    await filled(database(tmp_path, "one"), pictures)
    (pictures / MARK).unlink()
    async with await Library.open(database(tmp_path, "one"), pictures=pictures):
        pass
    assert (pictures / MARK).is_file()


async def test_a_directory_holds_its_own_pictures_also_before_the_first_is_known(
    place: Path,
) -> None:
    """What a process left there that died, before there was a mark, is removed as ever."""
    async with await Library.open(place) as library:
        await library.save(a_message("m", a_slot(pictures=1)))
        await library.delete("m")
    (place / "pictures" / MARK).unlink()
    async with await Library.open(place) as library:
        assert (await library.gc(grace=0, keep_deleted=0)).pictures == 1


async def test_whoever_knows_better_writes_it_into_the_mark(tmp_path: Path) -> None:
    """The error says what to write and where: for a database that was made anew."""
    pictures = tmp_path / "shared"
    await filled(database(tmp_path, "one"), pictures)
    with pytest.raises(StorageForeign) as refused:
        await Library.open(database(tmp_path, "two"), pictures=pictures)
    words = str(refused.value).split()
    name, mark = words[words.index("write") + 1], words[-1]
    (pictures / Path(mark).name).write_text(name, "utf-8")
    async with await Library.open(database(tmp_path, "two"), pictures=pictures):
        pass


@pytest.mark.needs("obstore", "moto")
async def test_a_bucket_belongs_to_one_library_as_well(tmp_path: Path, bucket: Bucket) -> None:
    """The mark is an object there."""
    await filled(database(tmp_path, "one"), bucket.url)
    with pytest.raises(StorageForeign, match="another library"):
        await Library.open(database(tmp_path, "two"), pictures=bucket.url)
    async with await Library.open(database(tmp_path, "one"), pictures=bucket.url) as library:
        assert (await library.check()).is_sound


async def both_claim(one: PictureStore, two: PictureStore) -> None:
    """Two libraries that have both seen that a place is nobody's: one has it, the other is told."""
    claims = (belong(one, "one", set(), place="one"), belong(two, "two", set(), place="two"))
    told = await asyncio.gather(*claims, return_exceptions=True)
    refused = [error for error in told if error is not None]
    assert [type(error) for error in refused] == [StorageForeign]
    assert one.library() == ("two" if told[0] else "one")


async def test_of_two_that_claim_an_empty_place_at_once_one_has_it(tmp_path: Path) -> None:
    """Though both have looked whose it is before either has said."""
    looked = Barrier(2, timeout=10)

    class Awaited(PictureFiles):
        def digests(self) -> Iterator[str]:
            looked.wait()
            return super().digests()

    for folder in map(str, range(10)):
        (tmp_path / folder).mkdir()
        await both_claim(Awaited(tmp_path / folder), Awaited(tmp_path / folder))
        assert [file.name for file in (tmp_path / folder).iterdir()] == [MARK]


async def test_a_mark_that_says_nothing_is_no_claim(tmp_path: Path) -> None:
    """As a disk may leave it that was full."""
    (tmp_path / MARK).touch()
    await belong(PictureFiles(tmp_path), "one", set(), place="one")
    assert PictureFiles(tmp_path).library() == "one"


@pytest.mark.needs("obstore", "moto")
async def test_of_two_that_claim_an_empty_bucket_at_once_one_has_it(bucket: Bucket) -> None:
    """The store decides: it takes the mark only where there is none."""
    from limner.storage.bucket.picture_bucket import PictureBucket
    from limner.storage.database.bucket_address import BucketAddress

    looked = Barrier(2, timeout=10)

    class Awaited(PictureBucket):
        def digests(self) -> Iterator[str]:
            looked.wait()
            return super().digests()

    address = BucketAddress.of(bucket.url)
    await both_claim(Awaited(address), Awaited(address))


async def test_a_library_does_not_leave_its_pictures_behind(tmp_path: Path) -> None:
    """Given another place than its own folder it is refused until they are moved there."""
    place, elsewhere = tmp_path / "tales", tmp_path / "large"
    async with await Library.open(place) as library:
        await library.save(a_message("m", a_slot(pictures=1)))
    with pytest.raises(StorageForeign, match="move all that is there") as refused:
        await Library.open(place, pictures=elsewhere)
    assert str(place / "pictures") in str(refused.value)
    shutil.rmtree(elsewhere)
    (place / "pictures").rename(elsewhere)
    async with await Library.open(place, pictures=elsewhere) as library:
        assert (await library.check()).is_sound
