"""Looking a server over as its user would: is it there, is it what it should be, can it work?"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from limner.backends.images.support.capabilities import Checkable
from limner.backends.images.support.server import ServerFacts
from limner.composition.backends import closing
from limner.errors import BackendBusy, BackendError, BackendRejected, BackendTimeout, LimnerError
from limner.illustration import PICTURE_TIMEOUT, ImageBackend, ImageRequest, Patience
from limner.illustration.capabilities import close

TEST_PROMPT = "a small red lighthouse on a cliff, calm sea, morning light"
QUESTION = "Say the single word: yes"
SIDE = 256
"""Pixels of a side of the test picture: small, and a multiple of what any server wants."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        server: Which server, as it was named, without secrets.
        step: ``"reachable"``, ``"model"``, ``"picture"`` or ``"answer"``.
        ok: Whether it is as it should be.
        said: What was found, in a sentence.
        advice: What to do about it, if something is wrong and somebody can.
        seconds: How long it took, where that matters.
    """

    server: str
    step: str
    ok: bool
    said: str
    advice: str | None = None
    seconds: float | None = None

    @property
    def told(self) -> str:
        """What was found and what to do about it, as one says it.

        Examples:
            >>> Finding(server="s", step="model", ok=False, said="is it on?", advice="look").told
            'is it on? Look'
            >>> Finding(server="s", step="model", ok=False, said="it is off", advice="look").told
            'it is off; look'
        """
        if not self.advice:
            return self.said
        if self.said.endswith(("?", ".", "!")):
            return f"{self.said} {self.advice[0].upper()}{self.advice[1:]}"
        return f"{self.said}; {self.advice}"


class TextServer(Protocol):
    """What a checkup needs of a client of text models."""

    async def models(self) -> list[str]:
        """The models there are."""
        ...

    def stream(self, messages: Sequence[dict[str, str]]) -> AsyncIterator[str]:
        """The answer in pieces."""
        ...


def advice_for(error: BaseException) -> str | None:
    """What to do about an error, if its own words do not say it.

    Examples:
        >>> advice_for(BackendTimeout("no answer"))
        'look whether it is busy or still loading its model, and try again'
    """
    if isinstance(error, BackendTimeout):
        return "look whether it is busy or still loading its model, and try again"
    if isinstance(error, BackendBusy):
        if error.retry_after is not None:
            return f"try again in {error.retry_after:.0f} s; it is there and lets us in"
        return "try again later; it is there and lets us in"
    if isinstance(error, BackendRejected) and error.status in (401, 403):
        return "set its key in the environment or the settings file"
    if isinstance(error, BackendError) and error.status is None:
        return "start it, or correct its address"
    return None


async def check_pictures(
    server: str,
    make: Callable[[], ImageBackend],
    *,
    draw: bool = True,
    patience: float = PICTURE_TIMEOUT,
) -> AsyncIterator[Finding]:
    """Look over whatever draws.

    Args:
        server: How to name it.
        make: Makes the backend; it is closed at the end.
        draw: Whether to have a small picture drawn.
        patience: Seconds without a sign of it after which it is given up; 0: never.
    """
    try:
        made = make()
    except LimnerError as error:
        yield _failed(server, "reachable", error)
        return
    async with closing(made) as backend:
        if isinstance(backend, Checkable):
            try:
                facts = await backend.check()
            except BackendError as error:
                yield _failed(server, "reachable", error)
                return
            for finding in _known(server, facts):
                yield finding
        if draw:
            yield await _test_picture(server, backend, patience)


def _known(server: str, facts: ServerFacts) -> list[Finding]:
    version = f" {facts.version}" if facts.version else ""
    found = [Finding(server=server, step="reachable", ok=True, said=f"it is {facts.kind}{version}")]
    for missing in facts.missing:
        known = ", ".join(_names(missing.known))
        advice = f"it has: {known}" if known else f"put a {missing.what} there first"
        said = str(missing)
        found.append(Finding(server=server, step="model", ok=False, said=said, advice=advice))
    if not facts.missing:
        now = f"it draws with {facts.current_model}" if facts.current_model else "its own choice"
        count = f"; it has {len(facts.models)}" if facts.models else ""
        said = "; ".join([now + count, *facts.notes])
        found.append(Finding(server=server, step="model", ok=True, said=said))
    return found


def _names(known: Sequence[str], most: int = 8) -> list[str]:
    more = [f"and {len(known) - most} more"] if len(known) > most else []
    return [*known[:most], *more]


async def _test_picture(server: str, backend: ImageBackend, patience: float) -> Finding:
    began = time.monotonic()
    try:
        async with Patience(patience or None).watch() as sitting:
            request = ImageRequest(prompt=TEST_PROMPT, width=SIDE, height=SIDE, seed=1)
            image = await backend.generate(sitting.watched(request))
    except LimnerError as error:
        return _failed(server, "picture", error, seconds=time.monotonic() - began)
    took = time.monotonic() - began
    size = f"{image.width}x{image.height}, {len(image.data):,} bytes, {image.media_type}"
    return Finding(server=server, step="picture", ok=True, said=size, seconds=took)


async def check_text(
    server: str, client: TextServer, *, model: str | None = None, ask: bool = True
) -> AsyncIterator[Finding]:
    """Look over a text model's server.

    Args:
        server: How to name it.
        client: The way to it; not closed here.
        model: The model that is to be used, if one is set.
        ask: Whether to ask it for a word.
    """
    try:
        models = await client.models()
    except BackendError as error:
        yield _failed(server, "reachable", error)
        return
    count = "one model" if len(models) == 1 else f"{len(models)} models"
    yield Finding(server=server, step="reachable", ok=True, said=f"it has {count}")
    if model is not None and models and model not in models:
        shown = ", ".join(models[:8])
        yield Finding(
            server=server, step="model", ok=False, said=f"there is no model {model!r}",
            advice=f"it has: {shown}",
        )  # fmt: skip
        return
    if ask:
        yield await _first_word(server, client)


async def _beginning(client: TextServer) -> tuple[str, float | None]:
    """How an answer begins, and after how many seconds; ``None``: no word came."""
    began = time.monotonic()
    pieces: list[str] = []
    first: float | None = None
    stream = client.stream([{"role": "user", "content": QUESTION}])
    try:
        async for piece in stream:
            if first is None:
                first = time.monotonic() - began
            pieces.append(piece)
            if sum(map(len, pieces)) > 40:
                break
    finally:
        await close(stream)
    return "".join(pieces), first


async def _first_word(server: str, client: TextServer) -> Finding:
    try:
        async with asyncio.timeout(120):
            text, first = await _beginning(client)
    except TimeoutError:
        late = BackendTimeout("no answer within 120 s", server=server)
        return _failed(server, "answer", late)
    except BackendError as error:
        return _failed(server, "answer", error)
    said = " ".join(text.split())
    return Finding(
        server=server, step="answer", ok=bool(said), said=repr(said[:40]) if said else "no word",
        seconds=first, advice=None if said else "look at its log",
    )  # fmt: skip


def _failed(server: str, step: str, error: LimnerError, *, seconds: float | None = None) -> Finding:
    return Finding(
        server=server, step=step, ok=False, said=" ".join(str(error).split()),
        advice=advice_for(error), seconds=seconds,
    )  # fmt: skip
