"""What a client shows a server to be let in, and must show nobody else."""

from collections.abc import Mapping

from limner.backends.text.openai.endpoint import Endpoint
from limner.errors import BackendRejected

SHORTEST = 4
"""A shorter secret is not struck out of messages: it would strike out common words."""

_SECRET_NAMES = ("auth", "cookie", "key", "secret", "token")


def credentials(
    endpoint: Endpoint, key: str | None, headers: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The headers for every request, and the secrets that stand in them or in the URL.

    A key becomes ``Authorization: Bearer``; without one, a password in the URL is used; headers
    given by name go before both.

    Raises:
        BackendRejected: The key holds characters that no header can.
    """
    key = (key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise BackendRejected("the key holds characters that cannot stand in an HTTP header")
    sent = {
        "Accept": "text/event-stream, application/json",
        "Content-Type": "application/json",
        "User-Agent": "limner",
    }
    if key:
        sent["Authorization"] = f"Bearer {key}"
    elif endpoint.authorization:
        sent["Authorization"] = endpoint.authorization
    given = {name.lower() for name in headers}
    sent = {name: value for name, value in sent.items() if name.lower() not in given}
    sent.update(headers)
    secrets = {key, *endpoint.secrets, *secret_values(headers)}
    long = [secret for secret in secrets if len(secret) >= SHORTEST]
    return sent, tuple(sorted(long, key=len, reverse=True))


def secret_values(headers: Mapping[str, str]) -> set[str]:
    """What of some headers must not be shown.

    Examples:
        >>> sorted(secret_values({"X-Api-Key": "Bearer abc", "X-Title": "mine"}))
        ['Bearer abc', 'abc']
    """
    secrets: set[str] = set()
    for name, value in headers.items():
        if any(word in name.lower() for word in _SECRET_NAMES):
            secrets |= {value, *value.split()[-1:]}  # also without the word "Bearer" before it
    return secrets
