"""Secrets: sent to one server, shown to nobody."""

from base64 import b64encode
from collections.abc import Iterable
from typing import TypeVar
from urllib.parse import quote

from limner.errors import BackendError, BackendRejected

SHORTEST = 4
"""A shorter secret is not struck out of messages: it would strike out common words."""

ErrorT = TypeVar("ErrorT", bound=BackendError)


class Secrets:
    """What must not be shown, in every form in which a server might repeat it.

    Examples:
        >>> secrets = Secrets(["sk-secret"])
        >>> secrets.strike("no such key: sk-secret"), secrets
        ('no such key: ***', Secrets())
    """

    def __init__(self, values: Iterable[str | None] = ()) -> None:
        forms: set[str] = set()
        for value in values:
            if value and len(value) >= SHORTEST:
                forms |= {value, quote(value, safe=""), b64encode(value.encode()).decode()}
                _, colon, password = value.partition(":")
                if colon and len(password) >= SHORTEST:
                    forms |= {password, quote(password, safe="")}
        self._forms = tuple(sorted(forms, key=len, reverse=True))

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def strike(self, text: str) -> str:
        """The text with every secret in it replaced by ``***``."""
        for form in self._forms:
            text = text.replace(form, "***")
        return text

    def hide(self, error: ErrorT) -> ErrorT:
        """The same error, without secrets in its message."""
        error.args = (self.strike(str(error)),)
        return error


def clean_key(key: str | None) -> str:
    """A key as it can stand in a header; ``""`` if there is none.

    Raises:
        limner.errors.BackendRejected: It holds characters that no header can.
    """
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BackendRejected("the key holds characters that cannot stand in an HTTP header")
    return key


def bearer(key: str) -> dict[str, str]:
    """The header that shows a key as most services want it; none without a key."""
    return {"Authorization": f"Bearer {key}"} if key else {}


def basic(pair: str) -> dict[str, str]:
    """The header for ``user:password``; none without one."""
    return {"Authorization": "Basic " + b64encode(pair.encode()).decode()} if pair else {}
