"""Databases for the storage tests, of both kinds: one of each is migrated, and copied or emptied for each test.

And places for media objects: a folder, or a part of a bucket that no other test uses.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, create_engine, delete, insert

from storage import tables
from storage.database import open_database
from storage.tables import now
from tests import s3
from tests.postgres import binaries, cluster
from tests.storage.shelves import Shelf

NewDatabase = Callable[[Path], Engine]
NewEngine = Callable[[Path], AbstractContextManager[Engine]]


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """A function that makes an empty SQLite database in a folder."""
    template = tmp_path_factory.mktemp("template") / "studio.db"
    open_database(f"sqlite:///{template}").dispose()

    def copy(folder: Path) -> Engine:
        return open_database(f"sqlite:///{shutil.copy(template, folder)}")

    return copy


@dataclass
class Postgres:
    """A server; `url` has a place for a database's name."""

    url: str
    admin: Engine

    def __post_init__(self) -> None:
        self._numbers = count()

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a new database, a copy of the template, that is there as long as the block lasts."""
        name = f"test_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self.url.format(name)
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with cluster(programs) as url:
        admin = create_engine(url.format("postgres"), isolation_level="AUTOCOMMIT")
        yield Postgres(url, admin)
        admin.dispose()


@pytest.fixture(scope="session")
def postgres_engine(postgres: Postgres) -> Iterator[Engine]:
    """One database for all tests: emptying it takes a tenth of the time of a copy."""
    with postgres.database() as url:
        engine = open_database(url)
        yield engine
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_engine(request: pytest.FixtureRequest, new_database: NewDatabase) -> NewEngine:
    """A function that gives an empty database for as long as its block lasts, one at a time; SQLite's in the folder."""
    if request.param == "postgresql":
        engine: Engine = request.getfixturevalue("postgres_engine")
        return lambda _: nullcontext(emptied(engine))
    return lambda folder: disposed(new_database(folder))


@contextmanager
def disposed(engine: Engine) -> Iterator[Engine]:
    yield engine
    engine.dispose()


def emptied(engine: Engine) -> Engine:
    with engine.begin() as connection:
        for table in reversed(tables.Base.metadata.sorted_tables):
            connection.execute(delete(table))
        connection.execute(insert(tables.table(tables.Milestone)).values(name=tables.MEDIA_SINCE, at=now()))
    return engine


@pytest.fixture
def engine(new_engine: NewEngine, tmp_path: Path) -> Iterator[Engine]:
    """An empty database: each test that takes one runs on both kinds."""
    with new_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def sqlite_engine(new_database: NewDatabase, tmp_path: Path) -> Iterator[Engine]:
    """An empty SQLite database, for what only SQLite does."""
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that was never opened."""
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        with server.database() as url:
            yield url
    else:
        yield f"sqlite:///{tmp_path}/new.db"


@pytest.fixture(scope="session")
def moto() -> Iterator[s3.Peer]:
    with s3.moto() as peer:
        yield peer


@pytest.fixture(scope="session")
def swift() -> Iterator[s3.Peer]:
    if not s3.has_swift():
        pytest.skip("Swift is not installed: apt-get install swift-proxy swift-account swift-container swift-object")
    with s3.swift() as peer:
        yield peer


@pytest.fixture
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    """A folder, unless the test is for moto or swift."""
    root, place = tmp_path / "media", getattr(request, "param", "folder")
    if place == "folder":
        return Shelf(root)
    peer: s3.Peer = request.getfixturevalue(place)
    return Shelf(root, peer.url(uuid4().hex))
