"""Who belongs to a pool: taking in, draining, changing, removing, looking."""

import asyncio
from collections.abc import Callable
from typing import Any

from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.desk import Desk
from limner.backends.images.pool.health import Handler, Health
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.post import Post
from limner.backends.images.pool.status import MemberStatus
from limner.errors import BackendError, BackendUnavailable


class Roster:
    """The members of a `limner.backends.images.pool.PoolBackend`, and what one can do with them.

    Args:
        desk: Gives pictures to them.
        circuit: Makes the circuit of a new one.
    """

    def __init__(self, desk: Desk, circuit: Callable[[], Circuit]) -> None:
        self._desk = desk
        self._circuit = circuit
        self._health = Health(desk.match)
        self._closed = False

    def add(self, member: Member) -> None:
        """Take in a server; it may get pictures at once.

        Raises:
            ValueError: Its name or its limiter is in use.
            limner.errors.BackendUnavailable: The pool is closed.
        """
        self._check_open()
        self._take_in(member)
        self._desk.match()

    async def drain(self, name: str) -> None:
        """Give a member no more pictures, and return when it has finished those it has.

        Raises:
            KeyError: There is no such member.
        """
        post = self._desk.posts[name]
        post.leaving = True
        self._health.note(post, "it is drained")
        self._desk.match()
        if post.running:
            if post.empty is None:
                post.empty = asyncio.get_running_loop().create_future()
            await asyncio.shield(post.empty)

    def resume(self, name: str) -> None:
        """Give a drained member pictures again.

        Raises:
            KeyError: There is no such member.
        """
        post = self._desk.posts[name]
        post.leaving = post.removed
        self._health.note(post, "it is used again")
        self._desk.match()

    def update(self, name: str, **limits: Any) -> None:
        """Change the limits of a member's limiter; they count at once, for those who wait as well.

        Raises:
            KeyError: There is no such member.
            TypeError, ValueError: As `limner.scheduling.Limiter.update`.
        """
        self._desk.posts[name].limiter.update(**limits)
        self._desk.match()

    async def remove(self, name: str) -> None:
        """Drain a member, close its backend, and forget it.

        If this call is cancelled, the member stays as it is: drained.

        Raises:
            KeyError: There is no such member.
        """
        post = self._desk.posts[name]
        await self.drain(name)
        if self._desk.posts.get(name) is post and post.leaving:
            del self._desk.posts[name]
            post.removed = True
            self._health.note(post, "it was removed")
            self._desk.match()
            await post.aclose()

    def status(self) -> tuple[MemberStatus, ...]:
        """Every member as it is now, in the order they came."""
        return tuple(post.status(self._desk.waiting(post)) for post in self._posts())

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

    def _posts(self) -> list[Post]:
        return list(self._desk.posts.values())

    def _take_in(self, member: Member) -> None:
        if member.name in self._desk.posts:
            raise ValueError(f"the pool has a member {member.name!r} already")
        if any(post.limiter is member.limiter for post in self._posts()):
            raise ValueError(f"the limiter of {member.name!r} is another member's already")
        post = Post(member, self._circuit(), self._resumed)
        self._desk.posts[member.name] = post
        self._health.note(post, "it was added")

    def _resumed(self) -> None:
        if not self._closed:
            self._desk.match()
