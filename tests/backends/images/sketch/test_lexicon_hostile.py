"""Any text at all: no crash, no surprise, no waiting."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import share

from limner.backends.images.sketch import art
from limner.backends.images.sketch.lexicon import read
from limner.backends.images.sketch.lexicon.token import tokens
from limner.backends.images.sketch.scene import Scene

VOCABULARY = """
    a the no two 3 red black and of in on over without not to from by his fox foxes wolf's bear
    bears castle tower house ship sea forest snow night moon stars rose orange light fly flying
    watch ring glass pair flock style painting dragon's under inside outside window table , . ;
    1girl (fox:1.3) <lora:x> night_sky snow-white it's they don't giant crane well park 12
"""
WORDS = VOCABULARY.split()

prompts = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.text(st.characters(), max_size=80),
)


def check(scene: Scene) -> None:
    """What holds for every scene."""
    assert len(scene.subjects) <= 5
    assert len({(s.name, s.looks) for s in scene.subjects}) == len(scene.subjects)
    for subject in scene.subjects:
        assert 1 <= subject.count <= 5
        assert subject.height > 0
        assert subject.art in art.ids()


@given(prompts)
@settings(max_examples=share(200), deadline=None)
def test_any_text_gives_a_sound_brief_and_always_the_same(prompt: str) -> None:
    """Nothing crashes, limits hold, and chance is a function of the prompt."""
    scene = read(prompt)
    check(scene)
    assert read(prompt) == scene


@given(prompts)
@settings(max_examples=share(100), deadline=None)
def test_case_and_blanks_do_not_matter(prompt: str) -> None:
    """A prompt shouted, or broken over lines of blanks, shows the same; capitals make names."""
    if prompt.upper().lower() == prompt == prompt.lower():
        assert read(prompt.upper()).subjects == read(prompt).subjects
    assert read(f"  {prompt}  ") == read(prompt)


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_an_unknown_word_before_a_clause_changes_no_subject(words: list[str]) -> None:
    """What is of no known language is passed over."""
    prompt = " ".join(words)
    assert read(f"Ztřk Kůžw, {prompt}").subjects == read(prompt).subjects


@pytest.mark.timeout(60)  # quadratic reading would take many minutes
@pytest.mark.parametrize(
    "prompt",
    [
        "fox " * 25_000,
        "a red, " * 14_000,
        "the wizard's " * 8_000,
        "in the house, " * 7_000,
        "no " * 33_000,
        "of the " * 14_000,
        "9" * 100_000,
        "<" * 100_000,
        "'" * 100_000,
        "a'" * 50_000,
        "- " * 50_000,
        "1girl " * 16_000,
        "\ud800" * 1_000,
        "\u0000" * 100_000,
        "ﷺ" * 10_000,
    ],
    ids=lambda prompt: repr(prompt[:14]),
)
def test_a_huge_prompt_is_read_in_linear_time(prompt: str) -> None:
    """A hundred thousand characters of anything take a moment, not minutes."""
    check(read(prompt))


def test_directives_of_other_programs_are_no_words() -> None:
    """Angle brackets hold names of models, not of things."""
    assert [t.text for t in tokens("<lora:fox:0.8>owl")] == ["owl"]
