"""Spans of time are read and written as people do."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from limner.simulation.seconds import LONGEST, clock, in_short, in_words, seconds_from


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0.0),
        ("90", 90.0),
        (".5", 0.5),
        ("4s", 4.0),
        (" 4 s ", 4.0),
        ("250ms", 0.25),
        ("10m", 600.0),
        ("10min", 600.0),
        ("1.5h", 5400.0),
        ("8h10m5s", 29405.0),
        ("2d", 172800.0),
        (4, 4.0),
    ],
)
def test_a_span_is_read_in_every_usual_way(text: object, seconds: float) -> None:
    """Numbers are seconds; units may follow one another."""
    assert seconds_from(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "s", "4x", "4s x", "-4s", "-1", "nan", "inf", "1e9999", "4 s s", "٤s", True, None, [], -1,
     float("nan"), float("inf"), LONGEST * 2],
)  # fmt: skip
def test_what_is_no_span_is_a_value_error(text: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match="span of time"):
        seconds_from(text)


@settings(deadline=None)
@given(st.text())
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a span within bounds, or a ValueError."""
    with suppress(ValueError):
        assert 0 <= seconds_from(text) <= LONGEST


@settings(deadline=None)
@given(st.floats(0, LONGEST))
def test_what_is_written_is_read_back_nearly(seconds: float) -> None:
    """`in_words` and `in_short` lose only what nobody wants to know: a fiftieth at most."""
    for written in (in_words(seconds), in_short(seconds)):
        assert seconds_from(written.replace("e-", "")) == pytest.approx(seconds, rel=0.06) or (
            seconds < 0.001
        )


@settings(deadline=None)
@given(st.floats(0, LONGEST), st.sampled_from([0.001, 0.1, 1, 30, 60, 3600]))
def test_a_clock_never_shows_sixty(seconds: float, step: float) -> None:
    """Rounding carries: there is no 0:59:60."""
    assert all(float(part) < 60 for part in clock(seconds, step=step).split(":")[1:])
