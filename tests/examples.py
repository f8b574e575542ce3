"""How many examples a property is tried with: a share of what is said, as the profile has it.

`make test` tries the same few each time; the part `fuzz` of `make proof` many that nobody has seen.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
from hypothesis import settings

USUAL = 100
"""What Hypothesis tries where nothing is said: a profile with so many takes a number as it is."""


def share(number: int) -> int:
    """So many of this number as the profile has of the usual ones; at least a few."""
    assert settings.default is not None
    return max(3, number * settings.default.max_examples // USUAL)


def every_value(*axes: Sequence[Any]) -> list[Any]:
    """All combinations: so many that each value is among them, the rest for `make thorough`.

    Args:
        axes: The values of each parameter; several at once, where they belong together, as a tuple
            in an axis of their own.
    """
    some = {
        tuple(number % len(axis) for axis in axes)
        for number in range(max(len(axis) for axis in axes))
    }
    return [
        pytest.param(
            *(axis[number] for axis, number in zip(axes, numbers, strict=True)),
            marks=[] if numbers in some else pytest.mark.proof,
        )
        for numbers in product(*(range(len(axis)) for axis in axes))
    ]
