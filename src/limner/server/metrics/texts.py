"""Metrics of the store: characters that came in, pictures found in it."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from limner.illustration import Event, Illustrator, Image, PromptFound, Session, TextChunk
from limner.server.events import EventHub, WatchedStore
from limner.storage import Library


class CharacterCount(Collector):
    """Counts the characters of illustrated answers, those of tags included.

    Every stream tells of more of them ten times a second, so they are summed up here, and told as
    a figure only when somebody asks for it.
    """

    def __init__(self) -> None:
        self.characters = 0

    def follow(self, illustrator: Illustrator) -> None:
        """Count what comes in at an illustrator."""
        illustrator.on_event(self._text, TextChunk)
        illustrator.on_event(self._tag, PromptFound)

    def _text(self, session: Session, event: Event) -> None:
        if isinstance(event, TextChunk):
            self.characters += len(event.text)

    def _tag(self, session: Session, event: Event) -> None:
        if isinstance(event, PromptFound):
            self.characters += len(event.slot.tag.source)

    def collect(self) -> Iterable[Metric]:
        """The figure as it is now."""
        about = "Characters of illustrated answers that came in."
        yield CounterMetricFamily("limner_text_characters", about, value=self.characters)


class TextMetrics:
    """Counts characters that came in, and pictures that were looked for.

    Args:
        registry: Where the figures are.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.characters = CharacterCount()
        registry.register(self.characters)
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

    async def picture(self, request_key: str) -> Image | None:
        """A picture of an identical request."""
        image = await super().picture(request_key)
        self._metrics.lookups.labels("miss" if image is None else "hit").inc()
        return image
