"""Errors as the API tells them: one form, the right status, never a traceback.

The form is ``{"error": {"kind": ..., "message": ..., "field": ...?, "retry_after": ...?}}``.
"""

import math
import re
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from limner.errors import (
    BackendBusy,
    BackendError,
    BackendTimeout,
    BudgetExceeded,
    ConfigError,
    ContentRefused,
    JobCancelled,
    LimiterStopped,
    LimnerError,
    MessageBusy,
    PartError,
    PatternError,
    PictureMissing,
    PresetError,
    RefineError,
    SchedulingError,
    StorageError,
    TagError,
    UnknownSlot,
)
from limner.server.http.exchange import FAILURE
from limner.server.preferences.choices import NEEDS_RESTART


class MessagePaused(LimnerError):
    """A change of a message whose operations are held.

    Attributes:
        message_id: The message.
    """

    def __init__(self, message_id: str) -> None:
        self.message_id = message_id
        super().__init__(f"changes of message {message_id!r} are held; resume them first")


STATUS: tuple[tuple[type[LimnerError], int], ...] = (
    (UnknownSlot, 404),
    (PictureMissing, 404),
    (MessageBusy, 409),
    (MessagePaused, 409),
    (JobCancelled, 409),
    (PresetError, 422),
    (PartError, 422),
    (PatternError, 422),
    (TagError, 422),
    (ConfigError, 422),
    (ContentRefused, 422),
    (RefineError, 502),
    (BackendTimeout, 504),
    (BackendBusy, 503),
    (BackendError, 502),
    (LimiterStopped, 503),
    (StorageError, 503),
    (SchedulingError, 503),
)
"""What a kind of error means; the first that fits counts."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
METHOD_NOT_ALLOWED = 405
_KINDS = {
    400: "invalid",
    404: "not_found",
    METHOD_NOT_ALLOWED: "method_not_allowed",
    413: "too_large",
}


class NotFound(LimnerError):
    """The API has no such thing.

    Attributes:
        what: What was looked for.
    """

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"there is no {what}")


class Refused(LimnerError):
    """A request is well-formed, and cannot be done.

    Attributes:
        field: Which field of it is meant.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


class NotAllowed(LimnerError):
    """A request is an admin's, and whoever asks is none."""


def error_answer(status: int, kind: str, message: str, **more: Any) -> JSONResponse:
    """An error in the API's form; what is ``None`` is left out."""
    told = {name: value for name, value in more.items() if value is not None}
    error = {"kind": kind, "message": message, **told}
    headers = {"Cache-Control": "no-store"}
    if isinstance(more.get("retry_after"), int):
        headers["Retry-After"] = str(more["retry_after"])
    return JSONResponse({"error": error}, status, headers)


def kind_of(error: LimnerError) -> str:
    """What an error is called.

    Examples:
        >>> kind_of(MessagePaused("m"))
        'message_paused'
    """
    return _WORD.sub("_", type(error).__name__).lower()


def of_error(error: LimnerError) -> JSONResponse:
    """The answer that one of limner's errors gets."""
    kind = kind_of(error)
    message = str(error).encode("utf-8", "replace").decode()
    if isinstance(error, NotFound):
        return error_answer(404, "not_found", message)
    if isinstance(error, NotAllowed):
        return error_answer(403, "not_allowed", message)
    if isinstance(error, Refused):
        return error_answer(422, "refused", message, field=error.field)
    if isinstance(error, BudgetExceeded):
        later = _whole(error.resets_in)
        return error_answer(402 if later is None else 429, kind, message, retry_after=later)
    status = next((status for known, status in STATUS if isinstance(error, known)), 500)
    later = _whole(error.retry_after) if isinstance(error, BackendBusy) else None
    return error_answer(status, kind, message, retry_after=later)


def of_validation(error: RequestValidationError | ValidationError) -> JSONResponse:
    """The answer to a request that is not as it should be: the first thing that is wrong."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = ".".join(where)
    if first["type"] == "json_invalid":
        return error_answer(422, "invalid", "the body is no JSON", field=None)
    if first["type"] == NEEDS_RESTART:
        return error_answer(422, NEEDS_RESTART, first["msg"], field=first["ctx"]["name"])
    said = str(first["msg"]).removeprefix("Value error, ")
    message = said.encode("utf-8", "replace").decode()
    named = f"{field}: {message}" if field else message
    return error_answer(422, "invalid", named, field=field or None)


def add_errors(app: FastAPI) -> None:
    """Have an application tell every error in this form."""

    async def limner_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, LimnerError)  # noqa: S101 - it is registered for these
        request.scope[FAILURE] = str(error)
        return of_error(error)

    async def validation(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError | ValidationError)  # noqa: S101 - as above
        return of_validation(error)

    async def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        kind = _KINDS.get(error.status_code, "refused")
        answer = error_answer(error.status_code, kind, str(error.detail))
        answer.headers.update(error.headers or {})
        if error.status_code == METHOD_NOT_ALLOWED:
            allowed = _methods(app, request.scope["path"])
            answer.headers["Allow"] = ", ".join(allowed) or answer.headers.get("Allow", "")
        return answer

    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return error_answer(500, "internal", "limner failed; its log says why")

    app.add_exception_handler(LimnerError, limner_error)
    app.add_exception_handler(RequestValidationError, validation)
    app.add_exception_handler(ValidationError, validation)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unforeseen)


def _methods(app: FastAPI, path: str) -> list[str]:
    """All that may be asked of a path. Each route knows its own only, and the first one tells."""
    described = app.openapi()["paths"].items()
    matching = [asked for form, asked in described if compile_path(form)[0].match(path)]
    return sorted({method.upper() for asked in matching for method in asked})


def _whole(seconds: float | None) -> int | None:
    """Seconds as a header has them, rounded up."""
    return None if seconds is None or not math.isfinite(seconds) else max(math.ceil(seconds), 1)
