"""How long a server asks to wait is understood however it says so, and nonsense is not."""

import pytest

from limner.backends.http.rate_headers import RateHeaders
from limner.backends.http.refusal import retry_after
from limner.backends.http.waiting_time import waiting_time

NOW = 1_792_567_620.0  # 2026-10-21 07:27:00 UTC


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (" 1.5 ", 1.5),
        ("-5", 0.0),
        ("7, 7", 7.0),
        ("7s", 7.0),
        ("500ms", 0.5),
        ("6m0s", 360.0),
        ("1h 30m", 5400.0),
        ("1792567680", 60.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 60.0),
        ("Wednesday, 21-Oct-26 07:28:00 GMT", 60.0),
        ("2026-10-21T07:28:00Z", 60.0),
        ("2026-10-21T09:28:00+02:00", 60.0),
        ("2026-10-21 07:28:00", 60.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_seconds_durations_and_instants_are_understood(value: str, seconds: float) -> None:
    """As the specification has them, and as servers send them."""
    assert waiting_time(value, now=NOW) == seconds


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "nan",
        "inf",
        "1e400",
        "0x10",
        "٧",
        "7 apples",
        "s",
        "-",
        "1" * 99,
        "9:99",
    ],
)
def test_what_makes_no_sense_is_no_time(value: str | None) -> None:
    """It raises nothing either, whatever a server sends."""
    assert waiting_time(value, now=NOW) is None


def test_the_finer_header_counts() -> None:
    """``Retry-After`` is rounded up to whole seconds where ``Retry-After-Ms`` is sent beside it."""
    assert retry_after({"retry-after": "2", "retry-after-ms": "1200"}, now=NOW) == 1.2
    assert retry_after({"retry-after": "2", "retry-after-ms": "?"}, now=NOW) == 2.0
    assert retry_after({}, now=NOW) is None


def test_a_reset_may_be_an_instant_of_anthropics() -> None:
    """Their headers have names and dates of their own."""
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-10-21T07:28:00Z",
    }
    assert RateHeaders.read(headers, now=NOW) == RateHeaders(limit=50, remaining=0, reset=60.0)
