"""Where the reference pictures of a request come from: the chat itself, or what was uploaded.

``last`` is the picture before this one, ``#2`` the second of the same message, and
``MESSAGE/ANSWER/NUMBER`` any of the same chat. Any other name is looked for among the pictures that
were uploaded; what is not there either is left to the backend, which may have a folder.

Pictures of a chat go where its pictures are drawn: to the servers that draw now, if the one that
drew the picture is among them.
"""

import asyncio
import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from limner.errors import PictureMissing, StorageError
from limner.illustration.model.image import Image
from limner.illustration.model.reference import MOST, ReferencePicture, reference_names
from limner.illustration.model.slot import SlotId
from limner.illustration.ports import MessageStore, ReferenceShelf

LAST = frozenset(("last", "previous"))
REMEMBERED = 64
"""Pictures that are known before the store has them."""

LOOKED_BACK = 20
"""Messages that are read to find the last picture."""

_NUMBER = re.compile(r"#(\d{1,6})")
_PLACE = re.compile(r"(?P<message>[^,]{1,200})/(?P<variant>\d{1,9})/(?P<ordinal>\d{1,9})")

PLACE = "place"
"""The field of a picture's ``info`` that tells where it was drawn."""


class References:
    """Finds reference pictures.

    Args:
        store: Where the messages are.
        shelf: Where uploaded pictures are; ``None``: nowhere.
        places: Gives the places of the servers that draw now.
    """

    def __init__(
        self,
        store: MessageStore,
        shelf: ReferenceShelf | None,
        places: Callable[[], frozenset[str]],
    ) -> None:
        self._store = store
        self._shelf = shelf
        self._places = places
        self._under_way: dict[SlotId, asyncio.Future[None]] = {}
        self._made: OrderedDict[SlotId, Image] = OrderedDict()

    @contextmanager
    def under_way(self, slot_id: SlotId) -> Iterator[Callable[[Image], None]]:
        """Let others wait for a picture while it is drawn; give it what came of it."""
        ending: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._under_way[slot_id] = ending

        def made(image: Image) -> None:
            self._made[slot_id] = image
            self._made.move_to_end(slot_id)
            if len(self._made) > REMEMBERED:
                self._made.popitem(last=False)

        try:
            yield made
        finally:
            ending.set_result(None)
            if self._under_way.get(slot_id) is ending:
                del self._under_way[slot_id]

    async def find(
        self, asked: str, slot_id: SlotId, *, chat_id: str, owner: str
    ) -> tuple[ReferencePicture, ...]:
        """The pictures that a tag's attribute names, but those that only a backend can know.

        A picture before it in its message is waited for if it is being drawn.

        Args:
            asked: The attribute.
            slot_id: Which picture they are for.
            chat_id: The conversation it is in.
            owner: For whom; others' uploads are not there for them.
        """
        wanted = _Wanted(slot_id, chat_id, owner)
        found = [await self._one(name, wanted) for name in reference_names(asked)[:MOST]]
        return tuple(one for one in found if one is not None)

    async def _one(self, name: str, wanted: "_Wanted") -> ReferencePicture | None:
        try:
            if name in LAST or _NUMBER.fullmatch(name) or _PLACE.fullmatch(name):
                return await self._of_chat(name, wanted)
            shelf = self._shelf
            return None if shelf is None else await shelf.reference(name, wanted.owner)
        except StorageError as error:
            return ReferencePicture(name=name, missing=str(error))

    async def _of_chat(self, name: str, wanted: "_Wanted") -> ReferencePicture:
        image = await self._image(name, wanted)
        if image is None:
            return ReferencePicture(name=name, missing="the chat has no such picture")
        drawn_at, now = image.info.get(PLACE), self._places()
        meant_for = now if drawn_at in now else frozenset([str(drawn_at)])
        try:
            if type(image) is Image:  # in memory; any other may have to be read from a file
                return _read(name, image, meant_for)
            return await asyncio.to_thread(_read, name, image, meant_for)
        except PictureMissing:
            return ReferencePicture(name=name, missing="its file is gone")

    async def _image(self, name: str, wanted: "_Wanted") -> Image | None:
        slot_id = wanted.slot_id
        number, place = _NUMBER.fullmatch(name), _PLACE.fullmatch(name)
        if number is not None:
            return await self._drawn(replace(slot_id, ordinal=int(number[1]) - 1), slot_id)
        if place is None:
            return await self._last(wanted)
        named = SlotId(place["message"], int(place["variant"]), int(place["ordinal"]))
        if named.message_id != slot_id.message_id:
            message = await self._store.load(named.message_id, named.variant)
            if message is None or message.chat_id != wanted.chat_id:
                return None
        return await self._drawn(named, slot_id)

    async def _last(self, wanted: "_Wanted") -> Image | None:
        """The nearest picture before it: of its message, else of the messages before."""
        slot_id = wanted.slot_id
        for ordinal in range(slot_id.ordinal - 1, -1, -1):
            image = await self._drawn(replace(slot_id, ordinal=ordinal), slot_id)
            if image is not None:
                return image
        ids = await self._store.message_ids(wanted.chat_id)
        own = slot_id.message_id
        before = ids[: ids.index(own)] if own in ids else ids
        for message_id in reversed(before[-LOOKED_BACK:]):
            former = await self._store.load(message_id)
            for slot in reversed(former.slots if former is not None else ()):
                if slot.image is not None:
                    return slot.image
        return None

    async def _drawn(self, wanted: SlotId, slot_id: SlotId) -> Image | None:
        """The picture of a slot; one before it in the same message is waited for."""
        before = replace(wanted, ordinal=0) == replace(slot_id, ordinal=0) and wanted < slot_id
        ending = self._under_way.get(wanted)
        if before and ending is not None:
            await asyncio.wait([ending])
        message = await self._store.load(wanted.message_id, wanted.variant)
        slots = [slot for slot in (message.slots if message else ()) if slot.id == wanted]
        kept = slots[0].image if slots else None
        return kept if kept is not None else self._made.get(wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """For which picture, in which conversation, and for whom."""

    slot_id: SlotId
    chat_id: str
    owner: str


def _read(name: str, image: Image, meant_for: frozenset[str]) -> ReferencePicture:
    data = image.data
    digest = hashlib.sha256(data).hexdigest()
    return ReferencePicture(name=name, data=data, digest=digest, meant_for=meant_for)
