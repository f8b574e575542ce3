"""What every `MessageStore` and `DrawingLedger` must do, as checks that any test can run.

Each check is a coroutine function of a fresh, empty store that raises `AssertionError` if the
store breaks its promise. `CHECKS` lists them all:

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    async def test_my_store_keeps_its_promises(check):
        async with make_my_store() as store:
            await check(store)

Examples:
    >>> from limner.illustration import MemoryStore
    >>> from limner.testing import run_virtual
    >>> for check in CHECKS:
    ...     run_virtual(check(MemoryStore()))
"""

from limner.testing.store_contract.changes import CHANGES
from limner.testing.store_contract.crowd import CROWD
from limner.testing.store_contract.lists import LISTS
from limner.testing.store_contract.messages import MESSAGES
from limner.testing.store_contract.samples import WILD, Check, Store, a_message, a_picture, a_slot

CHECKS: tuple[Check, ...] = (*MESSAGES, *CHANGES, *LISTS, *CROWD)
"""Every check."""

__all__ = ["CHECKS", "WILD", "Check", "Store", "a_message", "a_picture", "a_slot"]
