"""``POST /logout``: the browser forgets the token."""

from limner.server.guard.credentials import forgotten_header
from limner.server.http.exchange import Exchange, Receive, Scope, Send
from limner.server.index_page.login import HERE


class Logout:
    """Has a browser drop its cookie, and leads it to the page, which asks for a token again.

    Args:
        secure: Whether the browser may show the cookie over https only.
    """

    def __init__(self, *, secure: bool) -> None:
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        cookie = forgotten_header(secure=self._secure)
        headers = [(b"location", HERE), (b"set-cookie", cookie)]
        await Exchange(scope, receive, send).respond(303, b"", headers)
