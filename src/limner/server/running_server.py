"""A server at work: everything put together, opened, and closed in order."""

import contextlib
import logging
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from limner.composition import Sharing, open_pipeline, open_sharing
from limner.composition.checking.configured import CHOSEN_SERVERS, with_chosen
from limner.composition.elsewhere import ordering_limiter
from limner.config import Settings
from limner.illustration import Event, ImageBackend, ImageReady, Outage, Session
from limner.illustration.capabilities import places_of
from limner.illustration.generation.easel.picture_spans import PictureSpans
from limner.server.app import AsgiApp, Proxy, ServerApp
from limner.server.events import EventHub, SharedHub
from limner.server.events.shared_previews import SharedPreviews
from limner.server.events.wire_event import BLOCKS
from limner.server.from_settings import (
    default_preferences,
    guard_rules,
    proxy_settings,
    reasoning_options,
    server_facts,
    text_clients,
    with_storyteller,
)
from limner.server.guard import Guard
from limner.server.guard.paths import MCP
from limner.server.health import Liveness, Readiness, Ready
from limner.server.index_page import Login, Logout
from limner.server.instruction_updates import InstructionUpdates
from limner.server.logs import AccessLog, Correlation
from limner.server.mcp.http_app import McpApp
from limner.server.metrics import (
    BackendMetrics,
    CountingStore,
    Exposition,
    PictureMetrics,
    RequestMetrics,
    ServerMetrics,
    TextMetrics,
)
from limner.server.model_calls import ModelCalls
from limner.server.open_webui import sources as open_webui
from limner.server.orders.ordering import open_elsewhere
from limner.server.others.following import follow_other_servers
from limner.server.others.presence import Presence
from limner.server.page import PageFiles, Shell, StaticFiles
from limner.server.page.static_files import PLACE
from limner.server.preferences import LiveSettings
from limner.server.proxy import IllustratorPictureService, ProxyApp, client_session
from limner.server.proxy.pictures.asked_again import AskedAgain
from limner.server.services import Services
from limner.server.shutdown import Shutdown
from limner.server.sillytavern import sources as sillytavern
from limner.server.startup_recovery import recovering
from limner.server.story import NAME, BackgroundTasks, Storyteller, TextServer, TextServers
from limner.server.tokens import TokenBook
from limner.server.traces import RequestSpans
from limner.server.upkeep import keep_bounds
from limner.storage import Library

log = logging.getLogger(__name__)

