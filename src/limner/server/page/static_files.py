"""``/page/VERSION/…``: the files of the page; a browser keeps them for ever."""

from collections.abc import Iterable

from limner.server.http.exchange import Exchange, Header, Receive, Scope, Send
from limner.server.page.page_files import PageFile, PageFiles

PLACE = "/page/"
"""Below which they are."""

_KEPT: list[Header] = [(b"cache-control", b"public, max-age=31536000, immutable")]


class StaticFiles:
    """Answers requests for the files of one version; those of another are not there.

    Args:
        page: The files.
    """

    def __init__(self, page: PageFiles) -> None:
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        exchange = Exchange(scope, receive, send)
        version, _, name = exchange.path.removeprefix(PLACE).partition("/")
        file = self._page.get(name)
        if version != self._page.version or file is None:
            text = (b"content-type", b"text/plain; charset=utf-8")
            await exchange.respond(404, b"not found", [text, (b"cache-control", b"no-store")])
            return
        await send_file(exchange, file, _KEPT)


async def send_file(exchange: Exchange, file: PageFile, headers: Iterable[Header]) -> None:
    """Send a file, compressed if the client takes that.

    Args:
        exchange: The request.
        file: What is sent.
        headers: What else is told of it.
    """
    told: list[Header] = [
        *headers,
        (b"content-type", file.media_type.encode()),
        (b"vary", b"accept-encoding"),
    ]
    body = file.data
    if "gzip" in (exchange.header("accept-encoding") or ""):
        body = file.compressed
        told.append((b"content-encoding", b"gzip"))
    await exchange.respond(200, body, told)
