"""Which processes work on a library, at what, and who goes on with it when one of them dies."""

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects import postgresql

from limner.errors import WorkTaken
from limner.storage.database.tables import answers, chats, jobs, messages, processes, slots, work
from limner.storage.repositories.repository import Repository

NOW = func.extract("epoch", func.clock_timestamp())
"""By the database's clock: those of machines differ."""


class PresenceRepository(Repository):
    """Knows who is there, in a database that is a server; elsewhere nobody else is asked for."""

    @property
    def is_shared(self) -> bool:
        """Whether several processes may work on the library, and go on with one another's work."""
        return self._database.is_server

    async def join(self, process: str) -> None:
        """Be there from now on. What is changed from then on is refused once others took over."""
        new = insert(processes).values(id=process, seen_at=NOW)
        self._joined.add(process)
        self._database.let_in(process)
        await self._whole(self._database.write(lambda connection: connection.execute(new).close()))

    async def beat(self, process: str, *, ttl: float) -> list[tuple[str, int]] | None:
        """Say that a process is there, and take over the work of those who did not say so.

        Args:
            process: Who is there.
            ttl: Seconds after which somebody who was not heard is dead.

        Returns:
            The answers that are this process's now; ``None``: others took it for dead before.
        """

        def beating(connection: Connection) -> list[tuple[str, int]]:
            here = update(processes).where(processes.c.id == process).values(seen_at=NOW)
            connection.execute(here).close()
            silent = (
                select(processes.c.id)
                .where(processes.c.seen_at < NOW - ttl)
                .with_for_update(skip_locked=True)  # it is committing something
            )
            gone = delete(processes).where(processes.c.id.in_(silent)).returning(processes.c.id)
            dead = list(connection.execute(gone).scalars())
            return _taken_over(connection, process, dead) if dead else []

        try:  # by itself, so that no other work of this process waits for those locks
            return await self._whole(self._database.write(beating))
        except WorkTaken:
            return None

    def begin_work(self, process: str, message_id: str, variant: int) -> None:
        """A process is about to write an answer, or to draw for it: known with its next change."""
        new = postgresql.insert(work).on_conflict_do_nothing()
        values = {"process": process, "message_id": message_id, "variant": variant}
        self._given(lambda connection: connection.execute(new, values).close(), brief=False)

    def end_work(self, process: str, message_id: str, variant: int) -> None:
        """It does so no more. What is still to be drawn for it stays the process's."""
        waiting = (
            exists()
            .where(jobs.c.slot_key == slots.c.key)
            .where(slots.c.answer_key == answers.c.key)
            .where(answers.c.message_key == messages.c.key)
            .where(messages.c.id == message_id)
            .where(answers.c.variant == variant)
        )
        gone = (
            delete(work)
            .where(work.c.process == process)
            .where(work.c.message_id == message_id)
            .where(work.c.variant == variant)
            .where(~waiting)
        )
        self._given(lambda connection: connection.execute(gone).close(), brief=False)

    async def others_at(self, *, message_id: str | None = None, chat_id: str | None = None) -> int:
        """How many other processes write a message or draw for it; or for those of a chat."""
        if not self.is_shared:
            return 0
        query = select(func.count(work.c.process.distinct())).where(
            work.c.process.not_in(self._joined)
        )
        if message_id is not None:
            query = query.where(work.c.message_id == message_id)
        if chat_id is not None:
            query = (
                query.join(messages, messages.c.id == work.c.message_id)
                .join(chats, chats.c.key == messages.c.chat_key)
                .where(chats.c.id == chat_id)
            )
        return await self._read(lambda connection: connection.execute(query).scalar_one())

    async def leave(self, process: str) -> None:
        """Be there no more: others go on with what is left as soon as they notice."""
        gone = update(processes).where(processes.c.id == process).values(seen_at=0.0)
        await self._write(lambda connection: connection.execute(gone).close())


def _taken_over(connection: Connection, process: str, dead: list[str]) -> list[tuple[str, int]]:
    """Make the work of dead processes another's."""
    gone = delete(work).where(work.c.process.in_(dead)).returning(work.c.message_id, work.c.variant)
    found = sorted({(row[0], row[1]) for row in connection.execute(gone)})
    if found:
        new = postgresql.insert(work).on_conflict_do_nothing()
        rows = [{"process": process, "message_id": one, "variant": number} for one, number in found]
        connection.execute(new, rows)
    return found
