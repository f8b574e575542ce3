"""Stopping, taking back and deleting what is written and drawn, at whichever server that is."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias

from limner.errors import LimnerError
from limner.illustration import Change, Illustrator, PendingDrawing, SlotId, StopWhat
from limner.server.events import EventHub
from limner.server.open_answers import OpenAnswers
from limner.storage import Library

PATIENCE = 0.5
"""Seconds for which other servers are waited for, where nothing was stopped here."""
ENDING = 5.0
"""Seconds for which it is waited until they have stopped something, and kept that: who does not
answer for so long is taken for dead."""
STOPPED = "stopped by the reader"
"""Why pictures are missing then."""

Said: TypeAlias = Mapping[str, Any]


class Questions:
    """Asks the others, and answers them.

    Args:
        hub: Tells them, and hears them.
        kind: What it is about.
        answer: Answers a question of another server; ``None``: that is for others to answer.
    """

    def __init__(
        self, hub: EventHub, kind: str, answer: Callable[[Said], Awaitable[Said | None]]
    ) -> None:
        self._hub = hub
        self._kind, self._answers = kind, f"{kind}.answer"
        self._answer = answer
        self._open: dict[str, list[Said]] = {}
        self._heard = asyncio.Event()
        self._answering: set[asyncio.Task[None]] = set()
        hub.on_others(self._kind, self._asked)
        hub.on_others(self._answers, self._answered)

    async def ask(
        self,
        question: Said,
        *,
        enough: Callable[[Sequence[Said]], bool],
        patience: float,
    ) -> Sequence[Said]:
        """What the others say to a question, as far as they do in time.

        Args:
            question: What.
            enough: Whether no more answers are waited for.
            patience: Seconds for which they are.
        """
        if not self._hub.has_others:
            return ()
        name = secrets.token_hex(8)
        answers = self._open[name] = []
        self._hub.tell_others(self._kind, {**question, "ask": name})
        try:
            async with asyncio.timeout(patience):
                while not enough(answers):
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            pass
        finally:
            del self._open[name]
        return answers

    def _asked(self, question: Said) -> None:
        task = asyncio.create_task(self._answer_to(question), name=f"answering {self._kind}")
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_to(self, question: Said) -> None:
        answer = await self._answer(question)
        if answer is not None:
            self._hub.tell_others(self._answers, {**answer, "ask": question["ask"]})

    def _answered(self, answer: Said) -> None:
        answers = self._open.get(answer["ask"])
        if answers is not None:
            answers.append(answer)
            self._heard.set()


class Stops:
    """Stops sessions and jobs here, and has other servers stop theirs.

    Args:
        illustrator: Has those of this server.
        hub: Tells the others.
        opened: The answers of models that are no session yet.
    """

    def __init__(self, illustrator: Illustrator, hub: EventHub, opened: OpenAnswers) -> None:
        self._opened = opened
        self._sessions = illustrator.sessions
        self._limiter = illustrator.limiter
        self._others = Questions(hub, "stop", self._stop_for_another)

    async def sessions(
        self, *, message: str | None = None, chat: str | None = None, what: StopWhat
    ) -> int:
        """Stop the sessions of a message, of a chat or all; tells how many there were."""
        return await self._everywhere(
            {"message": message, "chat": chat, "what": what.value}, more=message is None
        )

    async def job(self, job_id: str, *, owner: str | None = None) -> int:
        """Stop a picture, if it is this owner's (``None``: anybody's); tells whether there was."""
        return await self._everywhere({"job": job_id, "owner": owner}, more=False)

    async def _everywhere(self, order: Said, *, more: bool) -> int:
        """How many were stopped: here, and at others as far as they say so in time.

        Args:
            order: What is to be stopped.
            more: Whether there may be more elsewhere if there was something here.
        """
        here = await self._here(order)

        def enough(said: Sequence[Said]) -> bool:
            return not more and bool(here or said)

        said = await self._others.ask(order, enough=enough, patience=PATIENCE)
        return here + sum(int(one["count"]) for one in said)

    async def _here(self, order: Said) -> int:
        """Stop it at this server, also what was asked for so lately that its chat is not known."""
        if order.get("chat") is not None:
            await self._opened.recognise(within=PATIENCE)
        return self._stop(order)

    def _stop(self, order: Said) -> int:
        if "job" in order:
            job, owner = self._limiter.job(order["job"]), order["owner"]
            if job is None or (owner is not None and job.owner != owner):
                return 0
            return self._limiter.cancel(id=order["job"], reason="cancelled by the reader")
        what, message, chat = StopWhat(order["what"]), order["message"], order["chat"]
        if message is not None:
            return int(self._sessions.cancel(message, reason=STOPPED, what=what))
        if chat is not None:
            begun = self._sessions.cancel_chat(chat, reason=STOPPED, what=what)
            return begun + self._opened.stop(what, chat=chat)
        return self._sessions.cancel_all(reason=STOPPED, what=what) + self._opened.stop(what)

    async def _stop_for_another(self, order: Said) -> Said | None:
        count = await self._here(order)
        return {"count": count} if count else None


class Withdrawing:
    """Takes back and deletes, at whichever server it is that draws.

    Others are asked only where the library says that they are at it.

    Args:
        illustrator: Has what is drawn here.
        library: Knows who is at what.
        hub: Tells the others.
    """

    def __init__(self, illustrator: Illustrator, library: Library, hub: EventHub) -> None:
        self._operations = illustrator.operations
        self._sessions = illustrator.sessions
        self._library = library
        self._last = Questions(hub, "asked-last", self._say_last)
        self._back = Questions(hub, "take-back", self._take_back)
        self._end = Questions(hub, "end", self._end_for_another)
        if hub.has_others:
            self._operations.on_change(
                lambda message, undone: hub.tell_others(
                    "undoable", {"message": message, "undone": undone}
                )
            )
            hub.on_others("undoable", self._changed_elsewhere)

    async def undo(self, message_id: str) -> Change | None:
        """Take back what was done last to a message's pictures, at whichever server.

        Raises:
            limner.errors.MessageBusy: The message is being written here.
        """
        return await self._taken_elsewhere(message_id) or await self._operations.undo(message_id)

    async def delete_message(self, message_id: str) -> bool:
        """Delete a message; nobody goes on to write or draw for it."""
        others = await self._library.others_at(message_id=message_id)
        await self._ended({"message": message_id, "chat": None}, others)
        return await self._operations.delete_message(message_id)

    async def end_chat(self, chat_id: str) -> None:
        """Stop what is written or drawn in a conversation that is to be deleted."""
        others = await self._library.others_at(chat_id=chat_id)
        await self._ended({"message": None, "chat": chat_id}, others)
        await self._end_here(chat_id)

    # What others have

    async def _taken_elsewhere(self, message_id: str) -> Change | None:
        """What is taken back at another server, if somebody asked for that last."""
        others = await self._library.others_at(message_id=message_id)
        if not others:
            return None
        said = await self._last.ask(
            {"message": message_id}, enough=lambda told: len(told) >= others, patience=PATIENCE
        )
        asked = [one for one in said if one["at"] is not None]
        last = max(asked, key=lambda one: float(one["at"]), default=None)
        here = self._operations.asked_last(message_id)
        if last is None or (here is not None and here[1].requested_at >= last["at"]):
            return None
        taken = await self._back.ask(last, enough=bool, patience=ENDING)
        if not taken or taken[0]["kind"] is None:
            return None
        slot_id = _slot_id(last)
        message = await self._library.load(message_id, slot_id.variant)
        slots = () if message is None else (message.slot(slot_id),)
        return Change(kind=taken[0]["kind"], before=slots, after=slots)

    async def _ended(self, what: Said, others: int) -> None:
        if others:
            await self._end.ask(what, enough=lambda told: len(told) >= others, patience=ENDING)

    # What others want

    async def _say_last(self, question: Said) -> Said | None:
        message_id = question["message"]
        if not self._sessions.active(message_id=message_id):
            return None
        asked = self._operations.asked_last(message_id)
        if asked is None:
            return {"at": None}
        slot_id, drawing = asked
        return {
            "at": drawing.requested_at,
            "message": message_id,
            "variant": slot_id.variant,
            "ordinal": slot_id.ordinal,
            "attempt": drawing.attempt,
        }

    async def _take_back(self, question: Said) -> Said | None:
        slot_id = _slot_id(question)
        drawing = PendingDrawing(attempt=question["attempt"], requested_at=question["at"])
        if not self._operations.is_under_way(slot_id, drawing):
            return None
        try:
            change = await self._operations.take_back(slot_id, drawing)
        except LimnerError:
            change = None
        return {"kind": None if change is None else change.kind}

    async def _end_for_another(self, what: Said) -> Said | None:
        message, chat = what["message"], what["chat"]
        if not self._sessions.active(chat, message_id=message):
            return None
        if message is not None:
            await self._operations.end(message)
        else:
            await self._end_here(chat)
        return {}

    async def _end_here(self, chat_id: str) -> None:
        while sessions := self._sessions.active(chat_id):
            for session in sessions:
                session.cancel("the chat was deleted")
            await asyncio.gather(*(session.wait() for session in sessions))

    def _changed_elsewhere(self, said: Said) -> None:
        self._operations.changed_elsewhere(said["message"], undone=said["undone"])


def _slot_id(said: Said) -> SlotId:
    return SlotId(said["message"], said["variant"], said["ordinal"])
