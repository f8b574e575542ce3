"""The plan of a picture: everything decided before the first stroke."""

from dataclasses import dataclass
from random import Random

from limner.backends.images.sketch.painter.surface.colour import Colour
from limner.backends.images.sketch.painter.surface.frame import Frame
from limner.backends.images.sketch.painter.surface.palette import Tones
from limner.backends.images.sketch.painter.surface.seeded_random import seeded_random
from limner.backends.images.sketch.scene import Place, Scene, Season, Stance, Subject, Weather


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a subject is put, in scene units.

    Attributes:
        subject: What.
        x: Its middle, across.
        foot: Where it touches the ground (or its lowest point in the air).
        height: How tall it is drawn.
        width: How broad it is drawn.
        flip: It is mirrored.
        tilt: Turned counter-clockwise, in degrees.
        depth: How far away: 0 at the viewer, 1 at the horizon.
        back: It is drawn before the middle ground.
        carried: Something else bears it: it touches no ground.
        hidden: The share of it, from below, that what it is in hides.
    """

    subject: Subject
    x: float
    foot: float
    height: float
    width: float
    flip: bool = False
    tilt: float = 0.0
    depth: float = 0.0
    back: bool = False
    carried: bool = False
    hidden: float = 0.0

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom."""
        half = self.width / 2
        return (self.x - half, self.foot - self.height, self.x + half, self.foot)


@dataclass(frozen=True, slots=True)
class Table:
    """A table (or a sill) that carries small things.

    Attributes:
        x: Its middle.
        top: Where things stand on it.
        width: Its length.
    """

    x: float
    top: float
    width: float


@dataclass(frozen=True, slots=True)
class Stage:
    """The plan of one picture.

    Attributes:
        scene: What is to be shown.
        frame: How large the picture is.
        tones: The light.
        horizon: Where the ground ends, in scene units from the top.
        sun: Where the sun or the moon stands; it may be hidden.
        focus: The middle of what matters, across.
        seed: Names the random numbers of this picture.
        placements: The subjects.
        table: What small things stand on inside a room.
        window: Middle, top, width and height of a room's window.
        sill: What small things stand on is the sill of that window.
    """

    scene: Scene
    frame: Frame
    tones: Tones
    horizon: float
    sun: tuple[float, float]
    focus: float
    seed: str
    placements: tuple[Placement, ...] = ()
    table: Table | None = None
    window: tuple[float, float, float, float] | None = None
    sill: bool = False

    def rng(self, name: str) -> Random:
        """Random numbers for one part of the picture, independent of every other part."""
        return seeded_random(self.seed, name)

    def number(self, name: str) -> int:
        """A seed for a noise field."""
        return self.rng(name).getrandbits(31)

    @property
    def light_side(self) -> float:
        """Where the light comes from: -1 the left, 1 the right."""
        return -1.0 if self.sun[0] < self.focus else 1.0

    @property
    def snowy(self) -> bool:
        """Snow lies on things."""
        scene = self.scene
        return (
            scene.season is Season.WINTER
            or scene.weather is Weather.SNOW
            or scene.place is Place.SNOWFIELD
        )

    @property
    def across(self) -> float:
        """The width in scene units."""
        return self.frame.across

    @property
    def down(self) -> float:
        """The height in scene units."""
        return self.frame.down

    def ground(self, near: float) -> float:
        """The height in the picture of the ground: 0 at the horizon, 1 at the lower edge."""
        return self.horizon + (self.down - self.horizon) * near

    def seen(self, local: Colour, *, depth: float = 0.0, lit: float = 0.6) -> Colour:
        """How a colour looks in this light and at this distance."""
        return self.tones.seen(local, depth=depth, lit=lit)

    def free(self, x: float, margin: float = 4.0) -> bool:
        """No subject stands at this place."""
        hanging = (Stance.AIR, Stance.SKY, Stance.WALL)
        return all(
            abs(x - p.x) > p.width / 2 + margin
            for p in self.placements
            if p.subject.stance not in hanging
        )
