"""Every store keeps the same promises: in memory, in SQLite, in PostgreSQL."""

import pytest
from tests.storage.conftest import MakeLibrary

from limner.illustration import MemoryStore
from limner.testing.store_contract import CHECKS, Check

each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)


@each_check
async def test_the_memory_keeps_the_promises_of_stores(check: Check) -> None:
    """The store in memory does what every store must."""
    await check(MemoryStore())


@pytest.mark.real_time
@each_check
async def test_libraries_keep_the_promises_of_stores(
    make_library: MakeLibrary, check: Check
) -> None:
    """Libraries do what every store must."""
    async with make_library() as library:
        await check(library)
