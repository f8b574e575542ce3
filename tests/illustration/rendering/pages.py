"""Messages to render, and pages read back."""

import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from limner.illustration import (
    Alternative,
    Failure,
    Image,
    Message,
    MessageState,
    PromptTree,
    Slot,
    SlotId,
    SlotState,
)
from limner.prompts import find_prompts

VOID = {"meta", "img", "br", "hr"}
SIMPLE = {"i", "b", "u", "del", "ins", "sub", "sup", "small", "mark", "q", "cite", "kbd", "abbr"}
PHRASING = {"em", "strong", "s", "a", "code", "span", "img", "br", *SIMPLE}
BLOCKS_OF_TEXT = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
STORY = {
    *("p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "ul", "ol", "li", "hr", "br"),
    *("em", "strong", "s", "code", "pre", "a", "table", "thead", "tbody", "tr", "th", "td"),
    *("dl", "dt", "dd", *SIMPLE),
    *("figure", "figcaption", "span", "img", "details", "summary", "div"),
}


def tag(prompt: str) -> str:
    """A tag that asks for this."""
    quoted = prompt.replace("\\", "\\\\").replace('"', '\\"')
    return f'<!--img-prompt="{quoted}"-->'


def illustrated(
    text: str,
    change: Callable[[Slot], Slot] = lambda slot: slot,
    *,
    state: MessageState = MessageState.COMPLETE,
) -> Message:
    """The message with a picture for each tag; the picture's bytes are its ordinal."""
    slots = []
    for ordinal, found in enumerate(find_prompts(text)):
        image = Image(data=b"%d" % ordinal, media_type="image/png", width=768, height=512)
        slot = Slot(
            id=SlotId("m", 0, ordinal),
            tag=found,
            prompts=PromptTree.of(found.prompt),
            state=SlotState.READY,
            alternatives=(Alternative(image, found.prompt),),
            selected=0,
        )
        slots.append(change(slot))
    return Message(id="m", text=text, slots=tuple(slots), state=state)


def without_picture(slot: Slot, state: SlotState, reason: str | None = None) -> Slot:
    """The slot in another state, without a picture."""
    failure = Failure("BackendTimeout", reason) if reason else None
    return replace(slot, state=state, alternatives=(), selected=None, failure=failure)


@dataclass(frozen=True)
class Element:
    """An element as it was opened: its name, attributes, and the names of those around it."""

    name: str
    attributes: dict[str, str | None]
    around: tuple[str, ...]


class Page(HTMLParser):
    """A page read by Python's own parser, which must find every element closed in its place."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.html = html
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._words: list[str] = []
        self._plates: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element; refuse what may not stand there."""
        assert len(dict(attrs)) == len(attrs)
        around = tuple(element.name for element in self._open)
        element = Element(tag, dict(attrs), around)
        self.elements.append(element)
        if BLOCKS_OF_TEXT & set(around):
            assert tag in PHRASING, f"<{tag}> inside {around}"
        if tag == "a":
            assert "a" not in around
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        assert self._open.pop().name == tag

    def handle_data(self, data: str) -> None:
        """Note text of the story, and apart from it text of its pictures."""
        if "article" not in {element.name for element in self._open}:
            return
        in_plate = any("plate" in (e.attributes.get("class") or "") for e in self._open)
        (self._plates if in_plate else self._words).append(data)

    @property
    def text(self) -> str:
        """The story's text, without that of its pictures."""
        return "".join(self._words)

    @property
    def plate_text(self) -> str:
        """The text of the pictures' captions and placeholders."""
        return "".join(self._plates)

    @property
    def story(self) -> list[Element]:
        """The elements of the story."""
        return [element for element in self.elements if "article" in element.around]

    @property
    def images(self) -> list[Element]:
        """The pictures."""
        return [element for element in self.story if element.name == "img"]

    @property
    def ordinals(self) -> list[int]:
        """Which pictures stand on the page, in order."""
        return [
            int(b64decode((image.attributes["src"] or "").partition("base64,")[2]))
            for image in self.images
        ]

    @property
    def outline(self) -> str:
        """The story's elements, a picture as F (block) or S (in a sentence), without whitespace."""
        story = re.search(r"<article[^>]*>\n(.*)</article>", self.html, re.DOTALL)
        assert story
        plates = re.sub(
            r'<(figure|span) class="plate">.*?</(?:figcaption|span)></\1>',
            lambda found: "<F>" if found[1] == "figure" else "S",
            story[1],
        )
        return re.sub(r">\s+<", "><", plates).replace("<F>", "F").strip()
