"""What the prompts of a second model have cost since the server began."""

from dataclasses import dataclass, replace

from limner.server.story.second_model import PromptCost


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptSum:
    """What the prompts of all texts have cost that one model was asked about.

    Attributes:
        model: Which; ``None``: the first server's own.
        texts: How many texts it was asked about.
        pictures: How many pictures it proposed.
        prompt_tokens: What it read.
        completion_tokens: What it wrote.
        estimated: Whether a part of that is estimated.
    """

    model: str | None
    texts: int = 0
    pictures: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    estimated: bool = False


class PromptSpending:
    """Adds up costs, by model.

    Examples:
        >>> spending = PromptSpending()
        >>> for read in 400, 500:
        ...     spending.add(
        ...         PromptCost(
        ...             model="small",
        ...             pictures=2,
        ...             prompt_tokens=read,
        ...             completion_tokens=60,
        ...             estimated=False,
        ...         )
        ...     )
        >>> [(one.model, one.texts, one.prompt_tokens) for one in spending.sums]
        [('small', 2, 900)]
    """

    def __init__(self) -> None:
        self._sums: dict[str | None, PromptSum] = {}

    def add(self, cost: PromptCost) -> None:
        """One more text was paid for."""
        old = self._sums.get(cost.model, PromptSum(model=cost.model))
        self._sums[cost.model] = replace(
            old,
            texts=old.texts + 1,
            pictures=old.pictures + cost.pictures,
            prompt_tokens=old.prompt_tokens + cost.prompt_tokens,
            completion_tokens=old.completion_tokens + cost.completion_tokens,
            estimated=old.estimated or cost.estimated,
        )

    @property
    def sums(self) -> list[PromptSum]:
        """One for each model, in the order in which they were asked first."""
        return list(self._sums.values())
