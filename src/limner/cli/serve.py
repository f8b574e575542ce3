"""`limner serve`: the proxy for front-ends, the API, and the page."""

import asyncio
import gc
import shlex
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.illustrate import AwayTimeout, PictureTimeout, SettleTimeout
from limner.cli.shared.library_place import LibraryOption, PicturesOption
from limner.cli.shared.options import SharedLimits, settings_with

if TYPE_CHECKING:
    from limner.config import Settings
    from limner.server.listener import BoundSocket
    from limner.server.logs import Correlation
    from limner.server.tokens import TokenBook
    from limner.storage import Library

YOUNG = 10_000
"""Objects that may be made before those among them that refer to each other are looked for."""
STORYTELLER = "the built-in storyteller; for a real one add --llm URL"

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="The settings file; else LIMNER_CONFIG or the usual one."
    ),
]
Host = Annotated[
    str | None,
    typer.Option("--host", metavar="ADDRESS", help="Where to listen; 127.0.0.1 by default."),
]
Port = Annotated[
    int | None,
    typer.Option("--port", metavar="N", min=0, max=65535, help="8750 by default; 0: any free one."),
]
Llm = Annotated[
    list[str] | None,
    typer.Option(
        "--llm",
        metavar="URL",
        help="An OpenAI-compatible model server; can be given several times.",
    ),
]
Backend = Annotated[
    list[str] | None,
    typer.Option(
        "--backend",
        metavar="NAME|KIND+URL",
        help="What draws; given several times, they draw side by side.",
    ),
]
PublicUrl = Annotated[
    str | None,
    typer.Option(
        "--public-url",
        metavar="URL",
        help="Under which browsers reach this server: it stands in every picture's address.",
    ),
]
MaxConcurrent = Annotated[
    int | None,
    typer.Option("--max-concurrent", metavar="N", min=1, help="Pictures drawn at the same time."),
]
MinInterval = Annotated[
    float | None,
    typer.Option("--min-interval", metavar="SECONDS", min=0, help="Seconds between two starts."),
]
ModeOption = Annotated[
    str | None,
    typer.Option(
        "--mode", metavar="MODE", help="How pictures come into answers: inline, append, hold, off."
    ),
]
PresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset", metavar="ID", help="What models are told about pictures; none: nothing."
    ),
]
DrawOption = Annotated[
    str | None,
    typer.Option(
        "--draw",
        metavar="WHERE",
        help="Where pictures are drawn: here, or elsewhere by `limner work`.",
    ),
]
LogJson = Annotated[bool, typer.Option("--log-json", help="Log one JSON object a line.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Log more.")]


def serve(
    host: Host = None,
    port: Port = None,
    llm: Llm = None,
    backend: Backend = None,
    public_url: PublicUrl = None,
    library: LibraryOption = None,
    pictures: PicturesOption = None,
    config: ConfigOption = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    shared_limits: SharedLimits = None,
    picture_timeout: PictureTimeout = None,
    settle_timeout: SettleTimeout = None,
    away_timeout: AwayTimeout = None,
    mode: ModeOption = None,
    preset: PresetOption = None,
    draw: DrawOption = None,
    log_json: LogJson = False,
    verbose: Verbose = False,
) -> int:
    """Illustrate what any chat front-end has written: serve OpenAI's protocol, and a page.

    Bound elsewhere than to this machine it refuses to start without a token: make one with
    `limner token add NAME`, or set LIMNER_SERVE__TOKEN. Keys are read from the environment or the
    settings file only. The first Ctrl-C or SIGTERM ends it in order, the second at once.
    """
    from limner.composition import check_backends
    from limner.composition.elsewhere import check_elsewhere
    from limner.server.listener import BoundSocket

    given = {
        "host": host,
        "port": port,
        "public_url": public_url,
        "mode": mode,
        "preset": preset,
        "draw": draw,
        "log_json": log_json or None,
        "log_level": "debug" if verbose else None,
    }
    settings = settings_with(
        config,
        llm=llm,
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        shared_limits=shared_limits,
        picture_timeout=picture_timeout,
        settle_timeout=settle_timeout,
        away_timeout=away_timeout,
        library=library,
        library_pictures=pictures,
        serve={name: value for name, value in given.items() if value is not None} or None,
    )
    check_backends(settings)
    if settings.serve.draw == "elsewhere":
        check_elsewhere(settings, "drawing elsewhere")
    place = BoundSocket(settings.serve.host, settings.serve.port)
    try:
        return _serve(settings, place, add_token=_add_token(library=library, config=config))
    finally:
        place.close()


def _add_token(**given: str | Path | None) -> str:
    """The command that makes a token for this server: in its library, which the settings name.

    Examples:
        >>> _add_token(library=None, config="my limner.toml")
        "limner token add NAME --config 'my limner.toml'"
    """
    named = [word for name, value in given.items() if value for word in (f"--{name}", str(value))]
    return shlex.join(("limner", "token", "add", "NAME", *named))


