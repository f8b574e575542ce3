"""The contract for picture backends finds what is wrong with a bad one."""

import asyncio
from dataclasses import replace

import pytest

from limner.backends.http.timeouts import Timeouts
from limner.backends.images.a1111.backend import A1111Backend
from limner.illustration import Image, ImageRequest
from limner.testing import backend_contract as contract
from limner.testing.a1111_server import A1111Server
from limner.testing.backend_contract import BackendCase, Check
from limner.testing.picture_fault import Refused


class Chatty(A1111Backend):
    """Shows its key."""

    def __repr__(self) -> str:
        return f"Chatty({contract.KEY})"


class Careless(A1111Backend):
    """Draws whatever seed it likes, in one size, and says otherwise."""

    async def generate(self, request: ImageRequest) -> Image:
        """Draw something else."""
        image = await super().generate(replace(request, seed=1, width=64, height=64))
        return replace(image, seed=request.seed, width=request.width, height=request.height)


class Queueing(A1111Backend):
    """Makes one drawing wait for the other."""

    turn = asyncio.Lock()

    async def generate(self, request: ImageRequest) -> Image:
        """Draw when nobody else does."""
        async with self.turn:
            return await super().generate(request)


class Deaf(A1111Backend):
    """Lets the server go on when it is cancelled, and swallows that it was."""

    async def generate(self, request: ImageRequest) -> Image:
        """Never mind."""
        try:
            return await asyncio.shield(super().generate(request))
        except asyncio.CancelledError:
            return Image(data=b"x", media_type="image/png", width=1, height=1)


class Untidy(A1111Backend):
    """Leaves a task behind."""

    async def aclose(self) -> None:
        """Close, but not all."""
        self.left = asyncio.create_task(asyncio.Event().wait())
        await super().aclose()


class Wordless(A1111Backend):
    """Loses the server's words."""

    async def generate(self, request: ImageRequest) -> Image:
        """Fail without saying why."""
        try:
            return await super().generate(request)
        except Exception as error:
            error.args = ("it did not work",)
            raise


FLAWS: list[tuple[type[A1111Backend], Check]] = [
    (Chatty, contract.check_the_key_is_sent_and_never_shown),
    (Careless, contract.check_seeds_fix_the_picture),
    (Careless, contract.check_the_size_is_kept_or_told),
    (Queueing, contract.check_drawings_run_side_by_side),
    (Deaf, contract.check_cancelling_reaches_the_server),
    (Untidy, contract.check_nothing_is_left_behind),
    (Wordless, contract.check_every_fault_has_its_error),
    (Wordless, contract.check_a_wrong_key_is_told),
]


def case(backend: type[A1111Backend]) -> BackendCase:
    """The case for a flawed backend."""

    def connect(server: A1111Server, timeouts: Timeouts) -> A1111Backend:
        return backend(server.url, key=server.key, timeouts=timeouts)

    return BackendCase(serve=A1111Server, connect=connect, without=(Refused,))


@pytest.mark.real_time
@pytest.mark.parametrize(
    ("backend", "check"), FLAWS, ids=[f"{b.__name__}-{c.__name__}" for b, c in FLAWS]
)
async def test_a_flaw_is_found(
    backend: type[A1111Backend], check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each check goes red where its rule is broken."""
    monkeypatch.setattr(contract, "SOON", 2.0)
    before = asyncio.all_tasks()
    with pytest.raises((AssertionError, TimeoutError)):
        await check(case(backend))
    left = asyncio.all_tasks() - before
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.mark.real_time
async def test_a_good_backend_passes_in_one_go() -> None:
    """The whole contract at once, as a user of it would run it."""
    await contract.check_picture_backend(case(A1111Backend))
