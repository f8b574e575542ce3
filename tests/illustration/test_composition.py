"""Styles and characters: joined when a picture is drawn, and never stored in its prompt."""

from collections.abc import Mapping
from typing import Any

from tests.illustration.making import kept, made, tag

from limner.illustration import MemoryStore
from limner.prompts import Character, Composed, Style
from limner.testing import ScriptedBackend

INK = Style(name="ink", prefix="ink drawing", negative="photo")
OIL = Style(name="oil", suffix="oil on canvas")
MIRA = Character(name="Mira", prompt="red coat", negative="hat")


async def test_styles_and_characters_reach_the_backend_and_not_the_store() -> None:
    """The tag picks style and character; the slot and its picture keep the plain prompt."""
    backend, store = ScriptedBackend(), MemoryStore()
    options: dict[str, Any] = {
        "style": INK,
        "styles": [OIL],
        "characters": [MIRA],
        "negative_prompt": "text",
    }
    async with made(backend, store=store, **options) as illustrator:
        text = tag("a fox") + tag("a hill", ' style="oil" character="Mira"')
        await illustrator.illustrate(text, message_id="m")
        message = await kept(store)
    fox, hill = (call.request for call in backend.calls)
    assert (fox.prompt, fox.negative_prompt) == ("ink drawing, a fox", "text, photo")
    assert (hill.prompt, hill.negative_prompt) == ("a hill, red coat, oil on canvas", "text, hat")
    assert [slot.prompt for slot in message.slots] == ["a fox", "a hill"]
    assert [slot.alternatives[0].prompt for slot in message.slots] == ["a fox", "a hill"]


async def test_a_composer_of_ones_own_takes_their_place() -> None:
    """`compose=` gets prompt, attributes and negative prompt, and says what is drawn."""
    backend = ScriptedBackend()

    def compose(prompt: str, attributes: Mapping[str, str], negative_prompt: str, /) -> Composed:
        return Composed(prompt=f"{prompt}, {attributes['mood']}", negative_prompt=negative_prompt)

    async with made(backend, compose=compose, negative_prompt="no") as illustrator:
        await illustrator.illustrate(tag("a fox", ' mood="wide"'))
    assert backend.calls[0].request.prompt == "a fox, wide"
    assert backend.calls[0].request.negative_prompt == "no"


async def test_a_composer_that_fails_fails_its_slot() -> None:
    """Its error is the slot's reason; other slots are drawn."""

    def compose(prompt: str, attributes: Mapping[str, str], negative_prompt: str, /) -> Composed:
        return Composed(prompt=attributes.get("say", "")[3:] or prompt[5:])

    async with made(compose=compose) as illustrator:
        result = await illustrator.illustrate(tag("a fox") + tag("a foxes"))
    assert [str(slot.state) for slot in result.slots] == ["failed", "ready"]
