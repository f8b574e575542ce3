"""What the configured servers can write and draw with, server by server."""

import json as json_text
from contextlib import AsyncExitStack

import typer

from limner.backends.images.support.capabilities import ListsModels
from limner.backends.images.support.server import ModelInfo
from limner.cli.exit_code import ExitCode
from limner.cli.shared.drawn_by import choose_backend
from limner.cli.shared.text_client import text_client
from limner.config import Settings
from limner.errors import BackendError
from limner.illustration import BackendAddress
from limner.illustration.capabilities import close


class Listing:
    """Prints models server by server.

    Args:
        settings: The settings, with the keys.
        json: Whether each model is printed as a line of JSON.
    """

    def __init__(self, settings: Settings, *, json: bool) -> None:
        self._settings = settings
        self._json = json
        self._code = ExitCode.OK

    async def run(self, backends: list[str], llm: str | None) -> ExitCode:
        """Ask every server, and tell how that went."""
        for name in backends:
            await self._pictures(name)
        if llm or self._settings.llm_url:
            await self._texts(llm)
        elif not self._json:
            typer.echo("text: no model server is configured; set LIMNER_LLM_URL or give --llm URL")
        return self._code

    async def _pictures(self, name: str) -> None:
        address = BackendAddress.parse(name)
        async with AsyncExitStack() as stack:
            backend = choose_backend(name, self._settings)()
            stack.push_async_callback(close, backend)
            if not isinstance(backend, ListsModels):
                self._tell("pictures", str(address), [])
                return
            try:
                found = await backend.models()
            except BackendError as error:
                self._complain(str(address), error)
                return
            self._tell("pictures", str(address), [_titled(model) for model in found])

    async def _texts(self, llm: str | None) -> None:
        async with text_client(self._settings, llm=llm, model=None) as client:
            try:
                found = await client.models()
            except BackendError as error:
                self._complain(client.server, error)
                return
            self._tell("text", client.server, [(model, model) for model in found])

    def _tell(self, kind: str, server: str, found: list[tuple[str, str]]) -> None:
        if self._json:
            for name, title in found:
                line = {"kind": kind, "server": server, "model": name, "title": title}
                typer.echo(json_text.dumps(line))
            return
        typer.echo(f"{kind}: {server}")
        for name, title in found:
            typer.echo(f"  {name}" + (f"  ({title})" if title != name else ""))
        if not found:
            typer.echo("  (it has no models to choose from, or does not tell)")

    def _complain(self, server: str, error: BackendError) -> None:
        typer.echo(f"limner: {server}: {' '.join(str(error).split())}", err=True)
        self._code = ExitCode.INCOMPLETE


def _titled(model: ModelInfo) -> tuple[str, str]:
    return model.name, model.title or model.name
