"""Finding in a library the conversation that a front-end sends again."""

import asyncio
import hmac
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from limner.illustration import Role
from limner.prompts import open_tag
from limner.server.proxy.history.fingerprint import (
    Turn,
    answer_name,
    answer_turn,
    digest,
    names,
    told_name,
    words,
)
from limner.server.proxy.history.recognition import (
    Kind,
    KnownAnswer,
    KnownChat,
    KnownMessage,
    Recognition,
    answer_shown,
    as_told,
    recognise,
)
from limner.server.proxy.picture_id import STEM, PictureId
from limner.storage import AnswerLike, Library, MessagePlace

AT_ONCE = 8
"""Messages that are looked for at once, the last ones first."""
SETTING = "proxy_secret"
"""Under which a library keeps what the ids of its proxied messages are made with."""
LOOK_BACK = 128
"""Turns from the end in which something known is looked for."""
HEADS = (192, 96, 48, 24, 12)
"""How many characters of a text without turns tell it from others, the more the better."""
ENDING, ALIKE = 64, 8
"""Characters of two texts' ends that are looked at, and how many must agree, but for blanks."""
PATIENT = 10.0
"""Seconds in which an answer is named that was just given, where the library is well."""
MATTERING = 2
"""Messages behind the last turn that say whether it is followed by something else already."""

