"""Random numbers that can be repeated."""

from random import Random


def seeded_random(seed: str, name: str) -> Random:
    """Random numbers for one part of one picture, independent of every other part.

    >>> seeded_random("1", "trees").random() == seeded_random("1", "trees").random()
    True
    """
    return Random(f"{seed}:{name}")  # noqa: S311 - it draws pictures and keeps no secrets
