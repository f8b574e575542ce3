"""What a backend can do besides drawing is asked of its members, through every wrapper."""

from dataclasses import dataclass

from limner.illustration.capabilities import Closable, close, identity_of, unwrapped
from limner.illustration.model.image import Image, ImageRequest
from limner.testing import PIXEL


class Plain:
    """Draws, and can do nothing else."""

    async def generate(self, request: ImageRequest) -> Image:
        """Draw a dot."""
        return Image(data=PIXEL, media_type="image/png", width=1, height=1)


class Known(Plain):
    """Can be known again and has to be closed."""

    identity = "known:1"
    closed = 0

    async def aclose(self) -> None:
        """Count."""
        self.closed += 1


@dataclass
class Wrapper(Plain):
    """Draws with another backend."""

    inner: Plain


def test_a_backend_without_an_identity_has_none() -> None:
    """Nothing of it may be shared."""
    assert identity_of(Plain()) is None


def test_an_identity_may_be_a_plain_attribute() -> None:
    """It need not be a property."""
    assert identity_of(Known()) == "known:1"


def test_below_all_wrappers_is_the_one_that_draws() -> None:
    """However many there are, also none."""
    backend = Known()
    assert unwrapped(Wrapper(Wrapper(backend))) is backend
    assert unwrapped(backend) is backend


async def test_what_can_be_closed_is_closed_and_the_rest_is_left_alone() -> None:
    """Whoever closes need not know what it is."""
    backend = Known()
    await close(backend)
    await close(Plain())
    await close(None)
    assert backend.closed == 1
    assert not isinstance(Plain(), Closable)
