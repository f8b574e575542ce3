"""The independent mode: after the answer's end a second model says where pictures belong."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from limner.illustration.ports import TextModel
from limner.prompts import (
    format_tag,
    independent_messages,
    insert_prompts,
    parse_suggestions,
)

MAXIMUM = 5
"""Pictures of one answer, unless told otherwise."""


class PromptWriter:
    r"""Puts tags into a finished text, as a model suggests.

    Args:
        model: The model.
        maximum: How many pictures at most, 1 to 30.
        write: Writes the tag for a prompt.
        patterns: The patterns that find tags, where they are not the defaults.
        **guidelines: What else `limner.prompts.independent_messages` takes: ``frequency``,
            ``writing``, ``context_messages``.

    Raises:
        ValueError: A number is out of its range.
        TypeError: A guideline is unknown.

    Examples:
        >>> import asyncio
        >>> class Model:
        ...     async def complete(self, messages):
        ...         return ("---PROMPT---\nTEXT: a fox\nINSERT_AFTER: The fox ran.\n"
        ...                 "INSERT_BEFORE: It hid.\n---END---")
        >>> asyncio.run(PromptWriter(Model()).write("The fox ran. It hid."))
        'The fox ran. <!--img-prompt="a fox"-->  It hid.'
    """

    def __init__(
        self,
        model: TextModel,
        *,
        maximum: int = MAXIMUM,
        write: Callable[[str], str] = format_tag,
        patterns: Sequence[str] | None = None,
        **guidelines: Any,
    ) -> None:
        independent_messages("", maximum=maximum, **guidelines)  # it knows what is allowed
        self._model = model
        self._maximum = maximum
        self._write = write
        self._patterns = patterns
        self._guidelines = guidelines

    async def write(self, text: str, *, context: Sequence[Mapping[str, Any]] = ()) -> str:
        """The text with tags in it; as it is if no picture belongs there.

        Args:
            text: The whole answer.
            context: What was said before it, oldest first.

        Raises:
            limner.errors.BackendError: The model did not answer.
            limner.errors.TagError: What it wrote cannot be put into a tag.
        """
        if not text.strip():
            return text
        messages = independent_messages(
            text, context=context, maximum=self._maximum, **self._guidelines
        )
        suggestions = parse_suggestions(await self._model.complete(messages), maximum=self._maximum)
        return insert_prompts(text, suggestions, write=self._write, patterns=self._patterns).text
