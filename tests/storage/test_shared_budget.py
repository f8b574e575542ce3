"""A budget that several processes share is one budget."""

import asyncio

import pytest
from tests.storage.conftest import MakeLibrary

from limner.illustration import Budget, Illustrator
from limner.testing import ScriptedBackend

pytestmark = pytest.mark.real_time

FOXES = "".join(f'<!--img-prompt="fox {number}"--> ' for number in range(4))


async def test_two_processes_with_one_library_keep_to_it(make_library: MakeLibrary) -> None:
    """Four of eight are drawn, and the others say why."""
    backend, reasons = ScriptedBackend(seconds=0.0), list[str]()

    async def process(name: str) -> None:
        async with make_library() as library:
            illustrator = Illustrator(
                backend=backend, store=library, ledger=library, budget=Budget(per_day=4)
            )
            async with illustrator:
                result = await illustrator.illustrate(FOXES, message_id=name)
        reasons.extend(slot.failure.reason for slot in result.failed if slot.failure is not None)

    async with make_library():
        await asyncio.gather(process("one"), process("two"))
    assert len(backend.calls) == 4
    assert len(reasons) == 4
    assert all("4 pictures per day" in reason for reason in reasons)
