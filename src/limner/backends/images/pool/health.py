"""Watches the members of a pool: opens circuits, looks again, tells what changed."""

import asyncio
import logging
from collections.abc import Callable

from limner.backends.images.pool.active_member import ActiveMember
from limner.backends.images.pool.status import MemberChanged
from limner.backends.images.support.capabilities import Checkable
from limner.errors import BackendError
from limner.illustration.capabilities import unwrapped

log = logging.getLogger(__name__)

Handler = Callable[[MemberChanged], object]


class Health:
    """Keeps the circuits of a pool's members.

    Args:
        changed: Called when a member may be able to draw again.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._handlers: dict[object, Handler] = {}

    def on(self, handler: Handler) -> Callable[[], None]:
        """Call a plain function with each change; the answer ends it."""
        entry = object()
        self._handlers[entry] = handler
        return lambda: self._handlers.pop(entry, None) and None

    def note(self, active: ActiveMember, why: str) -> None:
        """Tell those who listen, if a member's state is another than was told last."""
        before, active.shown = active.shown, active.state
        if before is active.shown:
            return
        event = MemberChanged(name=active.name, before=before, state=active.shown, why=why)
        for handler in tuple(self._handlers.values()):
            try:
                handler(event)
            except Exception:
                log.exception("a handler of the pool's changes raised")

    def succeeded(self, active: ActiveMember) -> None:
        """A member has drawn, or answered as a server should."""
        active.circuit.succeeded()
        self.note(active, "it answered")

    def failed(self, active: ActiveMember, error: Exception) -> None:
        """A member could not be reached, failed by itself, or took too long."""
        active.error = str(error)
        if active.circuit.failed(asyncio.get_running_loop().time()):
            self._look_later(active)
        self.note(active, active.error)

    def _look_later(self, active: ActiveMember) -> None:
        until = active.circuit.open_until
        if until is not None and not active.removed:
            active.timer = asyncio.get_running_loop().call_at(until, self._look, active)

    def _look(self, active: ActiveMember) -> None:
        active.timer = None
        backend = unwrapped(active.member.backend)
        if isinstance(backend, Checkable):
            looking = self._check(active, backend)
            active.probe = asyncio.create_task(looking, name=f"check of {active.name}")
        else:
            self._try_again(active, "its time is over")

    async def _check(self, active: ActiveMember, backend: Checkable) -> None:
        try:
            await backend.check()
        except BackendError as error:
            active.error = str(error)
            active.circuit.open(asyncio.get_running_loop().time())
            self._look_later(active)
        except Exception as error:
            log.exception("the check of %s raised", active.name)
            active.error = f"{type(error).__name__}: {error}"
            active.circuit.open(asyncio.get_running_loop().time())
            self._look_later(active)
        else:
            self._try_again(active, "it answers again")
        finally:
            active.probe = None

    def _try_again(self, active: ActiveMember, why: str) -> None:
        active.circuit.try_again()
        self.note(active, why)
        self._changed()
