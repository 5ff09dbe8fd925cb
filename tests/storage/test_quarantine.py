"""Objects in no record: a lost, new or older database loses none, and what a killed put left goes in the end."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from storage.database import open_database
from storage.jobs.store import JobStore
from storage.media.quarantine import A_FEW, KEPT
from storage.tables import now
from tests import media_samples
from tests.storage.job_samples import new_job
from tests.storage.shelves import Shelf, everywhere

LATER = now() + timedelta(days=1)
"""So that all that is there counts as old enough."""


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def put(engine: Engine, shelf: Shelf, folder: Path, seeds: range) -> set[str]:
    """Files that jobs need."""
    media, jobs = shelf.media(engine), JobStore(engine)
    keys = {media.put("ann", media_samples.png(folder / f"{seed}.png", seed=seed), "a.png").key for seed in seeds}
    for key in keys:
        jobs.create(new_job("ann", media=(key,)))
    return keys


def left(shelf: Shelf, folder: Path, seeds: range) -> set[str]:
    """What killed puts leave: objects that no database has heard of."""
    with opened(folder / "killed.db") as killed:
        return put(killed, shelf, folder, seeds)


def find(engine: Engine, shelf: Shelf, keys: set[str]) -> set[str]:
    return set(shelf.media(engine).find_many("ann", keys))


@everywhere
def test_a_stray_goes_to_the_quarantine_and_from_there_after_days(
    engine: Engine, shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known, (stray,) = put(engine, shelf, tmp_path, range(3)), left(shelf, tmp_path, range(3, 4))
    shelf.write(f"{stray}.preview", b"a small picture")
    store, moved = shelf.media(engine), now()
    assert store.sweep(LATER) == 0
    assert shelf.keys() == known | {f"quarantine/{stray}"}
    assert f"In quarantine: {stray}" in caplog.text
    assert store.quarantine.find(LATER).quarantined == (stray,)
    assert store.sweep(moved + KEPT - timedelta(minutes=1)) == 0
    assert store.sweep(now() + KEPT + timedelta(minutes=1)) == 1
    assert shelf.keys() == known
    assert f"deleted for good: {stray}" in caplog.text


@everywhere
def test_what_the_quarantine_has_is_back_with_its_record(engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    (stray,) = left(shelf, tmp_path, range(1))
    shelf.media(engine).sweep(LATER)
    assert shelf.keys() == {f"quarantine/{stray}"}
    with opened(tmp_path / "killed.db") as restored:
        assert find(restored, shelf, {stray}) == set()
        shelf.media(restored).sweep(LATER)
        assert find(restored, shelf, {stray}) == {stray}
    assert shelf.keys() == {stray}


def test_a_removed_database_loses_no_file(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    shelf, path = Shelf(tmp_path / "media"), tmp_path / "studio.db"
    with opened(path) as engine:
        keys = put(engine, shelf, tmp_path, range(11))
    path.unlink()
    with opened(path) as new:
        shelf.media(new).sweep(LATER)
        shelf.media(new).sweep(LATER + KEPT)
        assert shelf.keys() == keys
        assert "11 files are older than this database and in none of its records" in caplog.text
        assert set(shelf.media(new).quarantine.find(LATER).unknown) == keys
        left(shelf, tmp_path, range(11, 12))
        shelf.media(new).sweep(LATER)
        shelf.media(new).sweep(LATER + KEPT)
        assert shelf.keys() == keys, "what is younger than the database goes in the end"


def test_a_new_database_url_loses_no_file_even_when_the_media_look_younger(tmp_path: Path) -> None:
    """As those do that were copied, which is when files forget their times."""
    shelf = Shelf(tmp_path / "media")
    with opened(tmp_path / "new.db") as new, opened(tmp_path / "old.db") as old:
        put(new, shelf, tmp_path, range(1))
        keys = put(old, shelf, tmp_path, range(1, A_FEW + 2))
        for _ in range(2):
            shelf.media(new).sweep(LATER + KEPT)
        assert find(old, shelf, keys) == keys


def test_an_older_backup_loses_none_of_what_is_newer(tmp_path: Path) -> None:
    shelf, path = Shelf(tmp_path / "media"), tmp_path / "studio.db"
    with opened(path) as engine:
        keys = put(engine, shelf, tmp_path, range(3))
    shutil.copy(path, tmp_path / "backup.db")
    with opened(path) as engine:
        newer = put(engine, shelf, tmp_path, range(3, 6))
    with opened(tmp_path / "backup.db") as backup:
        shelf.media(backup).sweep(LATER)
        assert find(backup, shelf, keys) == keys
    with opened(path) as engine:  # the newer one was found after all
        shelf.media(engine).sweep(LATER)
        assert find(engine, shelf, keys | newer) == keys | newer


@everywhere
def test_rescue_puts_all_back_and_no_sweep_takes_it_again(engine: Engine, shelf: Shelf, tmp_path: Path) -> None:
    known, strays = put(engine, shelf, tmp_path, range(1)), left(shelf, tmp_path, range(1, 4))
    store = shelf.media(engine)
    store.sweep(LATER)
    assert shelf.keys() == known | {f"quarantine/{key}" for key in strays}
    assert store.quarantine.rescue() == 3
    assert shelf.keys() == known | strays
    store.sweep(LATER)
    store.sweep(LATER + KEPT)
    assert shelf.keys() == known | strays
    with opened(tmp_path / "killed.db") as restored:
        assert find(restored, shelf, strays) == strays


def test_more_than_a_few_strays_are_left_alone_and_named_once(
    sqlite_engine: Engine, shelf: Shelf, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    known, strays = put(sqlite_engine, shelf, tmp_path, range(1)), left(shelf, tmp_path, range(1, A_FEW + 2))
    store = shelf.media(sqlite_engine)
    caplog.set_level(logging.WARNING)
    for _ in range(2):
        store.sweep(LATER)
    assert shelf.keys() == known | strays
    assert caplog.text.count(f"{A_FEW + 1} of {A_FEW + 2} files are in no record") == 1
    assert min(strays) in caplog.text
