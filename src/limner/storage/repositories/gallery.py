"""The pictures of a library, and the places that have none."""

import asyncio

from sqlalchemy import and_, select

from limner.errors import PictureMissing
from limner.illustration import Failure, SlotId, SlotState
from limner.storage.database.tables import (
    alternatives,
    answers,
    chats,
    images,
    messages,
    prompt_versions,
    slots,
)
from limner.storage.files.stored_image import StoredImage
from limner.storage.files.thumbnail import SIDE, thumbnail
from limner.storage.repositories.reading import IMAGED, image_of
from limner.storage.repositories.records import FailedSlot, PictureEntry, PictureMark
from limner.storage.repositories.repository import Repository

_ENTRY = (
    IMAGED.add_columns(
        slots.c.ordinal,
        (slots.c.selected == alternatives.c.position).label("shown"),
        answers.c.variant,
        messages.c.id.label("message_id"),
        chats.c.id.label("chat_id"),
    )
    .join(slots, alternatives.c.slot_key == slots.c.key)
    .join(answers, slots.c.answer_key == answers.c.key)
    .join(messages, answers.c.message_key == messages.c.key)
    .join(chats, alternatives.c.chat_key == chats.c.key)
    .where(messages.c.deleted_at.is_(None))
)
_MARK = (
    select(
        alternatives.c.key, chats.c.id, messages.c.id, alternatives.c.prompt,
        alternatives.c.made_at, alternatives.c.width, alternatives.c.height,
    )
    .join(slots, alternatives.c.slot_key == slots.c.key)
    .join(answers, slots.c.answer_key == answers.c.key)
    .join(messages, answers.c.message_key == messages.c.key)
    .join(chats, alternatives.c.chat_key == chats.c.key)
    .where(messages.c.deleted_at.is_(None))
    .order_by(alternatives.c.key.desc())
)  # fmt: skip


class GalleryRepository(Repository):
    """Shows pictures apart from the messages they are in."""

    async def pictures(
        self, *, chat_id: str | None = None, limit: int = 50, after: int | None = None
    ) -> list[PictureEntry]:
        """Pictures, the newest before all others; all alternatives of all answers.

        Args:
            chat_id: Of this conversation only.
            limit: How many at most.
            after: The number of the picture that the list is to go on after.
        """
        query = _ENTRY
        if chat_id is not None:
            chat = select(chats.c.key).where(chats.c.id == chat_id).scalar_subquery()
            query = query.where(alternatives.c.chat_key == chat)
        if after is not None:
            query = query.where(alternatives.c.key < after)
        query = query.order_by(alternatives.c.key.desc()).limit(limit)
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        make = image_of(self._files)
        return [
            PictureEntry(
                number=row["key"],
                chat_id=row["chat_id"],
                slot_id=SlotId(row["message_id"], row["variant"], row["ordinal"]),
                alternative_id=row["id"],
                prompt=row["prompt"],
                made_at=row["made_at"],
                selected=bool(row["shown"]),
                image=make(row),
            )
            for row in rows
        ]

    async def picture_marks(
        self, *, chat_id: str | None = None, after: int | None = None, limit: int = 10_000
    ) -> list[PictureMark]:
        """The order of all pictures, the newest before all others, in a small part of the time.

        Args:
            chat_id: As for `pictures`.
            after: As for `pictures`.
            limit: How many at most.
        """
        query = _MARK.limit(limit)
        if chat_id is not None:
            chat = select(chats.c.key).where(chats.c.id == chat_id).scalar_subquery()
            query = query.where(alternatives.c.chat_key == chat)
        if after is not None:
            query = query.where(alternatives.c.key < after)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [
            PictureMark(
                number=row[0],
                chat_id=row[1],
                message_id=row[2],
                prompt=row[3],
                made_at=row[4],
                width=row[5],
                height=row[6],
            )
            for row in rows
        ]

    async def failed_slots(self, chat_id: str | None = None) -> list[FailedSlot]:
        """The slots whose drawing failed, in reading order; of one conversation or of all."""
        query = (
            select(
                chats.c.id, messages.c.id, answers.c.variant, slots.c.ordinal,
                prompt_versions.c.text, slots.c.failure_kind, slots.c.failure_reason,
            )
            .join(answers, slots.c.answer_key == answers.c.key)
            .join(messages, answers.c.message_key == messages.c.key)
            .join(chats, messages.c.chat_key == chats.c.key)
            .join(
                prompt_versions,
                and_(
                    prompt_versions.c.slot_key == slots.c.key,
                    prompt_versions.c.number == slots.c.current_version,
                ),
            )
            .where(slots.c.state == SlotState.FAILED.value)
            .where(messages.c.deleted_at.is_(None))
            .order_by(messages.c.key, answers.c.variant, slots.c.ordinal)
        )  # fmt: skip
        if chat_id is not None:
            query = query.where(chats.c.id == chat_id)
        rows = await self._read(lambda connection: connection.execute(query).all())
        return [
            FailedSlot(
                chat_id=row[0],
                slot_id=SlotId(row[1], row[2], row[3]),
                prompt=row[4],
                failure=Failure(row[5] or "", row[6] or ""),
            )
            for row in rows
        ]

    async def image(self, digest: str) -> StoredImage | None:
        """The picture whose bytes have this SHA-256 (hexadecimal); ``None`` if there is none.

        Its width, height, seed and facts are those it was first kept with.
        """
        query = IMAGED.where(images.c.digest == digest).order_by(alternatives.c.key).limit(1)
        row = await self._read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else image_of(self._files)(row)

    async def thumbnail(self, digest: str, *, side: int = SIDE) -> bytes:
        """A small copy of a picture as WebP; made once and kept as a file.

        Args:
            digest: The SHA-256 of the picture's bytes.
            side: The longer side, in pixels; 16 to 1024.

        Raises:
            PictureMissing: There is no such picture, or its file is gone or damaged.
            StorageCorrupt: It cannot be read as a picture.
        """
        if not 16 <= side <= 1024:
            raise ValueError(f"a thumbnail's side must be 16 to 1024 pixels, not {side}")
        picture = await self.image(digest)
        if picture is None:
            raise PictureMissing(
                f"the library {self._place} has no picture {digest}",
                place=self._place,
                digest=digest,
            )
        with self._told():
            async with self._keeping.holding():
                return await asyncio.to_thread(self._small, picture, side)

    def _small(self, picture: StoredImage, side: int) -> bytes:
        try:
            return self._files.small(picture.digest, side)
        except FileNotFoundError:
            small = thumbnail(picture.data, side, place=self._place)
            self._files.keep_small(picture.digest, side, small)
            return small
