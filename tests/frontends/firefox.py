"""The machine's own Firefox, driven by its own Marionette: Debian has no geckodriver."""

import asyncio
import base64
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from tests.frontends.running import free_port
from tests.waiting import until

PATIENCE = 120.0
"""Seconds within which the browser must be there, and answer."""
PREFERENCES: dict[str, object] = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """A window of Firefox. Made by `firefox`.

    Args:
        reader: What it says.
        writer: What is said to it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._number = 0

    async def command(self, name: str, **arguments: Any) -> Any:
        """Do something; gives what comes of it.

        Raises:
            RuntimeError: It cannot be done.
        """
        self._number += 1
        told = json.dumps([0, self._number, f"WebDriver:{name}", arguments]).encode()
        self._writer.write(b"%d:%s" % (len(told), told))
        async with asyncio.timeout(PATIENCE):
            await self._writer.drain()
            _, _, error, result = await self.heard()
        if error is not None:
            raise RuntimeError(f"{name}: {error['error']}: {error['message']}")
        return result

    async def heard(self) -> Any:
        """The next thing it says."""
        size = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(size))

    async def goto(self, url: str) -> None:
        """Open an address."""
        await self.command("Navigate", url=url)

    async def evaluate(self, script: str, *arguments: Any) -> Any:
        """What a function's body gives in the page."""
        made = await self.command("ExecuteScript", script=script, args=arguments, sandbox=None)
        return made["value"]

    async def screenshot(self) -> bytes:
        """What is seen, as a PNG."""
        made = await self.command("TakeScreenshot", full=False, hash=False)
        return base64.b64decode(made["value"])


@contextlib.asynccontextmanager
async def firefox(program: str = "firefox-esr", *, names: str = "") -> AsyncIterator[Firefox]:
    """A window of a fresh profile, for the time of the block.

    Args:
        program: The browser.
        names: Names of the network that mean this machine, with commas.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        wanted = PREFERENCES | {"marionette.port": port, "network.dns.localDomains": names}
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in wanted.items()]
        (Path(folder) / "user.js").write_text("\n".join(lines))
        command = [program, "--marionette", "--headless", "--no-remote", "--profile", folder]
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
        try:
            made = await _connected(port)
            try:
                yield made
            finally:
                made._writer.close()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _connected(port: int) -> Firefox:
    found: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def listens() -> bool:
        with contextlib.suppress(OSError):
            found.append(await asyncio.open_connection("127.0.0.1", port, limit=1 << 26))
        return bool(found)

    await until(listens, patience=PATIENCE, every=0.2)
    made = Firefox(*found[0])
    await made.heard()  # it introduces itself
    await made.command("NewSession", capabilities={})
    return made
