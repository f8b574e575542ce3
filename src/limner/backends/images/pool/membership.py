"""Who belongs to a pool: taking in, draining, changing, removing, looking."""

import asyncio
from collections.abc import Callable
from typing import Any

from limner.backends.images.pool.active_member import ActiveMember
from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.dispatcher import Dispatcher
from limner.backends.images.pool.health import Handler, Health
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.status import MemberStatus
from limner.errors import BackendError, BackendUnavailable


class Membership:
    """The members of a `limner.backends.images.pool.PoolBackend`, and what one can do with them.

    Args:
        dispatcher: Gives pictures to them.
        circuit: Makes the circuit of a new one.
    """

    def __init__(self, dispatcher: Dispatcher, circuit: Callable[[], Circuit]) -> None:
        self._dispatcher = dispatcher
        self._circuit = circuit
        self._health = Health(dispatcher.match)
        self._closed = False

    def add(self, member: Member) -> None:
        """Take in a server; it may get pictures at once.

        Raises:
            ValueError: Its name or its limiter is in use.
            limner.errors.BackendUnavailable: The pool is closed.
        """
        self._check_open()
        self._take_in(member)
        self._dispatcher.match()

    async def drain(self, name: str) -> None:
        """Give a member no more pictures, and return when it has finished those it has.

        Raises:
            KeyError: There is no such member.
        """
        active = self._dispatcher.members[name]
        active.leaving = True
        self._health.note(active, "it is drained")
        self._dispatcher.match()
        if active.running:
            if active.empty is None:
                active.empty = asyncio.get_running_loop().create_future()
            await asyncio.shield(active.empty)

    def resume(self, name: str) -> None:
        """Give a drained member pictures again.

        Raises:
            KeyError: There is no such member.
        """
        active = self._dispatcher.members[name]
        active.leaving = active.removed
        self._health.note(active, "it is used again")
        self._dispatcher.match()

    def update(self, name: str, **limits: Any) -> None:
        """Change the limits of a member's limiter; they count at once, for those who wait as well.

        Raises:
            KeyError: There is no such member.
            TypeError, ValueError: As `limner.scheduling.Limiter.update`.
        """
        self._dispatcher.members[name].limiter.update(**limits)
        self._dispatcher.match()

    async def remove(self, name: str) -> None:
        """Drain a member, close its backend, and forget it.

        If this call is cancelled, the member stays as it is: drained.

        Raises:
            KeyError: There is no such member.
        """
        active = self._dispatcher.members[name]
        await self.drain(name)
        if self._dispatcher.members.get(name) is active and active.leaving:
            del self._dispatcher.members[name]
            active.removed = True
            self._health.note(active, "it was removed")
            self._dispatcher.match()
            await active.aclose()

    def status(self) -> tuple[MemberStatus, ...]:
        """Every member as it is now, in the order they came."""
        return tuple(active.status(self._dispatcher.waiting(active)) for active in self._members())

    def on(self, handler: Handler) -> Callable[[], None]:
        """Call a plain function with a `MemberChanged` each time a member's state changes.

        A handler that raises is logged and changes nothing. The answer is the function that ends
        it.
        """
        return self._health.on(handler)

    def _check_open(self) -> None:
        if self._closed:
            raise self._closed_error()

    @staticmethod
    def _closed_error() -> BackendError:
        return BackendUnavailable("the pool has been closed; make a new one")

    def _members(self) -> list[ActiveMember]:
        return list(self._dispatcher.members.values())

    def _take_in(self, member: Member) -> None:
        if member.name in self._dispatcher.members:
            raise ValueError(f"the pool has a member {member.name!r} already")
        if any(active.limiter is member.limiter for active in self._members()):
            raise ValueError(f"the limiter of {member.name!r} is another member's already")
        active = ActiveMember(member, self._circuit(), self._resumed)
        self._dispatcher.members[member.name] = active
        self._health.note(active, "it was added")

    def _resumed(self) -> None:
        if not self._closed:
            self._dispatcher.match()
