"""Whatever goes wrong on the way, a request is answered unless whoever asked has gone."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.server.proxy.serving import proxy

from limner.errors import BackendUnavailable
from limner.server.guard import Guard, GuardRules
from limner.server.guard.guard import AsgiApp
from limner.server.http.exchange import ClientGone, Message, Receive, Scope, Send
from limner.server.tokens import TokenBook
from limner.testing.chat_server import ChatServer, Hang, Reply

pytestmark = pytest.mark.real_time


class Nobody:
    """Tokens, of which there are none."""

    async def refresh(self) -> None:
        """There is nothing to be read."""

    def __bool__(self) -> bool:
        return False


@dataclass(slots=True)
class Wire:
    """A connection as a server has it: one that has gone takes nothing, and says so when asked.

    Attributes:
        body: What is sent of the request.
        more: Whether more of it should come, and never does.
        raises: Whether sending to one that has gone is an error, as servers may have it.
        gone: Whether it has gone.
        sent: What came of the answer.
        writable: What whoever sends waits for.
    """

    body: bytes = b""
    more: bool = False
    raises: bool = False
    gone: bool = False
    sent: list[Message] = field(default_factory=list)
    writable: asyncio.Event | None = None
    _left: asyncio.Event = field(default_factory=asyncio.Event)
    _read: bool = False

    def leave(self) -> None:
        """The client goes away."""
        self.gone = True
        self._left.set()

    async def receive(self) -> Message:
        """The next of the request."""
        if not self.gone and not self._read:
            self._read = True
            return {"type": "http.request", "body": self.body, "more_body": self.more}
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Take more of the answer."""
        if self.writable is not None:
            await self.writable.wait()
        if self.gone:
            if self.raises:
                raise OSError("gone")
            return
        begins = message["type"] == "http.response.start"
        assert begins is not bool(self.sent), "what comes first is the head, and it comes once"
        self.sent.append(message)

    @property
    def status(self) -> int:
        """Of the answer; 0: there is none."""
        return int(self.sent[0]["status"]) if self.sent else 0


def guarded(app: AsgiApp, rules: GuardRules) -> Guard:
    """A guard before an application, that lets everybody in."""
    tokens = cast("TokenBook", Nobody())
    return Guard(app, login=app, rules=rules, tokens=tokens, clock=lambda: 0.0)


def request(method: str, path: str, wire: Wire) -> Scope:
    """A request of one who sends a body."""
    headers = [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")]
    if wire.body or wire.more:
        headers.append((b"content-length", b"%d" % (len(wire.body) + wire.more)))
    return {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": headers, "client": ("127.0.0.1", 9), "root_path": "",
    }  # fmt: skip


async def asked(
    guard: Guard, wire: Wire, method: str, path: str, then: Callable[[], None], ticks: int
) -> None:
    """Ask, have something happen so many rounds of the loop later, and wait for the end."""
    answering = asyncio.create_task(guard(request(method, path, wire), wire.receive, wire.send))
    for _ in range(ticks):
        await asyncio.sleep(0)
    then()
    try:
        async with asyncio.timeout(30):
            await answering
    finally:
        answering.cancel()


TALK = {"model": "m", "messages": [{"role": "user", "content": "Go."}]}
ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "/v1/chat/completions", {**TALK, "stream": True}),
    ("POST", "/v1/chat/completions", TALK),
    ("POST", "/v1/messages", {**TALK, "max_tokens": 9, "stream": True}),
    ("POST", "/ollama/api/chat", TALK),
    ("POST", "/v1/images/generations", {"prompt": "a fox"}),
    ("POST", "/v1/embeddings", {"model": "m", "input": "a"}),
    ("POST", "/v1/nothing", {}),
    ("GET", "/v1/models", {}),
    ("GET", f"/images/{'0' * 32}.png", {}),
    ("OPTIONS", "/v1/chat/completions", {}),
]
REPLIES: list[Callable[[], Reply]] = [
    lambda: Reply.stream('A <!--img-prompt="a fox"--> ran.'),
    lambda: Reply.stream("A ", Hang()),
    lambda: Reply.stream(Hang()),
    lambda: Reply.error(500),
]
ERRORS: list[BaseException | None] = [
    None,
    None,
    BackendUnavailable("no"),
    RuntimeError("a mistake"),
    asyncio.CancelledError(),
    ClientGone(),
]


