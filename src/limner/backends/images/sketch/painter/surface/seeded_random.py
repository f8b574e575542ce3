"""Chance that can be repeated."""

from random import Random


def dice(seed: str, name: str) -> Random:
    """Chance for one part of one picture, independent of every other part.

    >>> dice("1", "trees").random() == dice("1", "trees").random()
    True
    """
    return Random(f"{seed}:{name}")  # noqa: S311 - it draws pictures and keeps no secrets
