"""What several processes share: a real PostgreSQL, a real Valkey, and real servers on them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import spawn
from tests.cluster.limits.conftest import make_valkey
from tests.cluster.replicas import Replicas, Spawn
from tests.cluster.valkey import Valkey
from tests.storage.conftest import postgres, postgres_program, postgres_server

__all__ = ["make_valkey", "postgres", "postgres_program", "postgres_server", "spawn"]

MakeReplicas = Callable[..., Replicas]


@pytest.fixture
def valkey(make_valkey: Callable[..., Valkey]) -> Valkey:
    """A Valkey server of one's own."""
    return make_valkey()


@pytest.fixture
def replicas(spawn: Spawn, postgres: str, valkey: Valkey, tmp_path: Path) -> MakeReplicas:
    """Makes servers on one library and one Valkey; see `Replicas`."""

    def make(**options: Any) -> Replicas:
        return Replicas(spawn, tmp_path, library=postgres, valkey=valkey.url, **options)

    return make
