"""Chats as Open WebUI exports them: a list, each with its messages as a tree."""

from typing import Any

from limner.backends.manuscripts.chats.told import Said, Told
from limner.backends.manuscripts.chats.tree import branch


def chats_of(value: Any) -> list[Told]:
    """The chats of an export; none if it is none.

    Examples:
        >>> chats_of([{"title": "Fox", "chat": {"messages": [{"role": "user", "content": "Hi"}]}}])
        [Told(title='Fox', said=(Said(text='Hi', asked=True),))]
    """
    entries = value if isinstance(value, list) else [value]
    made = []
    for entry in entries:
        chat = entry.get("chat", entry) if isinstance(entry, dict) else None
        if not isinstance(chat, dict):
            continue
        title = entry.get("title") or chat.get("title")
        said = tuple(said for one in _messages(chat) if (said := _said(one)) is not None)
        made.append(Told(title if isinstance(title, str) else None, said))
    return made


def _messages(chat: dict[str, Any]) -> list[Any]:
    history = chat.get("history")
    if isinstance(history, dict) and isinstance(history.get("messages"), dict):
        found = branch(history["messages"], history.get("currentId"), "parentId")
        if found:
            return found
    messages = chat.get("messages")
    return messages if isinstance(messages, list) else []


def _said(message: Any) -> Said | None:
    if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
        return None
    content = message.get("content")
    if isinstance(content, list):
        content = "".join(
            part["text"]
            for part in content
            if isinstance(part, dict) and isinstance(part.get("text"), str)
        )
    return Said(content, message["role"] == "user") if isinstance(content, str) else None
