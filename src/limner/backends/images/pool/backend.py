"""The pool: several picture servers as one backend."""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from types import MappingProxyType

from limner.backends.images.pool.active_member import ActiveMember
from limner.backends.images.pool.address import PoolOptions, make_members, pool_addresses
from limner.backends.images.pool.capabilities import Capabilities
from limner.backends.images.pool.circuit import Circuit
from limner.backends.images.pool.dispatcher import Dispatcher
from limner.backends.images.pool.member import Member
from limner.backends.images.pool.membership import Membership
from limner.backends.images.pool.pending_request import PendingRequest
from limner.backends.images.support.server import ModelInfo, ServerFacts
from limner.backends.options import read_options
from limner.closing import Closing
from limner.errors import (
    BackendBusy,
    BackendTimeout,
    BackendUnavailable,
    JobCancelled,
    WouldDeadlock,
)
from limner.illustration.capabilities import identity_of, places_of, prices_of
from limner.illustration.generation.retry_policy import away
from limner.illustration.model.cost import Price
from limner.illustration.model.image import Image, ImageRequest, Whereabouts
from limner.illustration.plugins import make_backend
from limner.scheduling import Job

BUSY_TRIES = 25
"""Times a picture is given to members that are too busy for it."""


class PoolBackend(Membership, Closing):
    """Spreads pictures over several servers.

    Each picture goes to the healthy member with the least to do for its weight that can start it
    now; where none can, it waits in the pool in the order of arrival. Every member has a limiter of
    its own, under whatever limits the pool's callers, and the pool learns what it bears
    (`limner.backends.images.learning`).

    - A member that cannot be reached, fails by itself or is too busy loses the picture to another
      one, at once, in its old place or, if it was refused as one too many, behind those that were
      not. Not so a picture that was refused, or one that took too
      long after it had been begun: those fail.
    - A member that fails several times in a row is down. After a while, longer each time, it is
      looked at (``check``, if it has one), and then tried with one picture.
    - A picture whose tag wants a ``model`` goes to those that have it.
    - A picture that somebody else had asked one of them for, and died, goes to that one, unless it
      is down.
    - If all members it could go to are down, a picture waits for `patience` seconds, then fails.

    Args:
        members: The servers. The pool closes their backends and steers their limiters.
        threshold: Failures in a row after which a member is down.
        probe_after: Seconds after which it is looked at again; doubled each time.
        probe_at_most: Seconds it takes at most.
        patience: See above.

    Raises:
        ValueError: Two members share a name or a limiter, or a number makes no sense.

    Examples:
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
        probe_at_most: float = 60.0,
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
        super().__init__(Dispatcher(self._start, patience=patience), circuit)
        self._offers = Capabilities(self.dispatcher)
        self._numbers = itertools.count()
        for member in members:
            self.take_in(member)

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
        read = read_options(PoolOptions, options, backend="pool")
        members = make_members(pool_addresses([url or ""]), partial(make_backend, key=key))
        return cls(members, **asdict(read))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self.dispatcher.members)})"

    @property
    def prices(self) -> tuple[Price, ...]:
        """What a picture may cost, at whichever member."""
        members = self.dispatcher.members.values()
        return tuple(price for one in members for price in prices_of(one.member.backend))

    @property
    def identity(self) -> str | None:
        """The members' fingerprint if all have the same, else ``None``: nothing may be shared."""
        found = {identity_of(active.member.backend) for active in self.active_members()}
        return found.pop() if len(found) == 1 else None

    @property
    def places(self) -> frozenset[str]:
        """The servers of all members; see `limner.illustration.capabilities.HasPlaces`."""
        backends = (active.member.backend for active in self.active_members())
        return frozenset(place for backend in backends for place in places_of(backend))

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
        self.check_open()
        self._refuse_deadlock()
        model = request.attributes.get("model", "").strip()
        if model:
            await self._offers.check(model)
            self.check_open()
        turn: asyncio.Future[ActiveMember] = asyncio.get_running_loop().create_future()
        pending = PendingRequest(next(self._numbers), request, model, turn)
        while True:
            image = await self._attempt(pending)
            if image is not None:
                return image
            pending.job, pending.turn = None, asyncio.get_running_loop().create_future()

    async def _attempt(self, pending: PendingRequest) -> Image | None:
        """Wait for a member and draw; ``None``: it must be drawn elsewhere."""
        pending.tell(Whereabouts(drawn=False))
        self.dispatcher.enter(pending)
        try:
            active = await pending.turn
        except asyncio.CancelledError:
            self.dispatcher.leave(pending)
            if pending.job is not None:  # it got a member in the same instant
                await self._stop(pending.job)
                self._left(pending.turn.result())
            elif pending.turn.done() and not pending.turn.cancelled():
                pending.turn.exception()  # seen, as far as anybody cares
            raise
        assert pending.job is not None  # noqa: S101 - the dispatcher gives both
        try:
            image = await pending.job
        except asyncio.CancelledError:
            await self._stop(pending.job)
            raise
        except JobCancelled:
            self.check_open()
            raise
        except Exception as error:
            active.failed += 1
            if not self._elsewhere(pending, active, error):
                raise
            return None
        else:
            active.drew(asyncio.get_running_loop().time())
            self.health.succeeded(active)
            info = MappingProxyType({**image.info, "member": active.name})
            return replace(image, info=info)
        finally:
            self._left(active)

    def _elsewhere(self, pending: PendingRequest, active: ActiveMember, error: Exception) -> bool:
        """Note a failure; tells whether the picture is to be drawn by another member."""
        if isinstance(error, BackendBusy) and not away(error):
            pending.refusals += 1
            active.error = str(error)
            active.circuit.succeeded()
            self.health.note(active, active.error)
            return pending.refusals < BUSY_TRIES and not self._closed
        if not isinstance(error, BackendUnavailable | BackendTimeout | BackendBusy):
            self.health.succeeded(active)  # it answered; what it said is for the caller
            return False
        if active.is_to_blame(pending.request.prompt, asyncio.get_running_loop().time()):
            self.health.failed(active, error)
        if isinstance(error, BackendTimeout) and error.accepted:
            return False
        pending.failed_on[active.name] = error
        return bool(self.dispatcher.candidates(pending)) and not self._closed

    def _start(self, pending: PendingRequest, active: ActiveMember) -> Job[Image]:
        request = pending.at(active.name)
        return pending.context.run(active.limiter.submit, active.member.backend.generate, request)

    @staticmethod
    async def _stop(job: Job[Image]) -> None:
        """Cancel a member's job and wait until it has really stopped."""
        job.cancel("its caller was cancelled")
        ending = asyncio.ensure_future(_ended(job))
        while not ending.done():
            with suppress(asyncio.CancelledError):  # we are cancelled already, and say so later
                await asyncio.wait([ending])

    def _left(self, active: ActiveMember) -> None:
        """A member's job has ended."""
        active.running -= 1
        if not active.running and active.empty is not None:
            active.empty.set_result(None)
            active.empty = None
        self.health.note(active, "its last picture has ended")
        if not self._closed:
            self.dispatcher.match()

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
        closed = self.closed_error()
        self.dispatcher.close(closed)
        members = self.active_members()
        for active in members:
            for job in active.limiter.jobs():
                job.cancel("the pool was closed")
        for active in members:
            active.call_off()
            while active.limiter.jobs():
                await active.limiter.join()
        self.dispatcher.members.clear()
        ended = await asyncio.gather(
            *(active.aclose() for active in members), return_exceptions=True
        )
        errors = [error for error in ended if isinstance(error, BaseException)]
        if errors:
            raise errors[0]

    def _refuse_deadlock(self) -> None:
        for active in self.active_members():
            if active.limiter.is_inside:
                raise WouldDeadlock(
                    f"the limiter of the pool's member {active.name!r} is also the one through "
                    "which pictures come to the pool; give the member one of its own"
                )


async def _ended(job: Job[Image]) -> None:
    with suppress(Exception):  # however it ended, its caller is gone
        await job