Now = Callable[[str, int], tuple[str, bool] | None]
"""The text of an answer that was written lately and may not be kept yet, and whether it ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question, as far as it matters where it belongs.

    Attributes:
        said: The conversation.
        scope: Who asks, and in which conversation if that is named. What is asked in one scope
            never meets what was asked in another.
        owner: For whom it is kept.
        reads: Whose pictures it may name; ``None``: everybody's.
        continuing: Whether the last turn is an answer that is to go on.
        choices: How many answers are wanted.
        message: What the front-end calls the answer's message, if it tells.
        story: Whether all that was said is one text, by whomever, and the answer goes on with it.
        previous: What the model server calls the answer that was given before, where it alone
            remembers that; once that is found, it stands for itself at the beginning of `said`.
    """

    said: Sequence[Turn]
    scope: tuple[str | None, ...] = ()
    owner: str | None = None
    reads: str | None = None
    continuing: bool = False
    choices: int = 1
    message: str | None = None
    story: bool = False
    previous: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Where a question belongs in the library.

    Attributes:
        asked: The question.
        place: Where.
        ids: The ids of its turns and of the answer.
        home: How the ids of its scope's conversations begin.
        key: With which the names of its scope are made.
        free: The number of the next answer of its message.
        before: The text of the answer that goes on.
        slots: How many slots that answer has.
        unseen: The open tag with which that text ends, and the blanks before it, if no front-end
            shows them.
        behind: The answer that the first turn stands for, where its server alone remembers that.
    """

    asked: Asked
    place: Recognition
    ids: Sequence[str]
    home: str
    key: bytes = field(repr=False)
    free: int = 0
    before: str = ""
    slots: int = 0
    unseen: str = ""
    behind: tuple[str, int] | None = None


class ChatLookup:
    """Recognises conversations. Its only memory is the library's.

    Args:
        library: Where they are kept.
        now: Knows what is not kept yet.
        patterns: Tag patterns in place of the defaults.
    """

    def __init__(
        self, library: Library, now: Now, *, patterns: Sequence[str] | None = None
    ) -> None:
        self._library = library
        self._now = now
        self._patterns = patterns
        self._secret: bytes | None = None
        self._turn = asyncio.Lock()
        self._asked = 0
        self._expected: dict[str, asyncio.Task[None]] = {}

    def number_question(self) -> int:
        """One more question is asked; gives how many there were."""
        self._asked += 1
        return self._asked

    async def find(self, asked: Asked, before: Callable[[Sequence[str]], Awaitable[None]]) -> Found:
        """Where a question belongs.

        Args:
            asked: The question.
            before: Waits until what is kept just now of these messages can be found.

        Raises:
            limner.errors.StorageError: The library cannot be read.
        """
        scope = repr(asked.scope).encode("utf-8", "surrogatepass")
        key = hmac.digest(self._secret or await self._key(), scope, "sha256")
        home = hmac.digest(key, b"chats", "sha256").hex()[:16]
        first = None
        if asked.previous is not None:
            await before([asked.previous])
            first = await self._previous(asked.previous, home, key)
            asked = _behind(asked, first)
        # Where nobody said anything, nothing can be known again.
        ids = names(asked.said, key) if asked.said else [secrets.token_hex(16)]
        if asked.message is not None:
            ids = [*ids[:-1], told_name(key, asked.message)]
        await before(ids)
        found = await self._placed(asked, ids, home, key, first)
        free = await self._free(found)
        if free is None:  # another server has begun it since: that is seen at the second look
            found = await self._placed(asked, ids, home, key, first)
            free = await self._free(found)
        return await self._completed(found, free)

    async def _placed(
        self,
        asked: Asked,
        ids: Sequence[str],
        home: str,
        key: bytes,
        first: tuple[MessagePlace, int] | None,
    ) -> Found:
        """Where a question belongs by what is kept now; `first` is the answer before it."""
        if asked.story:
            return await self._story(asked, ids, home, key)
        known = await self._known(asked, ids, home)
        if known is None and first is not None:
            known = await self._going_on(asked.said, *first)
        there = await self._told(asked, ids[-1], home)
        told = None if there is None else there.id
        place = recognise(asked.said, ids, known, continuing=asked.continuing, told=told)
        if there is not None:
            last = asked.said[-1] if asked.continuing else None
            answer = await self._message(there, last)
            going = asked.continuing
            place = as_told(place, asked.said, answer, there.chat_id, continuing=going)
        behind = None if first is None else (first[0].id, first[1])
        return Found(asked=asked, place=place, ids=ids, home=home, key=key, behind=behind)

    async def name(self, name: str, answer: tuple[str, int]) -> None:
        """Remember an answer by an `answer_name`.

        Raises:
            limner.errors.StorageError: It cannot be kept.
        """
        await self._library.name_answer(name, *answer)

    def expect(self, called: str, naming: Coroutine[Any, Any, None]) -> None:
        """Have an answer named; who asks for what follows that one waits for it."""
        task = self._expected[called] = asyncio.create_task(naming, name="naming an answer")
        task.add_done_callback(lambda _: self._expected.pop(called, None))

    async def settled(self) -> None:
        """Wait until all that is expected is named."""
        if self._expected:
            await asyncio.wait(self._expected.values())

    async def last(self, found: Found, chat: str) -> tuple[str, int] | None:
        """The message that stands before the answer, and which of its answers, if it is kept."""
        said = found.asked.said
        if not said:
            return None
        if found.behind is not None and len(said) == 1:
            return found.behind
        name = found.ids[len(said) - 1]
        place = (await self._library.places([name])).get(name)
        return (name, place.selected) if place is not None and place.chat_id == chat else None

    async def _previous(
        self, called: str, home: str, key: bytes
    ) -> tuple[MessagePlace, int] | None:
        """The answer that its model server calls so, if it was given in the same scope."""
        if (naming := self._expected.get(called)) is not None:
            await asyncio.wait((naming,), timeout=PATIENT)
        answer = await self._library.answer_named(answer_name(key, called))
        if answer is None:
            return None
        place = (await self._library.places([answer[0]])).get(answer[0])
        known = place is not None and place.chat_id.startswith(home)
        return (place, answer[1]) if place is not None and known else None

    async def _going_on(self, said: Sequence[Turn], place: MessagePlace, variant: int) -> KnownChat:
        """The conversation of the first turn, which is this answer."""
        answer = KnownAnswer(variant=variant, words=said[0].words)
        first = KnownMessage(id=place.id, role=said[0].role, answers=(answer,))
        rest = await self._rest(said, 1, place)
        return KnownChat(id=place.chat_id, messages=(first, *rest))

    async def _story(self, asked: Asked, ids: Sequence[str], home: str, key: bytes) -> Found:
        """Where a text goes on: in the conversation of its last picture, or of its beginning.

        Nobody can tell who wrote what of it, so of all that goes before, only what a conversation
        begins with is kept. The same text gets another answer, any other one an answer of its own.
        """
        (turn,) = asked.said
        heads = [_named(key, turn.words[:length]) for length in HEADS if len(turn.words) >= length]
        heads = heads or [_named(key, turn.words)]
        begun = [name for _, name in await self._whole([(0, one) for one in _pictured(turn, "")])]
        places = await self._library.places([*begun, *heads])
        for name in (*reversed(begun), *heads):
            place = places.get(name)
            if place is not None and place.chat_id.startswith(home):
                found = Recognition(
                    kind=Kind.NEW_TURN, chat=place.chat_id, position=1, message=ids[-1]
                )
                return Found(asked=asked, place=found, ids=[name, ids[-1]], home=home, key=key)
        new = Recognition(kind=Kind.NEW_TURN, message=ids[-1])
        return Found(asked=asked, place=new, ids=[heads[0], ids[-1]], home=home, key=key)

    async def _key(self) -> bytes:
        async with self._turn:
            if self._secret is None:
                kept = await self._library.setting(SETTING)
                if not isinstance(kept, str):
                    kept = await self._library.change_setting(SETTING, _secret)
                self._secret = str(kept).encode()
            return self._secret

    async def _told(self, asked: Asked, name: str, home: str) -> MessagePlace | None:
        """The place of the answer's message, where that is told and known."""
        if asked.message is None:
            return None
        place = (await self._library.places([name])).get(name)
        return place if place is not None and place.chat_id.startswith(home) else None

    async def _known(self, asked: Asked, ids: Sequence[str], home: str) -> KnownChat | None:
        """The conversation of the last turn that is known, from there on."""
        said = asked.said
        count = len(said) - asked.continuing
        wanted = [
            (index, name)
            for index in range(count - 1, max(count - LOOK_BACK, 0) - 1, -1)
            for name in dict.fromkeys((ids[index], *_pictured(said[index], ids[index])))
        ]
        for start in range(0, len(wanted), AT_ONCE):
            some = await self._whole(wanted[start : start + AT_ONCE])
            places = await self._library.places([name for _, name in some])
            for index, name in some:
                place = places.get(name)
                if place is None or not place.chat_id.startswith(home):
                    continue
                first = await self._message(place, said[index])
                if answer_shown(first, said[index]) is not None:
                    rest = await self._rest(said, index + 1, place)
                    return KnownChat(id=place.chat_id, messages=(first, *rest), first=index)
        return None

    async def _whole(self, wanted: list[tuple[int, str]]) -> list[tuple[int, str]]:
        """The same, with whole ids where only the beginning of one is known."""
        begun = [name for _, name in wanted if len(name) == STEM]
        whole = await self._library.whole_ids(begun) if begun else {}
        return [(index, whole.get(name, name)) for index, name in wanted]

    async def _rest(
        self, said: Sequence[Turn], index: int, place: MessagePlace
    ) -> list[KnownMessage]:
        """What follows a message that is a turn, no further than it matters what it says."""
        following = await self._library.following(place, len(said) - index + MATTERING)
        made = []
        for at, one in enumerate(following, start=index):
            turn = said[at] if at < len(said) else None
            made.append(await self._message(one, turn))
            if turn is None or answer_shown(made[-1], turn) is None:
                break
        beyond = following[len(made) :]
        return [*made, *(KnownMessage(id=one.id, role=one.role, answers=()) for one in beyond)]

    async def _message(self, place: MessagePlace, turn: Turn | None) -> KnownMessage:
        """A message with those of its answers that may be the turn."""
        known: list[KnownAnswer] = []
        if turn is not None and turn.role is place.role:
            alike = await self._library.answers_like(place, digest(turn.words))
            known = [
                KnownAnswer(variant=one.variant, words=turn.words, whole=one.whole)
                for one in alike
                if one.known
            ] or [await self._read(place, one, turn) for one in alike]
        return KnownMessage(id=place.id, role=place.role, answers=tuple(known))

    async def _read(self, place: MessagePlace, one: AnswerLike, turn: Turn) -> KnownAnswer:
        """An answer of which no digest is kept: it was cut, is being written, or was changed."""
        now = self._now(place.id, one.variant)
        text, whole = (await self._library.said_by(one), one.whole) if now is None else now
        said = words(text, self._patterns, answer=place.role is Role.ASSISTANT)
        if now is None and whole and said == turn.words:
            self._library.note_words(place.id, one.variant, digest(said))
        return KnownAnswer(variant=one.variant, words=said, whole=whole)

    async def _free(self, found: Found) -> int | None:
        """The number of the next answer of its message, if that is not in another conversation."""
        place, choices = found.place, found.asked.choices
        return await self._library.free_variant(place.message, place.chat, count=choices)

    async def _completed(self, found: Found, free: int | None) -> Found:
        """With what is known of the message that the answer belongs to."""
        place = found.place
        if free is None:  # it has its place elsewhere, and keeps it
            return replace(found, place=replace(place, message=secrets.token_hex(16)))
        if place.variant is None:
            return replace(found, free=free)
        message = await self._library.load(place.message, place.variant)
        if message is None:
            return replace(found, free=free)
        now = self._now(place.message, place.variant)
        before = message.text if now is None else now[0]
        slots = len(message.slots)
        unseen = "" if _end_alike(before, found.asked.said[-1].text) else self._open_tag(before)
        return replace(found, free=free, before=before, slots=slots, unseen=unseen)

    def _open_tag(self, text: str) -> str:
        """The open tag with which a text ends, and the blanks before it."""
        tag = open_tag(text, self._patterns)
        return text[len(text.removesuffix(tag).rstrip()) :] if tag else ""


def _secret(kept: object) -> str:
    """What is kept, or a new one where there is none: several who begin at once have the same."""
    return kept if isinstance(kept, str) else secrets.token_hex(32)


def _behind(asked: Asked, first: tuple[MessagePlace, int] | None) -> Asked:
    """The question with the answer before it as its first turn, if that is known."""
    if first is None:
        return replace(asked, previous=None)
    place, variant = first
    return replace(asked, said=[answer_turn(place.id, variant), *asked.said])


def _named(key: bytes, beginning: str) -> str:
    """The id of the message that a text without turns begins with."""
    said = beginning.encode("utf-8", "surrogatepass")
    return hmac.digest(key, b"story" + said, "sha256").hex()[:32]


def _end_alike(one: str, other: str) -> bool:
    """Whether two texts have the same last words."""
    last, same = ("".join(text[-ENDING:].split()) for text in (one, other))
    return last[-ALIKE:] == same[-ALIKE:]


def _pictured(turn: Turn, own: str) -> list[str]:
    """The messages of the pictures in a turn, or how their ids begin, but for the turn's own.

    Those of long conversations lose their beginning.
    """
    read = (PictureId.read(picture) for picture in turn.pictures)
    return [name.message_id for name in read if name is not None and not name.is_of(own)]
