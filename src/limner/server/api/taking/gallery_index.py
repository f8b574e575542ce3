"""The order of all pictures at once, so that whoever shows them knows how long the list is."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Annotated

from fastapi import FastAPI, Query
from pydantic import Field

from limner.server.api.gallery import OfChat
from limner.server.api.routing.routes import Routes
from limner.server.schemas import Schema
from limner.server.services import Services
from limner.storage import Library, PictureMark

BATCH = 10_000
MOST = 200_000
"""Pictures a gallery lists."""


class GroupView(Schema):
    """Pictures of one message that stand together."""

    chat: str
    message: str
    at: float = Field(description="When the newest of them was kept, in seconds since the epoch.")
    numbers: list[int] = Field(description="Theirs, the newest first.")

    @classmethod
    def of(cls, marks: list[PictureMark]) -> "GroupView":
        """The view of pictures of one message."""
        first = marks[0]
        return cls(
            chat=first.chat_id,
            message=first.message_id,
            at=first.made_at,
            numbers=[mark.number for mark in marks],
        )


class IndexView(Schema):
    """All pictures, the newest first, by the messages they are in."""

    count: int
    groups: list[GroupView]


class GalleryIndex:
    """Tells the order of a gallery; `GET /api/pictures` tells the rest, piece by piece.

    Args:
        services: What the server works with.
    """

    def __init__(self, services: Services) -> None:
        self._library = services.library

    def add_to(self, app: FastAPI) -> None:
        """The route."""
        api = Routes(app, "pictures")
        api.get("/pictures/index")(self.gallery_index)

    async def gallery_index(
        self,
        chat: OfChat = None,
        prompt: Annotated[
            str | None, Query(max_length=200, description="Words its prompt holds.")
        ] = None,
    ) -> IndexView:
        """The numbers of all pictures: `?after=` of the list takes the number before a stretch."""
        marks = await _marks(self._library, chat)
        if prompt:
            marks = [mark for mark in marks if prompt.casefold() in mark.prompt.casefold()]
        groups = [GroupView.of(group) for group in _together(marks)]
        return IndexView(count=len(marks), groups=groups)


async def _marks(library: Library, chat: str | None) -> list[PictureMark]:
    found: list[PictureMark] = []
    while len(found) < MOST:
        after = found[-1].number if found else None
        batch = await library.picture_marks(chat_id=chat, after=after, limit=BATCH)
        found += batch
        if len(batch) < BATCH:
            break
    return found


def _together(marks: Iterable[PictureMark]) -> Iterator[list[PictureMark]]:
    for _, group in groupby(marks, key=lambda mark: mark.message_id):
        yield list(group)
