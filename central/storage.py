"""Central's tables, on SQLite (WAL) or PostgreSQL by URL. Only what must be remembered: records are pure functions.

Every table that concerns a person starts its key with the person, so that an engine can shard it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast
from weakref import finalize

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

metadata = MetaData()
SCHEMA_LOCK = 0x0CA2D  # any number that nothing else locks in this database

terminals = Table(
    "terminals", metadata,
    Column("terminal_id", String(40), primary_key=True),
    Column("public_jwk", String(400), nullable=False),
    Column("state", String(10), nullable=False),
    Column("kind", String(10), nullable=False, default="terminal"),  # terminal, service, site
    Column("certificate", String(43), nullable=True),  # x5t#S256 of the enrolled certificate (RFC 8705)
    Column("resource", String(200), nullable=True),  # RFC 8707 indicator, for resource servers
)  # fmt: skip
cards = Table(
    "cards", metadata,
    Column("person", Integer, primary_key=True),
    Column("card_id", String(32), primary_key=True, index=True),
    Column("generation", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # valid, lost (may be found), replaced (never valid again)
    Column("expires", String(10), nullable=False),
)  # fmt: skip
challenges = Table(
    "challenges", metadata,
    Column("nonce", String(43), primary_key=True),
    Column("client_id", String(40), nullable=False),
    Column("host_random", String(16), nullable=False),
    Column("expires", Float, nullable=False),  # no index: there are few, and each write of one costs a sign-in
    sqlite_with_rowid=False,
)  # fmt: skip
seen_ids = Table(
    "seen_ids", metadata,
    Column("jti", String(200), primary_key=True),
    Column("expires", Float, nullable=False, index=True),
    sqlite_with_rowid=False,
)  # fmt: skip
documents = Table(
    "documents", metadata,
    Column("terminal_id", String(40), primary_key=True),
    Column("idempotency_key", String(36), primary_key=True),
    Column("doc_no", String(24), nullable=True, unique=True),
    Column("person", Integer, nullable=True),
    Column("request", String(40), nullable=False),
    Column("verify_code", String(16), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(200), nullable=False),
    Column("issued_at", String(40), nullable=False),
    Column("body", LargeBinary, nullable=True),
)  # fmt: skip
sequences = Table(
    "sequences", metadata,
    Column("series", String(20), primary_key=True),
    Column("last", Integer, nullable=False),
)  # fmt: skip
statuses = Table(
    "statuses", metadata,
    Column("place", Integer, primary_key=True),
    Column("doc_no", String(24), nullable=False, unique=True),
    Column("void", Integer, nullable=False),
)  # fmt: skip
file_signatures = Table(
    "file_signatures", metadata,
    Column("doc_no", String(24), primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("at", String(40), nullable=False),
)  # fmt: skip
copies = Table(
    "copies", metadata,
    Column("doc_no", String(24), primary_key=True),
    Column("token", String(64), nullable=False, unique=True),
    Column("pdf", LargeBinary, nullable=False),
    Column("ofd", LargeBinary, nullable=False),
    Column("expires", Float, nullable=False),
)  # fmt: skip
queries = Table(
    "queries", metadata,
    Column("person", Integer, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("theme", String(20), primary_key=True),
    Column("count", Integer, nullable=False),
)  # fmt: skip


def _sqlite_settings(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def open_storage(url: str) -> Engine:
    """Open (and create) the database; its folder is made for SQLite."""
    parsed = make_url(url)
    sqlite = parsed.get_backend_name() == "sqlite"
    if sqlite and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, connect_args={"timeout": 10} if sqlite else {}, hide_parameters=True)
    if sqlite:
        event.listen(engine, "connect", _sqlite_settings)
    import central.access_log.tables  # these put their tables into `metadata`
    import central.identity.tables  # noqa: F401

    _check_schema(engine)
    _create_missing(engine)
    return engine


class OldSchema(ValueError):
    """The database was made by another version."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The database has another table {table!r} than this version; take a new file or the old one.")


