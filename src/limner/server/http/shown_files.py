"""Files that are shown as text, for whoever wants to read what another program is given."""

from collections.abc import Mapping

from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send

_TEXT: list[Header] = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


class ShownFiles:
    """Shows files as plain text, and without a name their list. Nothing of them runs here.

    Args:
        place: Below which they are, such as ``/sillytavern/``.
        files: Their bytes, by name.
        use: What to do with them, in one line.
    """

    def __init__(self, place: str, files: Mapping[str, bytes], use: str) -> None:
        self._place = place
        self._files = {**files, "": "\n".join((use, *files, "")).encode()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        data = self._files.get(exchange.path.removeprefix(self._place))
        if data is None:
            await exchange.respond(404, b"not found", _TEXT)
            return
        await exchange.respond(200, data, _TEXT)
