"""Stopping what is written and drawn, at whichever server that is."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from limner.illustration import Illustrator, StopWhat
from limner.server.events import EventHub
from limner.server.open_answers import OpenAnswers

PATIENCE = 0.5
"""Seconds for which other servers are waited for, where nothing was stopped here."""
STOPPED = "stopped by the reader"
"""Why pictures are missing then."""


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
        self._hub = hub
        self._asked: dict[str, list[int]] = {}
        self._answered = asyncio.Event()
        self._for_others: set[asyncio.Task[None]] = set()
        hub.on_others("stop", self._stop_for_another)
        hub.on_others("stopped", self._stopped_elsewhere)

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

    async def _everywhere(self, order: Mapping[str, Any], *, more: bool) -> int:
        """How many were stopped: here, and at others as far as they say so in time.

        Args:
            order: What is to be stopped.
            more: Whether there may be more elsewhere if there was something here.
        """
        here = await self._here(order)
        if not self._hub.has_others:
            return here
        ask = secrets.token_hex(8)
        counts = self._asked[ask] = []
        self._hub.tell_others("stop", {**order, "ask": ask})
        try:
            if not here or more:
                await self._wait(lambda: bool(counts) and not more)
            return here + sum(counts)
        finally:
            del self._asked[ask]

    async def _wait(self, enough: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                while not enough():
                    self._answered.clear()
                    await self._answered.wait()
        except TimeoutError:
            return

    async def _here(self, order: Mapping[str, Any]) -> int:
        """Stop it at this server, also what was asked for so lately that its chat is not known."""
        if order.get("chat") is not None:
            await self._opened.recognise(within=PATIENCE)
        return self._stop(order)

    def _stop(self, order: Mapping[str, Any]) -> int:
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

    def _stop_for_another(self, order: Mapping[str, Any]) -> None:
        task = asyncio.create_task(self._stopping_for_another(order))
        self._for_others.add(task)
        task.add_done_callback(self._for_others.discard)

    async def _stopping_for_another(self, order: Mapping[str, Any]) -> None:
        if count := await self._here(order):
            self._hub.tell_others("stopped", {"ask": order["ask"], "count": count})

    def _stopped_elsewhere(self, said: Mapping[str, Any]) -> None:
        counts = self._asked.get(said["ask"])
        if counts is not None:
            counts.append(said["count"])
            self._answered.set()
