"""What a model is sent of a conversation. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.illustration import Message
from limner.prompts import instruct, prune_history, remove_pictures


def conversation(
    messages: Sequence[Message],
    *,
    system_prompt: str = "",
    instruction: str = "",
    depth: int = 0,
    most: int | None = None,
    tags: bool = True,
) -> list[Mapping[str, Any]]:
    r"""The conversation as a model sees it: its own tags, and never a picture.

    Args:
        messages: The conversation so far, each message with the answer that is shown. Their text
            is kept with its tags, so nothing has to be put back.
        system_prompt: What the model is told before all.
        instruction: How it is to ask for pictures; blank: it is not told.
        depth: How many messages follow the instruction.
        most: How many messages it sees, the last ones; ``None``: all.
        tags: Whether it sees its tags; not if another model writes the prompts afterwards.

    Examples:
        >>> from limner.illustration import Role
        >>> asked = Message(id="q", text="A tale!", role=Role.USER)
        >>> conversation([asked], instruction="Draw.")
        [{'role': 'user', 'content': 'A tale!\n\nDraw.'}]
    """
    told = [message for message in messages if message.text.strip()]
    entries: list[Mapping[str, Any]] = [
        {"role": message.role.value, "content": _mended(message.text)}
        for message in (told if most is None else told[-most:])
    ]
    shown = remove_pictures(entries)
    said = shown if tags else prune_history(shown)
    if system_prompt.strip():
        said = [{"role": "system", "content": system_prompt}, *said]
    return instruct(said, instruction, depth=depth)


def _mended(text: str) -> str:
    """The text without halves of characters, which no server takes."""
    return text.encode("utf-8", "replace").decode()
