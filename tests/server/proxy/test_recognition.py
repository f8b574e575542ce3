"""A conversation is recognised again, whatever a front-end does to it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.server.proxy.streams import TAG

from limner.illustration import Role
from limner.server.proxy.history.fingerprint import Turn, goes_on, names, turns, words
from limner.server.proxy.history.recognition import (
    Kind,
    KnownAnswer,
    KnownChat,
    KnownMessage,
    answer_shown,
    recognise,
)
from limner.server.proxy.picture_id import PictureId

KEY = b"secret"
USER, MODEL = Role.USER, Role.ASSISTANT


def says(role: Role, text: str) -> Turn:
    """A turn."""
    return Turn(role=role, words=words(text), text=text)


@dataclass
class Shelf:
    """A library as small as can be: what was recognised is kept as the proxy keeps it."""

    chats: dict[str, list[KnownMessage]] = field(default_factory=dict)
    made: int = 0

    def known(self, said: list[Turn], ids: list[str]) -> KnownChat | None:
        """The conversation of the last turn that is known."""
        for index in reversed(range(len(said))):
            for chat, messages in self.chats.items():
                for at, message in enumerate(messages):
                    if message.id == ids[index] and answer_shown(message, said[index]) is not None:
                        return KnownChat(id=chat, messages=tuple(messages[at:]), first=index)
        return None

    def answer(self, said: list[Turn], text: str) -> tuple[Kind, str, str]:
        """Ask, and keep the answer; gives the kind, the conversation and the message."""
        ids = names(said, KEY)
        found = recognise(said, ids, self.known(said, ids))
        chat = found.chat
        if chat is None or found.kind is Kind.BRANCH:
            self.made += 1
            new = f"chat {self.made}"
            old = self.chats.get(chat or "", [])
            copied = next((i + 1 for i, m in enumerate(old) if m.id == found.last), 0)
            self.chats[new] = [replace(m, id=f"{new} {m.id}") for m in old[:copied]]
            chat = new
        messages = self.chats[chat]
        for index in range(found.position, len(said)):
            turn = said[index]
            if index == found.position and found.edited is not None:
                _add(messages, found.edited, turn)
            else:
                _add(messages, ids[index], turn)
        _add(messages, found.message, says(MODEL, text))
        return found.kind, chat, found.message


def _add(messages: list[KnownMessage], name: str, turn: Turn) -> None:
    for index, message in enumerate(messages):
        if message.id == name:
            answer = KnownAnswer(variant=len(message.answers), words=turn.words)
            messages[index] = replace(message, answers=(*message.answers, answer))
            return
    answer = KnownAnswer(variant=0, words=turn.words)
    messages.append(KnownMessage(id=name, role=turn.role, answers=(answer,)))


class FrontEnd:
    """What is shown of a conversation, and what its user does with it.

    Attributes:
        history: The turns that are shown.
    """

    def __init__(self) -> None:
        self.shelf = Shelf()
        self.history = [says(USER, "Begin.")]
        self.answers: dict[int, list[str]] = {}
        self.asked: dict[str, set[str]] = {}
        self.count = 0

    def ask(self, *expected: Kind) -> None:
        """The model answers, and all is as it must be."""
        self.count += 1
        text = f"answer {self.count}"
        kind, chat, message = self.shelf.answer(self.history, text)
        assert kind in (expected or set(Kind) - {Kind.CONTINUE})
        said = self.asked.setdefault("\n".join(turn.words for turn in self.history), set())
        said.add(words(text))
        kept = {m.id: m for m in self.shelf.chats[chat]}[message]
        assert said <= {answer.words for answer in kept.answers}
        before = [m for m in self.shelf.chats[chat] if m.id != message][: len(self.history)]
        assert len(before) == len(self.history)
        for turn, one in zip(self.history, before, strict=True):
            assert answer_shown(one, turn) is not None
        self.answers.setdefault(len(self.history), []).append(text)
        self.history.append(says(MODEL, text))

    def say(self, number: int) -> None:
        """The user goes on."""
        self.history.append(says(USER, f"and {number}?"))
        self.ask()

    def again(self, number: int) -> None:
        """The user wants another answer."""
        del self.history[-1]
        self.ask(Kind.REGENERATION)

    def swipe(self, number: int) -> None:
        """The user looks at another one of the last answers."""
        known = self.answers[len(self.history) - 1]
        self.history[-1] = says(MODEL, known[number % len(known)])

    def edit(self, number: int) -> None:
        """The user says something else than before; what followed is gone."""
        users = range(0, len(self.history), 2)
        del self.history[users[number % len(users)] :]
        self.history.append(says(USER, f"rather {number}"))
        self.ask()
        self.answers = {len(self.history) - 1: [self.history[-1].text]}

    def edit_answer(self, number: int) -> None:
        """The user changes what the model said, now or long ago, and goes on."""
        answers = range(1, len(self.history), 2)
        at = answers[-1 - number % len(answers)]
        self.history[at] = says(MODEL, f"{self.history[at].text} changed {number}")
        self.answers = {}
        self.say(number)

    def blanks(self, number: int) -> None:
        """The front-end changes white space everywhere."""
        self.history = [
            says(turn.role, f" {turn.text.replace(' ', chr(10))}\r\n") for turn in self.history
        ]


MOVES = st.sampled_from(
    [
        FrontEnd.say,
        FrontEnd.again,
        FrontEnd.swipe,
        FrontEnd.edit,
        FrontEnd.edit_answer,
        FrontEnd.blanks,
    ]
)


@given(st.lists(st.tuples(MOVES, st.integers(0, 9)), min_size=1, max_size=12))
def test_random_front_ends_never_lose_or_mix_an_answer(
    moves: list[tuple[Callable[[FrontEnd, int], None], int]],
) -> None:
    """An answer stands behind exactly what it answers; another one to the same is beside it."""
    front = FrontEnd()
    front.ask(Kind.NEW_TURN)
    for move, number in moves:
        move(front, number)


LINK = "![a fox](http://127.0.0.1:8750/images/" + "0" * 40 + ".png)"


@given(st.sampled_from(["", " ", "\n\n", "  \r\n"]), st.sampled_from(["", '"', "*", " "]))
def test_pictures_blanks_and_added_marks_do_not_count(gap: str, end: str) -> None:
    """The same words are the same turn; foreign pictures are words."""
    assert words(f"A fox.{gap}{LINK}{gap} It *ran*.{end}") == words(f"A fox. {TAG} It *ran*.")
    assert words("A ![x](http://elsewhere/x.png)") != words("A ")


def test_only_what_users_and_the_model_said_counts() -> None:
    """System messages, tools and messages without a text are none of it."""
    user = {"role": "user", "content": [{"type": "text", "text": "A tale!"}, {"type": "image_url"}]}
    noise = [
        {"role": "system", "content": "x"},
        {"role": "tool", "content": "y"},
        {"role": "assistant", "content": None},
        17,
    ]
    assert turns([*noise, user]) == turns([user])
    assert turns("hi") == turns(None) == []


@pytest.mark.parametrize(
    ("added", "expected"),
    [(None, True), ("[Continue the message.]", True), ("[Write as Bob.]", False)],
)
def test_continue_is_told_from_another_characters_turn(added: str | None, expected: bool) -> None:
    """The front-end's own word behind the answer says which it is."""
    messages = [{"role": "user", "content": "Go."}, {"role": "assistant", "content": "I"}]
    if added:
        messages.append({"role": "system", "content": added})
    assert goes_on(messages) is expected


