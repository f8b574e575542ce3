"""Pictures for a text without tags, found by its own words."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from limner.backends.images.sketch.lexicon.languages import KNOWN, language_of
from limner.backends.images.sketch.lexicon.sight import see
from limner.illustration.rendering.language import language_of as language_of_text
from limner.prompts import find_prompts
from limner.prompts.scenes import Eye, Proposal, Seen, insert_proposals, pick


class WordScenes:
    r"""Puts tags into a text that has none, with what its paragraphs show.

    Args:
        every: For how many words there is a picture.
        maximum: How many pictures at most.
        tell: Gets a line about what was found.

    Examples:
        >>> writer = WordScenes(250, 60, print)
        >>> asyncio.run(writer.write("The fox ran."))
        no tags in the text: 1 place for a picture found by its words
        'The fox ran.\n\n<!--img-prompt="The fox ran"-->'
    """

    def __init__(self, every: int, maximum: int, tell: Callable[[str], None]) -> None:
        self._every = every
        self._maximum = maximum
        self._tell = tell

    async def write(self, text: str, *, context: Sequence[Mapping[str, Any]] = ()) -> str:
        """The text with tags in it; as it is if it has some already, or shows nothing."""
        if find_prompts(text) or not text.strip():
            return text
        # A book takes seconds, which nobody else on the loop shall wait for.
        found = await asyncio.to_thread(self._pick, text)
        if found:
            self._tell(f"no tags in the text: {places(len(found))} found by its words")
        return insert_proposals(text, found)

    def _pick(self, text: str) -> list[Proposal]:
        return pick(text, eye_for(text), every=self._every, maximum=self._maximum)


def eye_for(text: str) -> Eye:
    """What sees what there is in stretches of a text, in its language; in others nothing.

    Examples:
        >>> eye_for("Der Fuchs schlief. Nachts war es im Wald still und kalt.")("im Wald").place
        'in einem Wald'
    """
    told = (language_of_text(text) or language_of(text)).partition("-")[0].lower()
    return partial(see, language=told) if told in KNOWN else lambda _: Seen()


def places(count: int) -> str:
    """So many places for pictures, in words.

    Examples:
        >>> places(1), places(3)
        ('1 place for a picture', '3 places for pictures')
    """
    return "1 place for a picture" if count == 1 else f"{count} places for pictures"
