"""Pictures that a text brings along, as files beside it or in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from limner.illustration.model.image import Image
from limner.illustration.rendering.figure import literal
from limner.illustration.rendering.picture import data_uri

FIRST = 10_000_000
"""The ordinal of the first such picture among the marks of a text: beyond those of all slots."""


class OwnPictures(Protocol):
    """Finds such pictures."""

    def has(self, address: str) -> bool:
        """Whether there is a picture under an address, as it is written in the text."""
        ...

    def picture(self, address: str) -> Image | None:
        """The picture; ``None`` if it cannot be read after all."""
        ...


@dataclass(frozen=True, slots=True)
class OwnPicture:
    """A place of a text where a picture of its own stands.

    Attributes:
        address: As it is written in the text.
        words: For those who cannot see it.
        find: Gives the picture, or ``None`` if it cannot be read.
    """

    address: str
    words: str
    find: Callable[[str], Image | None]

    @property
    def image(self) -> Image | None:
        """The picture, read now."""
        return self.find(self.address)


def own_plate(own: OwnPicture, block: bool) -> str:
    """The picture's place on a page; its words if it cannot be read.

    Args:
        own: The picture.
        block: Whether it stands between paragraphs.
    """
    image, words = own.image, literal(own.words)
    outer = "figure" if block else "span"
    if image is None:
        return f"<{outer}><em>{words}</em></{outer}>" if words else ""
    return (
        f'<{outer} class="plate own"><img src="{data_uri(image)}" alt="{words}" '
        f'width="{image.width}" height="{image.height}"></{outer}>'
    )


def placed(
    slots: Callable[[int, bool], str], own: Mapping[int, OwnPicture]
) -> Callable[[int, bool], str]:
    """What stands in the place of each mark: of a slot, or of a picture of the text's own.

    Args:
        slots: Gives what stands in the place of a slot, by its ordinal.
        own: The text's own pictures by their ordinals.
    """
    return lambda ordinal, block: (
        own_plate(own[ordinal], block) if ordinal in own else slots(ordinal, block)
    )
