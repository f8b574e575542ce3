"""The Markdown twin: the raw text with links where the tags stand."""

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.examples import share
from tests.illustration.rendering.pages import illustrated, tag, without_picture
from tests.illustration.rendering.test_html_placement import TEXTS

from limner.illustration import MessageState, Slot, SlotState
from limner.illustration.rendering import data_uri, markdown_pieces


def number(slot: Slot) -> str:
    """A short address for a slot's picture."""
    return f"{slot.id.ordinal}.png"


def images(markdown: str) -> list[tuple[str, str]]:
    """Address and alternative text of the pictures a Markdown reader finds, in order."""
    return [
        (str(child.attrGet("src")), child.content if not child.children else text(child.children))
        for token in MarkdownIt("commonmark").enable("table").parse(markdown)
        for child in token.children or ()
        if child.type == "image"
    ]


def text(tokens: list) -> str:  # type: ignore[type-arg] # whatever the parser holds
    """The words of inline tokens."""
    return "".join(token.content for token in tokens)


@pytest.mark.parametrize(
    ("source", "markdown"),
    [
        ("@", "![a fox](0.png)"),
        ("@@", "![a fox](0.png)\n\n![a fox](1.png)"),
        ("one @ two", "one\n\n![a fox](0.png)\n\ntwo"),
        ("one\n@\ntwo", "one\n\n![a fox](0.png)\n\ntwo"),
        ("one\n\n@\n\ntwo\n", "one\n\n![a fox](0.png)\n\ntwo\n"),
        ("*one @ two* three", "*one ![a fox](0.png) two* three"),
        ("*one\n@\ntwo*", "*one\n![a fox](0.png)\ntwo*"),
        ("- one @ two\n- three", "- one\n\n  ![a fox](0.png)\n\n  two\n- three"),
        ("- @\n- two", "- ![a fox](0.png)\n\n- two"),
        ("12. one @", "12. one\n\n    ![a fox](0.png)"),
        ("> one @ two", "> one\n>\n> ![a fox](0.png)\n>\n> two"),
        ("> - one @", "> - one\n>\n>   ![a fox](0.png)"),
        ("|a|\n|-|\n|x @|", "|a|\n|-|\n|x ![a fox](0.png)|"),
        ("# One @\ntwo", "# One\n\n![a fox](0.png)\n\ntwo"),
        ("# One @ two", "# One ![a fox](0.png) two"),
        ("[one @](http://x)", "[one ![a fox](0.png)](http://x)"),
        ("- a\n  - b @ c", "- a\n  - b\n\n    ![a fox](0.png)\n\n    c"),
        ("*a `b` @ c*", "*a `b` ![a fox](0.png) c*"),
        ("one\r\n@\r\ntwo\r\n", "one\r\n\r\n![a fox](0.png)\r\n\r\ntwo\r\n"),
        ("One @\n=====\ntwo", "One ![a fox](0.png)\n=====\ntwo"),
        ("[^1]: one @", "[^1]: one ![a fox](0.png)"),
        (": one @", ": one ![a fox](0.png)"),
        ("<i>one @ two</i>", "<i>one ![a fox](0.png) two</i>"),
    ],
)
def test_a_picture_stands_on_lines_of_its_own_where_it_can(source: str, markdown: str) -> None:
    """Lists and quotes go on behind it; tables, headings, links and emphasis are not torn."""
    message = illustrated(source.replace("@", tag("a fox")))
    made = "".join(markdown_pieces(message, link=number))
    assert made == markdown
    assert [address for address, _ in images(made)] == [number(slot) for slot in message.slots]


