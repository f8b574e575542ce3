"""What a server says at its start of those behind it: each trouble once, and its end."""

import asyncio
import logging

import pytest

from limner.composition.checking.checkup import Finding
from limner.composition.checking.configured import ConfiguredServer, configured_servers
from limner.composition.checking.first_answers import tell_first_answers
from limner.config import Settings
from limner.testing.a1111_server import A1111Server
from limner.testing.chat_server import ChatServer, Reply

GONE = Finding(
    server="http://h/v1", step="reachable", ok=False, said="cannot reach http://h/v1; is it on?",
    advice="start it",
)  # fmt: skip
THERE = Finding(server="http://h/v1", step="reachable", ok=True, said="it has one model")
LACKS = Finding(
    server="http://h/v1", step="model", ok=False, said="there is no model 'm'", advice="it has: n"
)


class Answers:
    """What a server is found to be, time by time; the last holds on."""

    def __init__(self, *found: list[Finding]) -> None:
        self.found = list(found)
        self.asked: list[float] = []

    async def __call__(self) -> list[Finding]:
        """The next."""
        self.asked.append(asyncio.get_running_loop().time())
        return self.found.pop(0) if len(self.found) > 1 else self.found[0]


async def test_a_server_that_does_not_answer_is_told_once_and_its_first_answer_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With its address, the option that names it and what to do; then it is left in peace."""
    caplog.set_level(logging.INFO, "limner")
    answers = Answers([GONE], [GONE], [GONE], [THERE])
    await tell_first_answers([ConfiguredServer("model", answers)], pause=5.0, longest=8.0)
    assert [(one.levelname, one.getMessage()) for one in caplog.records] == [
        (
            "WARNING",
            "the model server (--llm) cannot be used yet: cannot reach http://h/v1; is it on? Start"
            " it; a line here tells when it answers",
        ),
        ("INFO", "the model server http://h/v1 answers now: it has one model"),
    ]
    first = answers.asked[0]
    assert [at - first for at in answers.asked] == pytest.approx([0.0, 5.0, 13.0, 21.0])


async def test_of_a_server_that_answers_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    """Nor of one behind which there is no server at all."""
    caplog.set_level(logging.INFO, "limner")
    await tell_first_answers([ConfiguredServer("model", Answers([THERE]))])
    await tell_first_answers([ConfiguredServer("picture", Answers([]))])
    assert caplog.records == []


async def test_what_is_wrong_with_one_that_answers_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A model that it does not have comes to it by nobody's waiting."""
    caplog.set_level(logging.INFO, "limner")
    answers = Answers([THERE, LACKS])
    await tell_first_answers([ConfiguredServer("model", answers)])
    assert [one.getMessage() for one in caplog.records] == [
        "the model server http://h/v1: there is no model 'm'; it has: n"
    ]
    assert len(answers.asked) == 1


async def test_one_that_hangs_keeps_no_other_from_being_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Each is asked by itself."""

    async def hang() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    servers = [ConfiguredServer("model", hang), ConfiguredServer("picture", Answers([GONE]))]
    telling = asyncio.create_task(tell_first_answers(servers))
    await asyncio.sleep(1.0)
    telling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling
    assert [one.getMessage()[:30] for one in caplog.records] == ["the picture server (--backend)"]


@pytest.mark.real_time
async def test_asking_draws_nothing_and_has_nothing_written() -> None:
    """It costs nothing, whoever is asked."""
    async with A1111Server() as pictures, ChatServer(Reply.stream("x"), models=["m"]) as text:
        settings = Settings(llm_url=text.url, backend=f"a1111+{pictures.url}")
        found = [await one.ask() for one in configured_servers(settings)]
        assert [one.ok for each in found for one in each] == [True, True, True]
        assert text.requests == []
        assert pictures.jobs == []


@pytest.mark.real_time
async def test_a_server_that_says_nothing_at_all_is_given_up_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Something listens there, and never answers."""
    from limner.composition.checking import configured

    monkeypatch.setattr(configured, "ANSWER", 0.05)
    connected: list[asyncio.StreamWriter] = []
    mute = await asyncio.start_server(lambda _, writer: connected.append(writer), "127.0.0.1", 0)
    port = mute.sockets[0].getsockname()[1]
    settings = Settings(
        llm_url=f"http://me:secret@127.0.0.1:{port}/v1", backend=f"a1111+http://127.0.0.1:{port}"
    )
    try:
        found = [await one.ask() for one in configured_servers(settings)]
    finally:
        for writer in connected:
            writer.close()
        mute.close()
    assert [[one.step for one in each] for each in found] == [["reachable"], ["reachable"]]
    assert all("does not answer within" in one[0].said for one in found)
    assert "secret" not in str(found)


def test_workers_ask_their_own_picture_servers() -> None:
    """Where pictures are drawn elsewhere, nobody here has any to ask."""
    settings = Settings(llm_url="http://h/v1", backend="a1111+http://h:7860")
    assert [one.kind for one in configured_servers(settings, draws=False)] == ["model"]


async def test_what_draws_by_itself_is_no_server_to_be_asked() -> None:
    """The embedded pictures need nobody."""
    (sketch,) = configured_servers(Settings(backend="sketch"))
    assert await sketch.ask() == []
