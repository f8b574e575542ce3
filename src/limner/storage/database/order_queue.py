"""The jobs of pictures that workers draw, in PgQueuer's tables in a library's database.

PgQueuer makes the tables, puts jobs in and gives them out: to one worker at a time, the most urgent
first, and again those of a worker that was not heard for a while. What ends a job is done here,
since it belongs into the transaction that keeps the picture, and only who has the job may end it.

That there is something to be done is told through Valkey: its own notifications would cost every
commit, and are switched off.
"""

from collections.abc import Sequence
from datetime import timedelta
from importlib.metadata import version
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Uuid,
    column,
    delete,
    exists,
    func,
    literal_column,
    select,
    table,
    text,
    update,
)

from limner.storage.database.schema import wait_for_others
from limner.storage.database.tables import orders

SCHEMA = "limner_queue"
"""The schema of PgQueuer's tables, apart from limner's."""
KIND = "picture"
"""What PgQueuer calls these jobs."""
INSTALLING = 0x6C696D6E6571
"""PostgreSQL's advisory lock that lets one process at a time make the tables."""
LOGGED = 1
"""For how many days PgQueuer's log says what became of a job."""
QUEUED: ColumnElement[Any] = literal_column("'queued'")
PICKED: ColumnElement[Any] = literal_column("'picked'")
"""States of jobs, as text that takes the type of what it is compared with."""


