"""Where an OpenAI-compatible server is: from what a person types to the addresses to call."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit, urlunsplit

from limner.backends.http.address import basic_of, host_of
from limner.errors import BackendRejected

ROUTE = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The addresses of one server.

    Attributes:
        base: The API's root, without user, password or query: the only form that is ever shown.
        authorization: The ``Authorization`` header that stood in the URL as ``user:password@``.
    """

    base: str
    query: str = field(default="", repr=False)
    authorization: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What of the URL must not be shown, in every form in which a server might repeat it."""
        basic = (self.authorization or "").removeprefix("Basic ")
        values = [pair.partition("=")[2] for pair in self.query[1:].split("&")]
        return (self.password, basic, *values)

    @property
    def chat(self) -> str:
        """Where chat completions are asked for. May hold secrets in its query."""
        return self.base + ROUTE + self.query

    @property
    def models(self) -> str:
        """Where the models are listed. May hold secrets in its query."""
        return self.base + "/models" + self.query

    @classmethod
    def parse(cls, url: str) -> "Endpoint":
        """Read an address as people write it.

        The bare address of a server gets the usual ``/v1``; any other path is taken as it is; a
        trailing slash or ``/chat/completions`` is dropped. A query stays on every request.

        Raises:
            BackendRejected: It is no ``http://`` or ``https://`` address.

        Examples:
            >>> Endpoint.parse("http://localhost:8080").chat
            'http://localhost:8080/v1/chat/completions'
            >>> Endpoint.parse("https://me:secret@example.org/api/v1/chat/completions")
            Endpoint(base='https://example.org/api/v1')
        """
        try:
            parts = urlsplit(url.strip())
            host = host_of(parts)
        except ValueError:
            raise BackendRejected("the address of the model server is no valid URL") from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BackendRejected(_no_http(url))
        path = parts.path.rstrip("/").removesuffix(ROUTE) or "/v1"
        return cls(
            base=urlunsplit((parts.scheme, host, path, "", "")),
            query=f"?{parts.query}" if parts.query else "",
            authorization=basic_of(parts),
            password=unquote(parts.password or ""),
        )


def _no_http(url: str) -> str:
    """Say what is wrong without repeating a password that may stand in it."""
    told = url.strip().partition("?")[0]
    if "@" in told or not told:
        return "the address of the model server must begin with http:// or https://"
    hint = "" if "://" in told else f"; did you mean http://{told}?"
    return f"{told!r} is no address of a model server: it must begin with http:// or https://{hint}"
