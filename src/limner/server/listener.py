"""Where a server listens, and the listening itself."""

import asyncio
import errno
import socket
from collections.abc import Callable

import uvicorn

from limner.config import ServeSettings
from limner.errors import ConfigError
from limner.server.connection import bounded_connection
from limner.server.http.host_name import is_loopback
from limner.server.open_files import connections_with_room
from limner.server.running_server import RunningServer
from limner.server.shutdown import QuietServer

_REASONS = {
    errno.EADDRINUSE: "another program has it; choose another --port, or stop that program",
    errno.EACCES: "this user may not have it; choose a --port above 1023",
    errno.EADDRNOTAVAIL: "this machine has no such address; choose another --host",
}


class BoundSocket:
    """A bound socket, at which nobody listens yet.

    Args:
        host: A name or address of this machine.
        port: The port; 0: any that is free.

    Raises:
        limner.errors.ConfigError: It cannot be had.

    Attributes:
        host: The address as a number.
        port: The port.
    """

    def __init__(self, host: str, port: int) -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise ConfigError(f"{host!r} is no address of this machine (--host)") from None
        family, kind, protocol, _, address = found[0]
        self.socket = socket.socket(family, kind, protocol)
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            self.socket.bind(address)
        except OSError as error:
            self.socket.close()
            reason = _REASONS.get(error.errno or 0, error.strerror or "it cannot be had")
            raise ConfigError(f"cannot listen at {host} port {port}: {reason}") from None
        named = self.socket.getsockname()
        self.host, self.port = str(named[0]), int(named[1])

    @property
    def is_local(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    @property
    def url(self) -> str:
        """Its address for a browser on this machine.

        Examples:
            >>> place = BoundSocket("127.0.0.1", 0)
            >>> place.url == f"http://127.0.0.1:{place.port}"
            True
            >>> place.close()
        """
        host = self.host.removeprefix("::ffff:")
        if host == "0.0.0.0":  # noqa: S104 - compared, not listened at
            host = "127.0.0.1"
        return f"http://{'localhost' if ':' in host else host}:{self.port}"

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()


async def listen(
    running: RunningServer, place: BoundSocket, serve: ServeSettings, *, stop: asyncio.Event,
    ready: Callable[[], None],
) -> None:  # fmt: skip
    """Serve until `stop` is set, and then end in order.

    Args:
        running: What answers.
        place: Where; it is closed at the end.
        serve: Bounds of connections.
        stop: Ends it.
        ready: Called when requests are answered.

    Raises:
        OSError: The listening broke down.
    """
    config = uvicorn.Config(
        running.app,
        http=bounded_connection(
            head_seconds=serve.header_seconds,
            head_bytes=serve.header_bytes,
            write_seconds=serve.write_seconds,
            connections=connections_with_room(serve.connections),
        ),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=3,
    )
    server = QuietServer(config)
    serving = asyncio.create_task(server.serve([place.socket]), name="server")
    try:
        await _until(server.listening, serving)
        ready()
        await _until(stop, serving)
        await running.shutdown.run()
    finally:
        server.should_exit = True
        await serving


async def _until(event: asyncio.Event, serving: "asyncio.Task[None]") -> None:
    """Wait for an event, unless the serving ends before it."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait((waiting, serving), return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        await serving
