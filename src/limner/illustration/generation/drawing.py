"""The one way to a picture, streamed or manual: request, global limiter, backend, patience."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from limner.errors import BackendRejected, StorageError
from limner.illustration.capabilities import identity_of
from limner.illustration.generation.budget_guard import BudgetGuard
from limner.illustration.generation.easel.draw_context import DrawContext
from limner.illustration.generation.easel.easel import Easel
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.illustration.generation.former_pictures import FormerPictures
from limner.illustration.generation.patience import Patience
from limner.illustration.generation.references import References
from limner.illustration.generation.single_flight import Flight, SingleFlight, Watcher
from limner.illustration.model.image import Image, ImageRequest, ProgressSink, Purpose
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
        clock: Gives the seconds since the epoch.
        spans: Tells of each picture; by default nobody is told.

    Attributes:
        defaults: May be replaced at any time, for the drawings that come.
        limiter: As given.
        patience: As given.
        spans: As given.
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
        clock: Callable[[], float] = time.time,
        spans: PictureSpans | None = None,
    ) -> None:
        self._backend = backend
        self._easel = Easel(backend, limiter, patience=patience, budget=budget)
        self.limiter = limiter
        self.defaults = defaults
        self.patience = patience
        self.spans = spans
        self._store = store
        self._composer = composer
        self._former = former
        self._references = references
        self._clock = clock
        self._flights: SingleFlight[Image] = SingleFlight()

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
        if context.from_cache and self._former is not None:
            former = self._former.take(slot)
            changed = self._former.as_changed(slot)
            if changed is not slot:
                slot, drawing = changed, replace(drawing, version=changed.prompts.current)
            if former is not None:
                if watcher.on_start is not None:
                    watcher.on_start()
                return Alternative(
                    former, slot.prompts.versions[drawing.version].text, version=drawing.version
                )
        prompt = slot.prompts.versions[drawing.version].text
        flight = Flight()
        request, commands = request_for(
            slot, drawing, self.defaults, composer=self._composer, progress=flight.progress
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
            request = replace(request, purpose=_purpose(slot, drawing, context))
            image = await self._drawn(slot, request, context, watcher, flight, key)
            image = _telling(image, _left_out(image, request, commands))
        return Alternative(
            image, prompt, version=drawing.version, request_key=key, made_at=self._clock()
        )  # fmt: skip

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
            return await self._easel.draw(slot.id, request, context, flight)

        if key is None:
            flight.join(watcher)
            return await begin(flight)
        return await self._flights.run(key, begin, watcher, flight)

    def slot_of(self, job_id: str) -> SlotId | None:
        """The slot for which a job of the limiter was begun, until that job has ended."""
        return self._easel.slot_of(job_id)


def request_for(
    slot: Slot,
    drawing: PendingDrawing,
    defaults: RequestDefaults,
    *,
    composer: Composer | None,
    progress: ProgressSink | None = None,
) -> tuple[ImageRequest, Sequence[str]]:
    """What a backend is asked for one drawing of a slot; and the commands that were left out.

    Args:
        slot: What to draw, and its tag's attributes.
        drawing: Which drawing of it.
        defaults: What a picture is like unless its tag says otherwise.
        composer: Joins styles and characters to the prompt.
        progress: Told how far the picture is.

    Raises:
        limner.errors.BackendRejected: The prompt has nothing to draw beside commands.
    """
    asked = without_commands(slot.prompts.versions[drawing.version].text)
    if not asked.text:
        raise BackendRejected("the prompt has only commands to a picture server, no picture")
    own, nth = wishes_of(drawing), 0 if drawing.seed is not None else drawing.attempt
    request = build_request(
        asked.text,
        {**slot.tag.attributes, **own},
        defaults,
        occurrence=(slot.id.ordinal, nth),
        composer=composer,
        progress=progress,
    )
    return request, asked.commands


def _purpose(slot: Slot, drawing: PendingDrawing, context: DrawContext) -> Purpose:
    return Purpose(
        message_id=slot.id.message_id,
        variant=slot.id.variant,
        ordinal=slot.id.ordinal,
        attempt=drawing.attempt,
        owner=context.owner,
        priority=context.priority,
    )


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
