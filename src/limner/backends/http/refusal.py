"""A server's "no", in whatever dialect, as one of our errors.

Which status means what follows RFC 9110 and what model and picture servers do.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from limner.backends.http.address import without_secrets
from limner.backends.http.error_body import ErrorBody, one_line
from limner.backends.http.waiting_time import waiting_time
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
)

FILTER_KINDS = ("content_filter", "content_policy_violation", "moderation_blocked")
"""What servers call a refusal by their content filter."""


@dataclass(frozen=True, slots=True)
class Remedies:
    """What a person can do, to be told with a refusal.

    Attributes:
        key: After a refused key.
        address: After an answer that there is no such thing.
        server: What kind of server it should be, as in "if that is the … server".
        filters: Words, in lower case, by which this server's content filter is known beside
            `FILTER_KINDS`: in the code, the type or the message of its error.
        advice: What to do about a refusal of this server's own: by its code or type, else by its
            status.
    """

    key: str
    address: str
    server: str = "server"
    filters: tuple[str, ...] = ()
    advice: Mapping[int | str, str] = field(default_factory=dict)

    def filtered(self, status: int, complaint: ErrorBody) -> bool:
        """Whether a refusal is the content filter's."""
        if any(kind in FILTER_KINDS for kind in complaint.kinds):
            return True
        told = " ".join((*complaint.kinds, complaint.message)).lower()
        return status not in (401, 429) and any(word in told for word in self.filters)

    def advise(self, status: int, complaint: ErrorBody) -> str:
        """What to do about this refusal in particular; ``""``: nothing is known."""
        keys: tuple[int | str, ...] = (*complaint.kinds, status)
        return next((self.advice[key] for key in keys if key in self.advice), "")


def parse_retry_after(value: str | None, *, now: float) -> float | None:
    """Seconds to wait, from a ``Retry-After`` header (RFC 9110 §10.2.3).

    Args:
        value: The header: seconds, an HTTP date, or what servers really send in its place
            (`limner.backends.http.waiting_time`).
        now: The present, in seconds since 1970.

    Returns:
        Seconds from now, at least 0, or ``None`` if the header is absent or makes no sense.

    Examples:
        >>> parse_retry_after("7", now=0.0), parse_retry_after("soon", now=0.0)
        (7.0, None)
        >>> parse_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", now=45.0)
        15.0
    """
    return waiting_time(value, now=now)


def retry_after(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds after which a server wants to be asked again.

    From ``Retry-After``, or from the finer ``Retry-After-Ms``, which OpenAI and Azure send.

    Args:
        headers: The answer's, with names that compare without case.
        now: The present, in seconds since 1970.

    Examples:
        >>> retry_after({"retry-after-ms": "1500"}, now=0.0)
        1.5
    """
    fine = waiting_time(f"{headers.get('retry-after-ms', '').strip()}ms", now=now)
    return parse_retry_after(headers.get("retry-after"), now=now) if fine is None else fine


def refusal(
    status: int,
    complaint: ErrorBody,
    *,
    server: str,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
    wanted: str,
    remedies: Remedies,
) -> BackendError:
    """The error for an HTTP status that is no success.

    Args:
        status: The status.
        complaint: What the body said.
        server: The server's address, fit to be shown.
        headers: The answer's headers, with names that compare without case.
        now: The present, in seconds since 1970, to read a date in ``Retry-After``.
        wanted: What was asked for, to name it where there is no such thing.
        remedies: What a person can do about it.
    """
    headers = headers or {}
    said = f": {complaint.message}" if complaint.message else ""
    if remedies.filtered(status, complaint):
        return ContentRefused(
            f"the content filter of {server} refused{said}", server=server, status=status
        )
    advice = remedies.advise(status, complaint)
    said += f"; {advice}" if advice else ""
    if status in (429, 503, 529):
        return _busy(status, said, server, retry_after(headers, now=now))
    if status in (408, 504):
        return BackendTimeout(
            f"{server} gave up waiting ({status}){said}", server=server, status=status
        )
    if status >= 500:
        return BackendUnavailable(f"{server} failed ({status}){said}", server=server, status=status)
    if status in (404, 405) and not advice:
        message = f"{server} has no {wanted} ({status}){said}; {remedies.address}"
    else:
        key = "" if advice else remedies.key
        message = _rejection(status, said, server, headers, key, remedies)
    return BackendRejected(message, server=server, status=status)


def _busy(status: int, said: str, server: str, wait: float | None) -> BackendBusy:
    later = "" if wait is None else f"; it asks to come back in {wait:.0f} s"
    return BackendBusy(
        f"{server} is busy ({status}){said}{later}",
        retry_after=wait,
        server=server,
        status=status,
    )


def _rejection(
    status: int, said: str, server: str, headers: Mapping[str, str], key: str, remedies: Remedies
) -> str:
    if 300 <= status < 400:
        target = one_line(without_secrets(headers.get("Location", "elsewhere")))
        return f"{server} redirects to {target}; if that is the {remedies.server}, give its address"
    if status == 401 or (status == 403 and key):
        return f"{server} refused the key ({status}){said}; {remedies.key}"
    return f"{server} rejected the request ({status}){said}"
