"""A picture of a bucket piece by piece, for whoever passes it on."""

import hashlib
from collections.abc import AsyncGenerator

from limner.errors import PictureMissing
from limner.illustration import Image
from limner.storage.bucket.picture_bucket import PictureObject
from limner.storage.files.stored_image import StoredImage


async def pieces_of(image: Image) -> AsyncGenerator[bytes, None]:
    """The bytes of such a picture as they come; the last ones once all are known to be right.

    Raises:
        limner.errors.PictureMissing: There is no such object, or its content has changed.
        limner.errors.StorageUnavailable: The store does not answer, or no more.
    """
    assert isinstance(image, StoredImage)  # noqa: S101 - `is_far` was asked
    assert isinstance(image.path, PictureObject)  # noqa: S101 - likewise
    seen, held = hashlib.sha256(), b""
    try:
        async for piece in image.path.pieces():
            seen.update(piece)
            if held:
                yield held
            held = piece
    except FileNotFoundError as error:
        raise _lost(image, "there is no such object") from error
    if seen.hexdigest() != image.digest:
        raise _lost(image, "its content has changed")
    yield held


def _lost(image: StoredImage, reason: str) -> PictureMissing:
    return PictureMissing(
        f"the picture {image.path} cannot be shown ({reason}): restore it from a backup, or draw it"
        " again",
        place=str(image.path),
        digest=image.digest,
    )
