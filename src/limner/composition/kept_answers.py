"""What a model answered, kept in files, so that nothing is asked twice."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from limner.illustration import TextModel


class KeptAnswers:
    """A model whose answers are kept.

    Args:
        model: The model.
        identity: Names it and its server: another model is asked anew.
        folder: Where; it is made when the first answer comes. ``None`` keeps nothing.
    """

    def __init__(self, model: TextModel, identity: str, folder: Path | None) -> None:
        self._model = model
        self._identity = identity
        self._folder = folder

    async def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The whole answer: the kept one, if the same was asked before.

        Raises:
            limner.errors.BackendError: The model did not answer.
        """
        if self._folder is None:
            return await self._model.complete(messages)
        asked = json.dumps([self._identity, [dict(one) for one in messages]], sort_keys=True)
        place = self._folder / f"{hashlib.sha256(asked.encode()).hexdigest()}.txt"
        try:
            return await asyncio.to_thread(place.read_text, encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            pass
        answer = await self._model.complete(messages)
        await asyncio.to_thread(_keep, place, answer)
        return answer


def _keep(place: Path, answer: str) -> None:
    """Keep an answer, whole or not at all; a full disk only means that it is asked again."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(answer, encoding="utf-8", errors="replace")
        part.replace(place)
    except OSError:
        pass
