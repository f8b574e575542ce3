"""What is wrong with the attributes of tags: told once, with the place."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limner.cli.story.looks import Looks
    from limner.illustration import Message

KNOWN = ("size", "seed", "style", "shot", "character", "reference")

MOST = 5
"""Faults that are told one by one."""


def tag_faults(message: "Message", looks: "Looks") -> Iterator[str]:
    """A line for each fault that is there, however often it is; then how many more there are.

    Args:
        message: The text.
        looks: Say which styles and characters there are.
    """
    found: dict[str, tuple[int, int]] = {}
    for slot in message.in_reading_order():
        for fault in _faults(slot.tag.attributes, looks):
            first, count = found.get(fault, (slot.tag.start, 0))
            found[fault] = (first, count + 1)
    for fault, (start, count) in list(found.items())[:MOST]:
        line = message.text.count("\n", 0, start) + 1
        more = f", and {count - 1} times more" if count > 1 else ""
        yield f"line {line}{more}: {fault}"
    if len(found) > MOST:
        yield f"{len(found) - MOST} more attributes of tags say nothing that is known"
    if looks.pictures:
        yield from (f"reference pictures: {why}" for why in _not_shown(message)[:MOST])


def _not_shown(message: "Message") -> list[str]:
    """Why pictures were not drawn after others, each reason once."""
    images = (slot.image for slot in message.in_reading_order())
    told = (image.info.get("ignored") for image in images if image is not None)
    whys = (one.get("reference") for one in told if isinstance(one, Mapping))
    return list(dict.fromkeys(str(why) for why in whys if why))


def _faults(attributes: Mapping[str, str], looks: "Looks") -> Iterator[str]:
    from limner.illustration.model.request import asked_seed, size_of

    for name, value in attributes.items():
        told = f'{name}="{" ".join(value.split())[:60]}"'
        if name not in KNOWN:
            yield f"{told} is no attribute that is known ({', '.join(KNOWN)})"
        elif name == "size" and size_of(attributes, (0, 0)) == (0, 0):
            yield f"{told} is no size such as 512x768 or portrait"
        elif name == "seed" and asked_seed(attributes, 0) is None:
            yield f"{told} is no whole number"
        elif name == "style":
            yield from (
                f'style="{one}" is no style: see `limner presets`' for one in _unknown(value)
            )
        elif name == "character" and looks.characters:
            names = {each.casefold() for each in _names(looks)}
            strange = [one for one in _items(value) if one.casefold() not in names]
            yield from (f'character="{one}" is nobody that --character names' for one in strange)


def _unknown(value: str) -> list[str]:
    from limner.prompts.composition.style_presets import style_preset

    return [one for one in _items(value) if style_preset(one) is None]


def _names(looks: "Looks") -> Iterator[str]:
    from limner.cli.story.looks import character

    for line in looks.characters:
        one = character(line)
        yield from (one.name, *one.triggers)


def _items(value: str) -> list[str]:
    return [words for one in value.split(",") if (words := " ".join(one.split()))]
