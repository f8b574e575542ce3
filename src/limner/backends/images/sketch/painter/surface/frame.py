"""The measure of a picture: pixels outside, scene units inside."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture's size, and the scene units everything is composed in.

    A hundred units are the height of a usual picture (or 85 % of the width of a narrow one),
    so that the same composition results at any number of pixels. No side is longer than five
    hundred: a very long strip shows less, not more.

    Attributes:
        width: In pixels.
        height: In pixels.

    >>> Frame(768, 512).across, Frame(768, 512).down
    (150.0, 100.0)
    """

    width: int
    height: int

    @property
    def unit(self) -> float:
        """Pixels a scene unit."""
        usual = min(self.height, 0.85 * self.width)
        return max(usual, 0.2 * max(self.width, self.height)) / 100

    @property
    def across(self) -> float:
        """The width in scene units."""
        return self.width / self.unit

    @property
    def down(self) -> float:
        """The height in scene units."""
        return self.height / self.unit
