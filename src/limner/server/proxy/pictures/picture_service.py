"""Pictures for the proxy: an `Illustrator` draws them, a store keeps them."""

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence

from limner.errors import LimnerError
from limner.illustration import Illustrator, Image, Message, MessageState, Role, Slot, SlotId
from limner.prompts import PromptTag, TagPlace, format_tag, tag_places, tag_prompt
from limner.server.proxy.history.chat_lookup import Asked, ChatLookup
from limner.server.proxy.history.chat_recorder import ChatRecorder
from limner.server.proxy.history.fingerprint import goes_on, turns
from limner.server.proxy.picture_id import PictureId
from limner.server.proxy.pictures.answer_scanner import AnswerScanner
from limner.server.proxy.pictures.illustrated_choice import IllustratedChoice
from limner.server.proxy.pictures.kept_picture import kept_picture
from limner.server.proxy.pictures.picture_sink import (
    AnswerContext,
    AnswerState,
    DrawnPicture,
    PictureTicket,
)
from limner.server.proxy.pictures.target_resolver import (
    RecordedTargetResolver,
    TargetResolver,
    UnrecordedTargetResolver,
)
from limner.server.proxy.recalled_picture import RecalledPicture
from limner.storage import Library

Key = tuple[str, int]
"""A message and the number of one of its answers."""

LARGE = 4096
"""Characters of a conversation that are read in a thread."""
REMEMBERED = 256
"""Answers whose text is remembered, so that it is there before their commit is."""
BEGUN = 2.0
"""Seconds in which a message comes into the store, where the store is well."""
NUMBERED = 4096
"""Messages of which it is remembered which numbers of answers were given out."""


