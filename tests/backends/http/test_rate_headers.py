"""The quota is read from whatever headers tell it."""

import pytest

from limner.backends.http.rate_headers import RateHeaders


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ({"x-ratelimit-limit": "30", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"},
         RateHeaders(limit=30, remaining=0, reset=12.0)),
        ({"x-ratelimit-reset": "1700000060"}, RateHeaders(reset=60.0)),
        ({"ratelimit-limit": "30, 30;w=60", "ratelimit-remaining": "7", "ratelimit-reset": "5"},
         RateHeaders(limit=30, remaining=7, reset=5.0, window=60.0)),
        ({"ratelimit": "limit=30, remaining=7, reset=5", "ratelimit-policy": "30;w=60"},
         RateHeaders(limit=30, remaining=7, reset=5.0, window=60.0)),
        ({"ratelimit": '"default";r=7;t=5', "ratelimit-policy": '"default";q=30;w=60'},
         RateHeaders(limit=30, remaining=7, reset=5.0, window=60.0)),
        ({"retry-after": "7"}, RateHeaders(retry_after=7.0)),
        ({"ratelimit": "nonsense", "ratelimit-policy": ";;;", "x-ratelimit-limit": "-3"},
         RateHeaders()),
        ({}, RateHeaders()),
    ],
)  # fmt: skip
def test_each_family_is_understood(headers: dict[str, str], read: RateHeaders) -> None:
    """De-facto headers and the drafts of the IETF, old and present; nonsense is nothing."""
    assert RateHeaders.read(headers, now=1_700_000_000.0) == read
