"""Metrics of the store: characters that came in, pictures found in it."""

from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry, Counter

from limner.illustration import Image
from limner.server.events import EventHub, WatchedStore
from limner.storage import Library


class TextMetrics:
    """Counts characters that came in, and pictures that were looked for.

    Args:
        registry: Where the figures are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.characters = Counter(
            "limner_text_characters", "Characters of illustrated answers that came in.",
            registry=registry,
        )  # fmt: skip
        self.lookups = Counter(
            "limner_picture_cache", "Pictures looked for before they were drawn, by result.",
            ["result"], registry=registry,
        )  # fmt: skip


class CountingStore(WatchedStore):
    """A store whose every change is told and counted.

    Args:
        library: Where messages are kept.
        hub: Who is told.
        metrics: What is counted.
        working: As for `WatchedStore`.
    """

    def __init__(
        self,
        library: Library,
        hub: EventHub,
        metrics: TextMetrics,
        *,
        working: Callable[[str, int], None] = lambda message_id, variant: None,
    ) -> None:
        super().__init__(library, hub, working=working)
        self._metrics = metrics

    def append_text(self, message_id: str, variant: int, text: str) -> Awaitable[bool]:
        """Keep more of an answer."""
        self._metrics.characters.inc(len(text))
        return super().append_text(message_id, variant, text)

    async def picture(self, request_key: str) -> Image | None:
        """A picture of an identical request."""
        image = await super().picture(request_key)
        self._metrics.lookups.labels("miss" if image is None else "hit").inc()
        return image
