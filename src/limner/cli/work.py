"""`limner work`: draws what servers order that draw elsewhere."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from limner.cli.illustrate import AwayTimeout, PictureTimeout
from limner.cli.serve import Backend, ConfigOption, LogJson, MaxConcurrent, MinInterval, Verbose
from limner.cli.shared.library_place import LibraryOption, PicturesOption
from limner.cli.shared.options import SharedLimits, settings_with

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from limner.config import Settings
    from limner.server.orders.worker import Worker
    from limner.storage import Library

Width = Annotated[
    int | None,
    typer.Option(
        "--width",
        metavar="N",
        min=1,
        help="Pictures it has at the same time, drawn or waiting for their turn; 8 by default.",
    ),
]

MetricsPort = Annotated[
    int | None,
    typer.Option(
        "--metrics-port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Have /metrics, /healthz and /readyz there; by default nowhere.",
    ),
]
MetricsHost = Annotated[
    str | None,
    typer.Option(
        "--metrics-host", metavar="ADDRESS", help="At this address; 127.0.0.1 by default."
    ),
]


def work(
    backend: Backend = None,
    library: LibraryOption = None,
    pictures: PicturesOption = None,
    config: ConfigOption = None,
    width: Width = None,
    max_concurrent: MaxConcurrent = None,
    min_interval: MinInterval = None,
    shared_limits: SharedLimits = None,
    picture_timeout: PictureTimeout = None,
    away_timeout: AwayTimeout = None,
    metrics_port: MetricsPort = None,
    metrics_host: MetricsHost = None,
    log_json: LogJson = False,
    verbose: Verbose = False,
) -> int:
    """Draw the pictures of servers that draw elsewhere: `limner serve --draw elsewhere`.

    Any number of workers and servers share one library in PostgreSQL and one Valkey. The first
    Ctrl-C or SIGTERM lets it finish what it draws, and others take the rest; the second ends it at
    once.
    """
    from limner.composition import check_backends
    from limner.composition.elsewhere import check_elsewhere

    log = {"log_json": log_json or None, "log_level": "debug" if verbose else None}
    serve = {name: value for name, value in log.items() if value is not None}
    own = {"width": width, "metrics_port": metrics_port, "metrics_host": metrics_host}
    settings = settings_with(
        config,
        backend=backend,
        max_concurrent=max_concurrent,
        min_interval=min_interval,
        shared_limits=shared_limits,
        picture_timeout=picture_timeout,
        away_timeout=away_timeout,
        library=library,
        library_pictures=pictures,
        serve=serve or None,
        work={name: value for name, value in own.items() if value is not None} or None,
    )
    check_elsewhere(settings, "limner work")
    check_backends(settings)
    return _logged(settings)


def _logged(settings: "Settings") -> int:
    import uvloop

    from limner.backends.http.secrets import Secrets
    from limner.server.from_settings import secrets_of
    from limner.server.logs import Correlation, logging_to

    with (
        logging_to(
            sys.stderr,
            correlation=Correlation(),
            secrets=Secrets(secrets_of(settings)),
            level=settings.serve.log_level,
            as_json=settings.serve.log_json,
        ),
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        runner.run(_work(settings))
    return 0


@contextlib.asynccontextmanager
async def _watched(
    settings: "Settings", worker: "Worker", library: "Library", registry: "CollectorRegistry"
) -> AsyncIterator[None]:
    """Show how the worker does for the time of the block, where that is wanted."""
    if settings.work.metrics_port is None:
        yield
        return
    from limner.server.listener import BoundSocket
    from limner.server.orders.worker_pages import WorkerPages, shown

    place = BoundSocket(settings.work.metrics_host, settings.work.metrics_port)
    async with shown(WorkerPages(worker, library, registry), place.socket):
        typer.echo(f"  figures at   {place.url}/metrics", err=True)
        yield


async def _work(settings: "Settings") -> None:
    from prometheus_client import CollectorRegistry

    from limner.cli.shared.interrupt import on_interrupt
    from limner.composition import begin_library, open_library, open_tracing, shown_backends
    from limner.server.health import limits_trouble
    from limner.server.orders.working import working

    stop, registry = asyncio.Event(), CollectorRegistry()
    with on_interrupt(stop.set):
        place = begin_library(settings)
        async with open_library(place, settings, begin=True, connections=1) as library:
            async with (
                open_tracing(settings) as spans,
                working(settings, library, registry, spans) as worker,
                _watched(settings, worker, library, registry),
            ):
                drawn_by = ", ".join(shown_backends(settings))
                typer.echo(f"limner works for {library.place}", err=True)
                typer.echo(
                    f"  pictures by  {drawn_by}, {settings.work.width} at a time, "
                    f"{settings.max_concurrent} of all workers",
                    err=True,
                )
                if (trouble := await limits_trouble(worker.limiter)) is not None:
                    typer.echo(
                        f"  WARNING      {trouble}; no picture is begun until they can", err=True
                    )
                await worker.work(stop, grace=settings.work.grace)
