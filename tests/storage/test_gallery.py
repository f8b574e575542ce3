"""Pictures apart from their messages: listed, made small, kept once, cleaned up."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pillow
from tests.storage.conftest import MakeLibrary, directory, file_of

from limner.errors import PictureMissing, StorageCorrupt
from limner.illustration import Alternative, Change, Failure, Image, SlotId, SlotState
from limner.storage import Library, StoredImage
from limner.testing.store_contract import WILD, a_message, a_picture, a_slot

pytestmark = pytest.mark.real_time


def painted(width: int, height: int, mode: str = "RGB") -> Image:
    """A real picture."""
    out = io.BytesIO()
    Pillow.new(mode, (width, height), "red").save(out, "PNG")
    return Image(data=out.getvalue(), media_type="image/png", width=width, height=height)


def showing(image: Image, message_id: str = "m") -> tuple[Alternative, ...]:
    """The picture as a slot's only one."""
    return (Alternative(image, "a fox", id=f"of {message_id}"),)


async def test_the_newest_pictures_come_first(make_library: MakeLibrary) -> None:
    """Pages go back in time without gap or repetition, over all chats or in one."""
    async with make_library() as library:
        for number, name in enumerate("abc"):
            message = replace(a_message(name, a_slot(name, pictures=2)), chat_id=str(number % 2))
            await library.save(message)
        entries = await library.pictures()
        assert [entry.slot_id.message_id for entry in entries] == list("ccbbaa")
        assert [entry.alternative_id for entry in entries] == ["0-1", "0-0"] * 3
        assert [entry.selected for entry in entries] == [True, False] * 3
        paged, after = [], None
        while page := await library.pictures(limit=4, after=after):
            paged += page
            after = page[-1].number
        assert paged == entries
        assert [entry.slot_id.message_id for entry in await library.pictures(chat_id="1")] == [
            "b", "b",
        ]  # fmt: skip
        first = entries[0]
        assert (first.prompt, first.chat_id, first.size) == ("fox 0", "0", len(a_picture(1).data))
        assert first.image.data == a_picture(1).data
        await library.delete("c")
        assert [entry.slot_id.message_id for entry in await library.pictures()] == list("bbaa")


async def test_drawing_again_moves_only_the_new_picture(make_library: MakeLibrary) -> None:
    """Pictures keep their place in time when their slot is saved again."""
    async with make_library() as library:
        await library.save(a_message("a", a_slot("a", pictures=1)))
        await library.save(a_message("b", a_slot("b", pictures=1)))
        await library.save_slots(a_slot("a", pictures=2))
        found = [(entry.slot_id.message_id, entry.alternative_id) for entry in
                 await library.pictures()]  # fmt: skip
        assert found == [("a", "0-1"), ("b", "0-0"), ("a", "0-0")]


async def test_failures_are_listed_with_their_reason(make_library: MakeLibrary) -> None:
    """Every slot that failed is named with the prompt it has now and why."""
    slot = a_slot("m", 1)
    slot = replace(
        slot,
        prompts=slot.prompts.edited("a red fox"),
        state=SlotState.FAILED,
        failure=Failure("BackendTimeout", WILD),
    )
    async with make_library() as library:
        await library.save(a_message("m", a_slot(), slot))
        (found,) = await library.failed_slots()
        assert found.slot_id == SlotId("m", 0, 1)
        assert (found.chat_id, found.prompt) == ("chat", "a red fox")
        assert found.failure == Failure("BackendTimeout", WILD)
        assert await library.failed_slots("chat") == [found]
        assert await library.failed_slots("other") == []


async def test_equal_pictures_share_a_file(place: Path) -> None:
    """A picture is written once, whoever draws it, and its name says what is in it."""
    async with await Library.open(place) as library:
        for name in "ab":
            await library.save(a_message(name, a_slot(name, pictures=1)))
        (first, second) = await library.pictures()
        (file,) = directory(library).pictures()
        assert first.image.path == second.image.path == file
        assert file == place / "pictures" / first.digest[:2] / f"{first.digest[2:]}.png"


