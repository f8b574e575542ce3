"""How a request is told that it is refused: in the form its client understands."""

import json

from limner.errors import LimnerError
from limner.server.guard.paths import is_proxied
from limner.server.http.exchange import Header
from limner.server.proxy.dialects.every import spoken_at
from limner.server.proxy.dialects.openai_chat import OPENAI_CHAT
from limner.server.proxy.protocol.errors import error_body, kind_of


class Refusal(LimnerError):
    """A request is not answered.

    Attributes:
        status: The HTTP status.
        code: Why, in one word.
        message: Why, and what to do.
        headers: More headers of the answer.
    """

    def __init__(
        self, status: int, code: str, message: str, headers: tuple[Header, ...] = ()
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
        super().__init__(message)

    def body(self, path: str) -> bytes:
        """The JSON: for chat programs in their protocol's form, for all others in the API's."""
        if is_proxied(path):
            told = error_body(self.message, kind=kind_of(self.status), code=self.code)
            return (spoken_at(path) or OPENAI_CHAT).refusal(told)
        return json.dumps({"error": {"kind": self.code, "message": self.message}}).encode()


def foreign_page(origin: str, *, form: bool) -> Refusal:
    """The refusal of a request that a foreign web page makes."""
    page = origin[:100]
    if form:
        told = (
            f"this form was sent by a page of {page}, which is not known as this server's; if that "
            "is where browsers reach it, name the address with limner serve --public-url"
        )
    else:
        told = (
            f"pages of {page} may not use this server; serve.origins in the settings says which may"
        )
    return Refusal(403, "origin_not_allowed", told)


def unauthorized(shown: bool) -> Refusal:
    """The refusal of a request without a token, or with an unknown one."""
    told = "this token is not known here" if shown else "this server wants a token"
    return Refusal(
        401,
        "invalid_token" if shown else "token_required",
        f"{told}; send it as Authorization: Bearer TOKEN (the API key of your front-end)",
        ((b"www-authenticate", b'Bearer realm="limner"'),),
    )