def test_an_answer_that_was_stopped_is_known_by_its_beginning() -> None:
    """The reader's part may be shorter or longer than ours; of a whole one it may not."""
    for whole in (False, True):
        kept = KnownAnswer(variant=0, words="Oncethere", whole=whole)
        message = KnownMessage(id="a", role=MODEL, answers=(kept,))
        for text in ("Once", "Once there was"):
            assert answer_shown(message, says(MODEL, text)) == (None if whole else 0)


def test_of_equal_answers_the_picture_tells_which() -> None:
    """Two answers of the same words keep their own pictures."""
    message_id = "1" * 32
    equal = tuple(KnownAnswer(variant=number, words="A.") for number in range(3))
    message = KnownMessage(id=message_id, role=MODEL, answers=equal)
    picture = PictureId(message_id, 1, 0).written()
    assert answer_shown(message, replace(says(MODEL, "A."), pictures=(picture,))) == 1


def test_ids_of_different_keys_have_nothing_in_common() -> None:
    """Who asks is part of what a message is."""
    said = [says(USER, "Go."), says(MODEL, "I."), says(USER, "On.")]
    assert not set(names(said, b"one")) & set(names(said, b"two"))
    assert all(len(name) == 32 for name in names(said, b"one"))
    other = [*said[:1], says(MODEL, "You."), says(USER, "On.")]
    same = [a == b for a, b in zip(names(said, KEY), names(other, KEY), strict=True)]
    assert same == [True, True, False, False]


def test_an_answer_edited_in_the_middle_is_another_story() -> None:
    """What follows it already answers other words; at the end nothing does."""
    said = [says(USER, "Go."), says(MODEL, "I."), says(USER, "On."), says(MODEL, "You.")]
    ids = names(said, KEY)
    kept = [
        KnownMessage(id=name, role=t.role, answers=(KnownAnswer(variant=0, words=t.words),))
        for name, t in zip(ids, said, strict=False)
    ]
    edited = [said[0], says(MODEL, "We."), says(USER, "On.")]
    for end, kind, edits in ((4, Kind.BRANCH, None), (2, Kind.NEW_TURN, ids[1])):
        known = KnownChat(id="c", messages=tuple(kept[:end]))
        found = recognise(edited, names(edited, KEY), known)
        assert (found.kind, found.edited, found.position, found.last) == (kind, edits, 1, ids[0])


def test_greetings_of_different_characters_are_different_messages() -> None:
    """They answer nothing that they could be told apart by but themselves."""
    one, two = (names([says(MODEL, text)], KEY)[0] for text in ("Hello!", "Good day."))
    assert one != two


def test_numbers_without_room_in_an_address_are_refused() -> None:
    """No address leads to another picture than its own."""
    for numbers in ((0x10000, 0), (0, 0x10000), (-1, 0)):
        with pytest.raises(ValueError, match="no picture"):
            PictureId("1" * 32, *numbers).written()
