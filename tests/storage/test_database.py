import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError

from storage import tables
from storage.database import alembic_config, open_database
from storage.errors import DENIED, FULL, DatabaseFaultError
from tests.storage.conftest import Postgres


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 1), ("busy_timeout", 10000), ("foreign_keys", 1)]
)
def test_every_connection_is_set_up(sqlite_engine: Engine, pragma: str, value: object) -> None:
    with sqlite_engine.connect() as first, sqlite_engine.connect() as second:
        for connection in (first, second):
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_a_reader_does_not_wait_for_a_writer(engine: Engine) -> None:
    with engine.begin() as writer, engine.connect() as reader:
        writer.exec_driver_sql("INSERT INTO upload VALUES ('ann', '/x', '2026-01-01')")
        assert reader.exec_driver_sql("SELECT count(*) FROM upload").scalar() == 0


def test_the_migrations_make_the_tables_that_the_code_declares(engine: Engine) -> None:
    with engine.connect() as connection:
        command.check(alembic_config(connection))
    searching = {name for name in names(engine) if name.startswith("job_text")}
    assert names(engine) - searching == {*tables.Base.metadata.tables, "alembic_version"}


def test_the_migrations_can_be_taken_back(new_url: str) -> None:
    engine = open_database(new_url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "base")
    assert names(engine) == {"alembic_version"}
    engine.dispose()


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/100%.db"
    for expected in (0, 1):
        engine = open_database(url)
        with engine.begin() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM upload").scalar() == expected
            connection.exec_driver_sql(f"INSERT INTO upload VALUES ('ann', '/{expected}', '2026-01-01')")
        engine.dispose()


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "studio.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("CREATE TABLE upload (the_last_table_of_the_first_migration)")
    with pytest.raises(OperationalError, match="upload already exists"):
        open_database(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("upload",)]


def test_a_postgresql_without_the_database_says_so(postgres: Postgres) -> None:
    with pytest.raises(DatabaseFaultError, match='database "nowhere" does not exist'):
        open_database(postgres.url.format("nowhere"))


def test_a_role_that_may_make_no_tables_is_told_so(postgres: Postgres) -> None:
    with postgres.database() as url:
        postgres.run("CREATE ROLE guest LOGIN")
        with pytest.raises(DatabaseFaultError) as refused:
            open_database(url.replace("studio@", "guest@"))
        postgres.run("DROP ROLE guest")
    assert str(refused.value).startswith(f"{DENIED} (permission denied for schema public")


def test_a_full_disk_is_told_when_the_tables_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(*arguments: object, **options: object) -> sqlite3.Connection:
        connection = open_file(*arguments, **options)  # type: ignore[arg-type]
        connection.execute("PRAGMA max_page_count = 2")
        return connection

    open_file = sqlite3.connect
    monkeypatch.setattr("sqlite3.dbapi2.connect", connect)
    with pytest.raises(DatabaseFaultError, match=FULL):
        open_database(f"sqlite:///{tmp_path}/studio.db")


def test_several_may_open_a_new_database_at_once(new_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        engines = list(pool.map(open_database, [new_url] * 4))
    assert all(names(engine) >= {"job", "media", "workspace"} for engine in engines)
    for engine in engines:
        engine.dispose()


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),
        max_value=datetime(2200, 1, 1),
        timezones=st.timedeltas(timedelta(hours=-12), timedelta(hours=12)).map(timezone),
    )
)
def test_a_time_comes_back_as_the_same_moment_in_utc(time: datetime) -> None:
    column, dialect = tables.Utc(), sqlite.dialect()
    stored = column.process_bind_param(time, dialect)
    assert stored is not None
    for read in (stored, stored.replace(tzinfo=None)):  # as PostgreSQL and as SQLite give it back
        back = column.process_result_value(read, dialect)
        assert back == time
        assert back.tzinfo is UTC


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        tables.Utc().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())
