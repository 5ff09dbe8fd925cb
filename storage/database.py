"""Opens the database, SQLite or PostgreSQL; all statements that differ between the two are here."""

import logging
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    NullPool,
    PoolProxiedConnection,
    QueuePool,
    Table,
    column,
    create_engine,
    event,
    make_url,
    select,
    table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as AllTakenError

from storage.errors import DENIED, FULL, DatabaseFaultError
from storage.private import make_database_private

if TYPE_CHECKING:  # only a database that is not up to date needs Alembic, whose import takes longer than most starts do
    from alembic.config import Config

logger = logging.getLogger(__name__)

_MIGRATIONS = Path(__file__).parent / "migrations"
_VERSION = table("alembic_version", column("version_num"))
_OLDEST = table("oldest_schema", column("revision"))
_MIGRATING = 0x5354554449  # the lock by which several servers that start on one PostgreSQL wait for each other
_DRIVERS = {"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"}
_URL_NEEDED = (
    "the URL of an SQLite file or of a PostgreSQL database is needed, such as sqlite:////srv/studio.db or "
    "postgresql+psycopg://name:password@host/studio, in which an @ of the password is written %40"
)
_PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 10000", "foreign_keys = ON")
_BUSY = "The studio's database is busy: try again in a moment."
_BROKEN = "The studio's database is damaged: whoever runs this studio must bring back a backup."
_AWAY = "The studio's database does not answer: try again in a moment."
_FAULTS = {"SQLITE_FULL": FULL, "53100": FULL, "SQLITE_BUSY": _BUSY, "55P03": _BUSY, "25006": DENIED, "42501": DENIED}
_FAULTS |= {"SQLITE_READONLY": DENIED, "SQLITE_PERM": DENIED, "SQLITE_CORRUPT": _BROKEN, "SQLITE_NOTADB": _BROKEN}
_UNOPENED = "The studio's database cannot be opened: see that it is there and lets the studio in."
_NEWER = "The studio's database is another program's or a newer studio's: name another one, or update this studio."
_REAL_FAULTS = (OperationalError, InternalError)  # of the database, not of a statement


def check_url(url: str) -> None:
    """Raise ValueError for anything but the URL of such a database, without repeating it: it may have a password."""
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):  # the latter for a port, as which it takes what is behind a second colon
        raise ValueError(_URL_NEEDED) from None
    in_memory = parts.drivername.startswith("sqlite") and parts.database in (None, "", ":memory:")
    if parts.drivername not in _DRIVERS or in_memory or "@" in (parts.host or ""):
        raise ValueError(_URL_NEEDED)


def sqlite_url(file: Path) -> str:
    """The URL of an SQLite file; characters of its path that have a meaning in URLs are encoded."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; `None` for a server's."""
    parts = make_url(url)
    return Path(parts.database) if parts.get_backend_name() == "sqlite" and parts.database else None


def open_database(url: str) -> Engine:
    """An engine on the database at `url`, its tables brought up to date; an SQLite file is made if there is none.

    Raises DatabaseFaultError with the cause in it, to be read by whoever runs the studio, or OSError for the folder.
    """
    if file := sqlite_file(url):
        file.parent.mkdir(parents=True, exist_ok=True)
        make_database_private(file)
    _upgrade(url)
    engine = create_engine(url, poolclass=_Pool, pool_pre_ping=not url.startswith("sqlite"), hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _configure_sqlite)
    else:
        event.listen(engine, "connect", _configure_postgresql)
    event.listen(engine, "handle_error", _tell)
    return engine


def alembic_config(connection: Connection) -> "Config":
    """What Alembic's commands need, to be run on `connection`; there is no alembic.ini.

    A new migration: `command.revision(alembic_config(connection), "why", autogenerate=True)`.
    """
    from alembic.config import Config

    config = Config(stdout=sys.stdout)  # its default is what that was when Alembic was first imported
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that on SQLite locks out other writers: what it has read stays true until it ends.

    On PostgreSQL it is for its statements to lock what they rely on.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        yield connection


@contextmanager
def alone(engine: Engine, lock: int) -> Iterator[bool]:
    """Yield whether no other process is in such a block, of all that share a PostgreSQL; always true on SQLite."""
    if engine.dialect.name == "sqlite":
        yield True
        return
    with engine.connect() as connection:
        taken = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({lock})").scalar()
        yield bool(taken)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection to which the database stays as it is now, whatever is written meanwhile."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        yield connection


