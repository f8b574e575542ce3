"""The one way to a picture, streamed or manual: request, global limiter, backend, patience."""

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BadPicture,
    LeaseLost,
    StorageError,
)
from limner.illustration.capabilities import identity_of
from limner.illustration.generation.budget import Budget
from limner.illustration.generation.budget_guard import BudgetGuard, Reservation
from limner.illustration.generation.former_pictures import FormerPictures
from limner.illustration.generation.patience import Patience
from limner.illustration.generation.references import References
from limner.illustration.generation.retry_policy import (
    AcquaintedRetry,
    SteeredRetry,
    cooling,
    noticing,
)
from limner.illustration.generation.single_flight import Flight, SingleFlight, Watcher
from limner.illustration.generation.urgency import Urgency
from limner.illustration.model.image import Image, ImageRequest
from limner.illustration.model.pending import lost_picture
from limner.illustration.model.request import (
    Composer,
    RequestDefaults,
    as_before,
    asked_seed,
    build_request,
)
from limner.illustration.model.request_key import request_key
from limner.illustration.model.slot import Alternative, PendingDrawing, Slot, SlotId
from limner.illustration.ports import ImageBackend, MessageStore
from limner.prompts.composition.commands import without_commands
from limner.scheduling import Limiter

log = logging.getLogger(__name__)

NOT_PASSED_ON = "a command in a prompt is not passed on"
NO_REFERENCES = "what draws has no place for reference pictures"

