"""Pictures of a library that fit what somebody looks for."""

from dataclasses import dataclass

from limner.storage import Library, PictureEntry

LOOKED_AT = 5000
"""Pictures that one search looks at; the next one goes on from there."""
BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSearch:
    """What is looked for.

    Attributes:
        chat: Only pictures of this conversation.
        owner: Only those of this owner's conversations; ``None``: everybody's.
        prompt: Words that the prompt holds, in upper or lower case.
        selected: Only those that are shown, or only the others.
    """

    chat: str | None = None
    owner: str | None = None
    prompt: str | None = None
    selected: bool | None = None

    def fits(self, entry: PictureEntry) -> bool:
        """Whether a picture is what is looked for, whoever's it is."""
        if self.prompt and self.prompt.casefold() not in entry.prompt.casefold():
            return False
        return self.selected is None or entry.selected is self.selected


async def found_pictures(
    library: Library, search: PictureSearch, *, limit: int, after: int | None = None
) -> tuple[list[PictureEntry], int | None]:
    """Pictures, the newest first, and what the next search goes on after; ``None``: that was all.

    A search that looks for something may give few, and not be the last.

    Args:
        library: Has them.
        search: What is looked for.
        limit: How many at most.
        after: What the search before gave.

    Raises:
        limner.errors.StorageError: The library cannot be read.
    """
    found: list[PictureEntry] = []
    looked_at, cursor = 0, after
    while True:
        batch = await library.pictures(chat_id=search.chat, limit=BATCH, after=cursor)
        theirs = await _chats_of(library, search.owner, batch)
        for entry in batch:
            cursor = entry.number
            if search.fits(entry) and (search.owner is None or entry.chat_id in theirs):
                found.append(entry)
            if len(found) == limit:
                break
        looked_at += len(batch)
        if len(found) == limit or len(batch) < BATCH or looked_at >= LOOKED_AT:
            break
    last = not batch or (len(batch) < BATCH and cursor == batch[-1].number)
    return found, None if last else cursor


async def _chats_of(library: Library, owner: str | None, batch: list[PictureEntry]) -> set[str]:
    """Which of the conversations of some pictures are an owner's."""
    if owner is None:
        return set()
    owners = await library.chat_owners(sorted({entry.chat_id for entry in batch}))
    return {chat for chat, whose in owners.items() if whose == owner}
