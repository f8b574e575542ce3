"""``/sillytavern/…``: the extension's files, for whoever wants to read what is installed."""

from collections.abc import Mapping

from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send

SOURCES = "/sillytavern/"
"""Below which they are."""
_TEXT: list[Header] = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class ExtensionSources:
    """Shows the files as plain text, and without a name their list. Nothing of them runs here.

    Args:
        files: Their bytes, by name.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        told = "\n".join(("limner sillytavern install PATH puts these into SillyTavern:", *files))
        self._files = {**files, "": told.encode() + b"\n"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        data = self._files.get(exchange.path.removeprefix(SOURCES))
        if data is None:
            await exchange.respond(404, b"not found", _TEXT)
            return
        await exchange.respond(200, data, _TEXT)
