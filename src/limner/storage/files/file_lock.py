"""A lock on a file, which ends with the process that holds it, however that ends."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

PAUSE = 0.005
"""Seconds between two tries: the system tells nobody when a lock comes free."""


@asynccontextmanager
async def shared(file: Path) -> AsyncIterator[None]:
    """Hold the lock together with all others who hold it so; waits while it is held alone."""
    descriptor = _open(file)
    try:
        await _wait(descriptor, float("inf"), alone=False)
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def alone(file: Path, patience: float) -> AsyncIterator[bool]:
    """Hold the lock alone; gives whether that came about within some seconds."""
    descriptor = _open(file)
    try:
        yield await _wait(descriptor, time.monotonic() + patience, alone=True)
    finally:
        os.close(descriptor)


def take(descriptor: int) -> bool:
    """Hold the lock of an open file alone, if nobody holds it now; tells whether it is held."""
    return _try(descriptor, alone=True)


async def _wait(descriptor: int, until: float, *, alone: bool) -> bool:
    while not _try(descriptor, alone=alone):
        if time.monotonic() >= until:
            return False
        await asyncio.sleep(PAUSE)
    return True


def _open(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT, 0o644)


def _try(descriptor: int, *, alone: bool) -> bool:
    if sys.platform == "win32":
        return not alone  # no such locks: everybody writes, and nobody removes others' files
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
