"""What the sketch sees in a text: the eye that looks for places where a picture belongs."""

from pathlib import Path

import pytest

from limner.backends.images.sketch.lexicon.languages.detection import KNOWN
from limner.backends.images.sketch.lexicon.languages.dictionary import settings_in
from limner.backends.images.sketch.lexicon.sight import see as sketch
from limner.composition.word_scenes import eye_for
from limner.prompts import find_prompts
from limner.prompts.scenes import Seen, pick


def test_the_bundled_story_gets_its_pictures_where_something_happens() -> None:
    """With the eye of `sketch`: six places in 1,500 words, each prompt with something to draw."""
    story = Path(__file__).parents[4] / "src" / "limner" / "cli" / "story.md"
    text = story.read_text(encoding="utf-8")
    for tag in find_prompts(text):
        text = text.replace(f"{tag.source}\n\n", "")
    proposals = pick(text, sketch)
    assert len(proposals) == 6
    for one in proposals:
        seen = sketch(one.prompt)
        assert seen.beings or seen.things, one.prompt


@pytest.mark.parametrize("language", sorted(KNOWN))
def test_a_setting_is_said_so_that_it_is_seen_again(language: str) -> None:
    """Every place, hour and weather, in each language in which prompts are read, as in English."""
    own = settings_in(language)
    for english, said in own.items():
        seen = sketch(english).setting
        assert any(seen), english
        assert sketch(said, language).setting == tuple(one and own[one] for one in seen)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Der alte Fuchs lief durch den Wald. Es war Nacht, und auf dem Meer war ein Schiff.",
            Seen(("fox",), ("ship",), "in einem Wald", "nachts"),
        ),
        (
            "Le renard entra dans la forêt, et la nuit le château était vide sous la pluie.",
            Seen(("fox",), ("castle",), "dans une forêt", "la nuit", "sous la pluie"),
        ),
        (
            "夜里，一只狐狸在森林里走，看见一座城堡。",
            Seen(("fox",), ("castle",), "在森林里", "夜里"),
        ),
        (
            "Лиса ночью пришла в лес, и там стоял старый замок, а над ним шел дождь.",
            Seen(("fox",), ("castle",), "в лесу", "ночью", "под дождем"),
        ),
    ],
)
def test_a_story_is_seen_in_its_own_language(text: str, wanted: Seen) -> None:
    """Who and what by the names of the table, the setting in words of the story's language."""
    assert eye_for(text)(text) == wanted


def test_of_a_language_without_a_dictionary_nothing_is_seen() -> None:
    """Its words could mean anything."""
    dutch = "De vos liep door het bos en zag in de verte een wolf, maar hij was niet bang voor hem."
    assert eye_for(dutch)(dutch) == Seen()
