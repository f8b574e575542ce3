"""A worker, put together, opened, and closed in order."""

import contextlib
from collections.abc import AsyncIterator

from prometheus_client import CollectorRegistry

from limner.composition import open_sharing, with_spans
from limner.composition.elsewhere import open_easel, order_in
from limner.config import Settings
from limner.illustration import Endurance, StoreKeeper
from limner.illustration.generation.easel.easel import Easel
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.server.events import SharedHub
from limner.server.from_settings import default_preferences
from limner.server.metrics import BackendMetrics, PictureMetrics
from limner.server.orders.unplaced import Unplaced
from limner.server.orders.worker import Worker
from limner.server.others.following import follow_other_servers
from limner.server.preferences import LiveSettings, Preferences
from limner.server.story import BackgroundTasks
from limner.storage import Library


@contextlib.asynccontextmanager
async def working(
    settings: Settings,
    library: Library,
    registry: CollectorRegistry,
    spans: PictureSpans | None = None,
) -> AsyncIterator[Worker]:
    """Have a worker for the time of the block.

    What people choose at servers counts for it as well, within a moment.

    Args:
        settings: How.
        library: Whose orders it draws; stays its owner's.
        registry: Gets its figures.
        spans: Tells of its pictures; by default nobody is told.

    Raises:
        limner.errors.LimnerError: Something it needs cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        await order_in(library)
        sharing = await stack.enter_async_context(open_sharing(settings, library))
        assert sharing is not None  # noqa: S101 - `check_elsewhere` has seen to it
        hub = await SharedHub(sharing.journal).begin()
        stack.callback(hub.close)
        before = with_spans(spans, BackendMetrics(registry).measured)
        easel = await stack.enter_async_context(open_easel(settings, before))
        stack.callback(PictureMetrics(registry, easel.limiter).close)
        chosen = await LiveSettings.load(library, defaults=default_preferences(settings))

        async def follow(now: Preferences) -> None:
            _apply(easel, now)

        _apply(easel, chosen.now)
        chosen.on_change(follow)
        background = BackgroundTasks()
        stack.push_async_callback(background.aclose)
        keeper = StoreKeeper(Endurance(timeout=None))
        follow_other_servers(hub, keeper, background, settings=chosen.refresh)
        yield Worker(
            library,
            hub,
            sharing.notes,
            easel,
            width=settings.work.width,
            unplaced=Unplaced(library, chosen),
            spans=spans,
        )


def _apply(easel: Easel, now: Preferences) -> None:
    held = easel.limiter.limits
    limits = now.limits()
    changed = {name: value for name, value in limits.items() if getattr(held, name) != value}
    if changed:
        easel.limiter.update(**changed)
    easel.patience.change(now.picture_timeout, now.settle_timeout)
