"""What the server works with: handed to everything, held by nothing else."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from time import time
from typing import Any, Self

from limner.closing import Closing
from limner.composition.checking.checkup import Finding
from limner.composition.checking.configured import ConfiguredServer, UnusedServer
from limner.illustration import (
    Budget,
    Event,
    Finished,
    Illustrator,
    ProgressChanged,
    Session,
    TagWriter,
    TextChunk,
)
from limner.scheduling import Limiter
from limner.server.events import (
    BlockPublisher,
    EventHub,
    OwnFigures,
    PreviewBox,
    QueuePublisher,
    RecentRuns,
    WatchedStore,
    serialised,
)
from limner.server.logs.access import RecentDecisions
from limner.server.open_answers import OpenAnswers
from limner.server.others.stops import Stops, Withdrawing
from limner.server.pairing import Pairings
from limner.server.preferences import (
    ChatPreferences,
    LiveSettings,
    OwnPins,
    Preferences,
    PresetRepository,
)
from limner.server.schemas import ProgressView
from limner.server.story import (
    BackgroundTasks,
    Leases,
    PromptCost,
    PromptSpending,
    SecondModel,
    TextServer,
    TextServers,
    TurnRunner,
)
from limner.server.tokens import TokenBook
from limner.storage import Bound, Library

log = logging.getLogger(__name__)


async def _nothing(able: bool) -> AsyncIterator[Finding]:
    """There is nothing to look over."""
    found: tuple[Finding, ...] = ()
    for finding in found:
        yield finding


def _no_scenes(by_model: bool) -> TagWriter | None:
    """There is nothing that finds any."""
    return None


async def _nobody() -> list[UnusedServer]:
    """There is nobody to be found."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """What people are told about the server, without secrets.

    Attributes:
        base: The address for front-ends.
        models: The model servers.
        backends: What draws.
        storyteller: Whether the bundled storyteller writes.
        sample: What to say to have a sample story for nothing.
        fixed: What only a restart changes, by the names of the settings.
        bears: Tells in words what the picture server was found to bear; ``""``: nothing yet.
        places: Gives the servers that draw now (`limner.illustration.capabilities.HasPlaces`).
        look: Looks over the configured servers; with ``True``, has them draw and say something.
        find: Finds servers on this machine that are not configured.
        writer: Makes the client of one that was found.
        scenes: Makes what finds places for pictures in texts that have none: with ``True`` a
            model, where one is configured, else their own words.
        bound: How much of each owner's pictures is kept; ``None``: all.
        servers: Those that are asked to write and draw.
    """

    base: str = ""
    bound: Bound | None = None
    models: tuple[str, ...] = ()
    backends: tuple[str, ...] = ()
    storyteller: bool = False
    sample: str | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    bears: Callable[[], str] = str
    places: Callable[[], frozenset[str]] = frozenset
    look: Callable[[bool], AsyncIterator[Finding]] = _nothing
    find: Callable[[], Awaitable[list[UnusedServer]]] = _nobody
    writer: Callable[[str], TextServer] | None = None
    scenes: Callable[[bool], TagWriter | None] = _no_scenes
    servers: tuple[ConfiguredServer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Services(Closing):
    """Everything a server's parts share. Made by `Services.make`; an async context closes it.

    Attributes:
        illustrator: Illustrates; its store is a `WatchedStore` of the library.
        library: Where everything is kept.
        hub: Tells everybody what happens.
        settings: What people chose.
        chat_settings: What they chose for one conversation.
        texts: Who writes.
        clock: Seconds since the epoch.
        presets: The instructions for models.
        turns: Runs the turns of limner's own page.
        stops: Stops what is written and drawn.
        withdrawing: Takes back and deletes what is drawn.
        background: Runs what goes on in the background.
        previews: The previews of pictures that are being drawn.
        queue: Tells of the limiter's queue.
        runs: What was drawn in the last minutes.
        own_figures: Counts for each user what the queue does for them.
        own_pins: The conversations that users have pinned, each for themselves.
        blocks: Tells what is being written, as HTML.
        decisions: What was decided of the last answers of models.
        opened: The answers of models that are asked for at this moment.
        pairings: The pages of other programs that were let in, once `Pairings.load` has read them.
        independent: Whether the illustrator has a second model write the prompts, so that the first
            one is told nothing of pictures.
        facts: What people are told about the server.
        tokens: Who is known; ``None``: nobody is asked for a token.
        prompt_spending: What a second model's prompts have cost.
    """

    illustrator: Illustrator
    library: Library
    hub: EventHub
    settings: LiveSettings
    chat_settings: ChatPreferences
    texts: TextServers
    clock: Callable[[], float]
    presets: PresetRepository
    turns: TurnRunner
    stops: Stops
    withdrawing: Withdrawing
    background: BackgroundTasks
    previews: PreviewBox
    queue: QueuePublisher
    runs: RecentRuns
    own_figures: OwnFigures
    own_pins: OwnPins
    blocks: BlockPublisher
    decisions: RecentDecisions
    pairings: Pairings
    opened: OpenAnswers = field(default_factory=OpenAnswers)
    independent: bool = False
    facts: ServerFacts = ServerFacts()
    tokens: TokenBook | None = None
    prompt_spending: PromptSpending = field(default_factory=PromptSpending)
    _own_background: bool = False
    _budget: Budget = field(init=False, repr=False)
    _unsubscribe: list[Callable[[], None]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        # The illustrator was made with what the configuration says.
        object.__setattr__(self, "_budget", self.settings.defaults.budget())

    def second_model(self, now: Preferences, chat: str | None = None) -> SecondModel:
        """What writes prompts in the place of the model that writes the text.

        Args:
            now: What holds.
            chat: In which conversation, that is told what it costs; ``None``: everywhere.
        """
        return SecondModel(
            self.texts,
            model=lambda: now.prompts_model,
            most=lambda: now.prompts_most,
            tell=lambda cost: self._paid(cost, chat),
        )

    def prompt_writer(self, now: Preferences, chat: str) -> SecondModel | None:
        """Who writes the prompts of an answer, if that is not the model of the text.

        Args:
            now: What holds in its conversation.
            chat: That, which is told what it costs.
        """
        return self.second_model(now, chat) if now.prompts == "second" else None

    def _paid(self, cost: PromptCost, chat: str | None) -> None:
        self.prompt_spending.add(cost)
        self.hub.publish("prompts.written", asdict(cost), chat=chat)

    @property
    def limiter(self) -> Limiter:
        """Through which every picture goes."""
        return self.illustrator.limiter

    @classmethod
    def make(
        cls,
        *,
        illustrator: Illustrator,
        library: Library,
        hub: EventHub,
        settings: LiveSettings,
        background: BackgroundTasks | None = None,
        texts: TextServers | None = None,
        clock: Callable[[], float] = time,
        independent: bool = False,
        facts: ServerFacts = ServerFacts(),
        leases: Leases | None = None,
        previews: PreviewBox | None = None,
        tokens: TokenBook | None = None,
    ) -> Self:
        """Put the parts together, and let the settings and events flow between them.

        Args:
            illustrator: Made with ``store=WatchedStore(library, hub)``, ``ledger=library`` if
                there is a budget, and ``compose=settings.compose``, so that all that it does is
                told and the settings count. It is closed with the services.
            library: It stays its owner's, who closes it.
            hub: Closed with the services.
            settings: Put to use at once.
            background: Its owner's, who closes it after the illustrator, so that what is not
                drawn yet waits for the next start. By default one that stops with the services.
            texts: Who writes; by default nobody.
            clock: Seconds since the epoch.
            independent: Whether the illustrator was made with a ``prompt_writer``.
            facts: What people are told about the server.
            leases: Knows in which conversations other servers write; by default there are none.
            previews: Where previews are kept; by default for this server alone.
            tokens: Who is known, where anybody is asked.
        """
        tasks = background or BackgroundTasks()
        opened, presets = OpenAnswers(), PresetRepository(library)
        services = cls(
            illustrator=illustrator,
            library=library,
            hub=hub,
            settings=settings,
            chat_settings=ChatPreferences(library, lambda: settings.now, presets),
            texts=texts if texts is not None else TextServers({}),
            clock=clock,
            presets=presets,
            turns=TurnRunner(illustrator, hub, tasks, leases),
            stops=Stops(illustrator, hub, opened),
            withdrawing=Withdrawing(illustrator, library, hub),
            opened=opened,
            background=tasks,
            previews=previews if previews is not None else PreviewBox(),
            queue=QueuePublisher(illustrator.limiter, hub, clock),
            runs=RecentRuns(illustrator.limiter, clock, partial(_about, illustrator)),
            own_figures=OwnFigures(
                illustrator.limiter, slot_of=illustrator.slot_of, progress=illustrator.progress
            ),
            own_pins=OwnPins(library),
            blocks=BlockPublisher(hub),
            decisions=RecentDecisions(clock),
            pairings=Pairings(library, clock=clock, changed=lambda: hub.publish("origins", {})),
            independent=independent,
            facts=facts,
            tokens=tokens,
            _own_background=background is None,
        )
        services._apply(settings.now)
        services._unsubscribe.extend(
            [
                settings.on_change(services._follow),
                illustrator.on_progress(services._progress),
                illustrator.on_event(services._happened),
            ]
        )
        return services

    async def aclose(self) -> None:
        """Close all event streams, and follow nothing any more. Twice is fine.

        What the services were made with is its owners', and goes on; but for the hub.
        What runs in the background stops if nobody else was given to run it.
        """
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self.queue.close()
        self.runs.close()
        self.own_figures.close()
        self.blocks.close()
        self.hub.close()
        if self._own_background:
            await self.background.aclose()

    def chat_of(self, message_id: str) -> str | None:
        """The conversation of a message, if that is known without asking the library."""
        return _chat_of(self.illustrator, message_id)

    async def choose(self, choices: Mapping[str, Any]) -> Preferences:
        """Change settings, and tell of it when everybody follows; see `LiveSettings.change`."""
        now = await self.settings.change(choices)
        self.hub.publish("settings", {"chosen": self.settings.chosen})
        return now

    async def _follow(self, now: Preferences) -> None:
        self._apply(now)

    def _apply(self, now: Preferences) -> None:
        limits = now.limits()
        held = self.limiter.limits
        changed = {name: value for name, value in limits.items() if getattr(held, name) != value}
        if changed:
            self.limiter.update(**changed)
        self.illustrator.patience.change(now.picture_timeout, now.settle_timeout)
        if (budget := now.budget()) != self._budget:
            self.illustrator.budget.change(budget)
            object.__setattr__(self, "_budget", budget)
        self.illustrator.draw_with(
            width=now.width,
            height=now.height,
            seed=now.seed,
            negative_prompt=now.negative_prompt,
        )

    def _happened(self, session: Session, event: Event) -> None:
        if type(event) is TextChunk and self.hub.passes_unheard():
            return
        if isinstance(event, Finished) and (error := event.result.prompt_error) is not None:
            log.warning("no prompts were written in chat %s: %s", session.chat_id, error)
        kind, data = serialised(event, session.message_id, session.variant or 0, self.previews)
        if not isinstance(event, Finished):
            self.hub.publish(kind, data, chat=session.chat_id)
        self.blocks.happened(session, event)
        if isinstance(event, Finished):  # whoever shows the text has all of it by then
            self.hub.publish(kind, data, chat=session.chat_id)

    def _progress(self, event: ProgressChanged) -> None:
        chat = self.chat_of(event.message_id)
        data = {
            "message": event.message_id,
            "progress": ProgressView.of(event.progress).model_dump(),
            "overall": ProgressView.of(event.overall).model_dump(),
        }
        self.hub.publish("progress", data, chat=chat)


def _chat_of(illustrator: Illustrator, message_id: str) -> str | None:
    store: Any = illustrator.store
    return store.chat_of(message_id) if isinstance(store, WatchedStore) else None


def _about(illustrator: Illustrator, job_id: str) -> tuple[str | None, str | None]:
    """The place of a job's picture, and its conversation."""
    slot_id = illustrator.slot_of(job_id)
    if slot_id is None:
        return None, None
    return str(slot_id), _chat_of(illustrator, slot_id.message_id)