STREAMED_PRIORITY, MANUAL_PRIORITY = 5, 4
"""A reader who clicks waits for that one picture, so it goes before those of the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawContext:
    """For whom a picture is drawn, and how urgently.

    Attributes:
        owner: For whom, in the sense of limiter and budget.
        chat_id: The conversation.
        user: Whose uploaded reference pictures they may see; ``""``: only those for everybody.
        tags: To find the job in the limiter.
        priority: In the limiter's sense.
        from_cache: Whether a picture that is kept for an identical request will do.
        urgency: Lets it fall behind while it waits, with all others of its answer.
    """

    owner: str
    chat_id: str = ""
    user: str = ""
    tags: tuple[str, ...] = ()
    priority: int = STREAMED_PRIORITY
    from_cache: bool = True
    urgency: Urgency = field(default_factory=Urgency)

    @classmethod
    def of(
        cls,
        owner: str | None,
        chat_id: str,
        tag: str,
        *,
        priority: int = STREAMED_PRIORITY,
        from_cache: bool = True,
        urgency: Urgency | None = None,
    ) -> "DrawContext":
        """For the owner of a message, else for its conversation."""
        return cls(
            owner=owner or chat_id, chat_id=chat_id, user=owner or "", tags=(tag,),
            priority=priority, from_cache=from_cache, urgency=urgency or Urgency(),
        )  # fmt: skip


class Drawing:
    """Draws the pictures of slots through the limiter that all pictures share.

    Args:
        backend: What draws. Identical requests are drawn once if it has an ``identity``.
        limiter: Decides when; every picture of every chat goes through it.
        defaults: What a picture is like unless its tag says otherwise.
        patience: How long a picture is waited for.
        store: Where pictures of identical requests are looked for; ``None``: nowhere.
        composer: Joins styles and characters to prompts.
        budget: Bounds how many are drawn.
        former: Pictures that the texts had before they were edited.
        references: Finds the reference pictures that tags name; ``None``: nobody does.

    Attributes:
        defaults: May be replaced at any time, for the drawings that come.
        limiter: As given.
        patience: As given.
    """

    def __init__(
        self,
        backend: ImageBackend,
        limiter: Limiter,
        *,
        defaults: RequestDefaults,
        patience: Patience,
        store: MessageStore | None = None,
        composer: Composer | None = None,
        budget: BudgetGuard | None = None,
        former: FormerPictures | None = None,
        references: References | None = None,
    ) -> None:
        self._backend = backend
        self.limiter = limiter
        self.defaults = defaults
        self.patience = patience
        self._store = store
        self._composer = composer
        self._budget = budget or BudgetGuard(Budget(), None, lambda: 0.0)
        self._former = former
        self._references = references
        self._flights: SingleFlight[Image] = SingleFlight()
        self._slots: dict[str, SlotId] = {}

    async def draw(
        self, slot: Slot, drawing: PendingDrawing, context: DrawContext, watcher: Watcher
    ) -> Alternative:
        """Draw one version of the slot's prompt.

        What takes the place of a picture whose file is gone or damaged is drawn as that one was,
        with its seed and size. This is seen from the file, so it holds after a restart too.

        Cancelling this call takes the job out of the limiter's queue, or reaches the backend and
        frees the limiter's slot when the backend has really stopped; unless somebody else waits
        for the same picture.

        Args:
            slot: What to draw, and its tag's attributes.
            drawing: Which drawing of the slot it is.
            context: For whom.
            watcher: Told how far it is.

        Raises:
            limner.errors.BackendRejected: The prompt has nothing to draw beside commands, which
                are not passed on (`limner.prompts.composition.commands`).
            limner.errors.BackendError: It could not be drawn. A server that is busy and says
                for how long (`BackendCooling`) cools the limiter down; whether the picture is
                then tried again is for the limiter's ``retry`` to say, such as `second_try`.
            limner.errors.SchedulingError: The limiter dropped or refused it.
            limner.errors.BudgetExceeded: No more may be drawn.
        """
        if self._references is None:
            return await self._draw(slot, drawing, context, watcher)
        with self._references.under_way(slot.id) as made:
            drawn = await self._draw(slot, drawing, context, watcher)
            made(drawn.image)
            return drawn

    async def _draw(
        self, slot: Slot, drawing: PendingDrawing, context: DrawContext, watcher: Watcher
    ) -> Alternative:
        prompt = slot.prompts.versions[drawing.version].text
        if context.from_cache and self._former is not None:
            former = self._former.take(slot)
            if former is not None:
                if watcher.on_start is not None:
                    watcher.on_start()
                return Alternative(former, prompt, version=drawing.version)
        flight, asked = Flight(), without_commands(prompt)
        if not asked.text:
            raise BackendRejected("the prompt has only commands to a picture server, no picture")
        own, nth = wishes_of(drawing), 0 if drawing.seed is not None else drawing.attempt
        request = build_request(
            asked.text,
            {**slot.tag.attributes, **own},
            self.defaults,
            occurrence=(slot.id.ordinal, nth),
            composer=self._composer,
            progress=flight.progress,
        )
        named = request.attributes.get("reference")
        if named and self._references is not None:
            found = await self._references.find(
                named, slot.id, chat_id=context.chat_id, owner=context.user
            )
            request = replace(request, references=found)
        lost = lost_picture(slot, drawing)
        if lost is not None:
            request = as_before(request, lost)
        identity = identity_of(self._backend)
        key = None if identity is None else request_key(identity, request)
        image = None
        if key is not None and context.from_cache and self._repeatable(slot, drawing):
            image = await self._kept(key, watcher)
        if image is None:
            image = await self._drawn(slot, request, context, watcher, flight, key)
            image = _telling(image, _left_out(image, request, asked.commands))
        return Alternative(image, prompt, version=drawing.version, request_key=key)

    def _repeatable(self, slot: Slot, drawing: PendingDrawing) -> bool:
        """Whether a former request can have been the same; not if the seed is a fresh one."""
        asked = asked_seed(slot.tag.attributes, drawing.attempt)
        return asked is not None or self.defaults.seed is not None

    async def _kept(self, key: str, watcher: Watcher) -> Image | None:
        image = None if self._store is None else await _looked_up(self._store, key)
        if image is not None and watcher.on_start is not None:
            watcher.on_start()
        return image

    async def _drawn(
        self,
        slot: Slot,
        request: ImageRequest,
        context: DrawContext,
        watcher: Watcher,
        flight: Flight,
        key: str | None,
    ) -> Image:
        async def begin(flight: Flight) -> Image:
            return await self._limited(slot, request, context, flight)

        if key is None:
            flight.join(watcher)
            return await begin(flight)
        return await self._flights.run(key, begin, watcher, flight)

    async def _limited(
        self, slot: Slot, request: ImageRequest, context: DrawContext, flight: Flight
    ) -> Image:
        """Have it drawn; where the limits are shared and its place was lost, in another place."""
        while True:
            try:
                return await self._in_its_place(slot, request, context, flight)
            except LeaseLost as lost:
                flight.stop()
                log.warning("the picture of %s is drawn again: %s", slot.id, lost)

    async def _in_its_place(
        self, slot: Slot, request: ImageRequest, context: DrawContext, flight: Flight
    ) -> Image:
        async with self._budget.reserve(slot.id.message_id, context.owner) as reservation:
            # Never the prompt or the slot alone: equal prompts and repeated clicks are jobs of
            # their own.
            job_id = f"{slot.id}#{uuid.uuid4().hex[:12]}"
            self._slots[job_id] = slot.id
            flight.queued(job_id)
            try:
                with context.urgency.job(self.limiter, job_id, context.priority) as priority:
                    return await self.limiter.run(
                        self._start,
                        request,
                        flight,
                        reservation,
                        priority=priority,
                        id=job_id,
                        owner=context.owner,
                        tags=context.tags,
                    )
            finally:
                del self._slots[job_id]

    def slot_of(self, job_id: str) -> SlotId | None:
        """The slot for which a job of the limiter was begun, until that job has ended."""
        return self._slots.get(job_id)

    async def _start(
        self, request: ImageRequest, flight: Flight, reservation: Reservation
    ) -> Image:
        await self._budget.use(reservation)
        flight.start()
        retry = self.limiter.limits.retry
        try:
            async with self.patience.watch(flight.sign) as watch:
                if isinstance(retry, AcquaintedRetry):
                    request = noticing(request, retry.met)
                with reservation.timed():
                    image = await self._backend.generate(watch.watched(request))
                if isinstance(image, Image):
                    reservation.drawn(image)
        except BackendBusy as busy:
            flight.stop()
            if isinstance(retry, SteeredRetry):
                raise
            raise cooling(busy) from busy.__cause__
        except BackendError:
            flight.stop()
            raise
        finally:
            # While it still has its place, so that the next one knows what is left.
            self._budget.tell(reservation)
        if isinstance(retry, AcquaintedRetry):
            retry.met()
        if not isinstance(image, Image) or not image.data:
            raise BadPicture(f"the backend gave {type(image).__name__} without a picture in it")
        return image


def _left_out(image: Image, request: ImageRequest, commands: Sequence[str]) -> dict[str, str]:
    """What of a request was not passed on, or had no place where it was drawn."""
    left = dict.fromkeys(commands, NOT_PASSED_ON)
    if request.attributes.get("reference") and "references" not in image.info:
        left["reference"] = NO_REFERENCES
    return left


def _telling(image: Image, left_out: Mapping[str, str]) -> Image:
    """The picture, which also tells what of its request was not heeded, and why."""
    if not left_out:
        return image
    ignored = image.info.get("ignored")
    before = ignored if isinstance(ignored, Mapping) else {}
    info = {**image.info, "ignored": {**left_out, **before}}
    return replace(image, info=MappingProxyType(info))


async def _looked_up(store: MessageStore, key: str) -> Image | None:
    """A picture of an identical request; a store that cannot be asked now holds nobody up."""
    try:
        return await store.picture(key)
    except StorageError as error:
        log.info("no kept picture is looked for: %s", error)
        return None


def wishes_of(drawing: PendingDrawing) -> dict[str, str]:
    """What a drawing was asked for with, as attributes of a tag.

    Examples:
        >>> wishes_of(PendingDrawing(attempt=1, size="512x512", seed=7))
        {'size': '512x512', 'seed': '7'}
    """
    wishes = {
        "reference": drawing.reference,
        "size": drawing.size,
        "seed": "" if drawing.seed is None else str(drawing.seed),
    }
    return {name: wish for name, wish in wishes.items() if wish}
