"""A small storyteller that needs no model: it joins sentences by hand to ever other tales.

It is there so that everything works before anybody has installed or paid for a model. It picks who
and where out of what it is asked for, and chance does the rest.
"""

import random
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from limner.backends.text import replay
from limner.server.story.telling.cast import TOLD, cast
from limner.server.story.telling.language import ONLY, language_of
from limner.server.story.telling.tales import tales

NAME = "storyteller"
SPEED = 240.0
"""Characters a second: about what a model on a small machine writes."""
SAMPLE = "Tell me a tale of a lighthouse keeper and a whale."

_TAG = re.compile(r"\n*<!--img-prompt=\"[^\"]*\"-->")
_PARTS = ("opening", "errand", "road", "meeting", "turn", "ending")


class Storyteller:
    """Tells a tale in pieces, as a model would. It is a `limner.server.story.TextServer`.

    It tells in the language it is asked in, where there are tales in it: English, German, Chinese.
    To everybody else it says so, and tells in English. What pictures are asked for in is English.

    Args:
        chance: What it chooses by.
        speed: Characters a second; ``None``: all at once.

    Examples:
        >>> import asyncio
        >>> async def main():
        ...     teller = Storyteller(random.Random(1), speed=None)
        ...     asked = [{"role": "user", "content": "A tale of a fox at the castle!"}]
        ...     return "".join([piece async for piece in teller.stream(asked)])
        >>> tale = asyncio.run(main())
        >>> "a fox" in tale, "the castle" in tale, "img-prompt" in tale
        (True, True, False)
    """

    def __init__(self, chance: random.Random, *, speed: float | None = SPEED) -> None:
        self._chance = chance
        self._speed = speed

    async def models(self) -> list[str]:
        """The one there is."""
        return [NAME]

    async def stream(
        self,
        messages: str | Sequence[Mapping[str, Any]],
        *,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> AsyncGenerator[str, None]:
        """A tale, piece by piece; with picture requests if the conversation asks for them."""
        text = self._tale([{"content": messages}] if isinstance(messages, str) else messages)
        async for piece in replay(text, speed=self._speed):
            yield piece

    async def aclose(self) -> None:
        """There is nothing to close."""

    def _tale(self, messages: Sequence[Mapping[str, Any]]) -> str:
        asked = [_wish(_words(one)) for one in messages if _is_asked(one)]
        language = language_of(asked[-1] if asked else "")
        told = [one for one in messages if one.get("role") not in ("system", "developer")]
        goes_on = bool(told) and told[-1].get("role") == "assistant"
        names = ("more",) if goes_on else _PARTS
        tags = any("img-prompt" in _words(one) for one in messages)
        text = self._joined(names, language, " ".join(asked), tags=tags)
        if language in ONLY and not goes_on:
            text = f"*{ONLY[language]}*\n\n{text}"
        return f"\n\n{text}\n" if goes_on else f"{text}\n"

    def _joined(self, names: Sequence[str], language: str, asked: str, *, tags: bool) -> str:
        """One part for each name, of what was asked for, else of whatever comes to mind."""
        spoken = language if language in TOLD else TOLD[0]
        chosen = self._cast(asked, spoken)
        words, english = cast(spoken).words(**chosen), cast("en").words(**chosen)
        told = []
        for name in names:
            number = self._chance.randrange(len(tales("en")[name]))
            tag = _TAG.search(tales("en")[name][number])
            told.append(_TAG.sub("", tales(spoken)[name][number]).format_map(words))
            if tags and tag is not None:  # what pictures are drawn of, most models know in English
                told.append(tag[0].strip().format_map(english))
        return "\n\n".join(told)

    def _cast(self, asked: str, language: str) -> dict[str, str]:
        """Who and what the tale is of."""
        known = cast(language)
        named = known.named(asked)
        others = [one for one in known.who if one not in named.who]
        self._chance.shuffle(others)
        hero, friend = [*named.who, *others][:2]
        place = named.where or self._chance.choice(known.where)
        return {
            "hero": hero,
            "friend": friend,
            "place": place,
            "thing": self._chance.choice(known.what),
        }


def _is_asked(message: Mapping[str, Any]) -> bool:
    """Whether somebody wishes something; what models are told beforehand is about other things."""
    return str(message.get("role", "user")) == "user"


def _wish(said: str) -> str:
    """What somebody wishes, without the instruction for pictures that is joined to it."""
    return said.partition("\n\n")[0] if "img-prompt" in said else said


def _words(message: Mapping[str, Any]) -> str:
    return str(message.get("content", ""))
