"""A server's answer, read to its end within bounds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from limner.backends.http.error_body import appearance
from limner.errors import BackendRejected, BackendUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A successful answer.

    Attributes:
        status: 200 to 299.
        headers: With names that compare without case.
        body: All of it.
        content_type: The media type it claims; only a hint.
        server: Who answered, fit to be shown.
        kind: What it should be, as in "this is no … server".
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    content_type: str
    server: str
    kind: str

    def json(self) -> Any:
        """The body as JSON; ``None`` if it is empty.

        Raises:
            limner.errors.BackendRejected: It is a web page or something else that the kind of
                server expected here does not send.
            limner.errors.BackendUnavailable: It begins as JSON and is broken.
        """
        if not self.body.strip():
            return None
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if self.body.lstrip()[:1] in (b"{", b"["):
                raise BackendUnavailable(
                    f"{self.server} sent broken JSON", server=self.server, status=self.status
                ) from None
        raise self.other_kind()

    def other_kind(self) -> BackendRejected:
        """The error for an answer that this kind of server does not give."""
        text = self.body[:2000].decode("utf-8", "replace")
        seen = appearance(text, self.content_type)
        return BackendRejected(
            f"{self.server} is no {self.kind} server: it answered with {seen}; "
            "is the address right?",
            server=self.server,
            status=self.status,
        )


def media_type(content_type: str | None) -> str:
    """The media type out of a ``Content-Type`` header, in lower case.

    Examples:
        >>> media_type("Image/PNG; q=1")
        'image/png'
    """
    found = re.match(r"\s*([\w.+-]{1,60}/[\w.+-]{1,60})", content_type or "")
    return found[1].lower() if found else ""
