"""The independent mode: another call of a model, after the answer, says where pictures belong."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from limner.prompts.composition.suggestion import MAXIMUM, MOST
from limner.prompts.grammar.reasoning import without_reasoning
from limner.prompts.history.plain_text import plain_text

CONTEXT_MESSAGES = 10
"""Earlier messages the model is shown, unless told otherwise."""

FREQUENCY = """\
Choose the moments that would make the best pictures: a new place, somebody's first appearance, a \
turn of the story, a strong image. Up to {maximum} of them, about one every 250 words, and not two \
of the same moment. If no moment is worth a picture, answer with nothing at all."""
"""How many pictures: guidelines that may be replaced."""

WRITING = """\
In TEXT describe only what is seen, in 8 to 25 English words: who or what, doing what, where, at \
what time of day, in what light. Name characters by how they look, not by their names, and take \
their looks from the earlier messages if the last one does not tell them."""
"""How prompts are written: guidelines that may be replaced."""

_TASK = """\
You choose the illustrations for a story. You are given its latest message, and perhaps earlier \
ones to know who and where. You do not continue the story, and you do not speak to anybody. For \
each illustration of the latest message you answer with one block of exactly this form:

---PROMPT---
TEXT: what the picture shows, on one line
INSERT_AFTER: the last few words before the picture, copied exactly from the latest message
INSERT_BEFORE: the few words that directly follow them there, copied exactly
REASONING: why this moment, in a few words
---END---

INSERT_AFTER and INSERT_BEFORE stand next to each other in the message, have 3 to 10 words each, \
and lie between sentences. Write nothing outside of the blocks."""


def independent_messages(
    text: str,
    *,
    context: Sequence[Mapping[str, Any]] = (),
    context_messages: int = CONTEXT_MESSAGES,
    frequency: str = FREQUENCY,
    writing: str = WRITING,
    maximum: int = MAXIMUM,
) -> list[dict[str, str]]:
    r"""What the second model is sent.

    Args:
        text: The message to illustrate. Tags, pictures and reasoning in it are not shown.
        context: What was said before it, oldest first and without `text` itself; pictures, tags
            and reasoning are not shown either.
        context_messages: How many of these are shown, from the end; 0 means none.
        frequency: Guidelines on how many pictures; ``{maximum}`` in it is filled in.
        writing: Guidelines on how prompts are written.
        maximum: How many pictures at most, 1 to 30.

    Raises:
        ValueError: A number is out of its range.

    Examples:
        >>> said = [{"role": "user", "name": "Ann", "content": "Go on!"}]
        >>> system, user = independent_messages("The fox ran.", context=said)
        >>> print(user["content"])
        Earlier messages:
        <earlier>
        Ann: Go on!
        </earlier>
        <BLANKLINE>
        The latest message:
        <latest>
        The fox ran.
        </latest>
    """
    if context_messages < 0:
        raise ValueError(f"context_messages must be at least 0, not {context_messages!r}")
    if not 1 <= maximum <= MOST:
        raise ValueError(f"maximum must be from 1 to {MOST}, not {maximum!r}")
    guidelines = frequency.replace("{maximum}", str(maximum)), writing
    system = "\n\n".join([_TASK, *(part.strip() for part in guidelines if part.strip())])
    shown = f"The latest message:\n<latest>\n{_clean(text)}\n</latest>"
    # A slice from -0 would be the whole list.
    earlier = list(_lines(context[max(0, len(context) - context_messages) :]))
    if earlier:
        said = "\n\n".join(earlier)
        shown = f"Earlier messages:\n<earlier>\n{said}\n</earlier>\n\n{shown}"
    return [{"role": "system", "content": system}, {"role": "user", "content": shown}]


def _lines(messages: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for message in messages:
        words = _clean(_words(message.get("content")))
        if words:
            yield f"{message.get('name') or message.get('role') or 'somebody'}: {words}"


def _clean(text: str) -> str:
    return plain_text(without_reasoning(text)).strip()


def _words(content: Any) -> str:
    """The text of a message's content, which may be text, a list of parts, or nothing."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") if isinstance(part, Mapping) else part for part in parts)
    return "\n".join(text for text in texts if isinstance(text, str))
