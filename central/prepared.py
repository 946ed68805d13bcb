"""Statements of the busiest calls: SQLAlchemy words them once for a database, its driver runs them.

Measured here: to look up a token costs 190 µs of processor time when SQLAlchemy runs it, 9 µs so (decision 0042).
"""

from dataclasses import dataclass
from typing import Any, cast
from weakref import WeakKeyDictionary, finalize

from sqlalchemy import Connection, Dialect, Engine, Executable
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

from central.storage import close_with

Values = dict[str, Any]
_READERS: WeakKeyDictionary[Engine, list["Reader"]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Reader:
    """A connection for reading; `close` lets go of it everywhere, the engine's list of what ends with it too."""

    connection: DBAPIConnection
    close: "finalize[[], Engine]"


@dataclass
class _Words:
    """A statement in one dialect. `places`: its parameters in their order, None where they go by name."""

    text: str
    defaults: Values
    places: tuple[str, ...] | None
    names: tuple[str, ...] = ()


class Prepared:
    """One statement; `values` are its bind parameters by name."""

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, ClauseElement)
        self._statement = statement
        self._worded: dict[str, _Words] = {}

    def _words(self, dialect: Dialect) -> _Words:
        found = self._worded.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect)
            places = getattr(compiled, "positiontup", None)
            kept = {name: value for name, value in compiled.params.items() if value is not None}
            found = _Words(str(compiled), kept, tuple(places) if places is not None else None)
            self._worded[dialect.name] = found
        return found

    def _execute(self, cursor: DBAPICursor, dialect: Dialect, values: Values) -> DBAPICursor:
        words, driver = self._words(dialect), cast(Any, dialect.loaded_dbapi)
        if words.defaults:
            values = {**words.defaults, **values}
        try:
            cursor.execute(words.text, values if words.places is None else [values[place] for place in words.places])
        except driver.Error as error:  # as SQLAlchemy tells it everywhere else
            raise DBAPIError.instance(words.text, None, error, driver.Error) from error
        return cursor

    def run(self, connection: Connection, **values: Any) -> int:
        """Within a transaction of `writing`; gives the number of rows that were changed."""
        cursor = self._execute(connection.connection.cursor(), connection.dialect, values)
        changed = int(cursor.rowcount)
        cursor.close()
        return changed

    def row(self, connection: Connection, **values: Any) -> Values | None:
        """Within a transaction of `writing`; the first row, by column name."""
        return self._first(connection.connection.cursor(), connection.dialect, values)

    def look_up(self, engine: Engine, **values: Any) -> Values | None:
        """As everybody's last commit left it; the first row, by column name."""
        free = _READERS.setdefault(engine, [])
        reader = free.pop() if free else _reader(engine)
        try:
            found = self._first(reader.connection.cursor(), engine.dialect, values)
        except DBAPIError:
            for one in (reader, *free):  # where one is dead they all are
                one.close()
            free.clear()
            raise
        free.append(reader)
        return found

    def _first(self, cursor: DBAPICursor, dialect: Dialect, values: Values) -> Values | None:
        row, words = self._execute(cursor, dialect, values).fetchone(), self._words(dialect)
        if not words.names:
            words.names = tuple(column[0] for column in cursor.description or ())
        cursor.close()
        return None if row is None else dict(zip(words.names, row, strict=True))


def _reader(engine: Engine) -> Reader:
    """A connection that no pool looks after: each statement on it is a transaction of its own."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        pooled = engine.raw_connection()
    except driver.Error as error:
        raise DBAPIError.instance("a connection", None, error, driver.Error) from error
    connection = cast(DBAPIConnection, pooled.driver_connection)
    pooled.detach()
    reader = Reader(connection, close_with(engine, connection))
    engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")
    return reader
