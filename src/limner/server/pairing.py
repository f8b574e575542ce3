"""Pages of other programs that ask to be let in, and those that were.

A page of another program, such as SillyTavern's, has another origin than limner's, and a browser
lets no page read what another origin answers unless that says so. Somebody at limner says it, once:
the page asks, shows four digits, and whoever sees the same four at limner lets it in.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from limner.server.http.host_name import hostname, is_loopback, origin_name

SETTING = "paired_origins"
"""Under which a library keeps the origins that were let in."""
MOST_WAITING = 8
"""Requests that wait at the same time; the oldest makes room."""
PATIENCE = 600.0
"""Seconds for which a request waits for somebody."""
NAME = 60
"""Characters of a program's name."""


class KeptSettings(Protocol):
    """Where origins are kept: a `limner.storage.Library` is one."""

    async def setting(self, name: str, default: Any = None) -> Any:
        """What was kept under a name; the default if there is nothing."""
        ...

    async def set_setting(self, name: str, value: Any) -> None:
        """Keep something under a name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PairingRequest:
    """A page that asks to be let in.

    Attributes:
        id: Not to be guessed: only the page knows it.
        origin: Where the page is from, as its browser says.
        name: What it calls itself.
        code: Four digits, shown by the page and at limner.
        asked_at: Seconds since the epoch.
    """

    id: str
    origin: str
    name: str
    code: str
    asked_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedOrigin:
    """A page that was let in.

    Attributes:
        origin: Where it is from.
        name: What it called itself.
        since: Seconds since the epoch.
    """

    origin: str
    name: str
    since: float


class Pairings:
    """Knows the pages of other programs that were let in, and those that ask.

    Args:
        library: Where those that were let in are kept.
        clock: Seconds since the epoch.
        changed: Called when there are others.
    """

    def __init__(
        self,
        library: KeptSettings,
        *,
        clock: Callable[[], float],
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._library = library
        self._clock = clock
        self._changed = changed
        self._waiting: dict[str, PairingRequest] = {}
        self._refused: list[str] = []
        self._paired: dict[str, PairedOrigin] = {}

    async def load(self) -> None:
        """Read from the library who was let in.

        Raises:
            limner.errors.StorageError: It cannot be read.
        """
        kept = await self._library.setting(SETTING, [])
        self._paired = {one["origin"]: PairedOrigin(**one) for one in kept}

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin were let in."""
        return origin.lower() in self._paired

    @property
    def waiting(self) -> tuple[PairingRequest, ...]:
        """Those that ask, the newest first."""
        oldest = self._clock() - PATIENCE
        known = {name: one for name, one in self._waiting.items() if one.asked_at >= oldest}
        self._waiting = known
        return tuple(reversed(known.values()))

    @property
    def paired(self) -> tuple[PairedOrigin, ...]:
        """Those that were let in."""
        return tuple(self._paired.values())

    def ask(self, origin: str, name: str) -> PairingRequest:
        """A page asks to be let in; what it asked before counts no longer.

        Args:
            origin: Where it is from.
            name: What it calls itself.
        """
        origin = origin.lower()
        for one in self.waiting:
            if one.origin == origin:
                del self._waiting[one.id]
        while len(self._waiting) >= MOST_WAITING:
            del self._waiting[next(iter(self._waiting))]
        shown = "".join(each if each.isprintable() else " " for each in name)[:NAME].strip()
        request = PairingRequest(
            id=secrets.token_hex(16),
            origin=origin,
            name=shown or "a program",
            code=f"{secrets.randbelow(10_000):04}",
            asked_at=self._clock(),
        )
        self._waiting[request.id] = request
        self._changed()
        return request

    def state(self, request_id: str) -> str | None:
        """``waiting``, ``allowed`` or ``refused``; ``None``: nobody knows of it any more."""
        if request_id in {one.id for one in self.waiting}:
            return "waiting"
        if request_id in self._refused:
            return "refused"
        return None

    async def allow(self, request_id: str) -> PairedOrigin | None:
        """Let a page in, from now on and after every start; ``None``: it does not ask any more.

        Raises:
            limner.errors.StorageError: That cannot be kept; it is not let in.
        """
        request = next((one for one in self.waiting if one.id == request_id), None)
        if request is None:
            return None
        one = PairedOrigin(origin=request.origin, name=request.name, since=self._clock())
        await self._keep({**self._paired, one.origin: one})
        self._waiting.pop(request_id, None)
        self._changed()
        return one

    def refuse(self, request_id: str) -> bool:
        """Send a page away; tells whether it was there."""
        if self._waiting.pop(request_id, None) is None:
            return False
        self._refused = [*self._refused[-MOST_WAITING:], request_id]
        self._changed()
        return True

    async def forget(self, origin: str) -> bool:
        """Let a page in no longer; tells whether it was.

        Raises:
            limner.errors.StorageError: That cannot be kept; it may still come in.
        """
        if not self.allows(origin):
            return False
        await self._keep({key: one for key, one in self._paired.items() if key != origin.lower()})
        self._changed()
        return True

    async def _keep(self, paired: Mapping[str, PairedOrigin]) -> None:
        await self._library.set_setting(SETTING, [asdict(one) for one in paired.values()])
        self._paired = dict(paired)


def may_ask(origin: str, host: str) -> bool:
    """Whether a page may ask to be let in: one of this machine, or of the one limner is called by.

    Anybody else's page has no reason to, and must not trouble whoever sits at limner.

    Args:
        origin: Where the page is from.
        host: The request's ``Host``.

    Examples:
        >>> may_ask("http://localhost:8000", "127.0.0.1:8750")
        True
        >>> may_ask("http://192.168.1.5:8000", "192.168.1.5:8750")
        True
        >>> may_ask("https://evil.example", "127.0.0.1:8750"), may_ask("null", "127.0.0.1")
        (False, False)
        >>> may_ask("http://127.0.0.1:8000.evil.example", "127.0.0.1:8750")
        False
    """
    name = origin_name(origin)
    if name is None or not origin.lower().startswith(("http://", "https://")):
        return False
    return name == "localhost" or is_loopback(name) or name == hostname(host)
