"""A picture that is replaced by the next one, as browsers read it: ``multipart/x-mixed-replace``.

Chromium shows a part when the head of the next one has come. So that head is sent with the part
before it, and says ``image/png`` before anybody knows what the part will be; browsers look at the
bytes of a picture for what it is.
"""

from limner.server.http.exchange import Exchange, Header

BOUNDARY = "limner-picture"
_HEAD = b"--limner-picture\r\nContent-Type: image/png\r\n\r\n"
_END = b"\r\n--limner-picture--\r\n"

HEADERS: tuple[Header, ...] = (
    (b"content-type", f"multipart/x-mixed-replace; boundary={BOUNDARY}".encode()),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would hold frames back until it has some kilobytes
)
"""Of the answer; nobody keeps it, no proxy holds it up."""


class MixedReplace:
    """Sends one picture after the other to one ``<img>``.

    Args:
        exchange: Where to.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def show(self, picture: bytes) -> None:
        """Show a picture in the place of the last one; waits while the client does not read.

        Raises:
            ClientGone: There is nobody to show it to.
        """
        await self._exchange.write(b"%s%s\r\n%s" % (self._first(), picture, _HEAD))

    async def finish(self, picture: bytes) -> None:
        """Show the last picture.

        Raises:
            ClientGone: There is nobody to show it to.
        """
        await self._exchange.end(b"%s%s%s" % (self._first(), picture, _END))

    def _first(self) -> bytes:
        """What comes before the first part."""
        if self._begun:
            return b""
        self._begun = True
        return _HEAD

    _begun = False
