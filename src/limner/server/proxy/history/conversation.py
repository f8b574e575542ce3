"""The messages of a request as the model is to see them: its own tags, and our instruction.

A model that is shown links to pictures writes such links itself. So none of ours reaches one,
whoever says it and whatever the request is for: where the answer is illustrated they become the
tags they were drawn for, elsewhere they go away.

Ours is a picture that we know, on whatever host, since nobody can guess an id; and one at
our own address whose id has our form, even if it was deleted since. All others are none of our
business. What does not change is sent as it came, to the byte.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from limner.errors import StorageError
from limner.prompts import (
    PictureLink,
    TagPlace,
    find_links,
    forget_pictures,
    instruct,
    restore_history,
    strings_in,
)
from limner.server.proxy.chat_request import ChatRequest
from limner.server.proxy.history.transcript import PROMPT
from limner.server.proxy.own_address import OwnAddress
from limner.server.proxy.prompt_place import PromptPlace
from limner.server.proxy.recalled_picture import RecalledPicture

log = logging.getLogger(__name__)

Recall = Callable[[Sequence[str]], Awaitable[dict[str, RecalledPicture]]]
"""From ids of pictures to what they were drawn for, as far as it is known."""

Message = dict[str, msgspec.Raw]

_messages = msgspec.json.Decoder(list[Message])


async def with_tags(
    request: ChatRequest,
    *,
    recall: Recall,
    own: OwnAddress,
    patterns: Sequence[str] | None = None,
) -> ChatRequest:
    """The request with tags in place of our pictures, for an answer that is illustrated.

    Args:
        request: The request.
        recall: Knows the tags.
        own: Our address.
        patterns: Tag patterns in place of the defaults.
    """
    messages = _read(request)
    if messages is None:
        return request
    shown = [_shown(message) for message in messages]
    links = _links(shown)
    known = await _recalled(recall, [link.id for link in links])
    places: dict[str, TagPlace | str] = {link.id: "" for link in links if own.shows(link.url)}
    places |= {name: remembered.place for name, remembered in known.items()}

    def changed(one: Mapping[str, Any]) -> Any:
        (made,) = restore_history([one], places.get, patterns=patterns, page=own.holds)
        return _whole(made["content"], one, known)

    return _changed(request, messages, _each(messages, shown, changed))


async def without_links(request: ChatRequest, *, recall: Recall, own: OwnAddress) -> ChatRequest:
    """The request without our pictures, for an answer that is not illustrated.

    The prompt of a plain completion counts as well.

    Args:
        request: The request.
        recall: Knows our pictures.
        own: Our address.
    """
    asking = (bytes(request.fields.get(name, b"")) for name in ("messages", "prompt"))
    if not any(b"images" in raw for raw in asking):
        return request
    messages = _read(request) or []
    shown = [_shown(message) for message in messages]
    prompt = request.get("prompt")
    asked = {"content": prompt if isinstance(prompt, str | list) else None}
    links = _links([*shown, asked])
    ours = {link.id: "" for link in links if own.shows(link.url)}
    others = [link.id for link in links if link.id not in ours]
    ours |= dict.fromkeys(await _recalled(recall, others), "")

    def changed(one: Mapping[str, Any]) -> Any:
        return forget_pictures([one], ours.get, page=own.holds)[0]["content"]

    made = _changed(request, messages, _each(messages, shown, changed))
    plain = changed(asked)
    return made if plain == asked["content"] else made.replaced(prompt=plain)


def instructed(
    request: ChatRequest, instruction: str, *, depth: int, place: PromptPlace = PromptPlace.START
) -> ChatRequest:
    """The request with the instruction.

    Args:
        request: The request.
        instruction: What the model is told about pictures; blank: nothing.
        depth: How many messages follow it.
        place: Where it stands in a prompt without messages.
    """
    messages = _read(request)
    if messages is None or not instruction.strip():
        return request
    if _is_prompt(messages):
        prompt = _read_value(bytes(messages[0]["content"]))
        return request.replaced(
            messages=[{"role": PROMPT, "content": place.put(prompt, instruction)}]
        )
    plain: list[Mapping[str, Any]] = [
        {"role": _role(one), "content": _read_value(bytes(one.get("content", b"null")))}
        for one in messages
    ]
    came = {id(read): one for read, one in zip(plain, messages, strict=True)}
    told = instruct(plain, instruction, depth=depth)
    # What is not the instruction goes as it came; of what holds it, all other fields do.
    new = next(index for index, one in enumerate(told) if id(one) not in came)
    made: list[Mapping[str, Any]] = [came.get(id(one), one) for one in told]
    if len(told) == len(messages):
        made[new] = {**messages[new], "content": told[new]["content"]}
    return request.replaced(messages=made)


def going_on(request: ChatRequest, tail: str) -> ChatRequest:
    """The request whose last answer ends as the model's own does, so that it goes on there.

    Args:
        request: The request.
        tail: What a front-end does not have of that answer; ``""``: nothing.
    """
    if not tail:
        return request  # as nearly always: then nothing is read, however long the conversation
    messages = _read(request) or []
    only = len(messages) == 1 and _role(messages[0]) == PROMPT
    last = next(
        (i for i in reversed(range(len(messages))) if only or _is_answer(messages[i])), None
    )
    if last is None:
        return request
    content = _read_value(bytes(messages[last].get("content", b"null")))
    if isinstance(content, str):
        content = content.rstrip() + tail
    elif isinstance(content, list):
        content = [*content, {"type": "text", "text": tail}]
    else:
        return request
    changed = {**messages[last], "content": msgspec.Raw(msgspec.json.encode(content))}
    return request.replaced(messages=[*messages[:last], changed, *messages[last + 1 :]])


def _is_prompt(messages: Sequence[Message]) -> bool:
    return len(messages) == 1 and _role(messages[0]) == PROMPT


def _is_answer(message: Message) -> bool:
    return bool(_role(message) == "assistant")


def _read(request: ChatRequest) -> list[Message] | None:
    try:
        return _messages.decode(request.fields.get("messages", msgspec.Raw(b"[]")))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None  # no conversation: the model server will say so


def _changed(request: ChatRequest, old: Sequence[Any], new: Sequence[Any]) -> ChatRequest:
    if all(a is b for a, b in zip(new, old, strict=True)):
        return request
    return request.replaced(messages=new)


def _shown(message: Message) -> dict[str, Any] | None:
    """Role and content of a message in which something of ours may stand; else `None`."""
    content = bytes(message.get("content", b"null"))
    role = _role(message)
    if b"images" not in content and not (role == "assistant" and _may_hold_markup(content)):
        return None
    return {"role": role, "content": _read_value(content)}


def _may_hold_markup(content: bytes) -> bool:
    return b"![" in content or b"<" in content or b"\\u003" in content.lower()


def _role(message: Message) -> Any:
    return _read_value(bytes(message.get("role", b"null")))


def _read_value(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # it can only be passed on as it is


def _each(
    messages: list[Message],
    shown: list[dict[str, Any] | None],
    change: Callable[[Mapping[str, Any]], Any],
) -> list[Message]:
    """The messages with what becomes of their content; those without a change as they came."""
    made = []
    for message, one in zip(messages, shown, strict=True):
        content = None if one is None else change(one)
        if one is None or content == one["content"]:
            made.append(message)
        else:
            made.append({**message, "content": msgspec.Raw(msgspec.json.encode(content))})
    return made


async def _recalled(recall: Recall, ids: Sequence[str]) -> dict[str, RecalledPicture]:
    """What is known of these pictures; nothing, if that cannot be told now."""
    try:
        return await recall(list(dict.fromkeys(ids))) if ids else {}
    except StorageError as error:
        log.warning("the model is not shown its own tags again: %s", error)
        return {}


def _whole(restored: Any, one: Mapping[str, Any], known: dict[str, RecalledPicture]) -> Any:
    """The model's own text, to the last blank, if an answer is it but for white space.

    Front-ends strip blanks at the ends of lines, of messages, and beside marks of emphasis.
    """
    if not isinstance(restored, str) or one["role"] != "assistant":
        return restored
    texts = {known[link.id].text for link in _links([one]) if link.id in known}
    if len(texts) == 1:
        (text,) = texts
        if "".join(text.split()) == "".join(restored.split()):
            return text
    return restored


def _links(shown: Sequence[Mapping[str, Any] | None]) -> list[PictureLink]:
    """The links in contents that may be ours."""
    texts = [text for one in shown if one is not None for text in _texts(one["content"])]
    inside = [string for text in texts if "images" in text for string in strings_in(text)]
    return [link for text in (*texts, *inside) if "images" in text for link in find_links(text)]


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, list):
        return [text for part in content for text in _texts(part)]
    if isinstance(content, dict):
        return [text for name in ("text", "content") for text in _texts(content.get(name))]
    return []
