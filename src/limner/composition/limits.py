"""How fast pictures may be made, and how many, as the settings say."""

from limner.config import Settings
from limner.illustration import Budget, second_try
from limner.scheduling import Limiter


def make_limiter(settings: Settings) -> Limiter:
    """Through which every picture goes; owners take turns, and some failures are tried again.

    Example:
        >>> limiter = make_limiter(Settings(max_concurrent=2, rates=[{"limit": 30, "per": 60}]))
        >>> limiter.limits.max_concurrent, limiter.limits.rates
        (2, (Rate(limit=30, per=60.0),))
    """
    return Limiter(
        max_concurrent=settings.max_concurrent,
        min_interval=settings.min_interval,
        rates=tuple(rate.rate() for rate in settings.rates),
        retry=second_try,
        fair=True,
    )


def make_budget(settings: Settings) -> Budget | None:
    """How many pictures a server may draw; ``None``: as many as anybody likes."""
    budget = Budget(**settings.serve.budget.model_dump())
    return budget if budget.bounds() else None
