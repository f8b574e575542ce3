"""The bones of a person: where joints are, for each age and pose."""

from dataclasses import dataclass

from limner.backends.images.sketch.look import Age, Look, Pose

Point = tuple[float, float]

HEAD = 20.0
"""Half the height of every head, from chin to crown; what differs is the body below."""

_TALL = {Age.CHILD: 92.0, Age.YOUNG: 128.0, Age.ADULT: 156.0, Age.OLD: 146.0}
_LOWERED = {Pose.SIT: 0.22, Pose.KNEEL: 0.27}


@dataclass(frozen=True, slots=True)
class Bones:
    """Joints, with the feet at 0, upwards negative, the middle at 0.

    Attributes:
        tall: From the ground to the chin, standing.
        shoulder: Half the breadth of the shoulders.
        waist: Half the breadth of the waist.
        hip: Half the breadth of the hips.
        chin: How high the chin is.
        neck: How high the shoulders are.
        middle: How high the waist is.
        crotch: How high the legs begin.
        left: Elbow and hand of the arm on the picture's left.
        right: The same on the right.
        limb: How thick a sleeve is.
    """

    tall: float
    shoulder: float
    waist: float
    hip: float
    chin: float
    neck: float
    middle: float
    crotch: float
    left: tuple[Point, Point]
    right: tuple[Point, Point]
    limb: float

    @property
    def face(self) -> float:
        """How high the middle of the head is."""
        return self.chin - HEAD


def bones(look: Look) -> Bones:
    """The joints of a person."""
    tall = _TALL[look.age]
    low = _LOWERED.get(look.pose, 0.0) * tall
    share = tall / 156
    shoulder = (24.5 if look.woman else 29.0) * share**0.7
    neck = -0.955 * tall + low
    left, right = _arms(look.pose, tall, shoulder, neck)
    return Bones(
        tall=tall,
        shoulder=shoulder,
        waist=(15.5 if look.woman else 21.0) * share**0.6,
        hip=(21.0 if look.woman else 21.5) * share**0.7,
        chin=-tall + low,
        neck=neck,
        middle=-0.665 * tall + low,
        crotch=-0.5 * tall + low,
        left=left,
        right=right,
        limb=13.0 * share**0.6,
    )


def _arms(
    pose: Pose, tall: float, s: float, neck: float
) -> tuple[tuple[Point, Point], tuple[Point, Point]]:
    """Elbows and hands: the arm on the left, the arm on the right."""
    down = ((s + 5, neck + 0.24 * tall), (s + 5, neck + 0.44 * tall))
    bent = ((s + 4, neck + 0.25 * tall), (s * 0.4, neck + 0.25 * tall))
    out = ((s + 0.14 * tall, neck + 0.13 * tall), (s + 0.3 * tall, neck + 0.06 * tall))
    up = ((s + 0.11 * tall, neck + 0.05 * tall), (s + 0.12 * tall, neck - 0.2 * tall))
    held = ((s + 3, neck + 0.26 * tall), (s + 0.1 * tall, neck + 0.25 * tall))
    wide = ((s + 0.1 * tall, neck + 0.14 * tall), (s + 0.22 * tall, neck + 0.18 * tall))
    strum = ((s + 5, neck + 0.22 * tall), (-0.02 * tall, neck + 0.16 * tall))
    neck_of = ((s + 0.1 * tall, neck + 0.2 * tall), (s + 0.09 * tall, neck + 0.1 * tall))
    swung = ((s + 8, neck + 0.21 * tall), (s + 15, neck + 0.38 * tall))
    chosen = {
        Pose.STAND: (down, down),
        Pose.WALK: (swung, held),
        Pose.RUN: (wide, bent),
        Pose.SIT: (bent, bent),
        Pose.KNEEL: (bent, bent),
        Pose.RIDE: (held, wide),
        Pose.DANCE: (up, out),
        Pose.EMBRACE: (bent, out),
        Pose.REACH: (down, out),
        Pose.RAISE: (up, up),
        Pose.HOLD: (down, held),
        Pose.READ: (bent, bent),
        Pose.PLAY: (strum, neck_of),
    }[pose]
    return _mirrored(chosen[0]), chosen[1]


def _mirrored(arm: tuple[Point, Point]) -> tuple[Point, Point]:
    (ex, ey), (hx, hy) = arm
    return (-ex, ey), (-hx, hy)
