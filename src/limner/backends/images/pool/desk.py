"""Where the pictures of a pool wait, and who gets which.

A picture is given to a member at the instant that member can start it, never before: so a slow
member takes what it can do and no more, and a change of members counts for everybody who waits.
All of this is synchronous; one timer wakes it when a limit of a member ends.
"""

import asyncio
from bisect import insort
from collections.abc import Callable

from limner.backends.images.pool.choice import least_loaded
from limner.backends.images.pool.post import Post
from limner.backends.images.pool.ticket import Ticket
from limner.errors import BackendError, BackendUnavailable
from limner.illustration.model.image import Image
from limner.scheduling import Job

NEVER = float("inf")


class Desk:
    """Gives waiting pictures to members.

    Args:
        start: Begins to draw a picture at a member that can start it.
        patience: Seconds a picture waits while every member it could go to is down.
    """

    def __init__(self, start: Callable[[Ticket, Post], Job[Image]], *, patience: float) -> None:
        self.posts: dict[str, Post] = {}
        self._start = start
        self._patience = patience
        self._line: list[Ticket] = []
        self._timer: asyncio.TimerHandle | None = None

    def candidates(self, ticket: Ticket) -> list[Post]:
        """The members that a picture could go to, be it later."""
        posts = list(self.posts.values())
        having = [post for post in posts if post.has(ticket.model)]
        return [
            post
            for post in having or [post for post in posts if post.has(ticket.model) is None]
            if not post.leaving and post.name not in ticket.failed_on
        ]

    def waiting(self, post: Post) -> int:
        """How many pictures that wait could go to a member."""
        return sum(post in self.candidates(ticket) for ticket in self._line)

    def enter(self, ticket: Ticket) -> None:
        """Let a picture wait in its place."""
        insort(self._line, ticket, key=lambda waiting: waiting.number)
        self.match()

    def leave(self, ticket: Ticket) -> None:
        """Take a picture out of the line."""
        if ticket in self._line:
            self._line.remove(ticket)

    def close(self, error: BackendError) -> None:
        """Let nobody wait any more."""
        self._set_timer(NEVER)
        for ticket in self._line:
            if not ticket.turn.done():
                ticket.turn.set_exception(error)
        self._line.clear()

    def match(self) -> None:
        """Give pictures to members, in order, as far as members can start them now."""
        if not self._line:
            self._set_timer(NEVER)
            return
        now, wake = asyncio.get_running_loop().time(), NEVER
        opens = {post.name: post.opens_at() for post in self.posts.values()}
        for ticket in list(self._line):
            if ticket.turn.done():  # its caller was cancelled
                self._line.remove(ticket)
                continue
            able = self.candidates(ticket)
            free = [post for post in able if opens[post.name] <= now]
            if free:
                post = free[least_loaded([post.load for post in free])]
                self._give(ticket, post)
                opens[post.name] = post.opens_at()
            else:
                wake = min([wake, self._patient(ticket, able, now)])
                wake = min([wake, *(opens[post.name] for post in able)])
        self._set_timer(wake)

    def _give(self, ticket: Ticket, post: Post) -> None:
        self._line.remove(ticket)
        ticket.gives_up_at = None
        post.running += 1
        post.taken += 1
        ticket.turn.set_result(post)  # first: whoever hears of the start may cancel the caller
        ticket.job = self._start(ticket, post)

    def _patient(self, ticket: Ticket, able: list[Post], now: float) -> float:
        """When a picture that nobody can start now stops waiting; it may do so at once."""
        if any(post.circuit.open_until is None for post in able):
            ticket.gives_up_at = None
            return NEVER
        if ticket.gives_up_at is None:
            ticket.gives_up_at = now + self._patience if able else now
        if ticket.gives_up_at <= now:
            self._line.remove(ticket)
            ticket.turn.set_exception(self.nobody(ticket))
            return NEVER
        return ticket.gives_up_at

    def nobody(self, ticket: Ticket) -> BackendUnavailable:
        """Why a picture gets no member."""
        told = [f"{name}: {error}" for name, error in ticket.failed_on.items()]
        told += [
            f"{post.name} is {post.state.value}{f' ({post.error})' if post.error else ''}"
            for post in self.posts.values()
            if post.name not in ticket.failed_on
        ]
        reasons = "; ".join(told) or "it has no members"
        return BackendUnavailable(f"no server of the pool can draw this now: {reasons}")

    def _set_timer(self, wake: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wake < NEVER:
            self._timer = asyncio.get_running_loop().call_at(wake, self.match)
