"""What a number given by a caller must be, and what it is told when it is not.

Python lets ``True`` pass as 1 and ``nan`` pass every comparison; a limiter that took them would
fail much later, somewhere else. So each option is looked at once, where it is given.
"""

from __future__ import annotations

import math


def check_count(name: str, value: object, *, minimum: int = 0) -> int:
    """Return ``value`` if it is a whole number of at least ``minimum``.

    Args:
        name: The option's name, for the message.
        value: What was given.
        minimum: The least that makes sense.

    Raises:
        TypeError: It is not an `int`; `bool` does not count as one.
        ValueError: It is too small.

    Examples:
        >>> check_count("weight", 2)
        2
        >>> check_count("weight", -1)
        Traceback (most recent call last):
        ValueError: weight must be at least 0, not -1
    """
    if type(value) is not int:  # bool is a subclass of int
        raise TypeError(f"{name} must be an int, not {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, not {value}")
    return value


def check_seconds(name: str, value: object, *, above_zero: bool = False) -> float:
    """Return ``value`` in seconds if it is a finite number that is not negative.

    Args:
        name: The option's name, for the message.
        value: What was given.
        above_zero: Whether 0 itself makes no sense either.

    Raises:
        TypeError: It is not a number; `bool` does not count as one.
        ValueError: It is negative, infinite, not a number, or 0 where that makes no sense.

    Examples:
        >>> check_seconds("min_interval", 0.5)
        0.5
        >>> check_seconds("min_interval", float("nan"))
        Traceback (most recent call last):
        ValueError: min_interval must be a finite number of seconds, not nan
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {value!r}")
    try:
        finite = math.isfinite(value)
    except OverflowError:  # an int beyond all floats
        finite = False
    if not finite:
        raise ValueError(f"{name} must be a finite number of seconds, not {value!r}")
    if value < 0 or (above_zero and value == 0):
        bound = "more than 0" if above_zero else "at least 0"
        raise ValueError(f"{name} must be {bound} seconds, not {value!r}")
    return float(value)


def check_name(name: str, value: object) -> str | None:
    """Return ``value`` if it is a name or ``None``.

    Raises:
        TypeError: It is something else.
        ValueError: It is empty.

    Examples:
        >>> check_name("name", "tokens")
        'tokens'
    """
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {value!r}")
    if value == "":
        raise ValueError(f"{name} must not be empty")
    return value
