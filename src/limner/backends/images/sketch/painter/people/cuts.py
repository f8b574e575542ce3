"""How garments are cut."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from limner.backends.images.sketch.look import Look
from limner.backends.images.sketch.painter.people.frame import Bones


@dataclass(frozen=True, slots=True)
class Cut:
    """How a garment is cut.

    Attributes:
        hem: How high above the ground it ends, as a share of the height to the chin.
        spread: How much broader than the hips the hem is.
        sleeves: What covers the arms.
        legs: What is seen of the legs under it.
        detail: What tells it apart.
    """

    hem: float
    spread: float
    sleeves: Literal["long", "short", "none", "wide"] = "long"
    legs: Literal["trousers", "bare", "shorts"] = "trousers"
    detail: str = ""


CUTS = MappingProxyType(
    {
        "dress": Cut(0.2, 1.75, "short", "bare", "dress"),
        "gown": Cut(0.0, 2.15, "long", "bare", "gown"),
        "skirt": Cut(0.24, 1.5, "short", "bare", "skirt"),
        "coat": Cut(0.2, 1.4, detail="coat"),
        "robe": Cut(0.02, 1.65, "wide", "bare", "robe"),
        "habit": Cut(0.02, 1.5, "wide", "bare", "habit"),
        "kimono": Cut(0.03, 1.3, "wide", "bare", "kimono"),
        "tunic": Cut(0.36, 1.2, detail="tunic"),
        "shirt": Cut(0.45, 1.02, detail="shirt"),
        "t-shirt": Cut(0.45, 1.02, "short"),
        "sweater": Cut(0.44, 1.06, detail="sweater"),
        "hoodie": Cut(0.44, 1.08, detail="hoodie"),
        "jacket": Cut(0.43, 1.06, detail="jacket"),
        "suit": Cut(0.4, 1.08, detail="suit"),
        "uniform": Cut(0.4, 1.08, detail="uniform"),
        "armour": Cut(0.4, 1.12, detail="armour"),
        "spacesuit": Cut(0.46, 1.1, detail="spacesuit"),
        "overalls": Cut(0.48, 1.02, detail="overalls"),
        "swimsuit": Cut(0.46, 1.0, "none", "bare"),
        "tail": Cut(0.52, 0.96, "none", "bare"),
        "vest": Cut(0.43, 1.04, detail="vest"),
    }
)


def cut_of(look: Look) -> Cut:
    """The cut of what is worn."""
    return CUTS.get(look.garment, CUTS["tunic"])


def hem_of(look: Look, b: Bones) -> float:
    """Where the garment ends."""
    low = b.chin + b.tall
    return min(-1.0, -cut_of(look).hem * b.tall + low * 0.8)
