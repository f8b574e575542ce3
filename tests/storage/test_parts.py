"""The small parts: texts that fit, pictures that wait in files, addresses."""

import copy
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.illustration import Image
from limner.storage import StoredImage
from limner.storage.database.address import address
from limner.storage.database.column_types import fit, unfit
from limner.storage.files.open_marker import OpenMarker
from limner.storage.files.stored_image import digest_of
from limner.testing.store_contract import a_picture


@given(st.text(st.characters(codec=None)))
def test_any_text_fits_and_comes_back(text: str) -> None:
    """What is made to fit has nothing in it that a database refuses, and can be undone."""
    fitting = fit(text)
    assert "\x00" not in fitting
    fitting.encode()
    assert unfit(fitting) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufdd0")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    """So that it can be searched, and read with other tools."""
    assert fit(text) == text


def stored(folder: Path, image: Image, **changed: object) -> StoredImage:
    """The picture in a file."""
    path = folder / "picture.png"
    path.write_bytes(image.data)
    facts = {name: getattr(image, name) for name in ("media_type", "width", "height", "seed")}
    return StoredImage(
        digest=digest_of(image.data), path=path, size=len(image.data), info=image.info,
        **{**facts, **changed},
    )  # fmt: skip


def test_a_stored_picture_equals_the_one_it_was_made_of(tmp_path: Path) -> None:
    """Equality looks at bytes and facts, whichever side asks."""
    image = a_picture()
    kept = stored(tmp_path, image)
    assert kept == image
    assert image == kept
    assert kept == stored(tmp_path, image)
    assert len({kept, stored(tmp_path, image)}) == 1
    assert kept != stored(tmp_path, image, seed=5)
    assert kept != a_picture(1)
    assert kept != "a picture"
    assert "data" not in repr(kept)


def test_a_stored_picture_can_be_copied_and_sent(tmp_path: Path) -> None:
    """Copies and pickles name the same file."""
    kept = stored(tmp_path, a_picture())
    for again in (copy.copy(kept), copy.deepcopy(kept), pickle.loads(pickle.dumps(kept))):
        assert again == kept
        assert again.data == kept.data
        assert again.path == kept.path


def test_addresses_are_read(tmp_path: Path) -> None:
    """SQLite's addresses name a file, with the pictures beside it unless said otherwise."""
    found = address(f"sqlite:///{tmp_path}/tales.db", None)
    assert found.database == tmp_path / "tales.db"
    assert found.pictures == tmp_path / "pictures"
    assert address(tmp_path, tmp_path / "p").pictures == tmp_path / "p"
    for bad, reason in (("postgresql://db/x", "library_pictures"), ("sqlite://", "MemoryStore")):
        with pytest.raises(ValueError, match=reason):
            address(bad, None)


def test_the_dead_are_told_from_the_living(tmp_path: Path) -> None:
    """A presence whose lock is free belongs to nobody any more."""
    mine, other = OpenMarker(tmp_path), OpenMarker(tmp_path)
    assert not mine.remove_stale()
    other.abandon()
    assert len(list(tmp_path.iterdir())) == 2
    assert mine.remove_stale()
    assert not mine.remove_stale()
    mine.end()
    assert list(tmp_path.iterdir()) == []
