"""How fast pictures may be made, and how many, as the settings say."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from math import inf

from limner.config import Settings
from limner.errors import ConfigError
from limner.errors.installation import needing
from limner.illustration import Budget, RestartPatience
from limner.illustration.model.cost import Cost
from limner.scheduling import Limiter, SharedLimits


@asynccontextmanager
async def open_limiter(settings: Settings) -> AsyncIterator[Limiter]:
    """Have a limiter for the time of the block, alone or together with other processes.

    Raises:
        limner.errors.ConfigError: The settings name no Valkey server.
        limner.errors.MissingExtra: Limits are shared, and what that needs is not installed.
    """
    if settings.shared_limits is None:
        yield make_limiter(settings)
        return
    with needing("shared_limits", extra="cluster"):
        from limner.cluster import ValkeyLimits
    address = settings.shared_limits.get_secret_value()
    try:
        shared = ValkeyLimits.from_url(address, name="limner")
    except ValueError as error:
        raise ConfigError(f"shared_limits is no address of a Valkey server: {error}") from error
    async with shared:
        yield make_limiter(settings, shared=shared)


def make_limiter(settings: Settings, *, shared: SharedLimits | None = None) -> Limiter:
    """Through which every picture goes; owners take turns, and some failures are tried again.

    Args:
        settings: How fast.
        shared: Keeps the limits together with other processes.

    Examples:
        >>> limiter = make_limiter(Settings(max_concurrent=2, rates=[{"limit": 30, "per": 60}]))
        >>> limiter.limits.max_concurrent, limiter.limits.rates
        (2, (Rate(limit=30, per=60.0),))
    """
    return Limiter(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        rates=tuple(rate.rate() for rate in settings.rates),
        retry=RestartPatience(seconds=settings.away_timeout or inf),
        fair=True,
        shared=shared,
    )


def message_budget(costs: Sequence[Cost], earlier: Sequence[Cost] = ()) -> Budget | None:
    """What the pictures of one message may cost; ``None``: whatever they do.

    Args:
        costs: In all.
        earlier: What they had cost before, which does not count.
    """
    return Budget(per_message=tuple(costs), earlier=tuple(earlier)) if costs else None


def budget_in_words(bounds: Mapping[str, str]) -> Budget:
    """A budget of bounds as people write them; ``""``: there is none.

    Examples:
        >>> [bound.limit for bound in budget_in_words({"per_day": "9", "in_all": ""}).bounds()]
        [9]
    """
    return Budget(**{name: words or None for name, words in bounds.items()})


def make_budget(settings: Settings) -> Budget | None:
    """How many pictures a server may draw; ``None``: as many as anybody likes."""
    budget = Budget(**settings.serve.budget.model_dump())
    return budget if budget.bounds() else None
