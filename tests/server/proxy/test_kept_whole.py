"""An answer that has ended before it is kept and asks for no picture is kept with its question."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.server.proxy.serving import Proxy, proxy
from tests.server.proxy.streams import TAG, texts

from limner.errors import StorageUnavailable
from limner.illustration import Event, Finished, MessageState, Session, StreamingSession, TextChunk
from limner.storage import Library
from limner.testing import ScriptedBackend
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

QUESTION = [{"role": "user", "content": "Go."}]


class Watched(Library):
    """A library that knows what it was given together, and may fail for a while."""

    fails = 0

    async def save_said(self, said: Any, **more: Any) -> None:
        """Keep several answers."""
        given = self.__dict__.setdefault("given", [])
        given.append([one.message.text for one in said])
        if self.fails:
            self.fails -= 1
            raise StorageUnavailable("the disk is away", place="here")
        await super().save_said(said, **more)

    @property
    def given(self) -> list[list[str]]:
        """The texts of what was kept together."""
        return list(self.__dict__["given"])


@contextlib.asynccontextmanager
async def telling(place: Path, *said: str) -> AsyncIterator[tuple[Watched, Proxy]]:
    """A proxy with a library, whose model answers so."""
    async with await Watched.open(place) as library, ChatServer(Reply.stream(*said)) as model:
        kept = {"store": library, "cache": False}
        backend = ScriptedBackend()
        async with proxy(
            model, backend=backend, illustrator=kept, pictures={"library": library}
        ) as limner:
            yield library, limner


async def kept(library: Library) -> list[tuple[str, MessageState]]:
    """What is said in the one chat that there is, and how it ended."""
    (chat,) = await library.chats()
    messages = await library.messages(chat.id)
    assert (chat.messages, chat.writing) == (len(messages), 0)
    return [(message.text, message.state) for message in messages]


WHOLE = [("Go.", MessageState.COMPLETE), ("Snow fell.", MessageState.COMPLETE)]


async def test_it_is_one_call_of_the_store_with_its_question(tmp_path: Path) -> None:
    """Also where the chat goes on, and it is known again."""
    async with telling(tmp_path, "Snow ", "fell.") as (library, limner):
        said = [*QUESTION]
        assert texts(await limner.ask(messages=said))[0] == "Snow fell."
        await limner.pictures.settled()
        assert library.given == [["Go.", "Snow fell."]]
        assert await kept(library) == WHOLE
        said += [{"role": "assistant", "content": "Snow fell."}, {"role": "user", "content": "On."}]
        await limner.ask(messages=said)
        await limner.pictures.settled()
        assert library.given[1:] == [["On.", "Snow fell."]]
        assert [text for text, _ in await kept(library)] == [
            "Go.",
            "Snow fell.",
            "On.",
            "Snow fell.",
        ]


async def test_who_listens_hears_of_it_as_of_one_that_was_written_here(tmp_path: Path) -> None:
    """Its text, and that it is finished; of other kinds of events nothing."""
    async with telling(tmp_path, "Snow ", "fell.") as (_, limner):
        heard: list[Event] = []
        ends: list[tuple[str, str]] = []

        def ended(session: Session, event: Event) -> None:
            assert isinstance(event, Finished)
            assert not isinstance(session, StreamingSession)
            ends.append((session.message_id, event.result.message.id))

        limner.illustrator.on_event(lambda _, event: heard.append(event))
        limner.illustrator.on_event(ended, Finished)
        await limner.ask(messages=QUESTION)
        await limner.pictures.settled()
        assert heard[0] == TextChunk("Snow fell.")
        assert [type(event) for event in heard] == [TextChunk, Finished]
        ((message, same),) = ends
        assert message == same


async def test_a_store_that_fails_for_a_while_gets_it_again_as_a_whole(tmp_path: Path) -> None:
    """In the same order, and once."""
    async with telling(tmp_path, "Snow ", "fell.") as (library, limner):
        library.fails = 1
        await limner.ask(messages=QUESTION)
        await limner.pictures.settled()
        assert library.given == [["Go.", "Snow fell."]] * 2
        assert await kept(library) == WHOLE


async def test_one_that_asks_for_a_picture_or_is_cut_is_kept_like_any_other(tmp_path: Path) -> None:
    """The question first, then the answer as it grows."""
    async with telling(tmp_path, "Snow ", TAG) as (library, limner):
        await limner.ask(messages=QUESTION)
        await limner.pictures.settled()
        assert library.given[0] == ["Go."]
        assert library.given[-1] == [f"Snow {TAG}"]
