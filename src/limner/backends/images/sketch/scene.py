"""What a picture shall show: the words of a prompt, read into a scene and its subjects.

The reader (`limner.backends.images.sketch.lexicon`) makes a `Scene`; the painter draws one.
Nothing here knows about words or pixels.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from limner.backends.images.sketch.look import Look


class Place(StrEnum):
    """Where the scene is set."""

    MEADOW = "meadow"
    FOREST = "forest"
    MOUNTAINS = "mountains"
    SEA = "sea"
    SHORE = "shore"
    LAKE = "lake"
    RIVER = "river"
    WATERFALL = "waterfall"
    DECK = "deck"
    """Of a ship."""
    DESERT = "desert"
    SNOWFIELD = "snowfield"
    CITY = "city"
    VILLAGE = "village"
    INTERIOR = "interior"
    CAVE = "cave"
    SPACE = "space"
    UNDERWATER = "underwater"
    SKY = "sky"


class Time(StrEnum):
    """The time of day, which is to say the light."""

    DAWN = "dawn"
    DAY = "day"
    SUNSET = "sunset"
    NIGHT = "night"


class Weather(StrEnum):
    """What is in the air."""

    CLEAR = "clear"
    CLOUDY = "cloudy"
    RAIN = "rain"
    STORM = "storm"
    SNOW = "snow"
    FOG = "fog"
    WIND = "wind"


class Season(StrEnum):
    """The season, which is to say the colours of leaves and grass."""

    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


class Shot(StrEnum):
    """How near the viewer is, and from where the scene is seen."""

    USUAL = "usual"
    CLOSE = "close"
    """A face, or one thing, fills the picture."""
    HALF = "half"
    """People from the waist up."""
    WIDE = "wide"
    """Much land, small figures."""
    ABOVE = "above"
    """Seen from above: hardly any sky."""
    BELOW = "below"
    """Seen from below: much sky, tall figures."""


class Room(StrEnum):
    """What kind of room an interior is."""

    PARLOUR = "parlour"
    CAFE = "cafe"
    TAVERN = "tavern"
    TOWER = "tower"
    HALL = "hall"
    LIBRARY = "library"
    BEDROOM = "bedroom"
    KITCHEN = "kitchen"
    SCHOOL = "school"
    CHURCH = "church"
    BALLROOM = "ballroom"
    WORKSHOP = "workshop"
    SHIP = "ship"


class Bond(StrEnum):
    """How one subject stands to another."""

    ON = "on"
    """On top of it, or seated on it."""
    RIDES = "rides"
    """Astride it, or driving it."""
    IN = "in"
    """Inside it, the lower part hidden."""
    OVER = "over"
    """In a leap above it."""
    UNDER = "under"
    """Below it."""
    BEHIND = "behind"
    """Partly hidden by it."""
    HOLDS = "holds"
    """It is in the subject's hand."""
    BESIDE = "beside"
    """Next to it, on the same ground."""
    WEARS = "wears"
    """It is on the subject's head or neck."""
    AROUND = "around"
    """On both sides of it."""
    AT = "at"
    """Behind it, as one sits at a table."""


class Stance(StrEnum):
    """How a subject stands in the picture."""

    GROUND = "ground"
    """Stands on land."""
    WATER = "water"
    """Floats on the surface."""
    SWIMS = "swims"
    """Is under water."""
    AIR = "air"
    """Flies."""
    SKY = "sky"
    """Sun, moon, star, rainbow, comet: hangs far away in the sky."""
    TABLE = "table"
    """A small thing near the viewer."""
    FACE = "face"
    """The art shows only a head, or a head and shoulders."""
    WALL = "wall"
    """Hangs on a wall or in a window."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a subject is, told by another one.

    Attributes:
        bond: How.
        to: The other's place in the scene's subjects.
    """

    bond: Bond
    to: int


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to be drawn.

    Attributes:
        art: Which drawing (`limner.backends.images.sketch.art`).
        name: The head word it was read from, singular: ``"fox"``.
        stance: How it stands in the picture.
        height: Metres of the real thing, so that a mouse beside a castle is small.
        count: How many of it, 1 to 5.
        tint: The colour word that qualifies it in the prompt (``"red"``), or ``None``.
        looks: How people look, each of the `count`; empty for all else, which is drawn by `art`.
        size: How much larger than usual the prompt says it is: 2 for a giant one.
        relation: Where it is, if another subject tells.

    >>> Subject("fox", "fox", Stance.GROUND, 0.6, count=2, tint="red").count
    2
    """

    art: str
    name: str
    stance: Stance
    height: float
    count: int = 1
    tint: str | None = None
    looks: tuple[Look, ...] = ()
    size: float = 1.0
    relation: Relation | None = None

    @property
    def drawing(self) -> str:
        """What the drawing of it is known by: its art, for people with their looks."""
        if self.relation is not None and self.relation.bond is Bond.WEARS:
            return f"{self.name} worn, {self.tint}"
        return f"{self.art} {hash(self.looks[0]):x}" if self.looks else self.art

    @property
    def look(self) -> Look | None:
        """How the (first) person looks."""
        return self.looks[0] if self.looks else None

    def each(self) -> "tuple[Subject, ...]":
        """The subject once for each of its count, people with a look of their own."""
        if not self.looks:
            return (self,) * self.count
        return tuple(
            replace(self, looks=(self.looks[k % len(self.looks)],)) for k in range(self.count)
        )


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything the painter is told about a picture.

    Attributes:
        place: Where it is set.
        time: The time of day.
        weather: What is in the air.
        season: The season.
        subjects: What stands in it, the most important first; at most 5.
        mood: One word such as ``"gloomy"`` or ``"cosy"``, or ``None``.
        moon: The prompt speaks of the moon, or of moonlight. Sun and moon are never subjects:
            they belong to the sky the painter makes.
        stars: The prompt speaks of the stars; a single star that matters is a subject.
        lights: Something shines in the scene: lanterns, candles, lit windows, fireflies.
        shot: From where it is seen.
        room: What kind of room it is, indoors.
        burning: Houses or ships are on fire.
        sunken: Under water there is a city.
        soil: In space, the colour of the planet that the subjects stand on, if one is told.
        hidden: Tall grass stands before whoever is on the ground.
        ruined: Houses have fallen.
        hearth: A fire burns indoors.
        trees: What the trees are, if they are of one kind: ``"palm"``, ``"bamboo"``, or ``None``.

    >>> fox = Subject("fox", "fox", Stance.GROUND, 0.6)
    >>> scene = Scene(Place.FOREST, Time.NIGHT, Weather.CLEAR, Season.WINTER, (fox,))
    >>> scene.moon, scene.mood
    (False, None)
    """

    place: Place
    time: Time
    weather: Weather
    season: Season
    subjects: tuple[Subject, ...] = ()
    mood: str | None = None
    moon: bool = False
    stars: bool = False
    lights: bool = False
    shot: Shot = Shot.USUAL
    room: Room = Room.PARLOUR
    burning: bool = False
    sunken: bool = False
    soil: str | None = None
    hidden: bool = False
    ruined: bool = False
    hearth: bool = False
    trees: str | None = None
