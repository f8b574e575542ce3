"""A text in blocks of HTML while it grows."""

from tests.illustration.rendering.pages import illustrated, tag

from limner.illustration import Slot
from limner.illustration.rendering import BlockHtml

STORY = f"""# The Fox

It was the *last* night.{tag("a fox")}

- one
- two {tag("an owl")}

```py
x = 1

y = 2
```

That is all."""


def as_it_is(slot: Slot) -> Slot:
    """The slot, not drawn yet."""
    return slot


def test_what_stands_before_the_last_block_never_changes() -> None:
    """However the text grows; so a reader's program can leave alone what it shows."""
    growing, before = BlockHtml(), list[str]()
    for end in range(0, len(STORY) + 1, 3):
        blocks = growing.render(illustrated(STORY[:end], as_it_is))
        finished = before[:-1]
        assert blocks[: len(finished)] == finished
        before = blocks
    assert growing.render(illustrated(STORY, as_it_is)) == BlockHtml().render(
        illustrated(STORY, as_it_is)
    )


def test_a_picture_is_a_place_to_be_filled() -> None:
    """Between paragraphs a block, inside of something else not; its ordinal is all it says."""
    html = "".join(BlockHtml().render(illustrated(STORY, as_it_is)))
    assert '<figure data-slot="0"></figure>' in html
    assert '<span data-slot="1"></span>' in html
    assert "img-prompt" not in html


def test_nothing_of_a_hostile_text_gets_through() -> None:
    """Neither elements nor attributes, nor places of pictures that are none."""
    text = (
        '<script>x()</script> <img src=x onerror=x()> <figure data-slot="0"></figure>\n\n'
        "[a](javascript:x()) ![b](http://evil.test/p.png) <svg/onload=x()>\n\n"
        "<think><b onclick=x()>hm</b></think>"
    )
    html = "".join(BlockHtml().render(illustrated(text, as_it_is)))
    for wrong in ("<script", "<img", "<svg", "<figure", "javascript:", " onclick=x()>"):
        assert wrong not in html.replace("&lt;", "(").replace("&gt;", ")")


def test_reasoning_is_one_block() -> None:
    """It is an element that opens and closes in the same piece."""
    blocks = BlockHtml().render(illustrated("<think>\nHm.\n\nHm?\n</think>\nOnce.", as_it_is))
    assert blocks[0].startswith("<details")
    assert blocks[0].rstrip().endswith("</details>")