class IllustratorPictureService:
    """Has an illustrator draw: one message for each choice of an answer.

    Every picture goes through the illustrator's limiter into its store. Ids lead to slots by
    themselves, so pictures and tags are found again after a restart if the store is durable.

    Args:
        illustrator: Draws and keeps. Its patterns must be those of the proxy.
        public_url: Under which browsers reach this server.
        patterns: Tag patterns in place of the defaults.
        chat_id: The conversation of answers whose front-end names none.
        owner: Gives for whom the present request is, for fair turns and budgets.
        library: Where conversations are recognised and kept; the illustrator's store must write
            into it. Without one, an answer with pictures is a message of its own.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        *,
        public_url: str,
        patterns: Sequence[str] | None = None,
        chat_id: str = "proxy",
        owner: Callable[[], str | None] = lambda: None,
        library: Library | None = None,
    ) -> None:
        self._illustrator = illustrator
        self._url = public_url.rstrip("/")
        self._patterns = patterns
        self._chat_id = chat_id
        self._owner = owner
        self._running: set[IllustratedChoice] = set()
        self._active: dict[Key, list[IllustratedChoice]] = {}
        self._texts: OrderedDict[Key, tuple[str, bool]] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._library = library
        self._pace = illustrator.store.pace
        self._recorded: tuple[ChatLookup, ChatRecorder] | None = None
        if library is not None:
            self._recorded = (
                ChatLookup(library, self._now, patterns=patterns),
                ChatRecorder(library, illustrator, self._number, patterns=patterns),
            )

    def open(self, context: AnswerContext) -> "IllustratorAnswer":
        """Take the pictures of one answer."""
        owner = self._owner()
        return IllustratorAnswer(self, self._resolver(context, owner), owner)

    def begin(self, resolver: TargetResolver, owner: str | None) -> IllustratedChoice:
        """One more choice."""
        return IllustratedChoice(
            self._illustrator,
            resolver,
            ticket=lambda target, ordinal: self._ticket(*target.key, ordinal),
            on_begin=self._running.add,
            on_seat=self._seated,
            on_end=self._ended,
            owner=owner,
            patterns=self._patterns,
            pace=self._pace,
        )

    async def image(self, picture_id: str) -> Image | None:
        """The picture, as soon as it is there; ``None`` if it failed or is unknown.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        name = PictureId.read(picture_id)
        if name is None:
            return None
        choice = self._drawing(name)
        if choice is not None:
            return await choice.image(name.ordinal)
        return await kept_picture(self._illustrator, name)

    async def kept(self, picture_id: str) -> None:
        """Wait until a picture's slot is in the store, or cannot come there."""
        name = PictureId.read(picture_id)
        choice = None if name is None else self._drawing(name)
        if name is not None and choice is not None:
            await choice.slot_kept(name.ordinal)

    def _drawing(self, name: PictureId) -> IllustratedChoice | None:
        running = self._active.get((name.message_id, name.variant), [])
        return next((choice for choice in running if choice.has(name.ordinal)), None)

    async def recall(self, picture_ids: Sequence[str]) -> dict[str, RecalledPicture]:
        """What the known ones of these pictures were drawn for.

        Raises:
            limner.errors.StorageError: They cannot be read.
        """
        known: dict[str, RecalledPicture] = {}
        texts: dict[Key, tuple[str, list[TagPlace]]] = {}
        for picture_id in picture_ids:
            name = PictureId.read(picture_id)
            if name is None:
                continue
            key = name.message_id, name.variant
            if key not in texts:
                text = await self._text(key)
                texts[key] = text, tag_places(text, self._patterns)
            text, places = texts[key]
            if name.ordinal < len(places):
                known[picture_id] = RecalledPicture(places[name.ordinal], text)
        return known

    async def draw(self, prompt: str, *, count: int, size: str | None) -> list[DrawnPicture]:
        """Draw a prompt by itself; see `PictureService.draw`."""
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
            DrawnPicture(self._ticket(message.id, 0, result.id.ordinal), result.image)
            for result in results
            if isinstance(result, Slot) and result.image is not None
        ]
        failed = [result for result in results if isinstance(result, LimnerError)]
        if failed and not drawn:
            raise failed[0]
        return drawn

    async def aclose(self) -> None:
        """Stop what is still drawn, and wait until it has stopped.

        With a library, what is not drawn yet waits for the next start.
        """
        for choice in self._running:
            if self._recorded is None:
                choice.cancel()
            else:
                choice.leave()
        await self.settled()

    async def begun(self, ids: Collection[str], asking: TargetResolver) -> None:
        """Wait until the answers that are written to these messages can be found.

        Args:
            ids: The messages.
            asking: Whose own answers are not waited for.
        """
        known = frozenset(ids)
        waiting = [one for one in self._running if one.answers(known, asking)]
        if not waiting or self._library is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEGUN):
                for choice in waiting:
                    await choice.kept.wait()
                await self._library.flush()

    async def settled(self) -> None:
        """Wait until every answer that has begun is kept, and its pictures have ended."""
        while tasks := [choice.task for choice in self._running if choice.task is not None]:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)  # their callbacks run now

    def _resolver(self, context: AnswerContext, owner: str | None) -> TargetResolver:
        if self._recorded is None:
            return UnrecordedTargetResolver(context.chat or self._chat_id)
        lookup, recorder = self._recorded
        return RecordedTargetResolver(
            lambda: _asked(context, owner, self._patterns),
            large=_is_large(context.shown),
            lookup=lookup,
            recorder=recorder,
            number=self._number,
            before=self,
            chat_id=self._chat_id,
            continuing=goes_on(context.shown),
        )

    def _ticket(self, message_id: str, variant: int, ordinal: int) -> PictureTicket:
        name = PictureId(message_id, variant, ordinal).written()
        return PictureTicket(name, f"{self._url}/images/{name}.png")

    def _number(self, message_id: str, least: int) -> int:
        """The number of a message's next answer."""
        number = max(least, self._numbers.get(message_id, 0))
        self._numbers[message_id] = number + 1
        self._numbers.move_to_end(message_id)
        while len(self._numbers) > NUMBERED:
            self._numbers.popitem(last=False)
        return number

    def _now(self, message_id: str, variant: int) -> tuple[str, bool] | None:
        """The text of an answer that is or was just written, and whether it came to its end."""
        key = message_id, variant
        if self._active.get(key):
            choice = self._active[key][-1]
            return choice.raw, choice.whole
        return self._texts.get(key)

    def drawn_for(self, key: Key) -> "list[asyncio.Task[None]]":
        """What runs for an answer, but for who asks."""
        here = asyncio.current_task()
        tasks = [choice.task for choice in self._active.get(key, [])]
        return [task for task in tasks if task is not None and task is not here]

    async def _text(self, key: Key) -> str:
        now = self._now(*key)
        if now is not None:
            return now[0]
        message = await self._illustrator.store.load(*key)
        return "" if message is None else message.text

    def _seated(self, choice: IllustratedChoice) -> None:
        if not choice.ended:
            self._active.setdefault(choice.target.key, []).append(choice)

    def _ended(self, choice: IllustratedChoice) -> None:
        self._running.discard(choice)
        key = choice.target.key
        running = self._active.get(key, [])
        if choice in running:
            running.remove(choice)
        if not running:
            self._active.pop(key, None)
        self._texts[key] = text, whole = choice.raw, choice.whole
        if self._recorded is not None and whole and choice.committed:
            self._recorded[1].said(key, text, choice.tags)
        self._texts.move_to_end(key)
        while len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)