@settings(max_examples=60)
@given(
    asked_for=st.sampled_from(ASKED),
    reply=st.integers(0, 3),
    what=st.sampled_from(["nothing", "leave", "cut", "stall"]),
    ticks=st.integers(0, 40),
    error=st.sampled_from(ERRORS),
    raises=st.booleans(),
)
def test_an_answer_begins_or_the_client_is_gone(
    asked_for: tuple[str, str, dict[str, Any]],
    reply: int,
    what: str,
    ticks: int,
    error: BaseException | None,
    raises: bool,
) -> None:
    """Wherever it is cut, left, too slow, or fails; and nothing but the answer comes of it."""

    async def main() -> Wire:
        method, path, fields = asked_for
        async with ChatServer(REPLIES[reply]()) as model, proxy(model) as limner:
            if error is not None:
                _fail(limner.pictures, error)
            guard = guarded(limner.app, GuardRules(body_seconds=0.05 if what == "stall" else 60.0))
            body = json.dumps(fields).encode() if method == "POST" else b""
            wire = Wire(body, more=what == "stall", raises=raises)

            def then() -> None:
                if what == "leave":
                    wire.leave()
                elif what == "cut":
                    for one in guard.requests:
                        one.cut()
                elif what == "nothing":  # of an answer without end nobody waits for the end
                    asyncio.get_running_loop().call_later(0.3, wire.leave)

            await asked(guard, wire, method, path, then, ticks)
            return wire

    wire = asyncio.run(main())
    assert wire.sent or wire.gone


def _fail(pictures: Any, error: BaseException) -> None:
    async def fails(*args: Any, **options: Any) -> Any:
        raise error

    for name in ("recall", "slot", "draw"):
        setattr(pictures, name, fails)


async def forgets(scope: Scope, receive: Receive, send: Send) -> None:
    """Take it that the client has gone."""


async def swallows(scope: Scope, receive: Receive, send: Send) -> None:
    """Take a cut for the end of what was waited for."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


async def waits_for_cancelled(scope: Scope, receive: Receive, send: Send) -> None:
    """Wait for something that somebody else has cancelled."""
    other = asyncio.get_running_loop().create_future()
    other.cancel()
    await other


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("app", "cut", "status"),
    [(forgets, False, 500), (swallows, True, 503), (waits_for_cancelled, False, 500)],
)
async def test_who_is_there_is_answered_though_nobody_behind_the_guard_does(
    app: AsgiApp, cut: bool, status: int
) -> None:
    """It says that it is ours; of one who has gone nothing is said."""
    for gone in (False, True):
        wire = Wire()
        guard = guarded(app, GuardRules())

        def then(wire: Wire = wire, guard: Guard = guard, gone: bool = gone) -> None:
            if gone:
                wire.leave()
            for one in list(guard.requests) if cut else ():
                one.cut()

        if gone:
            wire.leave()
        await asked(guard, wire, "GET", "/v1/models", then, 3)
        assert wire.status == (0 if gone else status)


async def test_what_is_cut_before_its_head_has_gone_out_is_answered_with_why() -> None:
    """The head waits while the client has not read what came before it on its connection."""
    wire = Wire(writable=asyncio.Event())
    assert wire.writable is not None
    guard = guarded(answers, GuardRules())

    def then() -> None:
        for one in guard.requests:
            one.cut()
        asyncio.get_running_loop().call_later(0.01, cast("asyncio.Event", wire.writable).set)

    await asked(guard, wire, "GET", "/v1/models", then, 3)
    assert wire.status == 503
