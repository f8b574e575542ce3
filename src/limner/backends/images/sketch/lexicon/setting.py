"""Place, time, weather and season, decided from all the signs of a prompt."""

from collections.abc import Sequence
from dataclasses import dataclass

from limner.backends.images.sketch.lexicon.found import Found, Mention, Sign
from limner.backends.images.sketch.lexicon.seeded_choice import SeededChoice
from limner.backends.images.sketch.scene import Place, Season, Stance, Time, Weather

_WEIGHTS = {
    3.0: "in on inside within through across into onto throughout amid amidst among along upon",
    2.5: "at around amongst",
    2.0: "by beside besides near over above under underneath beneath below between past down up",
    1.0: "of from off to toward towards about behind for with against beyond facing overlooking",
    0.0: "like outside without",
}
_BY_PREPOSITION = {word: weight for weight, words in _WEIGHTS.items() for word in words.split()}
_ALONE = 2.5
"""The weight of a place that no preposition leads to, as among tags."""

_ENCLOSED = (Place.INTERIOR, Place.UNDERWATER, Place.SPACE, Place.CAVE)
"""Who is there sees nothing else: they win over what is outside."""

_LAND = (
    Place.MEADOW,
    Place.FOREST,
    Place.MOUNTAINS,
    Place.LAKE,
    Place.RIVER,
    Place.VILLAGE,
    Place.SNOWFIELD,
)
"""Where a waterfall may be."""

_OTHER_TIMES = ("after", "before", "until")
"""Weather they lead to is not the weather that is shown."""

_WATERS = (Stance.WATER, Stance.SWIMS)
_HANDY = 0.6
"""Metres; things up to this height are at home in a room."""

_HOUSEMATES = ("mouse", "rat", "cat", "black cat", "hamster", "spider")
"""Animals that, among small things, are rather in a room than outdoors."""

_SEVERITY = (
    Weather.STORM,
    Weather.SNOW,
    Weather.RAIN,
    Weather.FOG,
    Weather.WIND,
    Weather.CLOUDY,
    Weather.CLEAR,
)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and when."""

    place: Place
    time: Time
    weather: Weather
    season: Season


def weigh(sign: Sign, place: Place) -> float:
    """How strongly a sign speaks for its place: "in the forest" more than "from the forest"."""
    weight = _BY_PREPOSITION.get(sign.preposition, _ALONE)
    if place in _ENCLOSED and weight >= 2:
        weight += 1
    if place is Place.SKY:
        weight = min(weight, 1.9)
    return weight - 0.75 if sign.modifies else weight


def settle(found: Found, things: Sequence[Mention], choices: SeededChoice) -> Setting:
    """Decide the setting.

    Args:
        found: What was read.
        things: The mentions that will be subjects, the most important first.
        choices: Chooses what nothing decides.
    """
    place = _place(found, things, choices)
    weather = _weather(found, things, place, choices)
    season = _season(found, things, place, choices)
    if weather is Weather.SNOW and not _signs(found, "season"):
        season = Season.WINTER
    return Setting(place, _time(found, things, place, choices), weather, season)


def _signs(found: Found, kind: str) -> list[Sign]:
    return [sign for sign in found.signs if sign.cue.kind == kind]


def _place(found: Found, things: Sequence[Mention], choices: SeededChoice) -> Place:
    named = [
        (-weigh(sign, place), sign.at, place)
        for sign in _signs(found, "place")
        if isinstance(place := sign.cue.value, Place)
    ]
    named = [item for item in named if item[0] < 0]
    if named:
        place = min(named)[2]
        if place in _LAND and any(item[2] is Place.WATERFALL for item in named):
            return Place.WATERFALL  # "in the mountains", but it is what is seen
        return _with_water(place, things)
    hints = [sign.cue.value for sign in _signs(found, "hint")]
    # What swims or floats needs its water more than others need their home.
    rank = sorted(things, key=lambda m: m.stance not in _WATERS)
    rank.sort(key=lambda m: m.stance is not Stance.WATER)  # who floats needs the surface
    wet = [m.noun.row.place for m in rank if m.stance in _WATERS]
    own = [m.noun.row.place for m in rank]
    # Of what is only part of the setting a table tells more than chance: it stands in a room.
    around = [m.noun.row.place for m in found.mentions if m.noun.row.scenery]
    for choice in (*wet, *hints, *own, *around):
        if isinstance(choice, Place):
            return _with_water(choice, things)
    return _some_place(things, choices)


def _with_water(place: Place, things: Sequence[Mention]) -> Place:
    """At sea, what stands on land asks for a shore, and what only swims for the depths."""
    if place is not Place.SEA or not things:
        return place
    stances = {m.stance for m in things}
    if Stance.WATER in stances:
        return place
    if stances <= {Stance.SWIMS}:
        return Place.UNDERWATER
    return Place.SHORE if Stance.GROUND in stances else place


def _some_place(things: Sequence[Mention], choices: SeededChoice) -> Place:
    if things and all(_small(mention) for mention in things):
        return choices.pick("place", {Place.INTERIOR: 4, Place.MEADOW: 1})
    weights = {
        Place.MEADOW: 5,
        Place.FOREST: 4,
        Place.MOUNTAINS: 3,
        Place.SHORE: 2,
        Place.LAKE: 3,
        Place.VILLAGE: 2,
    }
    return choices.pick("place", weights)


def _small(mention: Mention) -> bool:
    """Whether it lies on a table, hangs on a wall or lives under the floor."""
    if mention.noun.name in _HOUSEMATES:
        return True
    if mention.stance in (Stance.TABLE, Stance.WALL):
        return True
    return not mention.noun.animate and mention.noun.row.h <= _HANDY


def _time(found: Found, things: Sequence[Mention], place: Place, choices: SeededChoice) -> Time:
    named = [sign.cue.value for sign in _signs(found, "time")]
    # "sun" and "sunlight" say little beside a word for an hour.
    for time in (*(t for t in named if t is not Time.DAY), *named):
        if isinstance(time, Time):
            return time
    if place is Place.SPACE or _signs(found, "moon") or _signs(found, "stars"):
        return Time.NIGHT
    for mention in things:
        if mention.noun.row.time is not None:
            return mention.noun.row.time
    night = 3 if place is Place.INTERIOR else 0
    return choices.pick("time", {Time.DAY: 5, Time.DAWN: 2, Time.SUNSET: 3, Time.NIGHT: night})


def _weather(
    found: Found, things: Sequence[Mention], place: Place, choices: SeededChoice
) -> Weather:
    named = {s.cue.value for s in _signs(found, "weather") if s.preposition not in _OTHER_TIMES}
    for weather in _SEVERITY:
        if weather in named:
            return weather
    for mention in things:
        if mention.noun.row.weather is not None:
            return mention.noun.row.weather
    if place in (Place.SPACE, Place.UNDERWATER, Place.CAVE):
        return Weather.CLEAR
    return choices.pick("weather", {Weather.CLEAR: 7, Weather.CLOUDY: 3})


def _season(found: Found, things: Sequence[Mention], place: Place, choices: SeededChoice) -> Season:
    for sign in _signs(found, "season"):
        if isinstance(season := sign.cue.value, Season):
            return season
    for mention in things:
        if mention.noun.row.season is not None:
            return mention.noun.row.season
    if place is Place.SNOWFIELD:
        return Season.WINTER
    if place in (Place.DESERT, Place.UNDERWATER, Place.SPACE):
        return Season.SUMMER
    return choices.pick("season", {Season.SPRING: 3, Season.SUMMER: 4, Season.AUTUMN: 3})