LIBRARY_TIMEOUT = 3600.0
"""Seconds for which the server tries a library again that fails, if nobody says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningServer:
    """A server that works.

    Attributes:
        app: The ASGI application, with its guard before it.
        shutdown: Ends it.
        services: What it works with.
        readiness: How far it is.
        registry: Its figures.
    """

    app: Guard
    shutdown: Shutdown
    services: Services
    readiness: Readiness
    registry: CollectorRegistry


@contextlib.asynccontextmanager
async def running(
    settings: Settings,
    *,
    library: Library,
    tokens: TokenBook,
    public_url: str,
    token_required: bool = False,
    correlation: Correlation | None = None,
    page: AsgiApp | None = None,
    backend: ImageBackend | None = None,
    spans: PictureSpans | None = None,
) -> AsyncIterator[RunningServer]:
    """Run a server for the time of the block, all but the listening.

    Args:
        settings: How.
        library: Where everything is kept; stays its owner's.
        tokens: Who is known.
        public_url: Under which browsers reach it.
        token_required: Whether nobody gets in without a token even if there is none at all.
        correlation: Which request something is about.
        page: What ``GET /`` shows in place of the page.
        backend: What draws in place of what the settings say; stays its owner's.
        spans: Tells of requests, models and pictures; by default nobody is told.

    Raises:
        limner.errors.ConfigError: The settings do not go together.
        limner.errors.LimnerError: An address, a key or the library cannot be used.
    """
    about = correlation or Correlation()
    requests = [] if spans is None else [RequestSpans(spans.tracer)]
    settings = with_chosen(settings, await library.setting(CHOSEN_SERVERS, {}))
    registry, readiness = CollectorRegistry(), Readiness()
    async with contextlib.AsyncExitStack() as stack:
        services = await _services(
            stack, settings, library, registry, backend, public_url, tokens, spans
        )  # fmt: skip
        await services.pairings.load()
        _follow_front_ends(services, about)
        pictures = IllustratorPictureService(
            services.illustrator,
            public_url=public_url,
            patterns=settings.patterns,
            owner=about.owner,
            reads=about.reads,
            library=library,
            reasoning=reasoning_options(settings),
            again=partial(AskedAgain, allowed=lambda: services.settings.now.illustrate),
            links=settings.serve.picture_links,
        )
        stack.push_async_callback(pictures.aclose)
        proxy = await _proxy(stack, settings, services, pictures, public_url, spans)
        secure = urlsplit(public_url).scheme == "https"
        login = Login(tokens, secure=secure)
        mcp = await stack.enter_async_context(McpApp(services, settings, public_url=public_url))
        files = PageFiles.bundled()
        ready = Ready(
            readiness, library.probe, services.limiter,
            others=lambda: services.hub.trouble, ordered=settings.serve.draw != "here",
        )  # fmt: skip
        pages: dict[tuple[str, str], AsgiApp] = {
            ("GET", "/"): page or Shell(files),
            ("GET", "/login"): login,
            ("POST", "/login"): login,
            ("POST", "/logout"): Logout(secure=secure),
            ("GET", "/healthz"): Liveness(),
            ("GET", "/readyz"): ready,
            ("GET", "/metrics"): Exposition(registry),
            **{(method, MCP): mcp for method in ("GET", "POST", "DELETE")},
        }
        guard = Guard(
            ServerApp(
                proxy=proxy,
                api=partial(_api, services),
                pages=pages,
                folders={
                    PLACE: StaticFiles(files),
                    sillytavern.SOURCES: sillytavern.extension_sources(),
                    open_webui.SOURCES: open_webui.action_sources(),
                },
            ),
            login=login,
            rules=guard_rules(settings, public_url=public_url, token_required=token_required),
            tokens=tokens,
            clock=time.monotonic,
            watchers=[
                RequestMetrics(registry, time.monotonic),
                AccessLog(time.monotonic),
                services.decisions,
                *requests,
            ],
            paired=services.pairings.allows,
            on_begin=[about.begin, *(one.begin for one in requests)],
        )
        registry.register(ServerMetrics(readiness, services.hub))
        await stack.enter_async_context(recovering(services.illustrator, library, readiness))
        if (bound := services.facts.bound) is not None:
            services.background.start(keep_bounds(services, bound), name="keeping within bounds")
        shutdown = Shutdown(
            guard=guard,
            readiness=readiness,
            illustrator=services.illustrator,
            hub=services.hub,
            close=lambda: _stop(services, mcp, proxy, pictures),
            grace=settings.serve.grace,
        )
        yield RunningServer(
            app=guard,
            shutdown=shutdown,
            services=services,
            readiness=readiness,
            registry=registry,
        )


def _api(services: Services) -> AsgiApp:
    from limner.server.api import make_api

    return make_api(services)


def _follow_front_ends(services: Services, about: Correlation) -> None:
    """Let the page tell at once which front-end asked, and what was drawn for it."""

    def happened(session: Session, event: Event) -> None:
        if about.request_id():
            services.decisions.drawn(about.request_id())

    services.illustrator.on_event(happened, ImageReady)
    services.decisions.on_change(lambda: services.hub.publish("decisions", {}, chat=None))


async def _services(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    library: Library,
    registry: CollectorRegistry,
    given: ImageBackend | None,
    public_url: str,
    tokens: TokenBook,
    spans: PictureSpans | None,
) -> Services:
    """Who draws, who writes and who is told; closed with the stack."""
    sharing = await stack.enter_async_context(open_sharing(settings, library))
    hub = await _hub(sharing)
    presence = await stack.enter_async_context(Presence(library))
    chosen = await LiveSettings.load(library, defaults=default_preferences(settings))
    clients: dict[str, TextServer] = {**text_clients(settings)}
    clients = clients or {NAME: Storyteller(random.SystemRandom())}
    calls = None if spans is None else ModelCalls(spans.tracer, passed_on=settings.tracing.pass_on)
    texts = TextServers(clients, preferred=lambda: chosen.now.model, calls=calls)
    stack.push_async_callback(texts.aclose)
    background = BackgroundTasks()
    stack.push_async_callback(background.aclose)
    elsewhere: ImageBackend | None = None
    if settings.serve.draw == "elsewhere":
        elsewhere = await open_elsewhere(stack, settings, library, hub, sharing, spans)
    if given is not None and spans is not None:
        given = spans.drawn_by(given)
    counted = TextMetrics(registry)
    pipeline = await stack.enter_async_context(
        open_pipeline(
            settings,
            backend=given or elsewhere,
            limiter=None if elsewhere is None else ordering_limiter(settings),
            wrap=BackendMetrics(registry).measured,
            store=CountingStore(library, hub, counted, working=presence.working),
            ledger=library,
            references=library,
            compose=chosen.compose,
            refiner=texts,
            library_timeout=LIBRARY_TIMEOUT,
            spans=spans,
        )
    )
    stack.callback(pipeline.illustrator.keeper.on_change(_tell_of))
    counted.characters.follow(pipeline.illustrator)
    stack.callback(PictureMetrics(registry, pipeline.limiter).close)
    services = Services.make(
        illustrator=pipeline.illustrator,
        library=library,
        hub=hub,
        settings=chosen,
        background=background,
        texts=texts,
        facts=server_facts(
            settings,
            public_url,
            bears=lambda: pipeline.learned().words,
            places=lambda: places_of(pipeline.backend),
        ),
        leases=None if sharing is None else sharing.leases,
        previews=None if sharing is None else SharedPreviews(sharing.notes),
        tokens=tokens,
    )
    follow_other_servers(
        hub,
        pipeline.illustrator.keeper,
        background,
        settings=services.settings.refresh,
        presets=services.presets.refresh,
        origins=services.pairings.load,
        **{"chat.settings": services.chat_settings.load},
    )
    # Not before: a start on a busy machine may take longer than it takes to be taken for dead.
    await presence.begin()
    presence.follow(pipeline.illustrator)
    return await stack.enter_async_context(services)


async def _hub(sharing: Sharing | None) -> EventHub:
    if sharing is None:
        return EventHub(now=time.time())
    return await SharedHub(sharing.journal, costly=frozenset({BLOCKS})).begin()


def _tell_of(outage: Outage | None) -> None:
    if outage is None:
        log.info("the library takes what is made again")
    else:
        log.warning("%s; what is made is held in memory and tried again", outage.error)


async def _proxy(
    stack: contextlib.AsyncExitStack,
    settings: Settings,
    services: Services,
    pictures: IllustratorPictureService,
    public_url: str,
    spans: PictureSpans | None,
) -> Proxy:
    """What speaks OpenAI's protocol, and tells models of pictures what people choose."""
    how = proxy_settings(settings, public_url=public_url)
    how = await stack.enter_async_context(with_storyteller(how))
    session = await stack.enter_async_context(client_session(how))
    proxy = ProxyApp(
        how,
        session=session,
        pictures=pictures,
        opened=services.opened,
        tracer=None if spans is None else spans.tracer,
    )
    updates = InstructionUpdates(
        proxy,
        settings=services.settings,
        chats=services.chat_settings,
        presets=services.presets,
        second=services.second_model,
    )
    stack.callback(updates.close)
    await updates.begin(settings.serve.preset)
    return proxy


async def _stop(
    services: Services, mcp: McpApp, proxy: Proxy, pictures: IllustratorPictureService
) -> None:
    """Stop all work; what is not drawn yet waits for the next start."""
    proxy.stop()
    await services.aclose()
    await services.illustrator.aclose()
    await pictures.aclose()
    await proxy.aclose()  # whoever waits has heard of what was drawn until now
    await mcp.aclose()
    await services.background.aclose()
