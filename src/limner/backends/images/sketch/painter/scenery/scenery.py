"""What a place is: three passes of paint, between which the subjects are put in."""

from collections.abc import Callable
from dataclasses import dataclass

from limner.backends.images.sketch.painter.layout.stage import Stage
from limner.backends.images.sketch.painter.surface.canvas import Canvas

Pass = Callable[[Canvas, Stage], None]


def nothing(canvas: Canvas, stage: Stage) -> None:
    """Paint nothing."""


@dataclass(frozen=True, slots=True)
class Scenery:
    """A kind of place.

    Attributes:
        back: Sky and everything far, down to the ground the subjects stand on.
        middle: What stands between the large far subjects and the near ones.
        front: What is nearer than every subject.
    """

    back: Pass
    middle: Pass = nothing
    front: Pass = nothing
