"""Where the log goes, for as long as a server runs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from limner.backends.http.secrets import Secrets
from limner.server.logs.correlation import Correlation
from limner.server.logs.formatting import HumanLog, JsonLog

_LOUD = {
    "PIL": logging.WARNING,
    "alembic": logging.WARNING,
    "aiohttp": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "uvicorn": logging.WARNING,
}
"""Libraries that say more than anybody wants to know."""


@contextmanager
def logging_to(
    stream: TextIO, *, correlation: Correlation, secrets: Secrets, level: str, as_json: bool
) -> Iterator[None]:
    """Write the log of everything to a stream; afterwards all is as it was before.

    Args:
        stream: Where to.
        correlation: Which request a record is about.
        secrets: What must not stand in it.
        level: From how grave on: ``debug``, ``info``, ``warning``, ``error``.
        as_json: Whether it is for machines.
    """
    handler = logging.StreamHandler(stream)
    handler.addFilter(correlation)
    handler.setFormatter(JsonLog(secrets) if as_json else HumanLog(secrets))
    root = logging.getLogger()
    loud = {name: (logging.getLogger(name), least) for name, least in _LOUD.items()}
    before = root.level, {name: logger.level for name, (logger, _) in loud.items()}
    root.addHandler(handler)
    root.setLevel(level.upper())
    for logger, least in loud.values():
        logger.setLevel(least)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before[0])
        for name, (logger, _) in loud.items():
            logger.setLevel(before[1][name])
