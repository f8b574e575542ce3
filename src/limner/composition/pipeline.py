"""All that is between a text and its pictures, put together, and closed in order."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from limner.backends.images.learning import Learned
from limner.composition.backends import Wrap, closing, make_backends
from limner.composition.learning import learning
from limner.composition.limits import make_budget, open_limiter
from limner.composition.tracing import with_spans
from limner.config import Settings
from limner.illustration import (
    Budget,
    Composer,
    DrawingLedger,
    Endurance,
    FormerPictures,
    Illustrator,
    ImageBackend,
    Look,
    MessageStore,
    PictureSize,
    PictureTimeouts,
    Policies,
    ReferenceShelf,
    TagWriter,
    TextModel,
)
from limner.illustration.capabilities import places_of
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.scheduling import Limiter

LIBRARY_TIMEOUT = 60.0
"""Seconds for which a command waits at its end for a library that fails, if nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What draws a text's pictures.

    Attributes:
        illustrator: Illustrates texts.
        limiter: Through which every picture goes.
        backend: What draws.
        learned: Tells what a single picture server was found to bear.
    """

    illustrator: Illustrator
    limiter: Limiter
    backend: ImageBackend
    learned: Callable[[], Learned]


@asynccontextmanager
async def open_pipeline(
    settings: Settings,
    *,
    limiter: Limiter | None = None,
    backend: ImageBackend | None = None,
    wrap: Wrap | None = None,
    store: MessageStore | None = None,
    ledger: DrawingLedger | None = None,
    size: tuple[int, int] = (768, 512),
    seed: int | None = None,
    compose: Composer | None = None,
    look: Look | None = None,
    refiner: TextModel | None = None,
    tag_writer: TagWriter | None = None,
    former: FormerPictures | None = None,
    budget: Budget | None = None,
    references: ReferenceShelf | None = None,
    reference_files: Mapping[str, Path] | None = None,
    library_timeout: float = LIBRARY_TIMEOUT,
    spans: PictureSpans | None = None,
) -> AsyncIterator[Pipeline]:
    """Have texts illustrated as the settings say, for the time of the block.

    Args:
        settings: How.
        limiter: Goes before one of its own, for several pipelines that share their limits.
        backend: Draws in place of what the settings say; stays its owner's.
        wrap: What stands before each picture server.
        store: Where messages are kept; in memory by default.
        ledger: Remembers what was drawn and what it cost; by default the store, if it can. Only
            where it is given the budget of the settings holds, which is a server's.
        size: Of the pictures, in pixels.
        seed: Makes the pictures repeatable.
        compose: Makes of a prompt what the backend is told.
        look: In place of the last two and of `former`: what pictures look like.
        refiner: The model that changes prompts as a reader wishes.
        tag_writer: Puts tags into texts that have ended.
        former: Pictures that the texts had before they were edited.
        budget: Goes before that of the settings.
        references: Where the reference pictures are that tags name; by default the store, if it
            keeps any.
        reference_files: Reference pictures in files, by name, which go before those; whatever
            draws may see them.
        library_timeout: Seconds for which a store that fails is tried again before what it did not
            take is given up, unless the settings say so.
        spans: Tells of each picture, and of each drawing by what the settings say; by default
            nobody is told.

    Raises:
        limner.errors.LimnerError: What draws cannot be made; see `make_backends`.
        ValueError: A size is out of range.
    """
    if budget is None and ledger is not None:
        budget = make_budget(settings)
    async with AsyncExitStack() as stack:
        drawn_by = await _drawn_by(stack, settings, backend, wrap, spans)
        if limiter is None:
            limiter = await stack.enter_async_context(open_limiter(settings))
        learned = stack.enter_context(
            learning(limiter, drawn_by, away_timeout=settings.away_timeout)
        )
        illustrator = Illustrator(
            backend=drawn_by,
            limiter=limiter,
            store=store,
            patterns=settings.patterns,
            size=PictureSize(width=size[0], height=size[1]),
            look=replace(
                look or Look(compose=compose, seed=seed, former=former),
                references=_shelf(references, store, reference_files, drawn_by),
            ),
            timeouts=PictureTimeouts(
                picture_timeout=settings.picture_timeout, settle_timeout=settings.settle_timeout
            ),
            policies=Policies(endurance=_endurance(settings, library_timeout), spans=spans),
            budget=budget,
            ledger=ledger or (store if isinstance(store, DrawingLedger) else None),
            refiner=refiner,
            prompt_writer=tag_writer,
        )
        await stack.enter_async_context(illustrator)
        yield Pipeline(illustrator=illustrator, limiter=limiter, backend=drawn_by, learned=learned)


def _shelf(
    given: ReferenceShelf | None,
    store: MessageStore | None,
    files: Mapping[str, Path] | None,
    backend: ImageBackend,
) -> ReferenceShelf | None:
    kept = given or (store if isinstance(store, ReferenceShelf) else None)
    if not files:
        return kept
    from limner.backends.images.support.reference_files import ReferenceFiles

    return ReferenceFiles(files, places_of(backend), kept)


def _endurance(settings: Settings, usual: float) -> Endurance:
    seconds = settings.library_timeout
    return Endurance(timeout=usual if seconds is None else seconds or None)


async def _drawn_by(
    stack: AsyncExitStack,
    settings: Settings,
    given: ImageBackend | None,
    wrap: Wrap | None,
    spans: PictureSpans | None,
) -> ImageBackend:
    """What draws: what was given, or what the settings say, closed with the stack."""
    if given is None:
        made = make_backends(settings, wrap if spans is None else with_spans(spans, wrap))
        return await stack.enter_async_context(closing(made))
    return wrap(given, "given") if wrap is not None else given
