"""The seam between the proxy and what says which pictures belong into a text."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from limner.prompts import Suggestion


class Proposer(Protocol):
    """Says which pictures belong into a text."""

    async def propose(
        self, text: str, *, context: Sequence[Mapping[str, Any]] = ()
    ) -> Sequence[Suggestion]:
        """The pictures.

        Raises:
            limner.errors.LimnerError: It cannot say.
        """
        ...
