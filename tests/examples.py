"""How many examples a property is tried with: a share of what is said, as the profile has it.

`make test` tries the same few each time; the part `fuzz` of `make proof` many that nobody has seen.
"""

from hypothesis import settings

USUAL = 100
"""What Hypothesis tries where nothing is said: a profile with so many takes a number as it is."""


def share(number: int) -> int:
    """So many of this number as the profile has of the usual ones; at least a few."""
    assert settings.default is not None
    return max(3, number * settings.default.max_examples // USUAL)
