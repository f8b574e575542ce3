"""The pool: several picture servers as one backend."""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Self

from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.desk import Desk
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.offers import Offers
from limner.backends.images.pool.post import Post
from limner.backends.images.pool.roster import Roster
from limner.backends.images.pool.ticket import Ticket
from limner.backends.images.support.options import read_options
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.errors import (
    BackendBusy,
    BackendTimeout,
    BackendUnavailable,
    JobCancelled,
    WouldDeadlock,
)
from limner.illustration.model.image import Image, ImageRequest, Whereabouts
from limner.illustration.plugins import make_backend
from limner.scheduling import Job

BUSY_TRIES = 25
"""Times a picture is given to members that are too busy for it."""


class PoolBackend(Roster):
    """Spreads pictures over several servers.

    Each picture goes to the healthy member with the least to do for its weight that can start it
    now; where none can, it waits in the pool in the order of arrival. Every member has a limiter of
    its own, under whatever limits the pool's callers, and the pool learns what it bears
    (`limner.backends.images.learning`).

    - A member that cannot be reached, fails by itself or is too busy loses the picture to another
      one, at once and in its old place. Not so a picture that was refused, or one that took too
      long after it had been begun: those fail.
    - A member that fails several times in a row is down. After a while, longer each time, it is
      looked at (``check``, if it has one), and then tried with one picture.
    - A picture whose tag wants a ``model`` goes to those that have it.
    - If all members it could go to are down, a picture waits for `patience` seconds, then fails.

    Args:
        members: The servers. The pool closes their backends and steers their limiters.
        threshold: Failures in a row after which a member is down.
        probe_after: Seconds after which it is looked at again; doubled each time.
        probe_at_most: Seconds it takes at most.
        patience: See above.

    Raises:
        ValueError: Two members share a name or a limiter, or a number makes no sense.

    Example:
        >>> from limner.illustration import ImageRequest
        >>> from limner.testing import ScriptedBackend, run_virtual
        >>> async def main():
        ...     members = [Member(name=name, backend=ScriptedBackend()) for name in ("a", "b")]
        ...     async with PoolBackend(members) as pool:
        ...         one, two = ImageRequest(prompt="a fox"), ImageRequest(prompt="a hare")
        ...         await asyncio.gather(pool.generate(one), pool.generate(two))
        ...         return [(member.name, member.done) for member in pool.status()]
        >>> run_virtual(main())
        [('a', 1), ('b', 1)]
    """

    def __init__(
        self,
        members: Iterable[Member] = (),
        *,
        threshold: int = 3,
        probe_after: float = 5.0,
        probe_at_most: float = 300.0,
        patience: float = 30.0,
    ) -> None:
        if threshold < 1 or not 0 < probe_after <= probe_at_most or not patience >= 0:
            raise ValueError(
                "threshold must be at least 1, probe_after above 0 and not above probe_at_most, "
                "patience at least 0"
            )
        circuit = partial(
            Circuit, threshold=threshold, first_delay=probe_after, longest_delay=probe_at_most
        )
        super().__init__(Desk(self._start, patience=patience), circuit)
        self._offers = Offers(self._desk)
        self._numbers = itertools.count()
        for member in members:
            self._take_in(member)

    @classmethod
    def from_url(
        cls, url: str | None, *, options: Mapping[str, str], key: str | None = None
    ) -> "PoolBackend":
        """As `limner.illustration.make_backend` makes it: ``pool+ADDRESS,ADDRESS?option=value``.

        Members with options of their own are made by `limner.backends.images.pool.make_pool`.

        Raises:
            limner.errors.ConfigError: An option is unknown or wrong, or there is no address.
            limner.errors.UnknownBackend, limner.errors.BackendRejected: As the members' kinds do.
        """
        from limner.backends.images.pool.address import PoolOptions, make_pool, pool_addresses

        read = read_options(PoolOptions, options, backend="pool")
        return make_pool(pool_addresses([url or ""]), partial(make_backend, key=key), options=read)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._desk.posts)})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    @property
    def identity(self) -> str | None:
        """The members' fingerprint if all have the same, else ``None``: nothing may be shared."""
        found = {getattr(post.member.backend, "identity", None) for post in self._posts()}
        only = found.pop() if len(found) == 1 else None
        return only if isinstance(only, str) else None

    # Drawing

    async def generate(self, request: ImageRequest) -> Image:
        """Draw one picture at one of the members; see `limner.illustration.ImageBackend`.

        Its ``info`` names the member as ``member``.

        Raises:
            limner.errors.BackendRejected: The tag wants a model that no member has.
            limner.errors.BackendUnavailable: No member can draw it, and why, or the pool is
                closed.
            limner.errors.BackendError: As the member says.
            limner.errors.WouldDeadlock: The caller holds a slot of a member's limiter.
        """
        self._check_open()
        self._refuse_deadlock()
        model = request.attributes.get("model", "").strip()
        if model:
            await self._offers.check(model)
            self._check_open()
        turn: asyncio.Future[Post] = asyncio.get_running_loop().create_future()
        ticket = Ticket(next(self._numbers), request, model, turn)
        while True:
            image = await self._attempt(ticket)
            if image is not None:
                return image
            ticket.job, ticket.turn = None, asyncio.get_running_loop().create_future()

    async def _attempt(self, ticket: Ticket) -> Image | None:
        """Wait for a member and draw; ``None``: it must be drawn elsewhere."""
        ticket.tell(Whereabouts(drawn=False))
        self._desk.enter(ticket)
        try:
            post = await ticket.turn
        except asyncio.CancelledError:
            self._desk.leave(ticket)
            if ticket.job is not None:  # it got a member in the same instant
                await self._stop(ticket.job)
                self._left(ticket.turn.result())
            elif ticket.turn.done() and not ticket.turn.cancelled():
                ticket.turn.exception()  # seen, as far as anybody cares
            raise
        assert ticket.job is not None  # noqa: S101 - the desk gives both
        try:
            image = await ticket.job
        except asyncio.CancelledError:
            await self._stop(ticket.job)
            raise
        except JobCancelled:
            self._check_open()
            raise
        except Exception as error:
            post.failed += 1
            if not self._elsewhere(ticket, post, error):
                raise
            return None
        else:
            post.done += 1
            post.error = ""
            self._health.succeeded(post)
            info = MappingProxyType({**image.info, "member": post.name})
            return replace(image, info=info)
        finally:
            self._left(post)

    def _elsewhere(self, ticket: Ticket, post: Post, error: Exception) -> bool:
        """Note a failure; tells whether the picture is to be drawn by another member."""
        if isinstance(error, BackendBusy):
            ticket.refusals += 1
            post.error = str(error)
            post.circuit.succeeded()
            self._health.note(post, post.error)
            return ticket.refusals < BUSY_TRIES and not self._closed
        if not isinstance(error, BackendUnavailable | BackendTimeout):
            self._health.succeeded(post)  # it answered; what it said is for the caller
            return False
        self._health.failed(post, error)
        if isinstance(error, BackendTimeout) and error.accepted:
            return False
        ticket.failed_on[post.name] = error
        return bool(self._desk.candidates(ticket)) and not self._closed

    def _start(self, ticket: Ticket, post: Post) -> Job[Image]:
        request = ticket.at(post.name)
        return ticket.context.run(post.limiter.submit, post.member.backend.generate, request)

    @staticmethod
    async def _stop(job: Job[Image]) -> None:
        """Cancel a member's job and wait until it has really stopped."""
        job.cancel("its caller was cancelled")
        ending = asyncio.ensure_future(_ended(job))
        while not ending.done():
            with suppress(asyncio.CancelledError):  # we are cancelled already, and say so later
                await asyncio.wait([ending])

    def _left(self, post: Post) -> None:
        """A member's job has ended."""
        post.running -= 1
        if not post.running and post.empty is not None:
            post.empty.set_result(None)
            post.empty = None
        self._health.note(post, "its last picture has ended")
        if not self._closed:
            self._desk.match()

    # What it is

    async def models(self) -> list[ModelInfo]:
        """The models of all members.

        Raises:
            limner.errors.BackendError: None of them could be asked.
        """
        return await self._offers.models()

    async def samplers(self) -> list[str]:
        """The samplers of all members.

        Raises:
            limner.errors.BackendError: None of them could be asked.
        """
        return await self._offers.samplers()

    async def check(self) -> ServerFacts:
        """Look at every member, without drawing; its notes tell what each of them is.

        Raises:
            limner.errors.BackendError: None of them is there.
        """
        return await self._offers.check_all()

    async def aclose(self) -> None:
        """Stop what runs, and close every member. Twice is fine.

        Pictures that wait or are being drawn fail with `limner.errors.BackendUnavailable`.

        Raises:
            Exception: What closing a member raised, when all are closed.
        """
        self._closed = True
        closed = self._closed_error()
        self._desk.close(closed)
        posts = self._posts()
        for post in posts:
            for job in post.limiter.jobs():
                job.cancel("the pool was closed")
        for post in posts:
            post.call_off()
            while post.limiter.jobs():
                await post.limiter.join()
        self._desk.posts.clear()
        ended = await asyncio.gather(*(post.aclose() for post in posts), return_exceptions=True)
        errors = [error for error in ended if isinstance(error, BaseException)]
        if errors:
            raise errors[0]

    def _refuse_deadlock(self) -> None:
        for post in self._posts():
            if post.limiter.is_inside:
                raise WouldDeadlock(
                    f"the limiter of the pool's member {post.name!r} is also the one through which "
                    "pictures come to the pool; give the member one of its own"
                )


async def _ended(job: Job[Image]) -> None:
    with suppress(Exception):  # however it ended, its caller is gone
        await job
