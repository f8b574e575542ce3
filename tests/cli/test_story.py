"""The bundled story: its length, and where its pictures stand."""

import re
from importlib.resources import files

STORY = files("limner.cli").joinpath("story.md").read_text(encoding="utf-8")
TAG = re.compile(r'<!--img-prompt="([^"\\]+)"-->')
TAGS = list(TAG.finditer(STORY))


def test_the_story_has_the_length_of_a_bedtime_story() -> None:
    """Without its tags the story has 1,400 to 1,650 words."""
    assert 1400 <= len(TAG.sub("", STORY).split()) <= 1650


def test_every_tag_is_well_formed() -> None:
    """All that looks like a tag is one, and there are eight to ten."""
    assert 8 <= len(TAGS) <= 10
    assert STORY.count("<!--") == STORY.count("-->") == STORY.count("img-prompt") == len(TAGS)


def test_pictures_begin_early_and_end_before_the_last_words() -> None:
    """The first tag stands within the first 120 words, the last one before the last paragraph."""
    assert len(STORY[: TAGS[0].start()].split()) <= 120
    assert len(STORY) - TAGS[-1].end() > 150
    assert len(STORY[TAGS[-1].end() :].strip().split("\n\n")) == 1


def test_every_tag_has_a_paragraph_of_its_own() -> None:
    """Each tag stands alone on its line, between blank lines."""
    for tag in TAGS:
        assert STORY[: tag.start()].endswith("\n\n")
        assert STORY[tag.end() :].startswith("\n\n")


def test_prompts_say_enough_and_not_too_much() -> None:
    """Each prompt has 6 to 25 words, and no two are alike."""
    prompts = [tag[1] for tag in TAGS]
    assert all(6 <= len(prompt.split()) <= 25 for prompt in prompts)
    assert len(set(prompts)) == len(prompts)


def test_the_story_has_a_title_and_chapters() -> None:
    """It begins with a first-level heading and has a few chapters below it."""
    assert STORY.startswith("# ")
    assert len(re.findall(r"^## ", STORY, re.MULTILINE)) == 3
