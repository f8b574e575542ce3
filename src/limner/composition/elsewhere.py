"""Drawing by workers, as the settings say: what a server needs for it, and what a worker does."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from limner.composition.backends import Wrap, closing, make_backends
from limner.composition.limits import open_limiter
from limner.config import Settings
from limner.errors import ConfigError
from limner.errors.installation import needing
from limner.illustration.generation.easel.easel import Easel
from limner.illustration.generation.patience import Patience, bound
from limner.scheduling import Limiter

if TYPE_CHECKING:  # heavy: only loaded where it is needed
    from limner.storage import Library


def check_elsewhere(settings: Settings, told: str) -> None:
    """Make sure that workers can draw for servers.

    Args:
        settings: Name the library, and what limits are shared through.
        told: What needs it.

    Raises:
        limner.errors.ConfigError: They do not.
    """
    if not (settings.library or "").startswith(("postgresql:", "postgresql+", "postgres:")):
        raise ConfigError(f"{told} needs a library in PostgreSQL: set library = postgresql://…")
    if settings.shared_limits is None:
        raise ConfigError(f"{told} needs a Valkey server: set shared_limits = valkey://HOST:6379/0")


async def order_in(library: "Library") -> None:
    """Have the drawings of a library ordered from its workers.

    Raises:
        limner.errors.MissingExtra: What that needs is not installed.
        limner.errors.StorageError: The tables for it cannot be made.
    """
    with needing("drawing elsewhere", extra="cluster"):
        await library.draw_elsewhere()


def ordering_limiter(settings: Settings) -> Limiter:
    """How many pictures one server orders at the same time: no more than all may draw.

    The limits that hold are those of the workers; what is ordered from them is not tried again.
    """
    return Limiter(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        rates=tuple(rate.rate() for rate in settings.rates),
        fair=True,
    )


@asynccontextmanager
async def open_easel(settings: Settings, wrap: Wrap | None = None) -> AsyncIterator[Easel]:
    """Have a worker draw for the time of the block, within the limits of all workers.

    Args:
        settings: What draws.
        wrap: What stands before each picture server.

    Raises:
        limner.errors.LimnerError: What draws cannot be made, or limits are not shared.
    """
    async with closing(make_backends(settings, wrap)) as backend, open_limiter(settings) as limiter:
        patience = Patience(
            bound(settings.picture_timeout, "picture_timeout"),
            bound(settings.settle_timeout, "settle_timeout"),
        )
        yield Easel(backend, limiter, patience=patience)
