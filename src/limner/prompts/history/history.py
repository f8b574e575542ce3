"""What a model is given of a conversation: its own tags, and never a picture of limner's.

A front-end keeps an answer as it was shown, with links to pictures where the tags were, and sends
it back with the next question. A model that sees such links begins to write links of its own. So
before a conversation goes to a model, its own words are put back.

A message's content may be text, a list of parts, or nothing at all; the messages given stay as
they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from limner.prompts.history.json_text import in_strings
from limner.prompts.history.plain_text import plain_text
from limner.prompts.history.restoring import Lookup, Page, remove_links, restore_links, restore_text

Change = Callable[[str], str]


def restore_history(
    messages: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    *,
    patterns: Iterable[str] | None = None,
    page: Page = lambda url: False,
) -> list[Mapping[str, Any]]:
    r"""The conversation with limner's pictures turned back into the tags they were drawn for.

    Whoever speaks: users quote answers, tools read them, front-ends put a whole chat into one
    message. See `restore_text` for what becomes of an answer of the model, and `restore_links`
    for all else. JSON, as tools give it, stays JSON.

    Examples:
        >>> shown = {"role": "assistant", "content": "Hm.\n\n![fox](http://h/images/3fa0.png)"}
        >>> restore_history([shown], {"3fa0": '<img_prompt="a fox">'}.get)[0]["content"]
        'Hm.<img_prompt="a fox">'
    """
    known = None if patterns is None else list(patterns)

    def links(text: str) -> str:
        return restore_links(text, lookup, page=page)

    def answer(text: str) -> str:
        return restore_text(text, lookup, patterns=known, page=page)

    return _changed(messages, lambda role: answer if role == "assistant" else in_strings(links))


def forget_pictures(
    messages: Sequence[Mapping[str, Any]], lookup: Lookup, *, page: Page = lambda url: False
) -> list[Mapping[str, Any]]:
    r"""The conversation without limner's pictures, whoever speaks; see `remove_links`.

    Examples:
        >>> shown = {"role": "user", "content": "Hm.\n\n![fox](http://h/images/3fa0.png)\n\nSo?"}
        >>> forget_pictures([shown], {"3fa0": ""}.get)[0]["content"]
        'Hm.\n\nSo?'
    """
    change = in_strings(lambda text: remove_links(text, lookup, page=page))
    return _changed(messages, lambda role: change)


def prune_history(
    messages: Sequence[Mapping[str, Any]], *, patterns: Iterable[str] | None = None
) -> list[Mapping[str, Any]]:
    """The conversation without pictures and without tags, for the independent mode.

    A model that is not to write tags itself must not see any. The white space around what goes
    away closes to what separates words, lines or paragraphs there.

    Examples:
        >>> text = 'A fox. <img_prompt="a fox"> It ran.'
        >>> prune_history([{"role": "assistant", "content": text}])[0]["content"]
        'A fox. It ran.'
    """
    known = None if patterns is None else list(patterns)
    return _changed(messages, _only_answers(lambda text: plain_text(text, patterns=known)))


def remove_pictures(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The conversation without any picture in its answers, limner's or not; tags stay.

    Pictures in code stay too: there they are words.

    Examples:
        >>> text = "A ![fox](data:image/png;base64,Zm94) ran."
        >>> remove_pictures([{"role": "assistant", "content": text}])[0]["content"]
        'A ran.'
    """
    change = _only_answers(lambda text: plain_text(text, keep_tags=True))
    return _changed(messages, change, parts=True)


def _only_answers(change: Change) -> Callable[[Any], Change | None]:
    return lambda role: change if role == "assistant" else None


def _changed(
    messages: Sequence[Mapping[str, Any]],
    change_for: Callable[[Any], Change | None],
    *,
    parts: bool = False,
) -> list[Mapping[str, Any]]:
    """The messages with what becomes of each role's text; `parts`: without picture parts."""
    result: list[Mapping[str, Any]] = []
    for message in messages:
        content = message.get("content")
        change = change_for(message.get("role"))
        if change is None or not isinstance(content, str | list):
            result.append(message)
        elif isinstance(content, str):
            result.append({**message, "content": change(content)})
        else:
            kept = [part for part in content if not (parts and _is_picture(part))]
            result.append({**message, "content": [_part(one, change) for one in kept] or ""})
    return result


def _is_picture(part: Any) -> bool:
    return isinstance(part, Mapping) and "image" in str(part.get("type", ""))


def _part(part: Any, change: Change) -> Any:
    """A part of a content; some hold the text of a tool's result, or again parts."""
    if isinstance(part, str):
        return change(part)
    if not isinstance(part, Mapping):
        return part
    made = dict(part)
    for name in ("text", "content"):
        value = part.get(name)
        if isinstance(value, str):
            made[name] = change(value)
        elif isinstance(value, list):
            made[name] = [_part(one, change) for one in value]
    return made
