"""To which library a place of pictures belongs, so that no other one removes any there."""

import asyncio

from limner.errors import StorageForeign
from limner.storage.files.picture_store import PictureStore


async def belong(files: PictureStore, library: str, known: set[str] | None, *, place: str) -> None:
    """See to it that a place of pictures is the library's; from now on it says so itself.

    One that says nothing yet, from an older limner, is the library's if nothing is in it, or
    something that the library knows.

    Args:
        files: The place.
        library: The library's id.
        known: The digests of the library's pictures; ``None``: the place is within the library's
            own folder, so all in it is the library's.
        place: The library, as the error names it.

    Raises:
        limner.errors.StorageForeign: It is another library's; nothing was changed.
    """
    whose = await asyncio.to_thread(files.library)
    if whose is None and await asyncio.to_thread(_is_ours, files, known):
        whose = await asyncio.to_thread(files.claim, library)
    if whose == library:
        return
    raise StorageForeign(
        f"the pictures in {files.place} are those of another library than {place}, so it was left "
        "as it is: give each library a place of its own (library_pictures); if they are this "
        f"one's, write {library} into {files.mark}",
        place=place,
    )


def look_at_home(home: PictureStore | None, library: str, files: PictureStore) -> None:
    """See to it that a library that is given another place does not leave its pictures behind.

    Args:
        home: Its own folder, which it has where nobody says so, if it has one.
        library: The library's id.
        files: The place that it is given, which says nothing yet.

    Raises:
        limner.errors.StorageForeign: Its pictures are at home; nothing was changed.
    """
    if home is None or home.place == files.place or home.library() != library:
        return
    if next(home.digests(), None) is None:
        return
    raise StorageForeign(
        f"the pictures of this library are in {home.place}, not in {files.place}: move all that is "
        "there, or leave the setting (library_pictures, --pictures) out",
        place=home.place,
    )


def _is_ours(files: PictureStore, known: set[str] | None) -> bool:
    if known is None:
        return True
    found = False
    for digest in files.digests():
        if digest in known:
            return True
        found = True
    return not found
