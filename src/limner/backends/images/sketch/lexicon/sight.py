"""What the reader of prompts sees in a stretch of a story."""

from collections.abc import Sequence

from limner.backends.images.sketch.lexicon.found import Found, Sign
from limner.backends.images.sketch.lexicon.languages import translated
from limner.backends.images.sketch.lexicon.languages.dictionary import settings_in
from limner.backends.images.sketch.lexicon.scan import scan
from limner.backends.images.sketch.lexicon.token import Token, tokens
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary
from limner.backends.images.sketch.scene import Place, Time, Weather
from limner.prompts.scenes import Seen

_WORDS: dict[object, str] = {
    Place.MEADOW: "in a meadow",
    Place.FOREST: "in a forest",
    Place.MOUNTAINS: "in the mountains",
    Place.SEA: "on the sea",
    Place.SHORE: "on the shore",
    Place.LAKE: "by a lake",
    Place.RIVER: "by a river",
    Place.WATERFALL: "by a river",
    Place.DECK: "on the sea",
    Place.DESERT: "in a desert",
    Place.SNOWFIELD: "in the snow",
    Place.CITY: "in a city",
    Place.VILLAGE: "in a village",
    Place.INTERIOR: "in a room",
    Place.CAVE: "in a cave",
    Place.SPACE: "in outer space",
    Place.UNDERWATER: "under water",
    Place.SKY: "in the sky",
    Time.DAWN: "at dawn",
    Time.DAY: "in daylight",
    Time.SUNSET: "at sunset",
    Time.NIGHT: "at night",
    Weather.CLOUDY: "under a cloudy sky",
    Weather.RAIN: "in the rain",
    Weather.STORM: "in a storm",
    Weather.SNOW: "in falling snow",
    Weather.FOG: "in fog",
    Weather.WIND: "in the wind",
}

_WITHIN = frozenset(
    {
        *("in", "inside", "within", "through", "across", "into", "onto", "on", "at", "along"),
        *("by", "under", "beside", "among"),
    }
)
"""What leads to a place somebody is at; "of the sea" may be said anywhere."""


def see(text: str, language: str = "en") -> Seen:
    """What of a text can be drawn; takes time linear in its length.

    Args:
        text: A stretch of a story.
        language: What it is written in, one of those that prompts are read in; of any other
            nothing is seen.

    >>> see("The fox crossed the frozen bridge in the forest at night.")
    Seen(beings=('fox',), things=('bridge',), place='in a forest', time='at night', weather=None)
    >>> see("Nachts lief der Fuchs im Wald.", "de")
    Seen(beings=('fox',), things=(), place='in einem Wald', time='nachts', weather=None)
    """
    words = tokens(translated(text, language))
    found = scan(words, vocabulary())
    names = dict.fromkeys((m.noun.name, m.noun.animate) for m in found.mentions)
    place, time, weather = (_said(found, words, kind) for kind in ("place", "time", "weather"))
    own = settings_in(language)
    return Seen(
        beings=tuple(name for name, animate in names if animate),
        things=tuple(name for name, animate in names if not animate),
        place=place and own[place],
        time=time and own[time],
        weather=weather and own[weather],
    )


def _said(found: Found, words: Sequence[Token], kind: str) -> str | None:
    """The first words of the scene's that say so."""
    said = (
        _WORDS.get(sign.cue.value)
        for sign in found.signs
        if sign.cue.kind == kind and (kind != "place" or _is_within(sign, words))
    )
    return next((one for one in said if one is not None), None)


def _is_within(sign: Sign, words: Sequence[Token]) -> bool:
    """Whether somebody is at a place, by what leads to it or how it begins itself."""
    return sign.preposition in _WITHIN or words[sign.at].word in _WITHIN
