"""A server's error, in every dialect, as one of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.backends.http.error_body import LONGEST, ErrorBody, one_line, read_body
from limner.backends.http.refusal import parse_retry_after
from limner.backends.text.refusal import is_unknown_model, refusal
from limner.errors import (
    BackendBusy,
    BackendError,
    BackendRejected,
    BackendTimeout,
    BackendUnavailable,
    ContentRefused,
)
from limner.testing.chat_server.reply import Dialect, error_body


@pytest.mark.parametrize(
    "dialect", ["openai", "fastapi", "koboldcpp", "ollama", "openrouter", "plain"]
)
def test_every_dialect_tells_its_message(dialect: Dialect) -> None:
    """Whatever the shape of the body, the server's words are found."""
    assert read_body(error_body("it is full", dialect=dialect)).message == "it is full"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"object": "error", "message": "m", "type": "t"}', "m"),
        (b'{"error": "OutOfMemoryError", "detail": "no room"}', "no room"),
        (b'{"error": "HTTPException", "detail": "", "body": ""}', "HTTPException"),
        (b'[{"error": {"message": "in a list"}}]', "in a list"),
        (b'{"detail": [{"loc": ["body", 0, "n"], "msg": "bad"}, {"msg": "too"}]}',
         "body.0.n: bad; too"),
        (b"<html><title>502 Bad Gateway</title>", "502 Bad Gateway"),
        (b"<html>nothing</html>", ""),
        (b"", ""),
        (b"null", ""),
        (b'{"error": null}', ""),
        (b'{"error": {}}', ""),
        (b"\n  service down\x07\n", "service down"),
        (b"[" * 100_000, "[" * (LONGEST - 1) + "…"),
    ],
)  # fmt: skip
def test_other_shapes_tell_what_they_can(body: bytes, message: str) -> None:
    """Lists, pages, empty bodies: the best there is, and nothing that crashes."""
    assert read_body(body).message == message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, BackendRejected),
        (400, BackendRejected),
        (401, BackendRejected),
        (402, BackendRejected),
        (403, BackendRejected),
        (404, BackendRejected),
        (408, BackendTimeout),
        (413, BackendRejected),
        (422, BackendRejected),
        (429, BackendBusy),
        (500, BackendUnavailable),
        (502, BackendUnavailable),
        (503, BackendBusy),
        (504, BackendTimeout),
        (529, BackendBusy),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[BackendError]) -> None:
    """The error says whose fault it is and carries server, status and words."""
    error = refusal(status, ErrorBody("the words"), server="http://here/v1")
    assert (type(error), error.server, error.status) == (kind, "http://here/v1", status)
    if status != 302:
        assert "the words" in str(error)


def test_a_refused_key_names_the_remedy() -> None:
    """401 and 403 say which environment variable to set."""
    for status in (401, 403):
        assert "LIMNER_LLM_KEY" in str(refusal(status, ErrorBody(""), server="s"))


def test_a_redirect_names_its_target_without_secrets() -> None:
    """Nothing is followed; the person is told where it leads."""
    headers = {"Location": "https://u:pw1234@else/v1?key=pw1234"}
    told = str(refusal(307, ErrorBody(""), server="s", headers=headers))
    assert "redirects to https://else/v1;" in told
    assert "pw1234" not in told


def test_a_content_filter_is_told_apart() -> None:
    """A filter's no is no fault of the request's form."""
    complaint = ErrorBody("no", ("content_filter",))
    assert isinstance(refusal(400, complaint, server="s"), ContentRefused)


def test_busy_carries_when_to_come_back() -> None:
    """Retry-After is read from seconds and from a date."""
    for value, seconds in (("7", 7.0), ("Thu, 01 Jan 1970 00:01:00 GMT", 45.0), (None, None)):
        headers = {} if value is None else {"retry-after": value}
        error = refusal(429, ErrorBody(""), server="s", headers=headers, now=15.0)
        assert isinstance(error, BackendBusy)
        assert error.retry_after == seconds


@pytest.mark.parametrize("value", ["", "soon", "nan", "inf", "1e999", "32 Foo", "\ud800"])
def test_a_senseless_retry_after_is_none(value: str) -> None:
    """What cannot be read is as good as absent."""
    assert parse_retry_after(value, now=0.0) is None


def test_a_past_retry_after_is_now() -> None:
    """A date that has passed, or a negative number, means at once."""
    assert parse_retry_after("-3", now=0.0) == 0.0
    assert parse_retry_after("Thu, 01 Jan 1970 00:00:00 GMT", now=9.0) == 0.0


def test_an_unknown_model_is_told_from_an_unknown_route() -> None:
    """Servers say the one or the other with the same status."""
    assert is_unknown_model(404, ErrorBody("x", ("model_not_found",)))
    assert is_unknown_model(404, ErrorBody('model "x" not found, try pulling it first'))
    assert is_unknown_model(400, ErrorBody("x/y is not a valid model ID"))
    assert not is_unknown_model(404, ErrorBody("File Not Found", ("not_found_error",)))
    assert not is_unknown_model(400, ErrorBody("the model's context is full"))


@given(st.text(max_size=3 * LONGEST))
def test_one_line_is_fit_for_a_terminal(text: str) -> None:
    """No control characters, one line, bounded."""
    line = one_line(text)
    assert line.isprintable()
    assert len(line) <= LONGEST


@given(st.binary(max_size=60))
def test_no_error_body_makes_it_crash(body: bytes) -> None:
    """Garbage is a complaint too."""
    read_body(body)
    read_body(b'{"error": ' + body + b"}")
