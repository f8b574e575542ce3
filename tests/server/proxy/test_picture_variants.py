"""Versions of pictures are made once, and are known by what is in the picture."""

import asyncio
import io
from pathlib import Path

import PIL.Image
import pytest

from limner.errors import PictureMissing
from limner.illustration import Image
from limner.server.proxy.pictures.picture_variants import PictureVariants
from limner.storage import StoredImage
from limner.storage.files.picture_files import PictureFiles

pytestmark = pytest.mark.real_time


def picture(place: Path, colour: str = "red") -> StoredImage:
    """A picture in a file: without the file nothing can be made of it."""
    out = io.BytesIO()
    PIL.Image.new("RGB", (400, 300), colour).save(out, "PNG")
    image = Image(data=out.getvalue(), media_type="image/png", width=400, height=300)
    return PictureFiles(place).keep(image)


def gone(image: StoredImage) -> None:
    """Remove its file."""
    assert isinstance(image.path, Path)
    image.path.unlink()


async def small(variants: PictureVariants, image: StoredImage, width: int = 320) -> bytes:
    """A small version."""
    return await variants.get(image.digest, image, "image/webp", width)


async def test_a_version_is_made_once_for_the_same_content(tmp_path: Path) -> None:
    """Wherever it is shown; for another content, encoding or width it is another."""
    variants = PictureVariants()
    red, blue = picture(tmp_path), picture(tmp_path, "blue")
    assert await variants.get(red.digest, red, "image/png", None) == red.data
    first = await small(variants, red)
    assert await small(variants, blue) != first
    assert await small(variants, red, 160) != first
    gone(red)
    assert await small(variants, red) is first
    for media_type, width in (("image/png", None), ("image/avif", 320), ("image/webp", None)):
        with pytest.raises(PictureMissing):
            await variants.get(red.digest, red, media_type, width)


async def test_the_oldest_versions_go_first(tmp_path: Path) -> None:
    """What is kept has a bound."""
    red, blue = picture(tmp_path), picture(tmp_path, "blue")
    size = len(await small(PictureVariants(), red)) + len(await small(PictureVariants(), blue))
    variants = PictureVariants(kept=size - 1)
    await small(variants, red)
    await small(variants, blue)
    gone(red)
    gone(blue)
    assert await small(variants, blue)
    with pytest.raises(PictureMissing):
        await small(variants, red)


async def test_what_two_make_at_the_same_time_takes_its_room_once(tmp_path: Path) -> None:
    """So it does not push itself out."""
    red = picture(tmp_path)
    size = len(await small(PictureVariants(), red))
    variants = PictureVariants(kept=size + size // 2)
    await asyncio.gather(small(variants, red), small(variants, red))
    gone(red)
    assert await small(variants, red)
