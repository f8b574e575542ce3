"""What the configured servers can write and draw with, server by server."""

import json as json_text

import typer

from limner.backends.images.support.capabilities import ListsModels
from limner.backends.images.support.server import ModelInfo
from limner.cli.exit_code import ExitCode
from limner.composition import (
    backend_addresses,
    closing,
    make_backend_at,
    model_servers,
    text_model,
)
from limner.config import Settings, UpstreamSettings
from limner.errors import BackendError
from limner.illustration import BackendAddress


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

    async def run(self) -> ExitCode:
        """Ask every server, and tell how that went."""
        for name in backend_addresses(self._settings):
            await self._pictures(name)
        servers = model_servers(self._settings)
        for server in servers:
            await self._texts(server)
        if not servers and not self._json:
            typer.echo("text: no model server is configured; set LIMNER_LLM_URL or give --llm URL")
        return self._code

    async def _pictures(self, name: str) -> None:
        address = BackendAddress.parse(name)
        async with closing(make_backend_at(name, self._settings)) as backend:
            if not isinstance(backend, ListsModels):
                self._tell("pictures", str(address), [])
                return
            try:
                found = await backend.models()
            except BackendError as error:
                self._complain(str(address), error)
                return
            self._tell("pictures", str(address), [_titled(model) for model in found])

    async def _texts(self, server: UpstreamSettings) -> None:
        async with text_model(server, self._settings) as client:
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
