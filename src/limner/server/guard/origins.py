"""Which web pages may ask: a page that somebody merely requests must not act in their name.

Browsers tell where a page is from in ``Origin`` and ``Sec-Fetch-Site`` (Fetch standard); programs
tell neither, and are let in.
"""

from collections.abc import Callable, Mapping, Sequence

from limner.server.http.exchange import Header
from limner.server.http.origins import is_allowed

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Origins:
    """The origins of web pages that may use the server.

    Args:
        public_url: Under which browsers reach the server; its own page is from there.
        allowed: Others that may use it: ``https://host``, or ``*`` for all.
        paired: Tells whether somebody here has let a page in.

    Examples:
        >>> origins = Origins("https://tales.example.org/llm", ["https://chat.example"])
        >>> origins.is_own("https://tales.example.org", "tales.example.org")
        True
        >>> Origins("https://tales.example.org:443/llm").is_own("https://tales.example.org", "h")
        True
        >>> origins.is_own("http://127.0.0.1:8750", "127.0.0.1:8750")
        True
        >>> origins.is_own("https://chat.example", "127.0.0.1:8750")
        False
        >>> origins.allows("https://chat.example"), origins.allows("https://evil.example")
        (True, False)
    """

    def __init__(
        self,
        public_url: str,
        allowed: Sequence[str] = (),
        *,
        paired: Callable[[str], bool] = lambda origin: False,
    ) -> None:
        own = "/".join(public_url.lower().split("/")[:3])
        default = ":443" if own.startswith("https:") else ":80"  # browsers leave it out
        self._own = own.removesuffix(default)
        self._paired = paired
        self._allowed = tuple(origin.lower().rstrip("/") for origin in allowed)

    def is_own(self, origin: str, host: str) -> bool:
        """Whether a page is the server's own."""
        origin, host = origin.lower(), host.lower()
        return origin == self._own or origin in (f"http://{host}", f"https://{host}")

    def allows(self, origin: str) -> bool:
        """Whether a page of others may use everything."""
        known = "*" in self._allowed or origin.lower() in self._allowed
        return known or self._paired(origin)

    def is_from_own_page(self, headers: Mapping[str, str]) -> bool:
        """Whether the server's own page asks, or a program: both signs must say so.

        ``Origin: null`` is said by pages that hide where they are from, ours among them where a
        reverse proxy sets ``Referrer-Policy: no-referrer``, and by sandboxed frames of anybody.
        The browser tells them apart: for the frames ``Sec-Fetch-Site`` is ``cross-site``.
        """
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin == "null":
            return site == "same-origin"
        if site not in (None, "none", "same-origin"):
            return False
        return origin is None or self.is_own(origin, headers.get("host", ""))

    def refuses(
        self,
        method: str,
        headers: Mapping[str, str],
        *,
        listening: bool = False,
        proxied: bool = False,
        form: bool = False,
    ) -> bool:
        """Whether a request comes from a page that may not make it.

        Args:
            method: The request's.
            headers: The request's, names in lower case.
            listening: Whether it is for a stream of events: a GET that uses something up.
            proxied: Whether it is for the proxy, which front-ends on this machine may use, too.
            form: Whether it is what a form of our own pages sends: nobody else may log in or out.
        """
        if self.is_from_own_page(headers):
            return False
        origin = headers.get("origin")
        if origin is None or form:
            return method not in SAFE or listening
        known = self.is_own(origin, headers.get("host", "")) or self.allows(origin)
        known = known or (proxied and is_allowed(origin, self._allowed))
        return not known and (method not in SAFE or listening or proxied)


def cors_answer(headers: Mapping[str, str]) -> list[Header]:
    """What lets a page of an allowed origin read an answer of the API."""
    return [
        (b"access-control-allow-origin", headers["origin"].encode("latin-1", "replace")),
        (b"access-control-expose-headers", b"x-request-id, retry-after"),
        (b"vary", b"Origin"),
    ]


def preflight_answer(headers: Mapping[str, str]) -> list[Header]:
    """The answer to a preflight request: it allows the method and headers that were announced."""
    wanted = headers.get("access-control-request-headers", "authorization, content-type")
    return [
        *cors_answer(headers),
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (b"access-control-allow-headers", wanted.encode("latin-1", "replace")),
        (b"access-control-max-age", b"600"),
    ]
