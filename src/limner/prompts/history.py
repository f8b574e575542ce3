"""What a model is given of earlier answers: its own tags, and never a picture.

A front-end keeps an answer as it was shown, with links to pictures where the tags were, and sends
it back with the next question. A model that sees such links begins to write links of its own. So
before a conversation goes to a model, its own words are put back.

Only messages of the assistant are touched. Their content may be text, a list of parts, or nothing
at all; the messages given stay as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from limner.prompts.plain_text import plain_text
from limner.prompts.restoring import Lookup, restore_text


def restore_history(
    messages: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    *,
    patterns: Iterable[str] | None = None,
) -> list[Mapping[str, Any]]:
    r"""The conversation with limner's pictures turned back into the tags they were drawn for.

    See `restore_text` for what becomes of each answer.

    Examples:
        >>> shown = {"role": "assistant", "content": "Hm.\n\n![fox](http://h/images/3fa0.png)"}
        >>> restore_history([shown], {"3fa0": '<img_prompt="a fox">'}.get)[0]["content"]
        'Hm.<img_prompt="a fox">'
    """
    known = None if patterns is None else list(patterns)
    return _answers(messages, lambda text: restore_text(text, lookup, patterns=known))


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
    return _answers(messages, lambda text: plain_text(text, patterns=known))


def remove_pictures(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The conversation without any picture in its answers, limner's or not; tags stay.

    Pictures in code stay too: there they are words.

    Examples:
        >>> text = "A ![fox](data:image/png;base64,Zm94) ran."
        >>> remove_pictures([{"role": "assistant", "content": text}])[0]["content"]
        'A ran.'
    """
    return _answers(messages, lambda text: plain_text(text, keep_tags=True), parts=True)


def _answers(
    messages: Sequence[Mapping[str, Any]], change: Callable[[str], str], *, parts: bool = False
) -> list[Mapping[str, Any]]:
    """The messages with the text of the assistant's changed; `parts`: without picture parts."""
    result: list[Mapping[str, Any]] = []
    for message in messages:
        content = message.get("content")
        if message.get("role") != "assistant":
            result.append(message)
        elif isinstance(content, str):
            result.append({**message, "content": change(content)})
        elif isinstance(content, list):
            kept = [part for part in content if not (parts and _is_picture(part))]
            result.append({**message, "content": [_changed(part, change) for part in kept] or ""})
        else:
            result.append(message)
    return result


def _is_picture(part: Any) -> bool:
    return isinstance(part, Mapping) and "image" in str(part.get("type", ""))


def _changed(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, str):
        return change(part)
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return {**part, "text": change(part["text"])}
    return part
