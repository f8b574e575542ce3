"""Errors in the one form that every client shows: OpenAI's.

A body with ``detail``, a web page or plain words show nothing at all in some front-ends, so
whatever a model server says becomes ``{"error": {"message", "type", "param", "code"}}``.
"""

from typing import Any

import msgspec

from limner.backends.http.error_body import looks_like_html, read_body
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BudgetExceeded,
    ContentRefused,
    LimnerError,
    QueueTimeout,
    RequestRejected,
    SchedulingError,
)

_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    429: "rate_limit_error",
    504: "timeout_error",
}


def error_body(
    message: str, *, kind: str, code: str | int | None = None, param: str | None = None
) -> bytes:
    """An error in OpenAI's form.

    Examples:
        >>> error_body("no such model", kind="invalid_request_error", code="model_not_found")
        b'{"error":{"message":"no such model","type":"invalid_request_error","param":null,\
"code":"model_not_found"}}'
    """
    error = {"message": message, "type": kind, "param": param, "code": code}
    return msgspec.json.encode({"error": error})


def kind_of(status: int) -> str:
    """The ``type`` that goes with a status."""
    return _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")


def message_of(error: bytes) -> str:
    """What an error says, in OpenAI's form or as plain text.

    Examples:
        >>> message_of(error_body("no such model", kind="invalid_request_error"))
        'no such model'
        >>> message_of(b"broken")
        'broken'
    """
    return read_body(error).message or ""


def translated(status: int, body: bytes, *, server: str) -> bytes:
    """The body of a model server's error, in OpenAI's form; as it came, if it has that form.

    Args:
        status: Its status.
        body: What it sent.
        server: Its address, fit to be shown.
    """
    if _is_openai(body):
        return body
    told = read_body(body)
    message = told.message or "without saying why"
    if looks_like_html(body.decode("utf-8", "replace")):
        title = f" titled “{told.message}”" if told.message else ""
        message = f"it answered with a web page{title}; is its address right (…/v1)?"
    code = next(iter(told.kinds), None)
    return error_body(f"{server} ({status}): {message}", kind=kind_of(status), code=code)


def of_error(error: LimnerError) -> tuple[int, bytes]:
    """The status and body that tell a client of one of our errors."""
    if isinstance(error, RequestRejected):
        body = error_body(str(error), kind=error.kind, code=error.code, param=error.param)
        return error.status, body
    status, code = 502, "upstream_error"
    if isinstance(error, ContentRefused):
        status, code = 400, "content_policy_violation"
    elif isinstance(error, BackendBusy | BudgetExceeded):
        status, code = 429, "rate_limit_exceeded"
    elif isinstance(error, BackendTimeout | QueueTimeout):
        status, code = 504, "timeout"
    elif isinstance(error, SchedulingError):
        status, code = 503, "cancelled"
    elif isinstance(error, BackendRejected):
        status, code = 502, "upstream_rejected"
    elif not isinstance(error, BackendError):
        status, code = 500, "internal_error"
    return status, error_body(str(error), kind=kind_of(status), code=code)


class _Told(msgspec.Struct):
    error: Any = None


def is_error(body: bytes) -> bool:
    """Whether an answer says that it is none.

    Examples:
        >>> is_error(b'{"error": "no model"}'), is_error(b'{"error": null, "output": []}')
        (True, False)
    """
    try:
        return bool(msgspec.json.decode(body, type=_Told).error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _is_openai(body: bytes) -> bool:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    error = answer.get("error") if isinstance(answer, dict) else None
    return isinstance(error, dict) and isinstance(error.get("message"), str)
