"""What a stop in the midst left is set right at the next start."""

import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.scratch import scratch
from studio.jobs.engine import Engine, EngineClient
from studio.jobs.recovery import recover

pytestmark = pytest.mark.slow

WAIT = 20  # seconds; a passing test takes a fraction of one


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A queue that an engine left."""
    folder = tmp_path_factory.mktemp("queue")
    engine = Engine(folder, 1, print)
    engine.start()
    engine.stop()
    with closing(sqlite3.connect(folder / "engine.db")) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "engine.db"


def overwritten(path: Path) -> None:
    path.write_bytes(b"what is no database, whatever its name says" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def cut_at_a_page(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: 4096 * 3])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def anothers(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as file:
        file.executescript("CREATE TABLE workflow_status (x TEXT); CREATE TABLE dbos_migrations (x TEXT);")


@pytest.mark.parametrize("damage", [overwritten, cut, cut_at_a_page, emptied, made_a_folder, anothers])
def test_a_damaged_queue_is_put_aside_and_a_new_one_runs(
    queue: Path, tmp_path: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    path = Path(shutil.copy(queue, tmp_path))
    damage(path)
    was = path.read_bytes() if path.is_file() else None
    ran: SimpleQueue[str] = SimpleQueue()
    engine = Engine(tmp_path, 1, ran.put)
    engine.start()
    client = EngineClient(tmp_path)
    client.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"
    client.close()
    engine.stop()
    if was:
        (aside,) = tmp_path.glob("engine.db.damaged-*")
        assert aside.name in caplog.text
        if damage is not anothers:
            assert aside.read_bytes() == was


@given(data=st.data())
def test_whatever_was_written_into_a_queue_it_can_be_read_after(queue: Path, data: st.DataObject) -> None:
    content = bytearray(queue.read_bytes())
    start = data.draw(st.integers(0, len(content) - 1))
    content[start : start + data.draw(st.integers(1, 9000))] = data.draw(st.binary(max_size=64))
    with TemporaryDirectory() as folder:
        path = Path(folder, "engine.db")
        path.write_bytes(content)
        recover(path.parent)
        assert path.exists() or list(path.parent.glob("engine.db.damaged-*"))
        with closing(sqlite3.connect(path)) as file:
            assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_whole_queue_stays_as_it_is(queue: Path, tmp_path: Path) -> None:
    path = Path(shutil.copy(queue, tmp_path))
    recover(tmp_path)
    assert path.read_bytes() == queue.read_bytes()
    assert not list(tmp_path.glob("*.damaged-*"))


def test_the_queue_is_its_owners_alone(queue: Path, tmp_path: Path) -> None:
    Path(shutil.copy(queue, tmp_path)).chmod(0o644)
    (tmp_path / "engine.db-wal").touch(0o644)
    recover(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("engine.db*")} == {0o600}
    (tmp_path / "engine.db").unlink()
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
