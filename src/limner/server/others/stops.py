"""Stopping what is written and drawn, at whichever server that is."""

from collections.abc import Sequence

from limner.illustration import Illustrator, StopWhat
from limner.server.events import EventHub
from limner.server.open_answers import OpenAnswers
from limner.server.others.questions import Questions, Said

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
