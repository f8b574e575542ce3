"""A front-end that names its messages is believed, whatever became of what stands before them."""

import itertools
from pathlib import Path

import pytest
from tests.server.proxy.test_chats import Story, telling

pytestmark = pytest.mark.real_time

CHAT = {"X-Limner-Chat": "c1"}
NUDGE = "[Continue your last message without repeating its original content.]"


def tells(story: Story, message: str, kind: str = "normal", chat: str = "c1") -> None:
    """What is asked from now on says which message it is for."""
    named = {"X-Limner-Message": message, "X-Limner-Generation": kind}
    story.headers = {"X-Limner-Chat": chat, **named}


async def told(story: Story, text: str, message: str) -> str:
    """A turn whose answer the front-end calls so."""
    tells(story, message)
    return await story.turn(text)


async def test_an_answer_begun_anew_behind_other_words_is_beside_the_first(tmp_path: Path) -> None:
    """A world's entry in the user's words, a regex, a lost beginning: the message is the same."""
    async with telling(tmp_path) as story:
        await told(story, "Go.", "m1")
        await told(story, "On.", "m2")
        whole = story.said[:-1]
        changes = (
            [*whole[:2], {"role": "user", "content": "On. [It rains.]"}],
            [{"role": "user", "content": "Go. And on. [It snows.]"}],
            [{"role": "user", "content": "Nothing of this was ever said."}],
        )
        for number, story.said in enumerate(changes, start=2):
            tells(story, "m2", "swipe")
            answer = await story.ask()
            assert await story.is_drawn(answer) == [True]
            (chat,) = await story.chats()
            assert chat[-1][2] == number
        assert len(chat) == 4


async def test_a_question_in_other_words_is_the_same_question(tmp_path: Path) -> None:
    """Its new words are kept beside the old ones, and what follows finds its place."""
    async with telling(tmp_path) as story:
        await told(story, "Go.", "m1")
        await told(story, "On", "m2")
        story.said[2:] = [{"role": "user", "content": "On, and quickly"}]
        tells(story, "m2", "regenerate")
        story.said.append({"role": "assistant", "content": (await story.ask()).strip()})
        await told(story, "And then?", "m3")
        (chat,) = await story.chats()
        assert [(text, count) for _, text, count in chat] == [
            ("Go.", 1),
            ("A1 # z1", 1),
            ("On, and quickly", 2),
            ("A3 # z3", 2),
            ("And then?", 1),
            ("A4 # z4", 1),
        ]


@pytest.mark.parametrize("role", ["system", "user"])
async def test_an_answer_that_goes_on_is_told_so(tmp_path: Path, role: str) -> None:
    """However the front-end asks the model for more."""
    async with telling(tmp_path) as story:
        await told(story, "Go.", "m1")
        tells(story, "m1", "continue")
        story.said.append({"role": role, "content": NUDGE})
        await story.ask()
        (chat,) = await story.chats()
        assert [message[2] for message in chat] == [1, 1]
        assert chat[1][1].startswith("A1 # z1")
        assert chat[1][1].endswith("A2 # z2")


async def test_what_is_told_to_be_no_continuation_is_a_message_of_its_own(tmp_path: Path) -> None:
    """Another character speaks behind the first: the model is asked by a word to it alone."""
    async with telling(tmp_path) as story:
        await told(story, "Go.", "m1")
        story.said.append({"role": "system", "content": "[Continue as Ben.]"})
        tells(story, "m2")
        await story.ask()
        (chat,) = await story.chats()
        assert [message[1] for message in chat] == ["Go.", "A1 # z1", "A2 # z2"]


async def test_names_of_other_chats_and_users_are_other_names(tmp_path: Path) -> None:
    """Nobody's answer is put beside another's by calling it the same."""
    async with telling(tmp_path) as story:
        for chat, user in itertools.product(("c1", "c2"), ("ann", "bob")):
            tells(story, "m1", chat=chat)
            story.said = []
            await story.turn("Go.", user=user)
        assert [[message[2] for message in chat] for chat in await story.chats()] == [[1, 1]] * 4


async def test_a_message_from_before_it_had_a_name_keeps_its_place(tmp_path: Path) -> None:
    """A chat goes on with its messages named that began without."""
    async with telling(tmp_path) as story:
        story.headers = dict(CHAT)
        await story.turn("Go.")
        story.said.pop()
        tells(story, "m1", "swipe")
        story.said.append({"role": "assistant", "content": (await story.ask()).strip()})
        await told(story, "On.", "m2")
        (chat,) = await story.chats()
        assert [message[2] for message in chat] == [1, 2, 1, 1]


async def test_a_branch_has_the_names_of_what_it_shares(tmp_path: Path) -> None:
    """Its own answer is its own, and the chat that it left stays as it was."""
    async with telling(tmp_path) as story:
        for number, text in enumerate(("Go.", "On.", "And?"), start=1):
            await told(story, text, f"m{number}")
        before = await story.chats()
        story.said[2:] = []
        await told(story, "Back!", "m4")
        tells(story, "m4", "swipe")
        story.said.pop()
        await story.ask()
        after = await story.chats()
        assert before[0] in after
        (other,) = [chat for chat in after if chat != before[0]]
        assert other == [*before[0][:2], ("u", "Back!", 1), ("a", "A5 # z5", 2)]


async def test_after_a_restart_a_name_is_known(tmp_path: Path) -> None:
    """It is the library that knows it."""
    async with telling(tmp_path) as story:
        await told(story, "Go.", "m1")
    async with telling(tmp_path) as story:
        story.user("Whatever.")
        tells(story, "m1", "swipe")
        await story.ask()
        (chat,) = await story.chats()
        assert [message[2] for message in chat] == [1, 2]
