"""Databases for the storage tests: one is migrated, the others are copies of its file."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.database import open_database

NewDatabase = Callable[[Path], Engine]


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """A function that makes an empty database in a folder."""
    template = tmp_path_factory.mktemp("template") / "studio.db"
    open_database(f"sqlite:///{template}").dispose()

    def copy(folder: Path) -> Engine:
        return open_database(f"sqlite:///{shutil.copy(template, folder)}")

    return copy


@pytest.fixture
def engine(new_database: NewDatabase, tmp_path: Path) -> Iterator[Engine]:
    engine = new_database(tmp_path)
    yield engine
    engine.dispose()
