"""A bound for the size of request bodies."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from limner.server.api.error_form import error_answer

LARGEST = 8 << 20
"""Bytes a request's body may have."""


class BodyLimit:
    """Reads the body of each request before anything else, and refuses a large one with a 413.

    Args:
        app: Who answers.
        largest: Bytes a body may have.
    """

    def __init__(self, app: ASGIApp, *, largest: int = LARGEST) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        too_large = declared.isdigit() and int(declared) > self._largest
        while not too_large:
            message = await receive()
            if message["type"] != "http.request":
                return  # the client has gone
            body += message.get("body", b"")
            too_large = len(body) > self._largest
            if not message.get("more_body", False):
                break
        if too_large:
            told = f"the body may have {self._largest} bytes"
            await error_answer(413, "too_large", told)(scope, receive, send)
            return
        await self._app(scope, _again(bytes(body), receive), send)


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, and then what comes after it."""
    given = False

    async def receive_again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again
