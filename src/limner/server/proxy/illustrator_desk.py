"""The desk behind which an `Illustrator` draws and a store keeps."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable, Sequence

from limner.errors import LimnerError
from limner.illustration import Illustrator, Image, Message, MessageState, Slot, SlotId
from limner.prompts import PromptTag, TagPlace, format_tag, tag_places, tag_prompt
from limner.server.proxy.desk import (
    AnswerContext,
    AnswerState,
    DrawnPicture,
    PictureTicket,
    Remembered,
)
from limner.server.proxy.illustrated_choice import IllustratedChoice

_MESSAGE_DIGITS, _ORDINAL_DIGITS = 28, 4
"""An id is the id of the message, 112 random bits, and the ordinal of the slot."""

REMEMBERED = 256
"""Messages whose text is remembered, so that it is there before their commit is."""


def picture_id(message_id: str, ordinal: int) -> str:
    """The id of a picture: the message's, which nobody can guess, and the slot's ordinal.

    Example:
        >>> picture_id("0123456789abcdef0123456789ab", 10)
        '0123456789abcdef0123456789ab000a'
    """
    return f"{message_id}{ordinal:0{_ORDINAL_DIGITS}x}"


class IllustratorDesk:
    """Has an illustrator draw: one message for each choice of an answer.

    Every picture goes through the illustrator's limiter into its store. Ids lead to slots by
    themselves, so pictures and tags are found again after a restart if the store is durable.

    Args:
        illustrator: Draws and keeps. Its patterns must be those of the proxy.
        public_url: Under which browsers reach this server.
        patterns: Tag patterns in place of the defaults.
        chat_id: The conversation of answers whose front-end names none.
        owner: Gives for whom the present request is, for fair turns and budgets.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        *,
        public_url: str,
        patterns: Sequence[str] | None = None,
        chat_id: str = "proxy",
        owner: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._illustrator = illustrator
        self._url = public_url.rstrip("/")
        self._patterns = patterns
        self._chat_id = chat_id
        self._owner = owner
        self._active: dict[str, IllustratedChoice] = {}
        self._texts: OrderedDict[str, str] = OrderedDict()

    def open(self, context: AnswerContext) -> "IllustratorAnswer":
        """A desk for one answer."""
        return IllustratorAnswer(self, context.chat or self._chat_id)

    def begin(self, chat_id: str) -> IllustratedChoice:
        """One more choice."""
        message_id = secrets.token_hex(_MESSAGE_DIGITS // 2)
        return IllustratedChoice(
            self._illustrator, message_id, chat_id, self._ended, owner=self._owner()
        )

    def ticket(self, choice: IllustratedChoice, ordinal: int) -> PictureTicket:
        """Where a choice's picture will be."""
        if not choice.ended:
            self._active[choice.message_id] = choice
        return self._ticket(choice.message_id, ordinal)

    async def image(self, picture_id: str) -> Image | None:
        """The picture, as soon as it is there; ``None`` if it failed or is unknown.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        place = _place(picture_id)
        if place is None:
            return None
        message_id, ordinal = place
        choice = self._active.get(message_id)
        if choice is not None:
            return await choice.image(ordinal)
        message = await self._illustrator.store.load(message_id)
        if message is None or ordinal >= len(message.slots):
            return None
        return message.slots[ordinal].image

    async def recall(self, picture_ids: Sequence[str]) -> dict[str, Remembered]:
        """What the known ones of these pictures were drawn for.

        Raises:
            limner.errors.StorageError: They cannot be read.
        """
        known: dict[str, Remembered] = {}
        texts: dict[str, tuple[str, list[TagPlace]]] = {}
        for name in picture_ids:
            place = _place(name)
            if place is None:
                continue
            message_id, ordinal = place
            if message_id not in texts:
                text = await self._text(message_id)
                texts[message_id] = text, tag_places(text, self._patterns)
            text, places = texts[message_id]
            if ordinal < len(places):
                known[name] = Remembered(places[ordinal], text)
        return known

    async def draw(self, prompt: str, *, count: int, size: str | None) -> list[DrawnPicture]:
        """Draw a prompt by itself; see `PictureDesk.draw`."""
        message = _single(prompt, count, size, self._chat_id, self._owner())
        await self._illustrator.store.save(message)
        operations = self._illustrator.operations
        results = await asyncio.gather(
            *(operations.regenerate(slot.id, mode="append") for slot in message.slots),
            return_exceptions=True,
        )
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, LimnerError):
                raise result
        drawn = [
            DrawnPicture(self._ticket(message.id, result.id.ordinal), result.image)
            for result in results
            if isinstance(result, Slot) and result.image is not None
        ]
        failed = [result for result in results if isinstance(result, LimnerError)]
        if failed and not drawn:
            raise failed[0]
        return drawn

    async def aclose(self) -> None:
        """Stop what is still drawn, and wait until it has stopped."""
        tasks = [choice.task for choice in self._active.values() if choice.task is not None]
        for choice in list(self._active.values()):
            choice.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _ticket(self, message_id: str, ordinal: int) -> PictureTicket:
        name = picture_id(message_id, ordinal)
        return PictureTicket(name, f"{self._url}/images/{name}.png")

    async def _text(self, message_id: str) -> str:
        choice = self._active.get(message_id)
        if choice is not None:
            return choice.raw
        if message_id in self._texts:
            return self._texts[message_id]
        message = await self._illustrator.store.load(message_id)
        return "" if message is None else message.text

    def _ended(self, choice: IllustratedChoice) -> None:
        self._active.pop(choice.message_id, None)
        self._texts[choice.message_id] = choice.raw
        while len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)


class IllustratorAnswer:
    """Takes the pictures of one answer to an illustrator.

    Args:
        desk: The desk it was opened at.
        chat_id: The conversation.
    """

    def __init__(self, desk: IllustratorDesk, chat_id: str) -> None:
        self._desk = desk
        self._chat_id = chat_id
        self._choices: dict[int, IllustratedChoice] = {}

    def picture(self, choice: int, ordinal: int, tag: PromptTag) -> PictureTicket:
        """A tag was closed: have it drawn."""
        known = self._choice(choice)
        known.tag_closed(ordinal)
        return self._desk.ticket(known, ordinal)

    def text(self, choice: int, chunk: str) -> None:
        """The model wrote this."""
        self._choice(choice).add(chunk)

    def finished(self, choice: int, state: AnswerState) -> None:
        """No more text comes for this choice."""
        self._choice(choice).finish()

    def cancel(self) -> None:
        """Stop every picture that is not made yet."""
        for choice in self._choices.values():
            choice.cancel()

    async def ready(self, ticket: PictureTicket) -> bool:
        """Wait until the picture is there, or never will be; tells which."""
        return await self._desk.image(ticket.id) is not None

    def _choice(self, index: int) -> IllustratedChoice:
        known = self._choices.get(index)
        if known is None:
            known = self._choices[index] = self._desk.begin(self._chat_id)
        return known


def _place(picture_id: str) -> tuple[str, int] | None:
    """Message and ordinal in an id; ``None`` if it is none of ours."""
    if len(picture_id) != _MESSAGE_DIGITS + _ORDINAL_DIGITS:
        return None
    return picture_id[:_MESSAGE_DIGITS], int(picture_id[_MESSAGE_DIGITS:], 16)


def _single(prompt: str, count: int, size: str | None, chat_id: str, owner: str | None) -> Message:
    """A message that is nothing but pictures."""
    message_id = secrets.token_hex(_MESSAGE_DIGITS // 2)
    attributes = {} if size is None else {"size": size}
    source = format_tag(prompt, size=size)
    slots = tuple(
        Slot.of(
            SlotId(message_id, 0, ordinal),
            PromptTag(
                prompt=tag_prompt(prompt),
                source=source,
                start=ordinal * len(source),
                end=(ordinal + 1) * len(source),
                attributes=attributes,
            ),
        )
        for ordinal in range(count)
    )
    return Message(
        id=message_id,
        chat_id=chat_id,
        text=source * count,
        slots=slots,
        state=MessageState.COMPLETE,
        owner=owner,
    )
