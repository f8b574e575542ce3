"""Statements that are built once and compiled once, so that running one costs next to nothing.

SQLAlchemy writes the SQL and converts the values, for both databases. Building an expression and
looking its SQL up costs ten times what SQLite needs to run it, so what is run for every answer is
a constant, and on SQLite goes to the driver as the text it was compiled to.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import Executable
from sqlalchemy.types import TypeEngine

from limner.storage.database.column_types import UNFIT, AnyText, fit

T = TypeVar("T")
BOOK = "limner_statements"
"""Under which a connection of SQLite has its `StatementBook`."""

BATCH = 500
"""Keys in one statement; databases allow some ten thousand."""

Convert = Callable[[Any], Any]


class Statement:
    """An SQL statement with bind parameters.

    Args:
        clause: What SQLAlchemy knows it as.
        columns: The columns that are given, if it is an insertion.
    """

    __slots__ = ("clause", "columns")

    def __init__(self, clause: Executable, *columns: str) -> None:
        self.clause = clause
        self.columns = columns

    def rows(self, connection: Connection, **values: Any) -> Sequence[Any]:
        """Run it; gives the rows, as tuples."""
        book: StatementBook | None = connection.info.get(BOOK)
        if book is None:
            return connection.execute(self.clause, values).all()
        return book.rows(self, values)

    def row(self, connection: Connection, **values: Any) -> Any:
        """Run it; gives the first row, ``None`` if there is none."""
        found = self.rows(connection, **values)
        return found[0] if found else None

    def records(self, connection: Connection, **values: Any) -> list[Mapping[str, Any]]:
        """Run it; gives the rows, by the names of their columns."""
        book: StatementBook | None = connection.info.get(BOOK)
        if book is None:
            return [dict(row) for row in connection.execute(self.clause, values).mappings()]
        names = book.names(self)
        return [dict(zip(names, row, strict=True)) for row in book.rows(self, values)]

    def record(self, connection: Connection, **values: Any) -> Mapping[str, Any] | None:
        """Run it; gives the first row by the names of its columns, ``None`` if there is none."""
        found = self.records(connection, **values)
        return found[0] if found else None

    def run(self, connection: Connection, **values: Any) -> int:
        """Run it; gives the number of rows it has changed."""
        book: StatementBook | None = connection.info.get(BOOK)
        if book is None:
            return connection.execute(self.clause, values).rowcount
        return book.run(self, values)


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as a driver knows it.

    Attributes:
        text: The SQL, with its parameters by name.
        constants: What its parameters are where nothing is given for them.
        given: How those that cannot be taken as they are given are converted.
        names: Of the columns it gives.
        made: Conversions of these columns, by their places.
    """

    text: str
    constants: Mapping[str, Any]
    given: tuple[tuple[str, Convert], ...]
    names: tuple[str, ...]
    made: tuple[tuple[int, Convert], ...]


class StatementBook:
    """The statements of one connection of SQLite.

    Args:
        driver: The connection.
        dialect: Knows SQLite's SQL, and names its parameters (``paramstyle="named"``).
    """

    def __init__(self, driver: sqlite3.Connection, dialect: Dialect) -> None:
        self._driver = driver
        self._dialect = dialect
        self._known: dict[Statement, _Compiled] = {}

    def rows(self, statement: Statement, values: Mapping[str, Any]) -> list[Any]:
        """Run a statement; gives its rows."""
        known = self._known.get(statement) or self._compiled(statement)
        rows = self._driver.execute(known.text, _fit_in(known, values)).fetchall()
        return [_converted(row, known.made) for row in rows] if known.made and rows else rows

    def run(self, statement: Statement, values: Mapping[str, Any]) -> int:
        """Run a statement; gives the number of rows it has changed."""
        known = self._known.get(statement) or self._compiled(statement)
        return self._driver.execute(known.text, _fit_in(known, values)).rowcount

    def names(self, statement: Statement) -> tuple[str, ...]:
        """The names of the columns that a statement gives."""
        return (self._known.get(statement) or self._compiled(statement)).names

    def _compiled(self, statement: Statement) -> _Compiled:
        known = self._known[statement] = _compile(statement, self._dialect)
        return known


def _compile(statement: Statement, dialect: Dialect) -> _Compiled:
    compiled = statement.clause.compile(  # type: ignore[attr-defined] # every statement can
        dialect=dialect,
        column_keys=statement.columns or None,
        compile_kwargs={"render_postcompile": True},
    )
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - tells the type checker
    constants = compiled.params
    types = {bind.key: bind.type for bind in compiled.binds.values()}
    binds = {name: _bind(types[name], dialect) for name in constants if name in types}
    given = tuple((name, convert) for name, convert in binds.items() if convert is not None)
    columns = getattr(statement.clause, "exported_columns", ())
    converting = [_result(column.type, dialect) for column in columns]
    return _Compiled(
        text=compiled.string,
        constants=constants,
        given=given,
        names=tuple(column.name for column in columns),
        made=tuple((at, one) for at, one in enumerate(converting) if one is not None),
    )


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    if isinstance(kind, AnyText):
        return _fitting  # what SQLAlchemy makes of it calls three functions for every text
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _fitting(text: str | None) -> str | None:
    return text if text is None or UNFIT.search(text) is None else fit(text)


def _result(kind: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


def _fit_in(known: _Compiled, values: Mapping[str, Any]) -> dict[str, Any]:
    given = {**known.constants, **values}
    for name, convert in known.given:
        given[name] = convert(given[name])
    return given


def _converted(row: tuple[Any, ...], made: tuple[tuple[int, Convert], ...]) -> list[Any]:
    changed = list(row)
    for at, convert in made:
        changed[at] = convert(changed[at])
    return changed


def batches(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """The items in pieces that fit into a statement."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
