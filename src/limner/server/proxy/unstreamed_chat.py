"""Whether an answer that is not streamed is read by somebody, as far as the request tells. Pure.

Front-ends ask without streaming for what nobody reads as it comes: summaries, the prompts of
scripts, titles. With streaming switched off they ask so for the story itself. Seen in the real
programs (SillyTavern 1.17, Open WebUI 0.12):

- tools are offered with chats alone;
- what SillyTavern asks quietly, its ``/gen`` and summaries, ends with a system message, its chats
  with the user's; and both begin with several system messages, unless its "prompt
  post-processing" joins them, after which nothing tells them apart;
- whoever names the conversation in a header has one.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

_SYSTEM = ("system", "developer")


class Unstreamed(StrEnum):
    """What becomes of answers that are not streamed and look like chats otherwise."""

    AUTO = "auto"
    """They are illustrated if somebody reads them, as far as the request tells."""
    INLINE = "inline"
    """They are illustrated."""
    OFF = "off"
    """They are not."""


def is_read(
    messages: Sequence[Mapping[str, Any]], *, tools: bool = False, named: bool = False
) -> bool:
    """Whether an answer that is not streamed is a part of a chat.

    Args:
        messages: The conversation.
        tools: Whether the request offers tools.
        named: Whether it names the conversation.

    Example:
        >>> said = [{"role": role} for role in ("system", "system", "assistant", "user")]
        >>> is_read(said), is_read([*said, {"role": "system"}]), is_read(said[-1:])
        (True, False, False)
        >>> is_read(said[-1:], tools=True)
        True
    """
    if tools:
        return True
    if not messages or messages[-1].get("role") != "user":
        return False
    head = [message.get("role") in _SYSTEM for message in messages[:2]]
    return named or (len(head) == 2 and all(head))
