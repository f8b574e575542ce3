"""The noise that clouds, ridges and paper are made with."""

import numpy as np
import pytest

from limner.backends.images.sketch.painter.surface.noise import cloudy


def test_noise_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    """Pictures can be painted again."""
    one, two = (cloudy((40, 60), (4.0, 6.0), seed=5) for _ in range(2))
    assert np.array_equal(one, two)
    assert abs(np.corrcoef(one.ravel(), cloudy((40, 60), (4.0, 6.0), seed=6).ravel())[0, 1]) < 0.5


@pytest.mark.parametrize("octaves", [1, 4])
def test_noise_is_balanced_smooth_and_about_within_one(octaves: int) -> None:
    """It lightens as much as it darkens, and neighbours are alike."""
    field = cloudy((200, 300), (10.0, 15.0), seed=1, octaves=octaves)
    assert abs(float(field.mean())) < 0.06
    assert 0.2 < float(field.std()) < 0.6
    assert float(np.abs(field).max()) < 2
    assert float(np.abs(np.diff(field, axis=0)).mean()) < 0.5 * float(field.std())


def test_noise_has_no_seam_between_its_cells() -> None:
    """No step between neighbours is much larger than the others."""
    steps = np.abs(np.diff(cloudy((400, 400), (5.0, 5.0), seed=2, octaves=1), axis=1))
    assert float(steps.max()) < 8 * float(steps.mean())


def test_a_larger_picture_has_the_same_clouds() -> None:
    """The number of pixels changes the sharpness alone."""
    small = cloudy((50, 75), (4.0, 6.0), seed=9)
    large = cloudy((99, 149), (4.0, 6.0), seed=9)[::2, ::2]
    assert float(np.abs(small - large).max()) < 1e-3
