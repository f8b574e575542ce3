"""Rates aligned to the calendar begin anew at clock times."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.scheduling import Limiter, Rate
from limner.scheduling.limits.calendar_edge import DAY, HOUR, next_edge
from limner.testing import run_virtual

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]


def at(text: str, zone: ZoneInfo = BERLIN) -> float:
    """Return the instant at which a clock shows this."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def starts_of(jobs: int, rate: Rate, begin: float) -> list[float]:
    """Return the instants, since 1970, at which so many jobs start that come at once."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        offset = begin - loop.time()
        limiter = Limiter(rates=[rate], wall=lambda: loop.time() + offset)

        async def note() -> float:
            return loop.time() + offset

        return await asyncio.gather(*(limiter.run(note) for _ in range(jobs)))

    return run_virtual(main())


def test_an_aligned_rate_begins_anew_at_midnight_of_its_zone() -> None:
    """What is left over waits for the next midnight there, not for a day."""
    rate = Rate(2, per=DAY, align="00:00", tz="Europe/Berlin")
    evening = at("2026-06-01 23:00")
    first, second = at("2026-06-02 00:00"), at("2026-06-03 00:00")
    assert starts_of(5, rate, evening) == [evening, evening, first, first, second]


def test_an_aligned_hour_begins_anew_on_the_hour_and_allows_twice_across_its_edge() -> None:
    """The limit is that of each period, as a server with such a quota counts."""
    rate = Rate(3, per=HOUR, align="00:00")
    before = datetime(2026, 6, 1, 10, 59, 59, tzinfo=UTC).timestamp()
    assert starts_of(6, rate, before) == [before] * 3 + [before + 1] * 3


@pytest.mark.parametrize(("date", "hours"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_days_have_23_or_25_hours_when_the_clocks_change(date: str, hours: int) -> None:
    """A quota of a day lasts as long as that day, and each of its hours is one."""
    midnight = at(f"{date} 00:00")
    rate = Rate(1, per=DAY, align="00:00", tz=BERLIN)
    assert starts_of(2, rate, midnight) == [midnight, midnight + hours * HOUR]
    rate = Rate(1, per=HOUR, align="00:00", tz=BERLIN)
    assert starts_of(26, rate, midnight) == [midnight + hour * HOUR for hour in range(26)]


def test_parts_of_a_day_end_at_clock_times_also_when_the_clocks_change() -> None:
    """A quarter of a day ends at six, even if it had five hours or seven."""
    for date in ("2026-03-29", "2026-10-25"):
        midnight = at(f"{date} 00:00")
        expected = [midnight, *(at(f"{date} {hour}:00") for hour in ("06", "12", "18"))]
        rate = Rate(1, per=6 * HOUR, align="00:00", tz=BERLIN)
        assert starts_of(4, rate, midnight) == expected


def test_an_aligned_window_survives_an_update_and_is_explained() -> None:
    """Starts made under a sliding window count in the calendar period as well."""

    async def main() -> None:
        noon = at("2026-06-01 12:00")
        limiter = Limiter(
            rates=[Rate(1, per=60)], wall=lambda: noon + asyncio.get_running_loop().time()
        )
        await limiter.run(int)
        limiter.update(rates=[Rate(1, per=DAY, align="00:00", tz=BERLIN)])
        job = limiter.submit(int)
        explanation = limiter.explain(job)
        assert explanation.limit == "rates"
        assert explanation.earliest_start == asyncio.get_running_loop().time() + 12 * HOUR
        assert job.eta() == 12 * HOUR
        await job

    run_virtual(main())


@settings(max_examples=share(200), deadline=None)
@given(
    zone=st.sampled_from(ZONES).map(ZoneInfo),
    per=st.sampled_from([1.0, 60.0, 900.0, HOUR, 2 * HOUR, 6 * HOUR, DAY]),
    align=st.times(max_value=time(23, 59)).map(lambda at: at.replace(microsecond=0)),
    wall=st.floats(at("2025-01-01"), at("2028-01-01")),
    share=st.floats(0, 1, exclude_max=True),
)
def test_edges_are_one_ladder_wherever_one_looks_from(
    zone: ZoneInfo, per: float, align: time, wall: float, share: float
) -> None:
    """From any instant between two edges the next one is the same; days end at their clock time."""
    edge = next_edge(wall, per=per, align=align, zone=zone)
    assert wall < edge <= wall + per + 2 * HOUR
    between = wall + (edge - wall) * share
    if between < edge:
        assert next_edge(between, per=per, align=align, zone=zone) == edge
    if per == DAY:
        naive = datetime.fromtimestamp(edge, UTC).astimezone(zone)
        shown = naive.replace(tzinfo=None) - datetime.combine(naive.date(), align)
        assert shown in (timedelta(0), timedelta(hours=1), timedelta(minutes=30))


@settings(max_examples=share(50), deadline=None)
@given(
    limit=st.integers(1, 4),
    per=st.sampled_from([900.0, HOUR, 6 * HOUR, DAY]),
    begin=st.floats(at("2026-03-27"), at("2026-03-30")),
    jobs=st.integers(1, 20),
)
def test_no_period_holds_more_than_its_limit_and_none_is_wasted(
    limit: int, per: float, begin: float, jobs: int
) -> None:
    """Jobs that wait fill each period from its first instant, to its limit exactly."""
    expected, period = [], begin
    for index in range(jobs):
        if index and index % limit == 0:
            period = next_edge(period, per=per, align=time(0), zone=BERLIN)
        expected.append(period)
    rate = Rate(limit, per=per, align="00:00", tz=BERLIN)
    assert starts_of(jobs, rate, begin) == pytest.approx(expected, rel=0, abs=1e-6)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"align": "24:61"}, ValueError),
        ({"align": 0}, TypeError),
        ({"align": "00:00+01:00"}, ValueError),
        ({"align": "00:00", "tz": "Mars/Olympus"}, ValueError),
        ({"align": "00:00", "tz": 1}, TypeError),
        ({"align": "00:00", "per": 7 * HOUR}, ValueError),
        ({"align": "00:00", "per": 7 * DAY}, ValueError),
        ({"tz": "UTC"}, ValueError),
    ],
)
def test_a_wrong_alignment_is_refused_where_it_is_given(
    options: dict[str, object], error: type[Exception]
) -> None:
    """A clock time, zone or period that makes no sense never reaches a limiter."""
    with pytest.raises(error):
        Rate(1, **{"per": DAY, **options})  # type: ignore[arg-type]  # what is tested