def _check_schema(engine: Engine) -> None:
    there = inspect(engine)
    for name in set(there.get_table_names()) & set(metadata.tables):
        if not {column.name for column in metadata.tables[name].columns} <= {
            c["name"] for c in there.get_columns(name)
        }:
            raise OldSchema(name)


def _create_missing(engine: Engine) -> None:
    """Several centrals may start at a new database at once: one of them makes the tables."""
    if set(metadata.tables) <= set(inspect(engine).get_table_names()):
        return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(SCHEMA_LOCK)))
        metadata.create_all(connection)


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start (SQLite), so that reads in it stay true."""
    with engine.connect() as connection:
        connection.begin()
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection
        connection.commit()


@contextmanager
def writing_soon(engine: Engine) -> Iterator[Connection]:
    """As `writing`, without waiting for the disk: it holds for everybody at once, but a power cut may undo it.

    For what ends by itself within minutes (decision 0042). SQLite: WAL, synchronous=NORMAL; a killed process undoes
    nothing. PostgreSQL: synchronous_commit=off.
    """
    free, dbapi = _waiting(engine), cast(Any, engine.dialect.loaded_dbapi)
    connection = free.pop() if free else _soon(engine)
    driver = connection.connection
    try:
        if engine.dialect.name == "sqlite":
            driver.cursor().execute("BEGIN IMMEDIATE")
        yield connection
        driver.commit()
    except (dbapi.Error, DBAPIError) as error:
        for one in (connection, *free):  # the database went away, and all of them with it
            _drop(one)
        free.clear()
        raise _told(error, dbapi) from error
    except BaseException:
        _drop(connection)
        raise
    free.append(connection)


def _told(error: Exception, dbapi: Any) -> BaseException:
    """A driver's error as SQLAlchemy tells it everywhere else."""
    if isinstance(error, DBAPIError):
        return error
    return DBAPIError.instance("a transaction", None, error, dbapi.Error)


def flush(engine: Engine) -> None:
    """Returns when all that was committed before, by `writing_soon` too, is on the disk; OSError when it can't be.

    No lock is held meanwhile, as `writing` holds one: whoever writes goes on. SQLite: its log is what must be there; a
    log that is gone was written back to the database, which SQLite waits for. PostgreSQL: a commit that waits does so
    for all commits before it; it must have a number of its own.
    """
    if engine.dialect.name == "sqlite":
        with suppress(FileNotFoundError):
            _sync(f"{engine.url.database}-wal")
        return
    with writing(engine) as connection:
        connection.execute(select(func.txid_current()))


def _sync(path: str) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fdatasync(file)
    finally:
        os.close(file)


def database_errors(engine: Engine) -> tuple[type[Exception], ...]:
    """What writing may raise when the database or its disk fails: SQLAlchemy's, its driver's, the system's."""
    return SQLAlchemyError, engine.dialect.loaded_dbapi.Error, OSError


def close_with(engine: Engine, connection: DBAPIConnection) -> "finalize[[], Engine]":
    """A connection that no pool looks after is closed when its engine goes, or the process ends, or by a call of this:
    whoever closes it sooner must let go of it here too, or it is kept until then."""
    return finalize(engine, connection.close)


def _drop(connection: Connection) -> None:
    connection.info["close"].detach()
    connection.close()


def _waiting(engine: Engine) -> list[Connection]:
    """Connections of `writing_soon` without a transaction. They know their engine, so that it must be what keeps them:
    a dictionary, weak or not, would keep both for ever."""
    return cast(list[Connection], engine.__dict__.setdefault("_writing_soon", []))


def _soon(engine: Engine) -> Connection:
    """A connection that no pool looks after: to take one from the pool costs as much as what is done with it."""
    connection = engine.connect()
    connection.info["close"] = close_with(engine, cast(DBAPIConnection, connection.connection.driver_connection))
    connection.detach()
    sqlite = engine.dialect.name == "sqlite"
    connection.exec_driver_sql("PRAGMA synchronous=NORMAL" if sqlite else "SET synchronous_commit=off")
    connection.commit()
    return connection
