"""Pictures for the proxy: an `Illustrator` draws them, a store keeps them."""

import asyncio
import contextlib
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from limner.errors import LimnerError
from limner.illustration import Beat, Illustrator, Image, Slot
from limner.illustration.leisure import Leisure
from limner.prompts import TagPlace, find_prompts, places_of
from limner.server.proxy.history.chat_lookup import ChatLookup
from limner.server.proxy.history.chat_recorder import ChatRecorder
from limner.server.proxy.history.message_target import MessageTarget
from limner.server.proxy.history.question import goes_on_in_last, is_large
from limner.server.proxy.history.recorded_target_resolver import RecordedTargetResolver
from limner.server.proxy.history.target_resolver import TargetResolver, UnrecordedTargetResolver
from limner.server.proxy.live.board import LiveBoard
from limner.server.proxy.picture_id import MessageFinder, PictureId
from limner.server.proxy.pictures.answer_scanning import AnswerScanning, ReasoningOptions
from limner.server.proxy.pictures.asked_again import AskedAgain
from limner.server.proxy.pictures.illustrated_choice import IllustratedChoice
from limner.server.proxy.pictures.illustrator_answer import IllustratorAnswer
from limner.server.proxy.pictures.kept_picture import kept_picture, kept_slot
from limner.server.proxy.pictures.picture_sink import (
    AnswerContext,
    DrawnPicture,
    DrawnPictures,
    PictureTicket,
    asked_of,
)
from limner.server.proxy.pictures.single_message import single_message
from limner.server.proxy.recalled_picture import RecalledPicture
from limner.storage import Library

Key = tuple[str, int]
"""A message and the number of one of its answers."""

FLUSH = 0.5
"""Seconds after which the illustrator gets the text that came behind the last tag, if its store
does not say at what pace text is to be kept."""
REMEMBERED = 256
"""Answers whose text is remembered, so that it is there before their commit is."""
BEGUN = 2.0
"""Seconds in which a message comes into the store, where the store is well."""
NUMBERED = 4096
"""Messages of which it is remembered which numbers of answers were given out."""


