"""A model server's "no" as one of our errors, before an answer and inside one."""

from collections.abc import Mapping

from limner.backends.http.error_body import (
    ErrorBody,
    appearance,
    read_body,
)
from limner.backends.http.refusal import FILTER_KINDS, Remedies
from limner.backends.http.refusal import refusal as refusal_of
from limner.errors import BackendError, BackendRejected, BackendUnavailable

REMEDIES = Remedies(
    key="set the environment variable LIMNER_LLM_KEY to a key this server accepts",
    address="is the address right? It usually ends in /v1",
    server="model server",
)

_BUSY_KINDS = ("rate_limit_exceeded", "insufficient_quota", "overloaded_error", "rate_limit_error")


def refusal(
    status: int,
    complaint: ErrorBody,
    *,
    server: str,
    headers: Mapping[str, str] | None = None,
    now: float = 0.0,
    wanted: str = "chat completions",
) -> BackendError:
    """The error for an HTTP status that is no success; see `limner.backends.http.refusal`."""
    return refusal_of(
        status,
        complaint,
        server=server,
        headers=headers,
        now=now,
        wanted=wanted,
        remedies=REMEDIES,
    )


def is_unknown_model(status: int, complaint: ErrorBody) -> bool:
    """Whether a refusal says that there is no such model, rather than no such address."""
    told = complaint.message.lower()
    return (
        "model_not_found" in complaint.kinds
        or (status == 404 and "model" in told)
        or (status == 400 and "valid model" in told)
    )


def failure_in_stream(body: str | bytes, *, server: str) -> BackendError:
    """The error for an error object that came inside an answer which had begun well."""
    complaint = read_body(body.encode() if isinstance(body, str) else body)
    status = complaint.status
    if status is None and any(kind in _BUSY_KINDS for kind in complaint.kinds):
        status = 429
    if status is None and "invalid_request_error" in complaint.kinds:
        status = 400
    if status is not None or any(kind in FILTER_KINDS for kind in complaint.kinds):
        return refusal(status or 400, complaint, server=server)
    said = complaint.message or "without saying why"
    return BackendUnavailable(f"{server} failed while it was writing: {said}", server=server)


def not_an_endpoint(body: str, content_type: str, *, server: str) -> BackendRejected:
    """The error for an answer that is no chat completion at all."""
    seen = appearance(body, content_type)
    return BackendRejected(
        f"{server} is not an OpenAI-compatible endpoint: it answered with {seen}; "
        "is the URL right (…/v1)?",
        server=server,
    )
