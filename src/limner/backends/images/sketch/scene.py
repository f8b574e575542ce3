"""What a picture shall show: the words of a prompt, read into a scene and its subjects.

The reader (`limner.backends.images.sketch.lexicon`) makes a `Scene`; the painter draws one.
Nothing here knows about words or pixels.
"""

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Where the scene is set."""

    MEADOW = "meadow"
    FOREST = "forest"
    MOUNTAINS = "mountains"
    SEA = "sea"
    SHORE = "shore"
    LAKE = "lake"
    RIVER = "river"
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
class Subject:
    """One thing to be drawn.

    Attributes:
        art: Which drawing (`limner.backends.images.sketch.art`).
        name: The head word it was read from, singular: ``"fox"``.
        stance: How it stands in the picture.
        height: Metres of the real thing, so that a mouse beside a castle is small.
        count: How many of it, 1 to 5.
        tint: The colour word that qualifies it in the prompt (``"red"``), or ``None``.

    >>> Subject("fox", "fox", Stance.GROUND, 0.6, count=2, tint="red").count
    2
    """

    art: str
    name: str
    stance: Stance
    height: float
    count: int = 1
    tint: str | None = None


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
