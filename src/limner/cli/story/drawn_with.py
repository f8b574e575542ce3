"""What the pictures of one answer of a story were drawn with."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from limner.cli.story.looks import Looks

if TYPE_CHECKING:  # heavy: only loaded where a library is opened
    from limner.illustration import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnWith:
    """What draws, and what pictures look like.

    Attributes:
        backend: What draws; ``None`` if that cannot be kept.
        width: In pixels.
        height: In pixels.
        seed: What makes them repeatable.
        looks: What they look like.
    """

    backend: str | None
    width: int
    height: int
    seed: int | None
    looks: Looks = field(default_factory=Looks)

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "DrawnWith":
        """What a library kept of it."""
        return cls(
            backend=kept.get("backend"),
            width=kept.get("width", 768),
            height=kept.get("height", 512),
            seed=kept.get("seed"),
            looks=Looks.read(kept.get("looks")),
        )

    def kept(self) -> dict[str, Any]:
        """As a library keeps it."""
        sides = {"width": self.width, "height": self.height}
        return {"backend": self.backend, **sides, "seed": self.seed, "looks": self.looks.kept()}

    def changed(self, before: "DrawnWith", message: "Message") -> Collection[int]:
        """The ordinals of those pictures that are drawn otherwise now.

        Args:
            before: What they were drawn with.
            message: The text as it was then.
        """
        mine = self.backend, self.width, self.height, self.seed
        if mine != (before.backend, before.width, before.height, before.seed):
            return every_one(message)
        return self.looks.changed(before.looks, message)


def every_one(message: "Message") -> Collection[int]:
    """The ordinals of all pictures."""
    return [slot.id.ordinal for slot in message.slots]
