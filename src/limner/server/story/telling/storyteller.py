"""A small storyteller that needs no model: it joins sentences by hand to ever other tales.

It is there so that everything works before anybody has installed or paid for a model. It picks who
and where out of what it is asked for, and chance does the rest.
"""

import random
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from importlib.resources import files
from typing import Any

from limner.backends.text import replay

NAME = "storyteller"
SPEED = 240.0
"""Characters a second: about what a model on a small machine writes."""
SAMPLE = "Tell me a tale of a lighthouse keeper and a whale."

_TAG = re.compile(r"<!--img-prompt=\"[^\"]*\"-->\s*")
_PARTS = ("opening", "errand", "road", "meeting", "turn", "ending")

_WHO = {
    **dict.fromkeys(("keeper", "lighthouse"), "an old lighthouse keeper"),
    **{name: f"a {name}" for name in (
        "fox", "dragon", "bear", "wolf", "rabbit", "cat", "dog", "mouse", "horse", "frog", "knight",
        "king", "queen", "witch", "wizard", "robot", "girl", "boy", "pirate", "fairy", "hedgehog",
    )},
    **{name: f"an {name}" for name in ("owl", "elephant", "astronaut", "elf")},
    "whale": "a whale",
}  # fmt: skip
_WHERE = {
    "lighthouse": "the lighthouse", "forest": "the forest", "castle": "the castle",
    "mountain": "the mountain", "sea": "the sea", "market": "the night market",
    "island": "the island", "village": "the village", "river": "the river", "garden": "the garden",
    "city": "the city", "desert": "the desert", "snow": "the snowy hills", "lake": "the lake",
}  # fmt: skip
_THINGS = ("a silver key", "a blue lantern", "a music box", "a small brass bell", "a glass feather")


class Storyteller:
    """Tells a tale in pieces, as a model would. It is a `limner.server.story.TextServer`.

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
        self._parts = _read()

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
        said = [str(message.get("content", "")) for message in messages]
        users = [words for words, one in zip(said, messages, strict=True) if _is_asked(one)]
        goes_on = bool(messages) and messages[-1].get("role") == "assistant"
        who = self._cast(" ".join(users))
        names = ("more",) if goes_on else _PARTS
        told = "\n\n".join(self._chance.choice(self._parts[name]) for name in names)
        text = told.format_map(who)
        if not any("img-prompt" in one for one in said):
            text = _TAG.sub("", text)
        return f"\n\n{text}\n" if goes_on else f"{text}\n"

    def _cast(self, asked: str) -> dict[str, str]:
        """Who and what the tale is of: what was asked for, else whatever comes to mind."""
        words = re.findall(r"[a-z]+", asked.lower())
        found = dict.fromkeys(_WHO[word] for word in words if word in _WHO)
        others = [one for one in dict.fromkeys(_WHO.values()) if one not in found]
        self._chance.shuffle(others)
        hero, friend = [*found, *others][:2]
        place = next((_WHERE[word] for word in words if word in _WHERE), None)
        bare = hero.partition(" ")[2]
        return {
            "hero": hero,
            "hero_the": f"the {bare}",
            "hero_cap": f"The {bare}",
            "friend": friend,
            "friend_the": f"the {friend.partition(' ')[2]}",
            "place": place or self._chance.choice(list(_WHERE.values())),
            "object": self._chance.choice(_THINGS),
        }


def _is_asked(message: Mapping[str, Any]) -> bool:
    """Whether somebody wishes something; what models are told beforehand is about other things."""
    return str(message.get("role", "user")) == "user"


def _read() -> dict[str, list[str]]:
    """The sentences, by which part of a tale they are for."""
    text = files("limner.server.story").joinpath("tales.md").read_text(encoding="utf-8")
    parts: dict[str, list[str]] = {}
    for section in text.split("\n# "):
        name, _, body = section.removeprefix("# ").partition("\n")
        parts[name] = [one.strip() for one in body.split("\n---\n")]
    return parts
