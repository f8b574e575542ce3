"""Which server writes with which model."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import pytest

from limner.errors import BackendUnavailable, ConfigError
from limner.server.story import NAME, Storyteller, TextServers


class Server:
    """A server with some models; it writes down which it was asked for."""

    def __init__(self, *names: str, hangs: bool = False, down: bool = False) -> None:
        self.names = list(names)
        self.asked: list[str | None] = []
        self.closed = False
        self._hangs, self._down = hangs, down

    async def models(self) -> list[str]:
        """Its models, if it tells them."""
        if self._hangs:
            await asyncio.Event().wait()
        if self._down:
            raise BackendUnavailable("nobody is there", server="down")
        return self.names

    async def stream(
        self,
        messages: str | Sequence[Mapping[str, Any]],
        *,
        extra: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> AsyncGenerator[str, None]:
        """Two pieces."""
        self.asked.append(options.get("model"))
        yield "Once "
        yield "upon"

    async def aclose(self) -> None:
        """Remember it."""
        self.closed = True


async def test_a_model_is_asked_where_it_is() -> None:
    """Of two servers that have it the first writes; one nobody has goes to the first server."""
    one, two = Server("small", "both"), Server("large", "both")
    texts = TextServers({"one": one, "two": two}, preferred=lambda: "large")
    assert await texts.complete([]) == "Once upon"
    for model in ("both", "unknown", "small"):
        assert [piece async for piece in texts.stream([], model=model)] == ["Once ", "upon"]
    assert (one.asked, two.asked) == (["both", "unknown", "small"], ["large"])
    await texts.aclose()
    assert one.closed
    assert two.closed


async def test_the_storyteller_is_not_taken_for_a_model_that_does_what_it_is_told() -> None:
    """A wish is refused, and not answered with a tale; a model that is connected fulfils it."""
    texts = TextServers({NAME: Storyteller(random.Random(1), speed=None)})
    with pytest.raises(ConfigError, match="connect a model"):
        await texts.complete([{"role": "user", "content": "darker"}])
    texts.begin_with("one", Server("small"))
    assert await texts.complete([]) == "Once upon"


async def test_models_of_the_same_name_are_told_apart() -> None:
    """The first server's has the name; the others' are asked for with their server's before it."""
    one, two, down = Server("both", "one"), Server("both", "two"), Server(down=True)
    texts = TextServers({"one": one, "two": two, "down": down})
    listed = await texts.models()
    assert [entry.name for entry in listed.models] == ["both", "one", "two/both", "two"]
    for model in ("both", "two/both", "two", "one/both", "down/new", "nobody's/new"):
        assert [piece async for piece in texts.stream([], model=model)]
    assert one.asked == ["both", "both", "nobody's/new"]
    assert two.asked == ["both", "two"]
    assert down.asked == ["new"]


async def test_servers_that_do_not_answer_keep_nobody_waiting() -> None:
    """One that hangs and one that is down are problems; the models of the others are there."""
    servers = {"hangs": Server(hangs=True), "down": Server(down=True), "up": Server("small")}
    texts = TextServers(servers)
    began = asyncio.get_running_loop().time()
    listed = await texts.models()
    assert asyncio.get_running_loop().time() - began == pytest.approx(15.0)
    assert [(one.name, one.server) for one in listed.models] == [("small", "up")]
    assert [one.server for one in listed.problems] == ["hangs", "down"]


async def test_a_single_server_is_not_asked_for_its_list_first() -> None:
    """With nothing to choose from, the question goes out at once, whatever the model's name."""
    only = Server(hangs=True)
    texts = TextServers({"only": only})
    assert [piece async for piece in texts.stream([], model="any")] == ["Once ", "upon"]
    assert only.asked == ["any"]
