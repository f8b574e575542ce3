"""Pictures drawn after others: which ones a name leads to, and which servers may see them."""

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from limner import Illustrator
from limner.illustration import Image, ImageRequest, Look, ReferencePicture
from limner.illustration.model.request_key import request_key
from limner.testing import ScriptedBackend


@dataclass(slots=True)
class Painter:
    """Draws at a server of its own, and notes after which pictures."""

    place: str = "a1111:here"
    scripted: ScriptedBackend = field(default_factory=ScriptedBackend)
    seen: dict[str, tuple[ReferencePicture, ...]] = field(default_factory=dict)

    @property
    def places(self) -> frozenset[str]:
        """Where it draws."""
        return frozenset((self.place,))

    async def generate(self, request: ImageRequest) -> Image:
        """Draw a picture whose bytes are its prompt's, behind a PNG's."""
        self.seen[request.prompt] = request.references
        image = await self.scripted.generate(request)
        info = MappingProxyType({"place": self.place, "references": []})
        return replace(image, data=image.data + request.prompt.encode(), info=info)

    def after(self, prompt: str) -> list[str]:
        """Which pictures one was drawn after: their prompts, or why there is none."""
        return [
            one.missing or one.data.partition(b"IEND\xaeB`\x82")[2].decode()
            for one in self.seen[prompt]
        ]


def tag(prompt: str, reference: str = "") -> str:
    """A tag."""
    more = f' reference="{reference}"' if reference else ""
    return f'<!--img-prompt="{prompt}"{more}-->'


async def test_the_picture_before_is_waited_for() -> None:
    """All are drawn side by side, but one that is to look like another is drawn after it."""
    painter = Painter(scripted=ScriptedBackend(seconds=3.0))
    async with Illustrator(backend=painter) as illustrator:
        await illustrator.illustrate(tag("fox") + tag("hen", "last") + tag("owl"))
    assert painter.after("hen") == ["fox"]
    assert [call.began for call in painter.scripted.calls] == [0.0, 0.0, 3.0]


async def test_one_that_failed_is_passed_over() -> None:
    """The nearest that there is counts."""
    fails = ScriptedBackend(
        fails=lambda request: RuntimeError("dry") if request.prompt == "hen" else None
    )
    painter = Painter(scripted=fails)
    async with Illustrator(backend=painter) as illustrator:
        await illustrator.illustrate(tag("fox") + tag("hen") + tag("owl", "last"))
    assert painter.after("owl") == ["fox"]


async def test_pictures_are_counted_as_people_count() -> None:
    """The first of a message is #1; nobody waits for one that comes later."""
    painter = Painter()
    async with Illustrator(backend=painter) as illustrator:
        result = await illustrator.illustrate(
            tag("fox") + tag("hen") + tag("owl", "#1, #2, #9") + tag("elk", "#4")
        )
        assert result.complete
    assert painter.after("owl") == ["fox", "hen", "the chat has no such picture"]
    assert painter.after("elk") == ["the chat has no such picture"]


async def test_a_picture_of_an_earlier_message_is_one_of_the_chat() -> None:
    """The last one, or any by its place; what is in another chat is not there."""
    painter = Painter()
    async with Illustrator(backend=painter) as illustrator:
        draw = illustrator.illustrate
        await draw(tag("fox") + tag("hen"), message_id="m1", chat_id="tale")
        await draw(tag("secret"), message_id="s1", chat_id="other")
        names = "last, m1/0/0, s1/0/0"
        await draw(tag("owl", names), message_id="m2", chat_id="tale")
        await draw(tag("cat", "last"), message_id="x1", chat_id="new")
    assert painter.after("owl") == ["hen", "fox", "the chat has no such picture"]
    assert painter.after("cat") == ["the chat has no such picture"]


async def test_a_redraw_may_be_asked_for_after_another_picture() -> None:
    """In place of those that the tag names; the next redraw has the tag's again."""
    painter = Painter()
    async with Illustrator(backend=painter) as illustrator:
        result = await illustrator.illustrate(tag("fox") + tag("hen") + tag("owl", "#1"))
        owl = result.slots[2].id
        await illustrator.operations.regenerate(owl, reference="#2")
        assert painter.after("owl") == ["hen"]
        await illustrator.operations.regenerate(owl)
        assert painter.after("owl") == ["fox"]


async def test_a_picture_goes_where_the_chat_is_drawn_and_nowhere_else() -> None:
    """One that another server drew is meant for that one."""
    here, there = Painter(), Painter(place="openai:there")
    async with Illustrator(backend=here) as illustrator:
        await illustrator.illustrate(tag("fox"), message_id="m1", chat_id="tale")
        store = illustrator.store
        await illustrator.illustrate(tag("hen", "last"), message_id="m2", chat_id="tale")
    async with Illustrator(backend=there, store=store) as illustrator:
        await illustrator.illustrate(tag("owl", "m1/0/0"), message_id="m3", chat_id="tale")
    assert here.seen["hen"][0].meant_for == frozenset(("a1111:here",))
    assert there.seen["owl"][0].meant_for == frozenset(("a1111:here",))


@dataclass
class Shelf:
    """Ann's picture, and who asked for it."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    async def reference(self, name: str, owner: str) -> ReferencePicture | None:
        """Only Ann's."""
        self.asked.append((name, owner))
        known = name == "ann.png"
        return ReferencePicture(name=name, data=b"ann", digest="d1") if known else None


async def test_what_was_uploaded_is_found_for_its_owner() -> None:
    """What is not there is left to the backend's folder."""
    painter, shelf = Painter(), Shelf()
    async with Illustrator(backend=painter, look=Look(references=shelf)) as illustrator:
        text = tag("fox", "ann.png, bo.png")
        await illustrator.illustrate(text, owner="anna", chat_id="tale")
        await illustrator.illustrate(tag("hen", "ann.png"), chat_id="anna")
    assert [one.name for one in painter.seen["fox"]] == ["ann.png"]
    assert shelf.asked == [("ann.png", "anna"), ("bo.png", "anna"), ("ann.png", "")]


def test_another_reference_makes_another_request() -> None:
    """Pictures are kept for requests with the same content of the same names only."""
    asked = ImageRequest(prompt="a fox", attributes={"reference": "ann.png"})
    one, two = (
        replace(asked, references=(ReferencePicture(name="ann.png", digest=digest),))
        for digest in ("a", "b")
    )
    keys: list[Any] = [request_key("x", each) for each in (asked, one, two, replace(one))]
    assert len(set(keys[:3])) == 3
    assert keys[1] == keys[3]
