"""Spans of time as people write them: ``90``, ``4s``, ``250ms``, ``8h10m``."""

import math
import re

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
"""Seconds in each unit."""

_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?|\.[0-9]+)\s*(ms|min|s|m|h|d)\s*")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+")
LONGEST = 10 * 366 * 86400.0
"""More than ten years is taken for a slip."""


def seconds_from(value: object) -> float:
    """Read a span of time.

    Args:
        value: A number of seconds, or text: a number, or parts with the units ms, s, m (or min),
            h and d, one after another.

    Returns:
        Seconds, finite and at least 0.

    Raises:
        ValueError: It is nothing of that kind, or longer than ten years.

    Examples:
        >>> [seconds_from(text) for text in ("90", "4s", "250ms", "8h10m", "1.5 h")]
        [90.0, 4.0, 0.25, 29400.0, 5400.0]
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r} is not a span of time such as 4s or 8h10m")
    found = _read(value.strip()) if isinstance(value, str) else float(value)
    if not math.isfinite(found) or not 0 <= found <= LONGEST:
        raise ValueError(f"{value!r} is not a span of time between 0 and ten years")
    return found


def _read(text: str) -> float:
    if _PLAIN.fullmatch(text):
        return float(text)
    total, place = 0.0, 0
    for part in _PART.finditer(text):
        if part.start() != place:
            break
        total += float(part[1]) * UNITS[part[2]]
        place = part.end()
    if not text or place != len(text):
        raise ValueError(f"{text[:60]!r} is not a span of time such as 4s or 8h10m")
    return total


def in_words(seconds: float) -> str:
    """Write a span of time for people, as exactly as they care to know.

    Examples:
        >>> [in_words(s) for s in (0, 0.25, 4.21, 75, 29400, 200000)]
        ['0 s', '0.25 s', '4.2 s', '1 min 15 s', '8 h 10 min', '2 d 8 h']
    """
    if seconds < 59.95:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.1f} s"
    if seconds < 3599.5:
        big, small, (whole, rest) = "min", "s", divmod(round(seconds), 60)
    elif seconds < 48 * 3600:
        big, small, (whole, rest) = "h", "min", divmod(round(seconds / 60), 60)
    else:
        big, small, (whole, rest) = "d", "h", divmod(round(seconds / 3600), 24)
    return f"{whole} {big} {rest} {small}" if rest else f"{whole} {big}"


def in_short(seconds: float) -> str:
    """Write a span of time for a narrow column.

    Examples:
        >>> [in_short(s) for s in (0, 0.254, 4.21, 75, 131.2, 5000)]
        ['0s', '0.25s', '4.2s', '75.0s', '2m11s', '1h23m']
    """
    if seconds < 99.95:
        return in_words(seconds).replace(" ", "") if seconds < 59.95 else f"{seconds:.1f}s"
    if seconds < 3599.5:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}m{rest:02}s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}h{minutes:02}m"


def clock(seconds: float, *, step: float = 60.0) -> str:
    """Write an instant as a clock shows it, with as much detail as ticks ``step`` apart need.

    Args:
        seconds: Since the start.
        step: Seconds between neighbours that must look different.

    Examples:
        >>> clock(29405, step=3600), clock(29405, step=5), clock(2.5, step=0.5)
        ('8:10', '8:10:05', '0:00:02.5')
    """
    digits = 0 if step >= 1 else min(3, math.ceil(-math.log10(step)))
    shown = round(seconds, digits)
    minutes, rest = divmod(shown, 60)
    hours, minutes = divmod(int(minutes), 60)
    if step >= 60:
        return f"{hours}:{minutes:02}"
    width = 3 + digits if digits else 2
    return f"{hours}:{minutes:02}:{rest:0{width}.{digits}f}"
