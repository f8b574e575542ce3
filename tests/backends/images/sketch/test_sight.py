"""What the sketch sees in a text: the eye that looks for places where a picture belongs."""

from pathlib import Path

from limner.backends.images.sketch.lexicon.sight import see as sketch
from limner.prompts import find_prompts
from limner.prompts.scenes import pick


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
