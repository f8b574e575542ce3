"""A chat is known again by look-ups that cost the same however much a library holds."""

from pathlib import Path

import pytest
from sqlalchemy import text
from tests.server.proxy.serving import proxy
from tests.server.proxy.streams import TAG, texts
from tests.server.proxy.test_chats import Story, telling

from limner.storage import Library
from limner.storage.database.sqlite import SqliteDatabase
from limner.testing.chat_server import ChatServer, Reply

pytestmark = pytest.mark.real_time

GREETING = {"role": "assistant", "content": "Who comes so late?"}


def statements(story: Story) -> list[str]:
    """What the library is asked in the event loop from now on; what is written does not count."""
    database = story.library._database
    assert isinstance(database, SqliteDatabase)
    assert database._at_hand is not None
    asked: list[str] = []
    writing = False

    def told(sql: str) -> None:
        nonlocal writing
        writing = sql == "BEGIN IMMEDIATE" or (writing and sql not in ("COMMIT", "ROLLBACK"))
        if not writing and sql != "COMMIT":
            asked.append(sql)

    database._at_hand[1].set_trace_callback(told)
    return asked


async def greeted(story: Story, name: str) -> list[str]:
    """Begin a chat behind the greeting; gives what the library was asked."""
    story.said = [GREETING]
    asked = statements(story)
    await story.turn(f"It is {name}.")
    return asked


async def test_chats_that_begin_with_one_greeting_cost_the_same_and_stay_apart(
    tmp_path: Path,
) -> None:
    """Each is a chat of its own, with its greeting; none is a copy of another's."""
    async with telling(tmp_path) as story:
        await story.turn("warm")
        costs = [len(await greeted(story, f"traveller {number}")) for number in range(6)]
        assert costs[1:] == [costs[1]] * 5
        await story.turn("On.")
        chats = await story.chats()
        assert [len(chat) for chat in chats] == [2, 3, 3, 3, 3, 3, 5]
        assert all(chat[0] == ("a", "Who comes so late?", 1) for chat in chats[1:])


async def test_the_hundredth_answer_to_a_question_costs_what_the_third_costs(
    tmp_path: Path,
) -> None:
    """No other answer is read for it."""
    async with telling(tmp_path) as story:
        await story.turn("Go.")
        story.said.pop()
        costs = []
        for _ in range(5):
            asked = statements(story)
            await story.ask()
            costs.append(len(asked))
        assert costs[1:] == [costs[1]] * 4
        ((_, answer),) = await story.chats()
        assert answer[2] == 6


async def test_a_quick_answer_is_with_its_reader_before_the_library_is_asked(
    tmp_path: Path,
) -> None:
    """But a picture's place is not waited for, and nobody who closes the server waits."""
    replies = [Reply.stream("Once upon a time."), Reply.stream("There ", TAG, " it was.")]
    async with await Library.open(tmp_path, pace=3600) as library, ChatServer(replies) as model:
        async with proxy(
            model, illustrator={"store": library}, pictures={"library": library}
        ) as limner:
            await library.places(["nothing"])
            asked = statements(Story(library, limner, {}))
            assert texts(await limner.ask())[0] == "Once upon a time."
            assert asked == []
            assert "/images/" in texts(await limner.ask())[0]
            assert asked != []
        (chat,) = await library.chats()
        question, answer = await library.messages(chat.id)
        assert question.text == "Go."
        kept = [await library.load(answer.id, one) for one in await library.variants(answer.id)]
        said = sorted(one.text for one in kept if one is not None)
        assert said == ["Once upon a time.", f"There {TAG} it was."]


async def test_what_an_older_limner_kept_is_known_again(tmp_path: Path) -> None:
    """It has no digests: its words are read, once."""
    async with telling(tmp_path) as story:
        for words in ("Go.", "On."):
            await story.turn(words)
        await story.library.flush()
        await story.library._write(
            lambda connection: connection.execute(text("UPDATE answers SET words = NULL")).close()
        )
    async with telling(tmp_path) as again:
        again.said = story.said
        await again.turn("And?")
        (chat,) = await again.chats()
        assert [one[1] for one in chat][::2] == ["Go.", "On.", "And?"]
        await again.library.flush()
        left = await again.library._read(
            lambda connection: connection.execute(
                text("SELECT count(*) FROM answers WHERE words IS NULL")
            ).scalar_one()
        )
        assert left == 3  # of six, those that nobody had to look at
