"""Reference pictures in a library."""

import pytest
from tests.storage.conftest import MakeLibrary, file_of

from limner.illustration import Image, ReferenceShelf
from limner.testing.scripted_backend import PIXEL

pytestmark = pytest.mark.real_time


def picture(more: bytes = b"") -> Image:
    """A picture."""
    return Image(data=PIXEL + more, media_type="image/png", width=1, height=1)


async def test_they_are_kept_by_name_and_owner(make_library: MakeLibrary) -> None:
    """An owner's own goes before everybody's; others' are not there; the newer one stays."""
    async with make_library() as library:
        assert isinstance(library, ReferenceShelf)
        await library.keep_reference("ann.png", picture(b"old"), meant_for=["a1111:x"])
        await library.keep_reference("ann.png", picture(b"all"), meant_for=["b:y", "a:x", "a:x"])
        await library.keep_reference("ann.png", picture(b"own"), owner="anna", meant_for=[])
    async with make_library() as library:
        all_ = await library.reference("ann.png", "ben")
        own = await library.reference("ann.png", "anna")
        assert all_ is not None
        assert own is not None
        assert (all_.data[-3:], all_.meant_for) == (b"all", frozenset(("a:x", "b:y")))
        assert (own.data[-3:], own.meant_for) == (b"own", frozenset())
        assert await library.reference("bo.png", "anna") is None
        assert [(one.name, one.owner) for one in await library.references("ben")] == [
            ("ann.png", "")
        ]
        assert len(await library.references()) == 2
        assert not await library.delete_reference("ann.png", "ben")
        assert await library.delete_reference("ann.png")
        assert await library.reference("ann.png", "ben") is None


async def test_a_file_stays_as_long_as_it_is_named(make_library: MakeLibrary) -> None:
    """Cleaning up takes what nobody names any more; a lost file is told."""
    async with make_library() as library:
        kept = await library.keep_reference("ann.png", picture(), meant_for=[])
        await library.gc(grace=0.0)
        assert (await library.check()).pictures == 1
        assert kept.image.data == PIXEL
        file_of(kept.image).unlink()
        found = await library.reference("ann.png", "")
        assert found is not None
        assert (found.data, found.missing) == (b"", "its file is gone")
        await library.keep_reference("ann.png", picture(), meant_for=[])
        await library.delete_reference("ann.png")
        assert (await library.gc(grace=-1.0)).pictures == 1
        assert not file_of(kept.image).exists()