def _serve(settings: "Settings", place: "BoundSocket", *, add_token: str) -> int:
    import uvloop

    from limner.backends.http.secrets import Secrets
    from limner.server.from_settings import secrets_of
    from limner.server.logs import Correlation, logging_to

    _refuse_early(settings, place, add_token)
    correlation = Correlation()
    secrets = Secrets(secrets_of(settings))
    with (
        logging_to(
            sys.stderr,
            correlation=correlation,
            secrets=secrets,
            level=settings.serve.log_level,
            as_json=settings.serve.log_json,
        ),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_run(settings, place, correlation, add_token=add_token))
    return 0


def _refuse_early(settings: "Settings", place: "BoundSocket", add_token: str) -> None:
    """Refuse without beginning a library, where none is there that could hold a token."""
    from limner.composition import default_library

    serve = settings.serve
    if place.is_local or serve.token or serve.tokens or serve.trusted_user:
        return
    where = settings.library or default_library()
    if "://" not in where and not (Path(where) / "limner.db").is_file():
        raise _no_token(place, add_token)


def _no_token(place: "BoundSocket", add_token: str) -> Exception:
    from limner.errors import ConfigError

    return ConfigError(
        f"others reach {place.host}, so a token is needed: `{add_token}` makes one, or "
        f"set LIMNER_SERVE__TOKEN; or listen at 127.0.0.1 alone"
    )


async def _run(
    settings: "Settings", place: "BoundSocket", correlation: "Correlation", *, add_token: str
) -> None:
    from limner.cli.shared.interrupt import on_interrupt
    from limner.composition import begin_library, open_library, open_tracing
    from limner.composition.checking.first_answers import tell_first_answers
    from limner.config.loading import names_telemetry
    from limner.server.from_settings import configured_admins, configured_tokens
    from limner.server.health import limits_trouble
    from limner.server.listener import listen
    from limner.server.running_server import running
    from limner.server.tokens import TokenBook

    stop = asyncio.Event()
    with on_interrupt(stop.set):
        async with open_library(begin_library(settings), settings, begin=True) as library:
            tokens = TokenBook(
                library,
                configured_tokens(settings),
                admins=configured_admins(settings),
                clock=time.monotonic,
            )
            await tokens.refresh()
            if not place.is_local and not tokens and not settings.serve.trusted_user:
                raise _no_token(place, add_token)
            public_url = (settings.serve.public_url or place.url).rstrip("/")
            async with (
                open_tracing(settings) if names_telemetry() else nullcontext() as spans,
                running(
                    settings,
                    library=library,
                    tokens=tokens,
                    public_url=public_url,
                    token_required=not place.is_local,
                    correlation=correlation,
                    spans=spans,
                ) as server,
            ):
                trouble = await limits_trouble(server.services.limiter)
                # What is there now stays until the end: no collection need look at it, and none
                # makes a stream wait while it does.
                gc.collect()
                gc.freeze()
                gc.set_threshold(YOUNG)  # by default each answer would have several looked for

                def ready() -> None:
                    _greet(settings, place, public_url, library, tokens, trouble)
                    services = server.services
                    asking = tell_first_answers(services.facts.servers)
                    services.background.start(asking, name="first answers of servers")

                await listen(server, place, settings.serve, stop=stop, ready=ready)


def _greet(
    settings: "Settings",
    place: "BoundSocket",
    public_url: str,
    library: "Library",
    tokens: "TokenBook",
    trouble: str | None,
) -> None:
    """Say where everything is, and what is not as it should be."""
    from limner.composition import shown_backends
    from limner.server.from_settings import proxy_upstreams

    models = [f"{one.name} at {one.endpoint.base}" for one in proxy_upstreams(settings)]
    backends = ", ".join(shown_backends(settings))
    if settings.serve.draw == "elsewhere":
        backends = "workers (limner work)"
    lines = [
        f"limner is ready at {place.url}",
        f"  front-ends   {public_url}/v1",
        f"  models       {', '.join(models) or STORYTELLER}",
        f"  pictures by  {backends}, {settings.max_concurrent} at a time",
        f"  library      {library.place}",
        f"  tokens       {_who_may(settings, len(tokens))}",
    ]
    if trouble is not None:
        lines.append(f"  WARNING      {trouble}; no picture is begun until they can")
    if not place.is_local and settings.serve.public_url is None:
        lines.append(
            "  note         pictures' addresses begin with "
            f"{public_url}, which others cannot reach; set --public-url"
        )
    for line in lines:
        typer.echo(line, err=True)


def _who_may(settings: "Settings", tokens: int) -> str:
    """Who is let in, by how many tokens there are."""
    if settings.serve.trusted_user is not None:
        told = f"whom a trusted proxy names in {settings.serve.trusted_user}"
        return f"{tokens}, and {told}" if tokens else f"none; only {told} is let in"
    return str(tokens) if tokens else "none: whoever reaches this address may use it"
