"""What a stop in the midst left is set right at the next start."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest

from storage.scratch import scratch
from studio.jobs.engine import Engine
from studio.jobs.recovery import recover

pytestmark = pytest.mark.slow

WAIT = 20  # seconds; a passing test takes a fraction of one


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an engine left that was killed while a job ran."""
    folder = tmp_path_factory.mktemp("queue")
    engine = Engine(folder, print)
    engine.start()
    engine.begin("killed")
    engine.stop()
    with closing(sqlite3.connect(folder / "engine.db")) as file:
        file.execute("UPDATE workflow_status SET status = 'PENDING', executor_id = 'studio'")
        file.commit()
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "engine.db"


def overwritten(path: Path) -> None:
    path.write_bytes(b"what is no database, whatever its name says" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def anothers(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.executescript("CREATE TABLE workflow_status (x TEXT); CREATE TABLE dbos_migrations (x TEXT);")


def whole(path: Path) -> None:
    pass


@pytest.mark.parametrize("damage", [whole, overwritten, cut, emptied, made_a_folder, anothers])
def test_an_engine_begins_anew_whatever_its_file_holds(
    queue: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    path = Path(shutil.copy(queue, tmp_path))
    damage(path)
    path.with_name("engine.db-wal").write_bytes(b"what is no log")
    ran: SimpleQueue[str] = SimpleQueue()
    engine = Engine(tmp_path, ran.put)
    engine.start()
    engine.begin("a")
    assert ran.get(timeout=WAIT) == "a"
    engine.stop()
    assert ran.empty()


def test_the_engines_file_is_its_owners_alone(queue: Path, tmp_path: Path) -> None:
    Path(shutil.copy(queue, tmp_path)).chmod(0o644)
    recover(tmp_path)
    assert stat.S_IMODE((tmp_path / "engine.db").stat().st_mode) == 0o600


def test_scratch_that_nobody_uses_goes(tmp_path: Path) -> None:
    work = tmp_path / "work"
    (work / "a job").mkdir(parents=True)
    (work / "a job" / "result.png").touch()
    (work / "a file").touch()
    (work / "killed.lock").touch()
    (work / "killed").mkdir()
    with scratch(work) as used:
        (used / "file").touch()
        recover(tmp_path)
        assert {path for path in work.iterdir() if path.is_dir()} == {used}
        assert (used / "file").exists()
    assert list(work.iterdir()) == []
