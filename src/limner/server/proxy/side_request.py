"""Requests whose answer no reader sees as part of the story.

Front-ends send them to the same address, for titles, tags and follow-up questions. Pictures would
only spoil them.

What is not streamed is of this kind as a rule; with streaming switched off it is the story itself.
Seen in the real programs (SillyTavern 1.17, Open WebUI 0.12):

- tools are offered with chats alone;
- what SillyTavern asks quietly, its ``/gen`` and summaries, ends with a system message, its chats
  with the user's; and both begin with several system messages, unless its "prompt
  post-processing" joins them, after which nothing tells them apart;
- whoever names the conversation in a header has one.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TASK = re.compile(r"\s*### Task:\s*+(?!(?:respond|reply|answer)\b)", re.IGNORECASE)
"""How Open WebUI begins what it asks beside a chat; so it begins a chat about documents, too."""
_TITLE = re.compile(
    r"\b(?:generate|create|provide|write|suggest|give|return)\b[^.\n]{0,80}\btitle\b[^.\n]{0,80}"
    r"\b(?:this|the|our|following|a)\s+(?:conversation|chat|dialogue|discussion)\b",
    re.IGNORECASE,
)
_IMPERSONATES = "write your next reply from the point of view of"
"""How SillyTavern asks for the user's own words, in a system message, or joined to the last one."""
_SYSTEM = ("system", "developer")
_HEAD = 400
"""Characters of a message in which it says what it wants."""


def is_side_request(messages: Sequence[dict[str, Any]]) -> bool:
    r"""Whether a conversation asks for something else than a story.

    Examples:
        >>> is_side_request([{"role": "user", "content": "### Task: Suggest tags."}])
        True
        >>> told = "### Task:\nRespond to the user query using the provided context."
        >>> is_side_request([{"role": "user", "content": told}])
        False
    """
    asking = [message for message in messages if message.get("role") == "user"]
    told = messages[:1] if messages[:1] != asking[-1:] else []
    last = _text(asking[-1]) if asking else ""
    if _TASK.match(last):
        return True
    # Who asks for a title says so at once, and has no longer conversation before it.
    heads = [_text(message).lstrip()[:_HEAD] for message in (*told, *asking[-1:])]
    return len(asking) <= 1 and any(_TITLE.search(head) for head in heads)


def is_impersonation(messages: Sequence[dict[str, Any]]) -> bool:
    """Whether a conversation asks for what the user might say: it lands in their input.

    A user who writes so asks the model to tell the story.

    Examples:
        >>> told = "[Write your next reply from the point of view of Ann, using the chat so far.]"
        >>> is_impersonation([{"role": "system", "content": told}])
        True
        >>> is_impersonation([{"role": "user", "content": told[1:-1]}])
        False
    """
    if not messages:
        return False
    last = _text(messages[-1]).lower()
    if messages[-1].get("role") in _SYSTEM:
        return last.lstrip(" [\n").startswith(_IMPERSONATES)
    return any(part.startswith(f"[{_IMPERSONATES}") for part in last.split("\n"))


def is_read(
    messages: Sequence[Mapping[str, Any]], *, tools: bool = False, named: bool = False
) -> bool:
    """Whether an answer that is not streamed is a part of a chat.

    Args:
        messages: The conversation.
        tools: Whether the request offers tools.
        named: Whether it names the conversation.

    Examples:
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


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict)]
        return "\n".join(str(part["text"]) for part in parts if isinstance(part.get("text"), str))
    return ""