class OrderQueue:
    """Jobs, each known by the id of its order. All calls are in the transaction that is open.

    Raises:
        ImportError: PgQueuer is not installed.
    """

    def __init__(self) -> None:
        # It takes a while to load, and only who draws elsewhere has it.
        from pgqueuer.adapters.persistence.qb import QueryQueueBuilder
        from pgqueuer.domain.settings import DBSettings

        self._settings = DBSettings(prefix="", db_schema=SCHEMA)
        self._queries = QueryQueueBuilder(self._settings)
        self._enqueue = self._queries.build_enqueue_query("skip")
        names = "dedupe_key", "status", "heartbeat", "execute_after"
        self._jobs = table(
            self._settings.queue_table,
            column("id", BigInteger),
            column("queue_manager_id", Uuid),
            *map(column, names),
            schema=SCHEMA,
        )
        self._log = table(self._settings.queue_table_log, column("created"), schema=SCHEMA)

    def install(self, connection: Connection) -> None:
        """Make the tables, or bring those of another release of PgQueuer to this one's form."""
        from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
        from pgqueuer.adapters.persistence.schema_ddl import render_converge

        wait_for_others(connection, INSTALLING)
        release = version("pgqueuer")
        found = text("SELECT to_regclass(:name) IS NOT NULL")
        names = self._settings.qualified
        if connection.scalar(found, {"name": names.queue_table}):
            known = text("SELECT obj_description(to_regclass(:name))")
            if connection.scalar(known, {"name": names.queue_table}) == release:
                return
            script = "\n".join(render_converge(self._settings))
        else:
            script = QueryBuilderEnvironment(self._settings).build_install_query()
        _run_script(
            connection,
            f"{script}\nALTER TABLE {names.queue_table} DISABLE TRIGGER {self._settings.trigger};"
            f"\nCOMMENT ON TABLE {names.queue_table} IS '{release}';",
        )

    def enqueue(
        self, connection: Connection, orders: Sequence[tuple[str, int]], *, after: float = 0.0
    ) -> None:
        """Have orders drawn; one that has a job already keeps it.

        Args:
            connection: In a transaction.
            orders: Their ids and priorities, as a limiter has them: 0 before 9.
            after: Seconds from now before which nobody takes them.
        """
        count = len(orders)
        values = (
            [-priority for _, priority in orders],
            [KIND] * count,
            [None] * count,
            [timedelta(seconds=after)] * count,
            [order for order, _ in orders],
            [None] * count,
        )
        if count:
            connection.exec_driver_sql(self._enqueue, values).close()

    def due(self, connection: Connection, orders: Sequence[str]) -> None:
        """Let them be taken now."""
        jobs = self._jobs.c
        later = jobs.dedupe_key.in_(orders), jobs.status == QUEUED, jobs.execute_after > func.now()
        now = update(self._jobs).where(*later).values(execute_after=func.now())
        connection.execute(now).close()

    def there(self, connection: Connection, orders: Sequence[str]) -> dict[str, bool]:
        """Which of these orders have jobs, and whether somebody has taken them."""
        jobs = self._jobs.c
        found = select(jobs.dedupe_key, jobs.status == PICKED).where(jobs.dedupe_key.in_(orders))
        return {row[0]: row[1] for row in connection.execute(found)}

    def claim(
        self, connection: Connection, worker: UUID, most: int, ttl: float
    ) -> list[tuple[int, str]]:
        """Take jobs: their keys, and the orders.

        Args:
            connection: In a transaction.
            worker: Who takes them.
            most: How many, at most.
            ttl: Seconds after which one is given out again whose worker was not heard.
        """
        query = self._queries.build_dequeue_query(
            batch_size=most,
            entrypoints=[KIND],  # type: ignore[list-item, unused-ignore] # a string of its own kind
            concurrency_limits=[0],
            queue_manager_id=worker,  # type: ignore[arg-type, unused-ignore] # likewise
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(seconds=ttl),
        )
        rows: Any = connection.exec_driver_sql(query.sql, tuple(query.args)).mappings()
        return [(row["id"], row["dedupe_key"]) for row in rows]

    def beat(self, connection: Connection, worker: UUID, jobs: Sequence[int]) -> set[int]:
        """Say that a worker is at its jobs; gives those that are still its own, and wanted."""
        wanted = exists().where(orders.c.id == self._jobs.c.dedupe_key)
        here = update(self._jobs).where(*self._own(worker, jobs), wanted)
        here = here.values(heartbeat=func.now())
        return set(connection.execute(here.returning(self._jobs.c.id)).scalars())

    def end(self, connection: Connection, worker: UUID, job: int) -> bool:
        """End a job; tells whether it was still the worker's."""
        return connection.execute(delete(self._jobs).where(*self._own(worker, [job]))).rowcount == 1

    def release(
        self,
        connection: Connection,
        worker: UUID,
        jobs: Sequence[int] | None,
        *,
        after: float = 0.0,
    ) -> None:
        """Let others take jobs that a worker has and will not do, so many seconds from now.

        Args:
            connection: In a transaction.
            worker: Who has them.
            jobs: Which; ``None``: all that it has.
            after: Seconds.
        """
        mine = [] if jobs is None else [self._jobs.c.id.in_(jobs)]
        left = update(self._jobs).where(*self._of(worker), *mine)
        values = {
            "status": QUEUED,
            "queue_manager_id": None,
            "execute_after": func.now() + func.make_interval(0, 0, 0, 0, 0, 0, after),
        }
        connection.execute(left.values(values)).close()

    def drop(self, connection: Connection, orders: Sequence[str]) -> int:
        """End the jobs of orders, whoever has them; tells how many there were."""
        gone = delete(self._jobs).where(self._jobs.c.dedupe_key.in_(orders))
        return connection.execute(gone).rowcount

    def forget(self, connection: Connection) -> None:
        """Take out of PgQueuer's log what is old."""
        old = self._log.c.created < func.now() - func.make_interval(0, 0, 0, LOGGED)
        connection.execute(delete(self._log).where(old)).close()

    def _own(self, worker: UUID, jobs: Sequence[int]) -> list[ColumnElement[bool]]:
        return [self._jobs.c.id.in_(jobs), *self._of(worker)]

    def _of(self, worker: UUID) -> list[ColumnElement[bool]]:
        return [self._jobs.c.queue_manager_id == worker, self._jobs.c.status == PICKED]


def _run_script(connection: Connection, script: str) -> None:
    """Run several statements at once, which SQLAlchemy does not do, in the open transaction."""
    driver = connection.connection.dbapi_connection
    assert driver is not None  # noqa: S101 - it is open
    driver.run_async(lambda asyncpg: asyncpg.execute(script))
