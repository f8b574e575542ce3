"""A conversation as one page and as one Markdown text."""

from dataclasses import replace

from tests.illustration.rendering.pages import Page, illustrated, tag

from limner.illustration import Message, MessageState, Role
from limner.illustration.rendering import chat_html_pieces, chat_markdown_pieces


def said(text: str, role: Role = Role.USER) -> Message:
    """Something a person said."""
    return Message(id=text, text=text, role=role, state=MessageState.COMPLETE)


CHAT = [
    said("Be kind.", Role.SYSTEM),
    said("Tell *me* <b>all</b>."),
    illustrated(f"Once. {tag('a fox')}"),
    said("More!\n\n```\nopen"),
    illustrated(f"Twice {tag('an owl')} and.\n\n```\nopen"),
    replace(illustrated("Thrice"), state=MessageState.CUT),
]


def test_the_page_of_a_conversation_holds_all_of_it_in_order() -> None:
    """Questions are quotations, pictures stand in their places, the system's words are left out."""
    page = Page("".join(chat_html_pieces(CHAT, title="Tales & <more>")))
    assert "<title>Tales &amp; &lt;more&gt;</title>" in page.html
    assert page.ordinals == [0, 0]
    assert [e.attributes.get("class") for e in page.story].count("asked") == 2
    assert page.text.index("all") < page.text.index("Once") < page.text.index("More!")
    assert page.text.index("More!") < page.text.index("Twice") < page.text.index("Thrice")
    assert "Be kind" not in page.html
    assert "2 pictures" in page.html
    assert "it was cut off" in page.html
    assert "img-prompt" not in page.html


def test_an_empty_conversation_is_a_page_all_the_same() -> None:
    """It says what it is called and nothing more."""
    assert "An illustrated conversation" in Page("".join(chat_html_pieces([]))).text
    assert "".join(chat_markdown_pieces([], title="a *b*")) == "# a \\*b\\*\n"


def test_a_conversation_without_any_answer_holds_what_was_said() -> None:
    """Its answer may be on its way, or deleted."""
    page = Page("".join(chat_html_pieces([said("Tell me."), said("Please?")])))
    assert page.text.index("Tell me.") < page.text.index("Please?")
    assert "</html>" in page.html
    assert "> Tell me." in "".join(chat_markdown_pieces([said("Tell me.")]))


def test_markdown_of_a_conversation_keeps_messages_apart() -> None:
    """A fence one message leaves open does not swallow the next; questions are quoted."""
    made = "".join(chat_markdown_pieces(CHAT, title="T", link=lambda slot: "p.png"))
    assert made == (
        "# T\n"
        "\n> Tell *me* <b>all</b>.\n"
        "\nOnce.\n\n![a fox](p.png)\n"
        "\n---\n"
        "\n> More!\n>\n> ```\n> open\n> ```\n"
        "\nTwice\n\n![an owl](p.png)\n\nand.\n\n```\nopen\n```\n"
        "\n---\n"
        "\nThrice\n\n*The text ends here: it was cut off.*\n"
    )
