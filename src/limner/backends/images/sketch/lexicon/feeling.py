"""What a mood does to a scene: a battle is no sunny day, and a feeling alone needs somebody."""

from collections.abc import Sequence
from dataclasses import replace

from limner.backends.images.sketch.lexicon.found import Found, Mention
from limner.backends.images.sketch.lexicon.setting import Setting
from limner.backends.images.sketch.lexicon.token import Token
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary
from limner.backends.images.sketch.scene import Place, Time, Weather

_LONELY = ("sad", "hope", "gloomy", "peaceful", "romantic")
_OUTDOORS = (Place.MEADOW, Place.FOREST, Place.MOUNTAINS, Place.LAKE, Place.VILLAGE, Place.SHORE)


def emblem(
    things: Sequence[Mention], setting: Setting, mood: str | None, found: Found
) -> tuple[list[Mention], Setting]:
    """The things and the setting as the mood wants them where the prompt leaves them open."""
    said = {sign.cue.kind for sign in found.signs}
    setting = _in_the_mood(setting, mood, said)
    if things or mood not in _LONELY or "place" in said:
        return list(things), setting
    entry = vocabulary().lookup([Token("wanderer", "wanderer")], 0, 1)
    if entry is None or entry.form is None:
        return [], setting
    walker = Mention(
        noun=entry.form.noun,
        at=-1,
        count=1,
        tint=None,
        owner=False,
        preposition="",
        several=False,
        flying=None,
        adjectives=("away",),
    )
    place = Place.MOUNTAINS if setting.place in _OUTDOORS else setting.place
    time = setting.time if "time" in said else Time.DAWN
    return [walker], replace(setting, place=place, time=time)


def _in_the_mood(setting: Setting, mood: str | None, said: set[str]) -> Setting:
    if mood == "battle":
        time = setting.time if "time" in said else Time.SUNSET
        weather = setting.weather if "weather" in said else Weather.CLOUDY
        inside = setting.place is Place.INTERIOR and "place" not in said
        place = Place.MEADOW if inside else setting.place
        return replace(setting, place=place, time=time, weather=weather)
    if mood in ("sad", "gloomy") and "weather" not in said:
        return replace(setting, weather=Weather.CLOUDY)
    if mood in ("spooky", "noir", "neon") and "time" not in said:
        return replace(setting, time=Time.NIGHT)
    if mood in ("joyful", "romantic") and "weather" not in said and "time" not in said:
        return replace(setting, weather=Weather.CLEAR)
    return setting
