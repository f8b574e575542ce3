"""A second model that says, when a text has ended, which pictures belong into it."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from limner.prompts import (
    Suggestion,
    find_prompts,
    independent_messages,
    insert_prompts,
    parse_suggestions,
)
from limner.server.story.text_servers import TextServers

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCost:
    """What the prompts of one text have cost.

    Attributes:
        model: The model that was asked; ``None``: the first server's own.
        pictures: How many pictures it proposed.
        prompt_tokens: What it read.
        completion_tokens: What it wrote.
        estimated: Whether its server said nothing, so that four characters count as a token.
    """

    model: str | None
    pictures: int
    prompt_tokens: int
    completion_tokens: int
    estimated: bool


class SecondModel:
    """Proposes pictures for texts that have ended. It is a `limner.illustration.TagWriter`, too.

    Args:
        texts: Who writes.
        model: Gives the model to ask; ``None``: the one that is asked for answers.
        most: Gives how many pictures one text may get.
        tell: Told what each text has cost.
    """

    def __init__(
        self,
        texts: TextServers,
        *,
        model: Callable[[], str | None],
        most: Callable[[], int],
        tell: Callable[[PromptCost], None],
    ) -> None:
        self._texts = texts
        self._model = model
        self._most = most
        self._tell = tell

    async def propose(
        self, text: str, *, context: Sequence[Mapping[str, Any]] = ()
    ) -> list[Suggestion]:
        """The pictures that belong into a text; none if it asks for some by itself.

        Args:
            text: The whole of it.
            context: What was said before it, oldest first.

        Raises:
            limner.errors.LimnerError: The model did not answer.
        """
        if not text.strip() or find_prompts(text):
            return []
        most, model = self._most(), self._model()
        messages = independent_messages(text, context=context, maximum=most)
        answer, usage = await self._texts.answered(messages, model=model)
        found = parse_suggestions(answer, maximum=most)
        read = sum(len(message["content"]) for message in messages)
        cost = PromptCost(
            model=model,
            pictures=len(found),
            prompt_tokens=usage.prompt_tokens if usage else -(-read // 4),
            completion_tokens=usage.completion_tokens if usage else -(-len(answer) // 4),
            estimated=usage is None,
        )
        log.info(
            "a second model proposed %d pictures for %d + %d tokens",
            cost.pictures, cost.prompt_tokens, cost.completion_tokens,
        )  # fmt: skip
        self._tell(cost)
        return found

    async def write(self, text: str, *, context: Sequence[Mapping[str, Any]] = ()) -> str:
        """The text with a tag at each place that the model named, the others at its end.

        Raises:
            limner.errors.LimnerError: The model did not answer, or wrote what fits into no tag.
        """
        return insert_prompts(text, await self.propose(text, context=context)).text
