"""The reference pictures that people have uploaded."""

import asyncio
from collections.abc import Iterable

from sqlalchemy import Connection, Delete, and_, delete, insert, select

from limner.errors import PictureMissing
from limner.illustration import Image, ReferencePicture
from limner.storage.database.tables import images, reference_pictures
from limner.storage.files.stored_image import StoredImage
from limner.storage.repositories.records import ReferenceRecord
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.writing import note_images

_QUERY = select(reference_pictures, images.c.size).join(
    images,
    and_(
        images.c.digest == reference_pictures.c.digest,
        images.c.media_type == reference_pictures.c.media_type,
    ),
)

EVERYBODY = ""
"""The owner of what is there for all."""


class ReferenceRepository(Repository):
    """Keeps reference pictures by name and owner; their files are kept by content.

    It is a `limner.illustration.ReferenceShelf`.
    """

    async def keep_reference(
        self, name: str, image: Image, *, owner: str = EVERYBODY, meant_for: Iterable[str]
    ) -> ReferenceRecord:
        """Keep a picture under a name, in the place of the one that had it.

        Args:
            name: What tags call it.
            image: The picture, checked and of its final size.
            owner: Whose it is; everybody's if nobody's.
            meant_for: The places of the servers that may see it
                (`limner.illustration.capabilities.HasPlaces`).
        """
        return await self._whole(self._keep_reference(name, image, owner, sorted(set(meant_for))))

    async def _keep_reference(
        self, name: str, image: Image, owner: str, meant_for: list[str]
    ) -> ReferenceRecord:
        now = self._clock()
        with self._told():
            async with self._keeping.placing([image]) as placed:
                kept = placed[id(image)]

                def work(connection: Connection) -> None:
                    note_images(connection, [kept], now)
                    connection.execute(_named(name, owner))
                    row = {
                        "owner": owner, "name": name, "digest": kept.digest,
                        "media_type": kept.media_type, "width": kept.width,
                        "height": kept.height, "meant_for": meant_for, "kept_at": now,
                    }  # fmt: skip
                    connection.execute(insert(reference_pictures), row)

                await self._commits.add(work)
        return ReferenceRecord(
            name=name, owner=owner, image=kept, meant_for=frozenset(meant_for), kept_at=now
        )

    async def references(self, owner: str | None = None) -> list[ReferenceRecord]:
        """What is kept, by name: all, or what is an owner's or everybody's."""
        query = _QUERY.order_by(reference_pictures.c.name, reference_pictures.c.owner)
        if owner is not None:
            query = query.where(reference_pictures.c.owner.in_((owner, EVERYBODY)))
        rows = await self._read(lambda connection: connection.execute(query).mappings().all())
        return [self._reference_of(dict(row)) for row in rows]

    async def reference_record(self, name: str, owner: str = EVERYBODY) -> ReferenceRecord | None:
        """The picture of a name: an owner's own before everybody's."""
        query = (
            _QUERY.where(reference_pictures.c.name == name)
            .where(reference_pictures.c.owner.in_((owner, EVERYBODY)))
            .order_by(reference_pictures.c.owner.desc())
            .limit(1)
        )
        row = await self._read(lambda connection: connection.execute(query).mappings().first())
        return None if row is None else self._reference_of(dict(row))

    async def reference(self, name: str, owner: str) -> ReferencePicture | None:
        """See `limner.illustration.ReferenceShelf`."""
        record = await self.reference_record(name, owner)
        if record is None:
            return None
        try:
            data = await asyncio.to_thread(lambda: record.image.data)
        except PictureMissing:
            return ReferencePicture(name=name, missing="its file is gone")
        return ReferencePicture(
            name=name, data=data, digest=record.image.digest, meant_for=record.meant_for
        )

    async def delete_reference(self, name: str, owner: str = EVERYBODY) -> bool:
        """Forget the picture that an owner has under a name; tells whether there was one."""
        gone = _named(name, owner)
        return await self._write(lambda connection: connection.execute(gone).rowcount == 1)

    def _reference_of(self, row: dict[str, object]) -> ReferenceRecord:
        digest, media_type = str(row["digest"]), str(row["media_type"])
        image = StoredImage(
            digest=digest, path=self._files.path(digest, media_type), size=int(str(row["size"])),
            media_type=media_type, width=int(str(row["width"])), height=int(str(row["height"])),
        )  # fmt: skip
        meant_for = row["meant_for"]
        return ReferenceRecord(
            name=str(row["name"]), owner=str(row["owner"]), image=image,
            meant_for=frozenset(meant_for if isinstance(meant_for, list) else ()),
            kept_at=float(str(row["kept_at"])),
        )  # fmt: skip


def _named(name: str, owner: str) -> Delete:
    named = and_(reference_pictures.c.name == name, reference_pictures.c.owner == owner)
    return delete(reference_pictures).where(named)
