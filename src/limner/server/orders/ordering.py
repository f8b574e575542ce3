"""What draws for a server that does not draw itself, as the settings say."""

from contextlib import AsyncExitStack

from limner.composition import Sharing, closing, make_backends
from limner.composition.elsewhere import check_elsewhere, order_in
from limner.config import Settings
from limner.illustration import ImageBackend
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.server.events import EventHub
from limner.server.orders.elsewhere import Elsewhere
from limner.storage import Library
from limner.tracing import OFF


async def open_elsewhere(
    stack: AsyncExitStack,
    settings: Settings,
    library: Library,
    hub: EventHub,
    sharing: Sharing | None,
    spans: PictureSpans | None,
) -> ImageBackend:
    """What draws where that is not this server, closed with the stack.

    Args:
        stack: Closes it.
        settings: What workers draw with.
        library: Where orders are placed.
        hub: Tells workers of them.
        sharing: What servers of one library share.
        spans: Tells of orders; the spans of workers are parts of theirs. ``None``: nobody does.

    Raises:
        limner.errors.LimnerError: What that needs is missing.
    """
    check_elsewhere(settings, "drawing elsewhere")
    assert sharing is not None  # noqa: S101 - that was checked
    await order_in(library)
    drawn_by = await stack.enter_async_context(closing(make_backends(settings)))
    elsewhere = await stack.enter_async_context(
        Elsewhere(
            library,
            hub,
            sharing.notes,
            drawn_by=drawn_by,
            tracer=OFF if spans is None else spans.tracer,
        )
    )
    return elsewhere if spans is None else spans.drawn_by(elsewhere, elsewhere=True)
