"""Pictures for a text without tags, proposed by a language model that reads it part by part."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from limner.composition.kept_answers import KeptAnswers
from limner.composition.text_models import model_for, text_model
from limner.composition.word_scenes import places
from limner.config import Settings, UpstreamSettings
from limner.errors import BackendError, TagError
from limner.illustration import TextModel
from limner.prompts import Suggestion, find_prompts, insert_prompts
from limner.prompts.composition.suggestion import MOST
from limner.prompts.scenes import Batch, Looks, batches, book_messages, parse_book_answer

SEVERAL = 3
"""Parts from which it is told how far the reading is."""


class ModelScenes:
    """Puts tags into a text that has none, as a model proposes.

    The text is read in parts of about 1,200 words, each with the last words before it and with
    the looks of the characters as the parts before described them; of a book with fewer pictures
    than parts those are read, evenly over it, that are to have one. A suggestion whose place is
    not found in its part is left out. If the model fails, what it had proposed until then stands.

    Args:
        server: The model's server.
        settings: Say which of its models.
        every: For how many words there is a picture.
        maximum: How many pictures at most.
        tell: Gets a line about what is being done.
        answers: A folder where its answers are kept, so that nothing is asked twice.
    """

    def __init__(
        self,
        server: UpstreamSettings,
        settings: Settings,
        every: int,
        maximum: int,
        tell: Callable[[str], None],
        answers: Path | None,
    ) -> None:
        self._server = server
        self._settings = settings
        self._every = every
        self._maximum = maximum
        self._tell = tell
        self._answers = answers

    async def write(self, text: str, *, context: Sequence[Mapping[str, Any]] = ()) -> str:
        """The text with tags in it; as it is if it has some already.

        Raises:
            limner.errors.BackendError: The model failed before it proposed anything.
        """
        if find_prompts(text) or not text.strip():
            return text
        parts = list(batches(text))
        every = max(self._every, sum(part.words for part in parts) / self._maximum)
        name = model_for(self._server, self._settings) or ""
        async with text_model(self._server, self._settings) as chat:
            model = KeptAnswers(chat, f"{self._server.url} {name}", self._answers)
            written = await self._read(text, parts, round(every), model)
        found = len(find_prompts(written))
        self._tell(f"no tags in the text: {places(found)} proposed by the model")
        return written

    async def _read(self, text: str, parts: Sequence[Batch], every: int, model: TextModel) -> str:
        looks: Looks = {}
        made: list[str] = []
        at = read = given = 0
        for number, part in enumerate(parts, 1):
            read += part.words
            # Of a long book with few pictures not every part has one.
            left = min(self._maximum, max(1, round(read / every))) - given
            if left <= 0:
                continue
            place = f"part {number} of {len(parts)}"
            if len(parts) >= SEVERAL:
                self._tell(f"the model reads {place}")
            messages = book_messages(part, looks, every=every, maximum=left)
            answer = await self._answer(model, messages, place, first=not made)
            if answer is None:
                break
            suggestions, looks = parse_book_answer(answer, looks, maximum=min(left, MOST))
            tagged, placed = _placed(part.text, suggestions)
            made += [text[at : part.start], tagged]
            at = part.start + len(part.text)
            given += placed
        return "".join([*made, text[at:]])

    async def _answer(
        self, model: TextModel, messages: list[dict[str, str]], place: str, *, first: bool
    ) -> str | None:
        """What the model says; ``None`` if it failed and something is proposed already."""
        try:
            return await model.complete(messages)
        except BackendError as error:
            if first:
                raise
            self._tell(f"the model failed at {place}: {error}")
            return None


def _placed(text: str, suggestions: Sequence[Suggestion]) -> tuple[str, int]:
    """The part with tags for those suggestions whose place is found, and how many."""
    for _ in range(2):
        try:
            inserted = insert_prompts(text, suggestions)
        except TagError:
            return text, 0
        if not inserted.appended:
            return inserted.text, len(inserted.placed)
        suggestions = inserted.placed
    return text, 0
