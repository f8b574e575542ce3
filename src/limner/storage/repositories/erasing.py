"""A picture that nobody is to see again: gone with all that could bring it back."""

from sqlalchemy import Connection, delete, select, tuple_

from limner.illustration import Image
from limner.storage.database.tables import operation_pictures, operations
from limner.storage.files.stored_image import content_digest
from limner.storage.repositories.repository import Repository
from limner.storage.repositories.writing import locked


class ErasingRepository(Repository):
    """Deletes single pictures for good."""

    async def erase(self, message_id: str, image: Image) -> bool:
        """Forget a picture that a message shows no more: its file, and every way back to it.

        Changes of a place in one of whose changes it occurs cannot be taken back afterwards. Where
        another place shows the same picture, or could show it again, its file stays.

        Args:
            message_id: The message.
            image: The picture.

        Returns:
            Whether its file is gone. If pictures are placed without a pause it is left to
            `Library.gc`, though nothing leads to it any more.
        """
        key = content_digest(image), image.media_type

        def forget(connection: Connection) -> None:
            found = locked(connection, message_id)
            if found is not None:
                _forget_changes(connection, found["key"], *key)

        with self._told():
            return await self._whole(self._keeping.erase(*key, forget))


def _forget_changes(connection: Connection, message_key: int, digest: str, media_type: str) -> None:
    with_it = select(operation_pictures.c.operation_key).where(
        operation_pictures.c.digest == digest, operation_pictures.c.media_type == media_type
    )
    # A change keeps its slot whole: one of before, taken back past those that are forgotten, would
    # take with it what came after them.
    of_message = operations.c.message_key == message_key
    places = (
        select(operations.c.variant, operations.c.last_ordinal)
        .where(of_message)
        .where(operations.c.key.in_(with_it))
    )
    place = tuple_(operations.c.variant, operations.c.last_ordinal)
    connection.execute(delete(operations).where(of_message).where(place.in_(places)))
