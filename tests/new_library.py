"""New libraries in no time: the migrations make the first one, its statements all others.

Most tests begin with a library of their own. To find, load and run a dozen migrations takes far
longer than what they say to the database, which is remembered here and said again. What the
migrations do is tested in `tests/storage/test_migrations.py`, with `schema.upgrade` itself.
"""

from typing import Any

from sqlalchemy import Connection, create_engine, event

from limner.storage import library
from limner.storage.database import schema

ASKED = ("SELECT", "PRAGMA MAIN.", "PRAGMA TEMP.")
"""How statements begin that change nothing."""


class NewTables:
    """Makes the tables of new libraries in files; all else the migrations do."""

    def __init__(self) -> None:
        self._said: list[tuple[str, Any]] = []

    def upgrade(self, connection: Connection, place: str) -> None:
        """As `schema.upgrade`."""
        new = connection.dialect.name == "sqlite" and schema.version(connection) is None
        if not new:
            schema.upgrade(connection, place)
            return
        if not self._said:
            self.learn()
        driver: Any = connection.connection.driver_connection
        for statement, parameters in self._said:
            driver.execute(statement, parameters)

    def learn(self) -> None:
        """Make the tables once, and listen to what the migrations say."""
        engine, said = create_engine("sqlite://"), list[tuple[str, Any]]()

        @event.listens_for(engine, "before_cursor_execute")
        def hear(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            if not statement.strip().upper().startswith(ASKED):
                said.append((statement, parameters))

        with engine.begin() as connection:
            schema.upgrade(connection, "new")
        engine.dispose()
        self._said = said


def quickly_made() -> NewTables:
    """From now on new libraries of this process are made so."""
    tables = NewTables()
    setattr(library, "upgrade", tables.upgrade)  # noqa: B010 - it is not the module's to give away
    return tables
