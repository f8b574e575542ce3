"""Limits in a real Valkey server keep every promise of shared limits."""

import pytest
from tests.cluster.limits.conftest import cluster_at
from tests.cluster.valkey import Valkey

from limner.testing.shared_limits_contract import CHECKS, Check, SharedCase


@pytest.mark.real_time
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
async def test_the_contract_of_shared_limits_is_kept(check: Check, shared_valkey: Valkey) -> None:
    """Order, width, windows, stock, pauses: whatever one process sees, all do."""
    async with cluster_at(shared_valkey) as cluster:
        case = SharedCase(cluster.connect, step=0.15, slack=0.1, arrive=cluster.arrived)
        await check(case)
