"""Who asks for a picture: a browser's ``<img>``, which can show frames, or somebody else."""

from collections.abc import Mapping
from typing import NamedTuple

VARY = b"Accept, Sec-Fetch-Dest, Sec-Fetch-Mode, Origin"
"""The headers by which it is decided what is sent."""


class Browser(NamedTuple):
    """A browser and the name under which it reaches the server, as far as one can tell.

    Browsers keep six connections to a name, over all their windows. ``forwarded`` tells those
    behind a reverse proxy apart; who lies about it takes no place from anybody else.
    """

    address: str
    forwarded: str
    program: str
    host: str

    @classmethod
    def of(cls, client: str, headers: Mapping[str, str]) -> "Browser":
        """Who asks.

        Args:
            client: The address it asks from.
            headers: What it says, names in lower case.
        """
        return cls(
            client,
            headers.get("x-forwarded-for", "")[:200],
            headers.get("user-agent", "")[:200],
            headers.get("host", ""),
        )

    def at(self, host: str) -> "Browser":
        """The same under another name."""
        return self._replace(host=host)


def shows_frames(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is that of an ``<img>`` whose picture no program reads.

    Browsers say what a request is for, but over plain http from another machine; there what they
    accept for pictures gives them away.

    Args:
        method: The request's.
        headers: Its headers, names in lower case.

    Examples:
        >>> chromium = {"sec-fetch-dest": "image", "sec-fetch-mode": "no-cors"}
        >>> shows_frames("GET", chromium), shows_frames("HEAD", chromium)
        (True, False)
        >>> shows_frames("GET", chromium | {"sec-fetch-mode": "cors"})
        False
        >>> shows_frames("GET", {"accept": "image/avif,image/webp,image/png,image/*;q=0.8,*/*"})
        True
        >>> [shows_frames("GET", {"accept": one}) for one in ("*/*", "image/webp", "image/*")]
        [False, False, False]
        >>> shows_frames("GET", {"sec-fetch-dest": "empty", "accept": "image/webp,image/*"})
        False
    """
    if method != "GET" or "origin" in headers or headers.get("sec-fetch-mode") == "cors":
        return False
    if (wanted := headers.get("sec-fetch-dest")) is not None:
        return wanted == "image"
    kinds = {one.partition(";")[0].strip() for one in headers.get("accept", "").split(",")}
    return {"image/webp", "image/*"} <= kinds