@settings(max_examples=share(200), deadline=None)
@given(TEXTS)
@example("@<!--@")
@example("@```\n\n@")
@example("[@~~~\n\n@")
def test_a_markdown_reader_finds_every_picture_once_and_in_order(source: str) -> None:
    """Whatever surrounds the tags."""
    message = illustrated(source.replace("@", tag("a fox")))
    made = "".join(markdown_pieces(message, link=lambda slot: f"limner:{slot.id.ordinal}"))
    found = [address for address, _ in images(made) if address.startswith("limner:")]
    assert found == [f"limner:{slot.id.ordinal}" for slot in message.slots]


def test_a_text_without_tags_comes_out_as_it_is() -> None:
    """Character for character."""
    source = "# One\r\n\n* two\t\n<b> \uee00 \\ <!-- x\n"
    assert "".join(markdown_pieces(illustrated(source))) == source


@settings(max_examples=share(100), deadline=None)
@given(st.text(min_size=1, max_size=20).filter(lambda prompt: prompt.strip()))
def test_any_prompt_can_be_an_alternative_text(prompt: str) -> None:
    """Brackets, stars, quotes, backslashes and newlines come out literally."""
    message = illustrated(tag("x"))
    slot = message.slots[0]
    changed = replace(slot, alternatives=(replace(slot.alternatives[0], prompt=prompt),))
    made = "".join(markdown_pieces(message.with_slot(changed), link=number))
    ((address, words),) = images(made)
    assert address == "0.png"
    assert words == " ".join(prompt.replace("\0", "\ufffd").split())


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("my pictures/a (1).png", "my%20pictures/a%20%281%29.png"),
        ("<a>.png", "%3Ca%3E.png"),
        ('a"b\\c.png', "a%22b%5Cc.png"),
        ("a`b.png", "a%60b.png"),
        ("a\nb.png", "a%0Ab.png"),
        ("already%20there.png", "already%20there.png"),
        ("füchse/狐.png", "f%C3%BCchse/%E7%8B%90.png"),
        ("https://example.com/a.png?x=1&y=2#z", "https://example.com/a.png?x=1&y=2#z"),
    ],
)
def test_any_address_can_be_linked(link: str, address: str) -> None:
    """What would end a link is percent-encoded; what is encoded stays so."""
    made = "".join(markdown_pieces(illustrated(tag("x")), link=lambda _: link))
    assert [found for found, _ in images(made)] == [address]


def test_pictures_are_embedded_by_default() -> None:
    """Without `link` the Markdown is one self-contained file."""
    message = illustrated(tag("x"))
    image = message.slots[0].image
    assert image
    assert "".join(markdown_pieces(message)) == f"![x]({data_uri(image)})"


def test_what_was_not_drawn_is_a_line_in_italics() -> None:
    """With the reason, and the prompt."""

    def change(slot: Slot) -> Slot:
        if slot.id.ordinal == 0:
            return without_picture(slot, SlotState.FAILED, "it said *no*.")
        return without_picture(slot, SlotState.QUEUED)

    message = illustrated(f"One {tag('a [fox]')} two\n\n{tag('b')}\n", change)
    assert "".join(markdown_pieces(message, link=number)) == (
        "One\n\n*(No picture: it said \\*no\\*. Prompt: a \\[fox\\])*\n\ntwo\n\n"
        "*(Not drawn. Prompt: b)*\n"
    )


def test_a_deleted_picture_leaves_nothing() -> None:
    """Nor an empty line that would cut a paragraph in two."""
    message = illustrated(
        f"One\n{tag('a')}\ntwo {tag('b')} three\n",
        lambda slot: replace(slot, state=SlotState.DELETED),
    )
    assert "".join(markdown_pieces(message)) == "One\ntwo  three\n"


def test_a_cut_text_ends_with_a_note_in_markdown_too() -> None:
    """In the caller's words if there are any."""
    cut = illustrated("One", state=MessageState.CUT)
    assert "".join(markdown_pieces(cut)) == "One\n\n*The text ends here: it was cut off.*\n"
    assert "".join(markdown_pieces(cut, note="No _more_.")) == "One\n\n*No \\_more\\_.*\n"