async def test_saving_a_read_picture_touches_no_file(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading a chat reads no picture, and saving it again neither reads nor writes one."""
    async with await Library.open(place) as library:
        await library.save(a_message("m", a_slot(pictures=2)))

        def refuse(*_: object) -> bytes:
            raise AssertionError("a file was touched")

        monkeypatch.setattr(Path, "read_bytes", refuse)
        monkeypatch.setattr("limner.storage.files.picture_files.write", refuse)
        (message,) = await library.messages("chat")
        await library.save_slots(*message.slots)
        await library.save(message)
        assert await library.messages("chat") == [message]


async def test_a_picture_of_another_library_is_copied(place: Path, tmp_path: Path) -> None:
    """A message that is carried over takes its pictures along."""
    async with await Library.open(place) as here, await Library.open(tmp_path / "b") as there:
        await here.save(a_message("m", a_slot(pictures=1)))
        (message,) = await here.messages("chat")
        await there.save(message)
        assert await there.messages("chat") == [message]
        assert (await there.check()).is_sound
        assert (await there.check()).pictures == 1


async def test_unknown_kinds_of_pictures_get_a_harmless_name(place: Path) -> None:
    """What a server calls its picture never becomes part of a path."""
    image = replace(a_picture(), media_type="../../evil\x00/png")
    async with await Library.open(place) as library:
        await library.save(a_message("m", replace(a_slot(), alternatives=showing(image))))
        (entry,) = await library.pictures()
        assert entry.image == image
        assert entry.image.path.suffix == ".bin"
        assert file_of(entry.image).is_relative_to(place / "pictures")


async def test_thumbnails_are_made_once(make_library: MakeLibrary) -> None:
    """A thumbnail is WebP with the longer side as asked, never enlarged, and kept as a file."""
    async with make_library() as library:
        wide, small = painted(600, 300, "RGBA"), painted(20, 10)
        await library.save(a_message("m", replace(a_slot(), alternatives=showing(wide))))
        await library.save(a_message("n", replace(a_slot("n"), alternatives=showing(small, "n"))))
        sizes = {}
        for entry in await library.pictures():
            data = await library.thumbnail(entry.digest)
            with Pillow.open(io.BytesIO(data)) as picture:
                sizes[entry.slot_id.message_id] = (picture.format, picture.size)
            file_of(entry.image).unlink()
            assert await library.thumbnail(entry.digest) == data, "it was kept"
        assert sizes == {"m": ("WEBP", (256, 128)), "n": ("WEBP", (20, 10))}
        with pytest.raises(PictureMissing):
            await library.thumbnail("ab" * 32)
        with pytest.raises(ValueError, match="16 to 1024"):
            await library.thumbnail("ab" * 32, side=5)


async def test_what_is_no_picture_has_no_thumbnail(place: Path) -> None:
    """Bytes that cannot be read as a picture give a typed error."""
    async with await Library.open(place) as library:
        image = replace(a_picture(), data=b"not a picture")
        await library.save(a_message("m", replace(a_slot(), alternatives=showing(image))))
        (entry,) = await library.pictures()
        with pytest.raises(StorageCorrupt):
            await library.thumbnail(entry.digest)


async def test_cleaning_removes_what_nothing_refers_to(make_library: MakeLibrary) -> None:
    """Deleted messages go when their time is over, with pictures and thumbnails nobody else has."""
    async with make_library() as library:
        image = painted(30, 30)
        await library.save(a_message("m", replace(a_slot(), alternatives=showing(image))))
        await library.save(a_message("n", a_slot("n", pictures=1)))
        digest = (await library.pictures())[1].digest
        await library.thumbnail(digest)
        await library.delete("m")
        kept = await library.gc(grace=-60.0)
        assert (kept.messages, kept.pictures) == (0, 0), "it can still be restored"
        removed = await library.gc(grace=-60.0, keep_deleted=-60.0)
        assert (removed.messages, removed.pictures, removed.thumbnails) == (1, 1, 1)
        assert removed.bytes > len(image.data)
        assert not await library.restore("m")
        assert len(list(directory(library).pictures())) == 1
        assert list(directory(library).thumbnails()) == []
        assert (await library.check()).is_sound


async def test_young_files_are_left_alone(place: Path) -> None:
    """A file that was written just now may be on its way into a message."""
    async with await Library.open(place) as library:
        await library.save(a_message("m", a_slot(pictures=1)))
        await library.save(a_message("m", a_slot()))
        assert (await library.gc()).pictures == 0
        assert (await library.gc(grace=-60.0)).pictures == 1


async def test_pictures_an_undo_needs_stay(make_library: MakeLibrary) -> None:
    """Cleaning takes no picture that can come back by an undo or a redo."""
    before, after = a_slot(pictures=1), a_slot()
    async with make_library() as library:
        await library.save(a_message("m", before))
        await library.save_slots(after, change=Change(kind="x", before=(before,), after=(after,)))
        assert (await library.gc(grace=-60.0, keep_deleted=-60.0)).pictures == 0
        await library.undo("m")
        message = await library.load("m")
        assert message is not None
        image = message.slots[0].image
        assert isinstance(image, StoredImage)
        assert image.data == a_picture().data


async def test_a_picture_whose_file_is_gone_is_not_offered_again(place: Path) -> None:
    """A request that was drawn before is drawn again if the picture was removed by hand."""
    made = Alternative(a_picture(), "p", request_key="key")
    async with await Library.open(place) as library:
        await library.save(a_message("m", replace(a_slot(), alternatives=(made,))))
        image = await library.picture("key")
        assert isinstance(image, StoredImage)
        file_of(image).unlink()
        assert await library.picture("key") is None
