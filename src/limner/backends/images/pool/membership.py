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
        self.dispatcher = dispatcher
        self._circuit = circuit
        self.health = Health(dispatcher.match)
        self._closed = False

    def add(self, member: Member) -> None:
        """Take in a server; it may get pictures at once.

        Raises:
            ValueError: Its name or its limiter is in use.
            limner.errors.BackendUnavailable: The pool is closed.
        """
        self.check_open()
        self.take_in(member)
        self.dispatcher.match()

    async def drain(self, name: str) -> None:
        """Give a member no more pictures, and return when it has finished those it has.

        Raises:
            KeyError: There is no such member.
        """
        active = self.dispatcher.members[name]
        active.leaving = True
        self.health.note(active, "it is drained")
        self.dispatcher.match()
        if active.running:
            if active.empty is None:
                active.empty = asyncio.get_running_loop().create_future()
            await asyncio.shield(active.empty)

    def resume(self, name: str) -> None:
        """Give a drained member pictures again.

        Raises:
            KeyError: There is no such member.
        """
        active = self.dispatcher.members[name]
        active.leaving = active.removed
        self.health.note(active, "it is used again")
        self.dispatcher.match()

    def update(self, name: str, **limits: Any) -> None:
        """Change the limits of a member's limiter; they count at once, for those who wait as well.

        Raises:
            KeyError: There is no such member.
            TypeError, ValueError: As `limner.scheduling.Limiter.update`.
        """
        self.dispatcher.members[name].limiter.update(**limits)
        self.dispatcher.match()

    async def remove(self, name: str) -> None:
        """Drain a member, close its backend, and forget it.

        If this call is cancelled, the member stays as it is: drained.

        Raises:
            KeyError: There is no such member.
        """
        active = self.dispatcher.members[name]
        await self.drain(name)
        if self.dispatcher.members.get(name) is active and active.leaving:
            del self.dispatcher.members[name]
            active.removed = True
            self.health.note(active, "it was removed")
            self.dispatcher.match()
            await active.aclose()

    def status(self) -> tuple[MemberStatus, ...]:
        """Every member as it is now, in the order they came."""
        return tuple(
            active.status(self.dispatcher.waiting(active)) for active in self.active_members()
        )

    def on(self, handler: Handler) -> Callable[[], None]:
        """Call a plain function with a `MemberChanged` each time a member's state changes.

        A handler that raises is logged and changes nothing. The answer is the function that ends
        it.
        """
        return self.health.on(handler)

    def check_open(self) -> None:
        """Raise what a closed pool answers with, if it is closed."""
        if self._closed:
            raise self.closed_error()

    @staticmethod
    def closed_error() -> BackendError:
        """The error of a closed pool."""
        return BackendUnavailable("the pool has been closed; make a new one")

    def active_members(self) -> list[ActiveMember]:
        """The members at work, in the order they came."""
        return list(self.dispatcher.members.values())

    def take_in(self, member: Member) -> None:
        """Let a new member in, unless its name or its limiter is taken."""
        if member.name in self.dispatcher.members:
            raise ValueError(f"the pool has a member {member.name!r} already")
        if any(active.limiter is member.limiter for active in self.active_members()):
            raise ValueError(f"the limiter of {member.name!r} is another member's already")
        active = ActiveMember(member, self._circuit(), self._resumed)
        self.dispatcher.members[member.name] = active
        self.health.note(active, "it was added")

    def _resumed(self) -> None:
        if not self._closed:
            self.dispatcher.match()
