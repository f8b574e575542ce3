"""When does a calendar period end? The edges of days, hours and the like in a time zone.

A *day* runs from one clock time to the same clock time on the next date, so it has 23 or 25 hours
when the clocks change. A shorter period is a slice of it. All instants are seconds since 1970
(UTC), which never jump; only the edges between them follow the clocks of a place.
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = 86400.0
HOUR = 3600.0


def next_edge(wall: float, *, per: float, align: time, zone: tzinfo) -> float:
    """Return the first edge after an instant.

    Periods of more than an hour end at clock times: a quarter of a day aligned to midnight ends
    at 06:00, also when the clocks have changed since. Periods of up to an hour are counted in
    elapsed seconds from the day's beginning, so an hour that the clocks repeat is an hour of its
    own. A clock time that is skipped counts as the instant it would have been without the change;
    one that comes twice, as its first.

    Args:
        wall: The instant, in seconds since 1970 (UTC).
        per: The period in seconds; a day is a whole number of periods.
        align: The clock time at which a day begins.
        zone: Whose clock.

    Examples:
        >>> from zoneinfo import ZoneInfo
        >>> berlin = ZoneInfo("Europe/Berlin")
        >>> noon = datetime(2026, 3, 28, 12, tzinfo=berlin).timestamp()
        >>> first = next_edge(noon, per=DAY, align=time(0), zone=berlin)
        >>> second = next_edge(first, per=DAY, align=time(0), zone=berlin)
        >>> (first - noon) / HOUR, (second - first) / HOUR  # the clocks go forward that night
        (12.0, 23.0)
    """
    today = datetime.fromtimestamp(wall, zone).date()
    days = [today + timedelta(days) for days in (-1, 0, 1, 2)]
    begin, day = max((at, day) for day in days if (at := _instant(day, align, zone)) <= wall)
    end = min(at for day in days if (at := _instant(day, align, zone)) > wall)
    if per <= HOUR:
        return min(begin + (math.floor((wall - begin) / per) + 1) * per, end)
    slices = range(1, round(DAY / per))
    inside = (_instant(day, align, zone, after=part * per) for part in slices)
    return min((at for at in inside if at > wall), default=end)


def _instant(day: date, align: time, zone: tzinfo, *, after: float = 0.0) -> float:
    """Return the instant at which the clocks of a zone show a date and time."""
    shown = datetime.combine(day, align) + timedelta(seconds=after)
    return shown.replace(tzinfo=zone).timestamp()


def clock_time(align: object) -> time:
    """Return the clock time a caller wrote, such as ``"00:00"``.

    Raises:
        TypeError: It is not a string.
        ValueError: It is not a time of day, or carries an offset of its own.
    """
    if not isinstance(align, str):
        raise TypeError(f'align must be a clock time such as "00:00", not {align!r}')
    try:
        at = time.fromisoformat(align)
    except ValueError:
        raise ValueError(f'align must be a clock time such as "00:00", not {align!r}') from None
    if at.tzinfo is not None:
        raise ValueError(f"align must have no offset, not {align!r}: say the zone with tz=")
    return at


def time_zone(tz: object) -> tzinfo:
    """Return the time zone a caller named; ``None`` is UTC.

    Raises:
        TypeError: It is neither a name nor a `datetime.tzinfo`.
        ValueError: There is no zone of that name on this machine.
    """
    if tz is None:
        return UTC
    if isinstance(tz, tzinfo):
        return tz
    if not isinstance(tz, str):
        raise TypeError(f"tz must be the name of a time zone or a tzinfo, not {tz!r}")
    # Imported where it is needed: it loads more than the rest of the limiter together.
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(tz)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"tz: there is no time zone {tz!r} on this machine") from None
