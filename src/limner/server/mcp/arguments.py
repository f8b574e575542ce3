"""What the tools may be asked: checked here, and described in the least JSON Schema that does."""

import re
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from limner.illustration import SlotId
from limner.illustration.model.image import SIDE_MAXIMUM, SIDE_MINIMUM
from limner.illustration.model.request import SIZE
from limner.prompts.scenes import MOST
from limner.server.api.fields import ID, MOST_VARIANTS, LongText, Prompt

SIDE = 512
"""Pixels of the longer side of the pictures in an answer, unless asked otherwise."""
LARGEST_SIDE = 1024
COUNT = 4
"""Pictures that one call of ``draw_picture`` may ask for."""

_SLOT = re.compile(r"([^\x00-\x20/\\?#%\x7f]{1,200})/([0-9]{1,10})/([0-9]{1,10})")
_LEFT_OUT = frozenset({"title", "pattern", "minLength", "maxLength"})
"""Words of JSON Schema that say nothing to a model; grammars that are made of them grow huge."""


def _size(text: str) -> str:
    found = SIZE.fullmatch(text)
    sides = [int(side) for side in found.groups()] if found else []
    if not sides or not all(SIDE_MINIMUM <= side <= SIDE_MAXIMUM for side in sides):
        raise ValueError(
            f"it must be WIDTHxHEIGHT with {SIDE_MINIMUM} to {SIDE_MAXIMUM} pixels each"
        )
    return f"{sides[0]}x{sides[1]}"


def _slot(text: str) -> str:
    slot_of(text)
    return text


Chat = Annotated[str, StringConstraints(pattern=ID)]
Words = Annotated[str, StringConstraints(max_length=200)]
Size = Annotated[str, StringConstraints(max_length=40), AfterValidator(_size)]
Place = Annotated[str, StringConstraints(max_length=250), AfterValidator(_slot)]
Side = Annotated[int, Field(ge=0, le=LARGEST_SIDE)]

_CHAT = "The conversation it is kept in; one that is not there is begun. By default one for tools."
_SIDE = "Longer side, in pixels, of the small copies in the answer; 0: links only."


class Arguments(BaseModel):
    """What a tool is asked: nothing unknown passes, and a number may be written as text."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class IllustrateText(Arguments):
    """A text that is to get pictures."""

    text: LongText = Field(
        description="The text. A picture is drawn wherever it has a comment such as "
        '<!--img-prompt="a red fox in the snow, ink drawing"-->.'
    )
    chat: Chat | None = Field(None, description=_CHAT)
    scenes: Literal["words", "model", "none"] = Field(
        "words",
        description="Who finds places in a text without such comments: its own words, the model "
        "that limner is set up with, or nobody.",
    )
    pictures: int = Field(8, ge=1, le=MOST, description="Pictures at most, for such a text.")
    image_side: Side = Field(SIDE, description=_SIDE)


class DrawPicture(Arguments):
    """A picture that is to be drawn."""

    prompt: Prompt = Field(description="What it shows, in words for an image model.")
    count: int = Field(1, ge=1, le=COUNT, description="How many different ones.")
    size: Size | None = Field(None, description="WIDTHxHEIGHT in pixels, such as 768x512.")
    seed: int | None = Field(
        None, ge=0, le=2**32 - 1, description="Draws the same picture again, if only one is drawn."
    )
    style: Words | None = Field(None, description="The name of a style that is set up in limner.")
    chat: Chat | None = Field(None, description=_CHAT)
    image_side: Side = Field(SIDE, description=_SIDE)


class Redraw(Arguments):
    """Pictures that are to be drawn again."""

    picture: Place | None = Field(
        None, description="Which one, as the other tools name it: MESSAGE/ANSWER/NUMBER."
    )
    message: Chat | None = Field(None, description="Or: all pictures of this message.")
    only_failed: bool = Field(False, description="With message: only those that failed.")
    prompt: Prompt | None = Field(None, description="With picture: what it is to show from now on.")
    feedback: Prompt | None = Field(
        None, description="With picture: a wish, by which limner's model changes the prompt."
    )
    keep: bool | None = Field(
        None, description="Whether the old picture stays as well; by default as limner is set."
    )
    reference: Words | None = Field(
        None,
        description="With picture: what to draw it after: last, #2 (the second of its message), "
        "MESSAGE/ANSWER/NUMBER of the same chat, or the name of an uploaded picture.",
    )
    image_side: Side = Field(SIDE, description=_SIDE)

    @model_validator(mode="after")
    def _one_thing(self) -> "Redraw":
        if (self.picture is None) == (self.message is None):
            raise ValueError("say either which picture or which message")
        if self.message is not None and (self.prompt or self.feedback or self.reference):
            raise ValueError("prompt, feedback and reference are for one picture, not a message")
        if self.picture is not None and self.only_failed:
            raise ValueError("only_failed is for a message, not for one picture")
        if self.prompt and self.feedback:
            raise ValueError("say either a prompt or feedback")
        return self


class ListPictures(Arguments):
    """Which pictures are to be listed."""

    chat: Chat | None = Field(None, description="Of this conversation only.")
    words: Words | None = Field(None, description="Words that the prompt holds.")
    limit: int = Field(20, ge=1, le=50, description="How many at most.")
    after: int | None = Field(
        None, ge=0, le=2**63 - 1, description="What a list before gave as next: go on after it."
    )
    image_side: Side = Field(0, description=_SIDE)


def slot_of(text: str) -> SlotId:
    """The place that a name means.

    Raises:
        ValueError: It is none.

    Examples:
        >>> slot_of("tale/0/2").ordinal
        2
    """
    found = _SLOT.fullmatch(text)
    if found is None or max(int(found[2]), int(found[3])) > MOST_VARIANTS:
        raise ValueError("it must be MESSAGE/ANSWER/NUMBER, as the other tools name a picture")
    return SlotId(found[1], int(found[2]), int(found[3]))


def described(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a tool's arguments, for models and for grammars made of it.

    Examples:
        >>> described(ListPictures)["properties"]["words"]
        {'description': 'Words that the prompt holds.', 'type': 'string'}
    """
    schema = model.model_json_schema()
    properties = {name: _plain(one) for name, one in schema["properties"].items()}
    wanted = {"required": schema["required"]} if "required" in schema else {}
    return {
        "type": "object", "properties": properties, **wanted, "additionalProperties": False,
    }  # fmt: skip


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in schema.items() if name not in _LEFT_OUT}
    kinds = [kind for kind in plain.pop("anyOf", []) if kind.get("type") != "null"]
    if kinds:
        plain |= _plain(kinds[0])
    if plain.get("default", ...) is None:
        del plain["default"]
    return plain
