"""Statements of the busiest calls: SQLAlchemy words them once for a database, its driver runs them.

Measured here: to look up a token costs 190 µs of processor time when SQLAlchemy runs it, 9 µs so (decision 0042).
"""

from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Dialect, Engine, Executable
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ClauseElement

Values = dict[str, Any]
_READERS: WeakKeyDictionary[Engine, list[DBAPIConnection]] = WeakKeyDictionary()


class Prepared:
    """One statement; `values` are its bind parameters by name."""

    def __init__(self, statement: Executable) -> None:
        assert isinstance(statement, ClauseElement)
        self._statement = statement
        self._worded: dict[str, tuple[str, Values, list[str] | None]] = {}

    def _words(self, dialect: Dialect) -> tuple[str, Values, list[str] | None]:
        if dialect.name not in self._worded:
            compiled = self._statement.compile(dialect=dialect)
            places = getattr(compiled, "positiontup", None)
            self._worded[dialect.name] = (str(compiled), dict(compiled.params), places)
        return self._worded[dialect.name]

    def _execute(self, cursor: DBAPICursor, dialect: Dialect, values: Values) -> DBAPICursor:
        words, defaults, places = self._words(dialect)
        all_values = {**defaults, **values}
        driver: Any = dialect.loaded_dbapi
        try:
            cursor.execute(words, all_values if places is None else tuple(all_values[place] for place in places))
        except driver.Error as error:  # as SQLAlchemy tells it everywhere else
            raise DBAPIError.instance(words, None, error, driver.Error) from error
        return cursor

    def run(self, connection: Connection, **values: Any) -> int:
        """Within a transaction of `writing`; gives the number of rows that were changed."""
        cursor = self._execute(connection.connection.cursor(), connection.dialect, values)
        changed = int(cursor.rowcount)
        cursor.close()
        return changed

    def row(self, connection: Connection, **values: Any) -> Values | None:
        """Within a transaction of `writing`; the first row, by column name."""
        return _first(self._execute(connection.connection.cursor(), connection.dialect, values))

    def look_up(self, engine: Engine, **values: Any) -> Values | None:
        """As everybody's last commit left it; the first row, by column name."""
        free = _READERS.setdefault(engine, [])
        connection = free.pop() if free else _reader(engine)
        try:
            found = _first(self._execute(connection.cursor(), engine.dialect, values))
        except DBAPIError:
            for one in (connection, *free):  # where one is dead they all are
                one.close()
            free.clear()
            raise
        free.append(connection)
        return found


def _reader(engine: Engine) -> DBAPIConnection:
    """A connection that no pool looks after: each statement on it is a transaction of its own."""
    driver: Any = engine.dialect.loaded_dbapi
    try:
        pooled = engine.raw_connection()
    except driver.Error as error:
        raise DBAPIError.instance("a connection", None, error, driver.Error) from error
    connection = cast(DBAPIConnection, pooled.driver_connection)
    pooled.detach()
    engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")
    return connection


def _first(cursor: DBAPICursor) -> Values | None:
    row = cursor.fetchone()
    names = [column[0] for column in cursor.description or ()]
    cursor.close()
    return None if row is None else dict(zip(names, row, strict=True))
