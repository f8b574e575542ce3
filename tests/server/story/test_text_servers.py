"""Which server writes with which model."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import pytest

from limner.errors import BackendUnavailable
from limner.server.story import TextServers


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
