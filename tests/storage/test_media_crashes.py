"""Whenever a process is killed: an object is there whole or not at all, and no row is without its object."""

import hashlib
import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from storage import tables
from storage.media.quarantine import KEPT
from storage.tables import now
from tests import s3
from tests.storage.shelves import Shelf

ROOT = Path(__file__).parents[2]
_MEDIA = tables.table(tables.Media)
_PUT = """
import sys
from pathlib import Path
from storage.database import open_database
from storage.media.store import MediaStore
store = MediaStore(open_database(sys.argv[1]), Path(sys.argv[2]), url=sys.argv[3])
store.put("ann", Path(sys.argv[4]), "long.wav")
"""


def arguments(engine: Engine, shelf: Shelf, source: Path) -> list[str]:
    return [engine.url.render_as_string(hide_password=False), str(shelf.root), shelf.url, str(source)]


@pytest.mark.parametrize("shelf", ["folder", "moto"], indirect=True)
def test_a_put_killed_at_any_line_leaves_whole_objects_and_no_row_without_one(
    sqlite_engine: Engine, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-m", "tests.storage.killed_puts"]
    subprocess.run([*command, *arguments(sqlite_engine, shelf, tmp_path / "tone.wav")], cwd=ROOT, check=True)
    store, objects = shelf.media(sqlite_engine), shelf.keys()
    for key in objects:
        digest = hashlib.sha256(shelf.read(key)).hexdigest()
        assert key == f"{digest[:2]}/{digest}.wav"
    with sqlite_engine.connect() as connection:
        rows = set(connection.execute(select(_MEDIA.c.key)).scalars())
    assert objects > rows, "none was killed between the object and its row"
    assert store.find_many("ann", rows).keys() == rows
    monkeypatch.setattr("storage.media.quarantine.A_FEW", len(objects))
    assert store.sweep(now() + timedelta(days=1)) == len(rows)
    assert shelf.keys() == {f"quarantine/{key}" for key in objects - rows}
    assert store.sweep(now() + timedelta(days=1) + KEPT) == len(objects - rows)
    assert shelf.keys() == set()


@pytest.fixture
def long(tmp_path: Path) -> Path:
    path = tmp_path / "long.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(64_000_000))
    return path


def put_and_kill(engine: Engine, shelf: Shelf, source: Path, when: Callable[[], object]) -> None:
    with subprocess.Popen([sys.executable, "-c", _PUT, *arguments(engine, shelf, source)], cwd=ROOT) as process:
        while not when() and process.poll() is None:
            time.sleep(0.005)
        process.kill()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed"


def test_a_copy_killed_in_its_midst_leaves_what_was_there(sqlite_engine: Engine, shelf: Shelf, long: Path) -> None:
    digest = hashlib.sha256(long.read_bytes()).hexdigest()
    key = f"{digest[:2]}/{digest}.wav"
    shelf.write(key, b"cut")  # so that it cannot be linked
    put_and_kill(sqlite_engine, shelf, long, lambda: shelf.keys() != {key})
    assert shelf.read(key) == b"cut"
    store = shelf.media(sqlite_engine)
    assert store.put("ann", long, "long.wav").key == key
    assert shelf.read(key) == long.read_bytes()
    before = now() - timedelta(hours=1)
    store.sweep(before)
    assert len(shelf.keys()) == 2, "what was written just now may still be on its way"
    for path in shelf.root.rglob("*#*"):
        os.utime(path, (0, 0))
    store.sweep(before)
    assert shelf.keys() == {key}


@pytest.mark.parametrize("shelf", ["moto"], indirect=True)
def test_an_upload_to_a_bucket_killed_in_its_midst_leaves_no_object(
    sqlite_engine: Engine, shelf: Shelf, moto: s3.Peer, long: Path
) -> None:
    put_and_kill(sqlite_engine, shelf, long, moto.uploads)
    assert moto.uploads()
    assert shelf.keys() == set()
    store = shelf.media(sqlite_engine)
    key = store.put("ann", long, "long.wav").key
    assert shelf.read(key) == long.read_bytes()
