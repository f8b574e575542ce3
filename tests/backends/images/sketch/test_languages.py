"""Prompts in other languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.lexicon.languages import translated
from limner.backends.images.sketch.lexicon.languages.detection import LATIN, language_of
from limner.backends.images.sketch.lexicon.languages.dictionary import dictionary
from limner.backends.images.sketch.lexicon.vocabulary import vocabulary
from limner.backends.images.sketch.scene import Place, Shot, Time, Weather

ALL = (*LATIN, "ru", "zh", "ja", "ko")


@pytest.mark.parametrize(
    ("prompt", "names", "settings"),
    [
        ("ein Mädchen im gelben Mantel im Regen", ["girl"], {"weather": Weather.RAIN}),
        ("eine alte Mühle am Fluss im Herbst", ["windmill"], {"place": Place.RIVER}),
        ("eine Hexe mit roten Haaren, Porträt", ["witch"], {"shot": Shot.CLOSE}),
        ("un chat noir dans un café, la nuit", ["black cat"], {"time": Time.NIGHT}),
        ("un dragón rojo vuela sobre un castillo", ["dragon", "castle"], {}),
        ("un vecchio mago legge un libro nella sua torre", ["wizard"], {"place": Place.INTERIOR}),
        ("um barco à vela no mar sob a lua cheia", ["ship"], {"place": Place.SEA, "moon": True}),
        ("маленькая лиса в заснеженном лесу", ["fox"], {"place": Place.FOREST}),
        ("trzy konie biegną przez pole", ["horse"], {"place": Place.MEADOW}),
        ("月光下的森林里有一只狐狸和一只兔子", ["fox", "rabbit"], {"place": Place.FOREST}),
        ("雨の中、傘をさした少女と黒い猫", ["girl", "black cat"], {"weather": Weather.RAIN}),
        ("눈 덮인 산 위의 성과 기사", ["castle", "knight"], {"place": Place.MOUNTAINS}),
    ],
)
def test_prompts_in_ten_languages_are_read(
    prompt: str, names: list[str], settings: dict[str, object]
) -> None:
    """Things, places, hours and weather come out as in English."""
    scene = read(prompt)
    assert [subject.name for subject in scene.subjects] == names
    assert {name: getattr(scene, name) for name in settings} == settings


def test_clothes_and_colours_reach_their_owners() -> None:
    """Also where adjectives follow, and where the description comes before the person."""
    for prompt in (
        "ein Mädchen im gelben Mantel",
        "une fille avec un manteau jaune",
        "una niña con un abrigo amarillo",
        "una ragazza con un cappotto giallo",
        "uma menina com um casaco amarelo",
        "девочка в желтом пальто",
        "dziewczynka w żółtym płaszczu",
        "穿着黄色外套的女孩",
        "黄色いコートを着た少女",
        "노란 코트를 입은 소녀",
    ):
        (girl,) = read(prompt).subjects
        assert girl.look is not None, prompt
        assert (girl.name, girl.look.garment, girl.look.colour) == ("girl", "coat", "yellow"), (
            prompt
        )


def test_a_quality_behind_a_place_is_the_places() -> None:
    """Also where the table knows the place with all that leads to it."""
    assert translated("une sorcière dans une forêt sombre") == "a witch in a dark forest"


def test_who_wears_something_of_a_colour_is_no_thing_beside_it() -> None:
    """A dress of a woman's is on her, a duck that is fed is no verb."""
    (woman,) = read("uma mulher de vestido azul na praia").subjects
    assert woman.look is not None
    assert (woman.look.garment, woman.look.colour) == ("dress", "blue")
    assert [s.name for s in read("ein Mädchen füttert Enten am Teich").subjects] == ["girl", "duck"]


def test_english_stays_as_it_is() -> None:
    """Also with a foreign name or word in it."""
    for prompt in (
        "a fox in the snow",
        "Zoë at the café in Málaga",
        "portrait of Jörg",
        "1girl, solo",
    ):
        assert translated(prompt) == prompt


@pytest.mark.parametrize("language", ALL)
def test_every_english_word_of_the_tables_is_one_the_reader_knows(language: str) -> None:
    """A misspelt translation would say nothing."""
    table = dictionary(language)
    silent = {"wearing", "holding", "beautiful", "with", "big"}
    for word in ("fox", "castle"):
        assert word in table._entries.values()
    for english in set(table._entries.values()) - silent:
        first = english.split()[0]
        assert vocabulary()._longest.get(first) or len(first) < 8, english


@given(st.text(max_size=120), st.sampled_from(("", "der ", "月光", "в лесу ", "눈 ", "の")))
@settings(max_examples=share(150), deadline=None)
def test_any_text_in_any_script_is_translated_somehow(text: str, start: str) -> None:
    """Nothing crashes, and the same text gives the same words."""
    prompt = start + text
    assert translated(prompt) == translated(prompt)
    assert language_of(prompt) in ("en", *ALL)
    read(prompt)


@pytest.mark.parametrize("form", ["grün", "grüne", "grünen", "grünem", "grünes"])
def test_a_word_whose_own_end_looks_like_an_ending_is_found_in_every_form(form: str) -> None:
    """The "n" of "grün" is its own: nothing is taken from it."""
    assert translated(f"eine Frau mit {form} Augen") == "a woman with green eyes"
