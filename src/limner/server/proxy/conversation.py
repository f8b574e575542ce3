"""The messages of a request as the model is to see them: its own tags, and our instruction.

Messages that do not change are sent as they came, to the byte.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec

from limner.prompts import find_pictures, inject, restore_history
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.desk import Remembered

Recall = Callable[[Sequence[str]], Awaitable[dict[str, Remembered]]]
"""From ids of pictures to what they were drawn for, as far as it is known."""

_messages = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


async def with_tags(
    request: ChatRequest, *, recall: Recall, patterns: Sequence[str] | None = None
) -> ChatRequest:
    """The request with tags in place of our pictures.

    Args:
        request: The request.
        recall: Knows the tags.
        patterns: Tag patterns in place of the defaults.
    """
    messages = _read(request)
    if messages is None:
        return request
    return _changed(request, messages, await _restored(messages, recall, patterns))


def instructed(request: ChatRequest, instruction: str, *, depth: int) -> ChatRequest:
    """The request with the instruction.

    Args:
        request: The request.
        instruction: What the model is told about pictures; blank: nothing.
        depth: How many messages follow it.
    """
    messages = _read(request)
    if messages is None or not instruction.strip():
        return request
    plain = [{**one, "role": _role(one)} if "role" in one else one for one in messages]
    return request.replaced(messages=inject(plain, instruction, depth=depth))


def _role(message: dict[str, msgspec.Raw]) -> Any:
    return msgspec.json.decode(message["role"])


def _read(request: ChatRequest) -> list[dict[str, msgspec.Raw]] | None:
    try:
        return _messages.decode(request.fields.get("messages", msgspec.Raw(b"[]")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # no conversation: the model server will say so


def _changed(request: ChatRequest, old: Sequence[Any], new: Sequence[Any]) -> ChatRequest:
    if len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True)):
        return request
    return request.replaced(messages=new)


async def _restored(
    messages: list[dict[str, msgspec.Raw]], recall: Recall, patterns: Sequence[str] | None
) -> list[dict[str, msgspec.Raw]]:
    answers = [_answer(message) for message in messages]
    ids = [name for answer in answers if answer for name in _ids(answer["content"])]
    known = await recall(list(dict.fromkeys(ids))) if ids else {}
    places = {name: remembered.place for name, remembered in known.items()}
    made = []
    for message, answer in zip(messages, answers, strict=True):
        if answer is None:
            made.append(message)
            continue
        (restored,) = restore_history([answer], places.get, patterns=patterns)
        content = _whole(restored["content"], answer["content"], known)
        if content == answer["content"]:
            made.append(message)
        else:
            made.append({**message, "content": msgspec.Raw(msgspec.json.encode(content))})
    return made


def _whole(restored: Any, shown: Any, known: dict[str, Remembered]) -> Any:
    """The model's own text, to the last blank, if an answer is it but for white space.

    Front-ends strip blanks at the ends of lines, of messages, and beside marks of emphasis.
    """
    texts = {known[name].text for name in _ids(shown) if name in known}
    if isinstance(restored, str) and len(texts) == 1:
        (text,) = texts
        if "".join(text.split()) == "".join(restored.split()):
            return text
    return restored


def _ids(content: Any) -> list[str]:
    """The ids of our pictures in a content."""
    return [
        picture.id
        for text in _texts(content)
        for picture in find_pictures(text)
        if picture.id is not None
    ]


def _answer(message: dict[str, msgspec.Raw]) -> dict[str, Any] | None:
    """Role and content of a message in which pictures may stand; else `None`."""
    content = bytes(message.get("content", msgspec.Raw(b"null")))
    if b"![" not in content and b"<" not in content and b"\\u003" not in content.lower():
        return None
    try:
        role = msgspec.json.decode(message.get("role", msgspec.Raw(b"null")))
        if role == "assistant":
            return {"role": role, "content": msgspec.json.decode(content)}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # half a character, say: it can only be passed on as it is
    return None


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [part["text"] for part in parts if isinstance(part, dict) and _has_text(part)]


def _has_text(part: dict[str, Any]) -> bool:
    return isinstance(part.get("text"), str)
