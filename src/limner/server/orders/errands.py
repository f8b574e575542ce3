"""What orders are called at picture servers, kept for whoever goes on with them after a death."""

import asyncio
import hashlib
import json

from limner.illustration import ImageRequest
from limner.illustration.model.errand import Errand, Note
from limner.server.events import Notes

KEPT = 3600.0
"""Seconds for which it is known: a picture server forgets as well."""


class Errands:
    """Keeps them where all workers look.

    Args:
        notes: There.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._keeping: set[asyncio.Task[bool]] = set()

    async def errand(self, order: str, request: ImageRequest) -> Errand:
        """What is known of an order, and where it is noted.

        Args:
            order: Its name.
            request: What is drawn for it now: what was noted for another prompt does not count.
        """
        asked = _digest(request)
        return Errand(
            _read(await self._notes.get(_name(order)), asked),
            note=lambda told: self._keep(order, {**told, "asked": asked}),
        )

    async def ended(self, order: str) -> None:
        """Nobody has to go on with it."""
        await self._notes.drop(_name(order))

    def _keep(self, order: str, told: Note) -> None:
        keeping = asyncio.create_task(
            self._notes.put(_name(order), json.dumps(dict(told)).encode(), ttl=KEPT)
        )
        self._keeping.add(keeping)
        keeping.add_done_callback(self._keeping.discard)


def _name(order: str) -> str:
    return f"errand:{order}"


def _digest(request: ImageRequest) -> str:
    """What is asked for, in short: a picture of it is as good as any other of the same."""
    parts = (
        request.prompt,
        request.negative_prompt,
        request.width,
        request.height,
        request.seed,
        sorted(request.attributes.items()),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def _read(note: bytes | None, asked: str) -> Note | None:
    """What was noted, if it was of the same picture.

    Examples:
        >>> _read(b'{"place": "horde:1", "id": "7", "asked": "x"}', "x")["id"]
        '7'
        >>> _read(b'{"place": "horde:1", "id": "7", "asked": "x"}', "y") is None
        True
    """
    try:
        told = json.loads(note or b"null")
    except ValueError:
        return None
    if not isinstance(told, dict) or told.get("asked") != asked or "id" not in told:
        return None
    return {str(name): str(value) for name, value in told.items()}
