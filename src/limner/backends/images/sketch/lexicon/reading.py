"""A prompt read into the scene of a picture."""

from limner.backends.images.sketch.lexicon.scan import Found, Sign, scan
from limner.backends.images.sketch.lexicon.seeded_choice import SeededChoice
from limner.backends.images.sketch.lexicon.setting import settle
from limner.backends.images.sketch.lexicon.subjects import choose, rooms, subject
from limner.backends.images.sketch.lexicon.token import tokens
from limner.backends.images.sketch.lexicon.vocabulary import Cue, vocabulary
from limner.backends.images.sketch.scene import Place, Scene


def read(prompt: str) -> Scene:
    """Read what a prompt shows.

    Nouns of a hand-made table become subjects; words for places, hours and weather make the
    scene; every other word, and every other language, is passed over. What nothing decides is
    chosen by a hash of the prompt. The same prompt always gives the same scene; any text is
    understood somehow, in time linear in its length.

    >>> scene = read("two red dragons over a castle by the sea at dusk")
    >>> [(s.name, s.count, s.tint) for s in scene.subjects]
    [('dragon', 2, 'red'), ('castle', 1, None)]
    >>> str(scene.place), str(scene.time)
    ('shore', 'sunset')
    """
    found = scan(tokens(prompt), vocabulary())
    mentions, indoors = rooms(found)
    signs = [*found.signs]
    if indoors:
        signs.append(Sign(Cue("place", Place.INTERIOR), 0, "inside", False))
    things = choose(mentions)
    setting = settle(Found(mentions, signs), things, SeededChoice(" ".join(prompt.split()).lower()))
    said = {sign.cue.kind for sign in signs}
    moods = [str(sign.cue.value) for sign in signs if sign.cue.kind == "mood"]
    return Scene(
        place=setting.place,
        time=setting.time,
        weather=setting.weather,
        season=setting.season,
        subjects=tuple(subject(mention, setting.place) for mention in things),
        mood=moods[0] if moods else None,
        moon="moon" in said,
        stars="stars" in said,
        lights="lights" in said or any(m.noun.row.lights for m in things),
    )