class IllustratorAnswer:
    """Takes the pictures of one answer to an illustrator.

    Args:
        service: By which it was opened.
        resolver: Finds its place.
        owner: For whom the pictures are.
    """

    def __init__(
        self, service: IllustratorPictureService, resolver: TargetResolver, owner: str | None
    ) -> None:
        self._service = service
        self._resolver = resolver
        self._owner = owner
        self._choices: dict[int, IllustratedChoice] = {}

    async def recognised(self) -> None:
        """Wait until it is known what the answer goes on from; at once if it begins anew."""
        if self._resolver.continuing:
            await self._resolver.ready()

    def scanner(self, choice: int) -> AnswerScanner:
        """What finds the tags of a choice."""
        return self._choice(choice).scanner()

    def text(
        self, choice: int, chunk: str, tags: Mapping[int, PromptTag], held: int
    ) -> Mapping[int, PictureTicket]:
        """The model wrote this."""
        return (self._choices.get(choice) or self._choice(choice)).text(chunk, tags, held)

    def finished(self, choice: int, state: AnswerState) -> None:
        """No more text comes for this choice."""
        self._choice(choice).finish(state)

    def cancel(self) -> None:
        """Stop every picture that is not made yet."""
        for choice in self._choices.values():
            choice.cancel()
        if not any(choice.task for choice in self._choices.values()):
            self._resolver.close()

    async def kept(self, ticket: PictureTicket) -> None:
        """Wait until the slot is in the store, or cannot come there."""
        await self._service.kept(ticket.id)

    async def ready(self, ticket: PictureTicket) -> bool:
        """Wait until the picture is there, or never will be; tells which."""
        return await self._service.image(ticket.id) is not None

    def _choice(self, index: int) -> IllustratedChoice:
        known = self._choices.get(index)
        if known is None:
            known = self._choices[index] = self._service.begin(self._resolver, self._owner)
        return known


def _asked(context: AnswerContext, owner: str | None, patterns: Sequence[str] | None) -> Asked:
    """The question of a request."""
    said = turns(context.shown, context.restored, patterns=patterns)
    return Asked(
        said=said,
        # Whoever has a name here is that, however often the key is changed.
        scope=(owner, None if owner else context.credential, context.user, context.chat),
        owner=owner,
        continuing=bool(said) and said[-1].role is Role.ASSISTANT and goes_on(context.shown),
    )


def _is_large(shown: object) -> bool:
    """Whether reading so much holds up everybody else for longer than a thread would."""
    if not isinstance(shown, list):
        return False
    texts = (message.get("content") for message in shown if isinstance(message, dict))
    return sum(len(text) if isinstance(text, str) else LARGE for text in texts if text) > LARGE


def _single(prompt: str, count: int, size: str | None, chat_id: str, owner: str | None) -> Message:
    """A message that is nothing but pictures."""
    message_id = secrets.token_hex(14)
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
