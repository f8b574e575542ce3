"""Chats as ChatGPT exports them: ``conversations.json``."""

from typing import Any

from limner.backends.manuscripts.chats.told import Said, Told
from limner.backends.manuscripts.chats.tree import branch


def chats_of(value: Any) -> list[Told]:
    """The chats of an export; none if it is none.

    Examples:
        >>> node = {"message": {"author": {"role": "user"}, "content": {"parts": ["Hi"]}}}
        >>> chats_of([{"title": "Fox", "mapping": {"a": node}, "current_node": "a"}])
        [Told(title='Fox', said=(Said(text='Hi', asked=True),))]
    """
    entries = value if isinstance(value, list) else [value]
    made = []
    for entry in entries:
        mapping = entry.get("mapping") if isinstance(entry, dict) else None
        if not isinstance(mapping, dict):
            continue
        nodes = branch(mapping, entry.get("current_node"), "parent")
        said = tuple(said for node in nodes if (said := _said(node)) is not None)
        title = entry.get("title")
        made.append(Told(title if isinstance(title, str) else None, said))
    return made


def _said(node: Any) -> Said | None:
    message = node.get("message") if isinstance(node, dict) else None
    if not isinstance(message, dict):
        return None
    author, content = message.get("author"), message.get("content")
    role = author.get("role") if isinstance(author, dict) else None
    if role not in ("user", "assistant") or not isinstance(content, dict):
        return None
    hidden = (message.get("metadata") or {}) if isinstance(message.get("metadata"), dict) else {}
    if (
        hidden.get("is_visually_hidden_from_conversation")
        or message.get("recipient", "all") != "all"
    ):
        return None
    parts = content.get("parts")
    words = [part for part in parts if isinstance(part, str)] if isinstance(parts, list) else []
    text = "".join(words)
    return Said(text, role == "user") if text.strip() else None