def log_safe(text: str) -> str:
    """An untrusted text made safe for the log: ASCII, one line, bounded."""
    return ascii(text[:1000])[1:-1][:1000]


def insert_missing(connection: Connection, into: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert the rows whose keys are not there yet; the others stay as they are."""
    if rows:
        connection.execute(_insert(connection, into).on_conflict_do_nothing(), rows)


def put_row(connection: Connection, into: Table, row: dict[str, Any]) -> None:
    """Insert a row, in place of the one that has its key."""
    statement = _insert(connection, into).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=into.primary_key, set_=row))


def _insert(connection: Connection, into: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(into) if connection.dialect.name == "postgresql" else sqlite.insert(into)


def _upgrade(url: str) -> None:
    # A connection of its own, without SQLite's foreign keys: rebuilding a table would delete all that refers to it.
    engine = create_engine(url, poolclass=NullPool)
    event.listen(engine, "handle_error", _refuse)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # Python's driver begins no transaction for DDL: a crash would leave half a migration.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")
        if not _is_up_to_date(connection) and not _is_newer_and_fits(connection):
            _migrate(connection)
        connection.commit()


def _is_up_to_date(connection: Connection) -> bool:
    """Whether the newest migration is the one that Alembic has noted as the last."""
    if not connection.dialect.has_table(connection, _VERSION.name):
        return False
    return connection.scalars(select(_VERSION.c.version_num)).all() == [_newest()]


def _newest() -> str:
    return max((_MIGRATIONS / "versions").glob("[0-9]*.py")).name.partition("_")[0]


def _is_newer_and_fits(connection: Connection) -> bool:
    """Whether a newer studio has been here and says that this one may go on beside it, as during an update."""
    if not connection.dialect.has_table(connection, _OLDEST.name):
        return False
    (found,), oldest = connection.scalars(select(_VERSION.c.version_num)).all(), connection.scalar(select(_OLDEST))
    fits = bool(re.fullmatch(r"\d{4}", found)) and found > _newest() and oldest is not None and oldest <= _newest()
    if fits:
        logger.warning("The database is a newer studio's (%s), which lets this one go on: update it soon", found)
    return fits


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:  # of all that it may mean, what its migrations do not know is left
        raise DatabaseFaultError(f"{_NEWER} ({error})") from error


class _Pool(QueuePool):
    """Turns a timeout for a connection into a DatabaseFaultError; SQLAlchemy calls no listener for it."""

    def connect(self) -> PoolProxiedConnection:
        try:
            return super().connect()
        except AllTakenError as error:
            logger.error("The database does not answer: %s", log_safe(str(error)))
            raise DatabaseFaultError(_AWAY) from error


def _tell(context: ExceptionContext) -> None:
    """Turn a driver's error into a DatabaseFaultError with a sentence for the user; the log has the cause."""
    cause, code, sentence = _diagnosed(context)
    if sentence or isinstance(context.sqlalchemy_exception, _REAL_FAULTS):
        logger.error("The database does not answer: %s %s", code, log_safe(str(cause)))
        raise DatabaseFaultError(sentence or _AWAY) from cause


def _refuse(context: ExceptionContext) -> None:
    """The same while the database is opened; the message has the cause as well, for the operator."""
    cause, code, sentence = _diagnosed(context)
    # SQLite says that of a wrong statement; what goes wrong without a connection is the URL's fault, whatever its kind.
    fault = isinstance(context.sqlalchemy_exception, _REAL_FAULTS) and code != "SQLITE_ERROR"
    if sentence or fault or context.connection is None:
        raise DatabaseFaultError(f"{sentence or _UNOPENED} ({' '.join(str(cause).split())})") from cause


def _diagnosed(context: ExceptionContext) -> tuple[BaseException, str, str | None]:
    """The driver's error with its code, and what to do about it where that is known."""
    cause = context.original_exception
    code = getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or ""
    return cause, code, next((text for begin, text in _FAULTS.items() if code.startswith(begin)), None)


def _configure_sqlite(connection: Any, _record: object) -> None:
    # Else one damaged text fails the whole listing that it is in.
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _configure_postgresql(connection: Any, _record: object) -> None:
    from storage.postgresql import Time  # with psycopg, which SQLite does without

    connection.adapters.register_loader("timestamptz", Time)