class _Said(NamedTuple):
    text: str
    whole: bool
    tags: Sequence[tuple[int, int]]
    owner: str | None


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
        reads: Gives whose pictures that may be told of; ``None``: everybody's.
        library: Where conversations are recognised and kept; the illustrator's store must write
            into it. Without one, an answer with pictures is a message of its own.
        reasoning: What is known beforehand of how models think.
        links: Whether each picture leads to its own page.
        again: Makes what decides which pictures are drawn because they are asked for again.

    Attributes:
        board: Knows how far pictures are.
    """

    def __init__(
        self,
        illustrator: Illustrator,
        *,
        public_url: str,
        patterns: Sequence[str] | None = None,
        chat_id: str = "proxy",
        owner: Callable[[], str | None] = lambda: None,
        reads: Callable[[], str | None] = lambda: None,
        library: Library | None = None,
        reasoning: ReasoningOptions | None = None,
        links: bool = False,
        again: Callable[[Illustrator], AskedAgain] = AskedAgain,
    ) -> None:
        self._illustrator = illustrator
        self._again = again(illustrator)
        self.board = LiveBoard(illustrator)
        self._url, self._patterns = public_url.rstrip("/"), patterns
        self._scanning = AnswerScanning(patterns, reasoning)
        self._chat_id, self._owner, self._reads = chat_id, owner, reads
        self._running: set[IllustratedChoice] = set()
        self._active: dict[Key, list[IllustratedChoice]] = {}
        self._texts: OrderedDict[Key, _Said] = OrderedDict()
        self._numbers: OrderedDict[str, int] = OrderedDict()
        self._library = library
        self._finder = MessageFinder(None if library is None else library.whole_ids)
        self._beat = Beat(illustrator.store.pace or FLUSH)
        self._leisure, self._links = Leisure(self._beat), links
        self._recorded: tuple[ChatLookup, ChatRecorder] | None = None
        if library is not None:
            self._recorded = (
                ChatLookup(library, self._now, patterns=patterns),
                ChatRecorder(library, illustrator, self._number, patterns=patterns),
            )

    def open(self, context: AnswerContext) -> IllustratorAnswer:
        """Take the pictures of one answer."""
        owner = self._owner()
        resolver = self._resolver(context, owner)
        model = context.model
        answer = IllustratorAnswer(self, resolver, lambda: self.begin(resolver, owner, model))
        later = asyncio.get_running_loop().call_soon
        later(later, answer.prepare)  # behind what is being done for the question to go out
        return answer

    def begin(
        self, resolver: TargetResolver, owner: str | None, model: str = ""
    ) -> IllustratedChoice:
        """One more choice."""
        return IllustratedChoice(
            self._illustrator,
            resolver,
            ticket=self._slot_ticket,
            on_begin=self._running.add,
            on_seat=self._seated,
            on_end=self._ended,
            make_scanner=lambda before, slots, seen: self._scanning.scanner(
                model, before=before, slots=slots, seen=seen
            ),
            on_scanned=lambda scanner, whole: self._scanning.scanned(model, scanner, whole=whole),
            owner=owner,
            beat=self._beat,
        )

    async def image(self, picture_id: str) -> Image | None:
        """The picture, as soon as it is there; ``None`` if it failed or is unknown.

        One that was stopped, or failed some time ago, is drawn again: see `AskedAgain`.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        name = await self._finder.name(picture_id)
        if name is None:
            return None
        choice = self._drawing(name)
        if choice is not None and not choice.gave_up(name.ordinal):
            return await choice.image(name.ordinal)
        if choice is not None and choice.task is not None:
            await asyncio.wait((choice.task,))  # what it was stopped for is kept at its end
        return await kept_picture(self._illustrator, name, self._again.asked)

    async def slot(self, picture_id: str) -> Slot | None:
        """The slot of a picture as it is kept now; ``None`` if it is unknown.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        name = await self._finder.name(picture_id)
        slot = None if name is None else await kept_slot(self._illustrator, name)
        return None if slot is None else self.board.newest(slot)

    async def kept(self, picture_id: str) -> None:
        """Wait until a picture's slot is in the store, or cannot come there for now."""
        if self._illustrator.keeper.outage is not None:
            return
        name = await self._finder.name(picture_id)
        choice = None if name is None else self._drawing(name)
        if name is not None and choice is not None:
            await choice.slot_kept(name.ordinal)

    def _drawing(self, name: PictureId) -> IllustratedChoice | None:
        running = self._active.get((name.message_id, name.variant), [])
        return next((choice for choice in running if choice.has(name.ordinal)), None)

    async def recall(self, picture_ids: Sequence[str]) -> dict[str, RecalledPicture]:
        """What those of these pictures were drawn for that are known, and may be told of.

        Raises:
            limner.errors.StorageError: They cannot be read.
        """
        known: dict[str, RecalledPicture] = {}
        texts: dict[Key, tuple[str, list[TagPlace]]] = {}
        for picture_id in picture_ids:
            name = await self._finder.name(picture_id)
            if name is None:
                continue
            key = name.message_id, name.variant
            if key not in texts:
                told = await self._is_told_of(key)
                texts[key] = await self._places(key) if told else ("", [])
            text, places = texts[key]
            if name.ordinal < len(places):
                known[picture_id] = RecalledPicture(places[name.ordinal], text)
        return known

    async def draw(self, prompt: str, *, count: int, size: str | None) -> DrawnPictures:
        """Draw a prompt by itself; see `PictureService.draw`."""
        message = single_message(prompt, count, size, self._chat_for(self._owner()), self._owner())
        await self._illustrator.store.save(message)
        # What a start has just found of it, among what was left before, is drawn already.
        retry = self._illustrator.operations.retry
        results = await asyncio.gather(
            *(retry(slot.id) for slot in message.slots), return_exceptions=True
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
        return DrawnPictures(drawn, failed)

    async def aclose(self) -> None:
        """Stop what is still drawn, and wait until it has stopped.

        With a library, what is not drawn yet waits for the next start. A library that fails is
        asked once more.
        """
        self.board.close()
        self._again.close()
        self._illustrator.keeper.hurry()
        for choice in self._running:
            if self._recorded is None:
                choice.stop()
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
                    choice.hurry()
                    await choice.kept.wait()
                await self._library.flush()

    async def settled(self) -> None:
        """Wait until every answer that has begun is kept, and its pictures have ended."""
        while tasks := [choice.task for choice in self._running if choice.task is not None]:
            await asyncio.wait(tasks)
            await asyncio.sleep(0)  # their callbacks run now
        if self._recorded is not None:
            await self._recorded[0].settled()

    def _resolver(self, context: AnswerContext, owner: str | None) -> TargetResolver:
        if self._recorded is None:
            return UnrecordedTargetResolver(context.chat or self._chat_for(owner))
        (lookup, recorder), reads = self._recorded, self._reads()
        return RecordedTargetResolver(
            lambda: asked_of(context, owner, reads, self._patterns),
            large=is_large(context.shown),
            lookup=lookup,
            recorder=recorder,
            number=self._number,
            before=self,
            leisure=self._leisure,
            keeper=self._illustrator.keeper,
            chat_id=self._chat_for(owner),
            continuing=goes_on_in_last(context.shown, context.generation),
            followed=context.followed,
        )

    def _chat_for(self, owner: str | None) -> str:
        """The conversation of what belongs to none: each owner has another one."""
        if owner is None:
            return self._chat_id
        return f"{self._chat_id}-{hashlib.sha256(owner.encode()).hexdigest()[:16]}"

    def _ticket(self, message_id: str, variant: int, ordinal: int) -> PictureTicket:
        name = PictureId(message_id, variant, ordinal).written()
        self._finder.note(message_id)
        return self._named(name)

    def _named(self, name: str) -> PictureTicket:
        page = f"{self._url}/picture/{name}" if self._links else ""
        return PictureTicket(name, f"{self._url}/images/{name}.png", page)

    def _slot_ticket(self, target: MessageTarget | None, ordinal: int) -> PictureTicket:
        """The ticket of a slot; of one whose answer has no place yet, a promise."""
        if target is not None:
            return self._ticket(*target.key, ordinal)
        name = f"promised-{secrets.token_hex(16)}"
        return self._named(name)

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
        known = self._texts.get(key)
        return None if known is None else (known.text, known.whole)

    def drawn_for(self, key: Key) -> "list[asyncio.Task[None]]":
        """What runs for an answer, but for who asks."""
        here = asyncio.current_task()
        tasks = [choice.task for choice in self._active.get(key, [])]
        return [task for task in tasks if task is not None and task is not here]

    async def _is_told_of(self, key: Key) -> bool:
        """Whether whoever asks may know what was said there, also before that is kept."""
        if (reads := self._reads()) is None:
            return True
        if self._active.get(key):
            return self._active[key][-1].owner == reads
        if (said := self._texts.get(key)) is not None:
            return said.owner == reads
        return self._library is None or await self._library.message_owner(key[0]) == reads

    async def _places(self, key: Key) -> tuple[str, list[TagPlace]]:
        """The text of an answer, and its tags as they were found while it came."""
        if self._active.get(key):
            choice = self._active[key][-1]
            return choice.raw, places_of(choice.raw, choice.tags)
        if (said := self._texts.get(key)) is not None:
            return said.text, places_of(said.text, said.tags)
        message = await self._illustrator.store.load(*key)
        if message is None:
            return "", []
        text, slots = message.text, message.slots
        tags = [(tag.start, tag.end) for tag in find_prompts(text, self._patterns)]
        known = [(slot.tag.start, slot.tag.end) for slot in slots]
        # What counts as a tag depends on the model; a store that failed may have lost the last.
        if tags[: len(known)] != known and all(
            text[start:end] == slot.tag.source
            for slot, (start, end) in zip(slots, known, strict=True)
        ):
            tags = known
        return text, places_of(text, tags)

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
        text, whole = choice.raw, choice.whole
        self._texts[key] = _Said(text, whole, tuple(choice.tags), choice.owner)
        if self._recorded is not None and whole and choice.committed and not choice.kept_whole:
            self._recorded[1].said(key, text, choice.tags)
        self._texts.move_to_end(key)
        while len(self._texts) > REMEMBERED:
            self._texts.popitem(last=False)
