"""Faults that are really caused: a sentence for the user, nothing half done, and it goes on when the fault is over."""

import hashlib
import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, QueuePool, event

from backends.base import Context, Outputs, Request
from storage.errors import DENIED, FULL, UNREACHABLE, StorageError
from storage.jobs.store import JobStatus
from studio.context import GivenFile
from studio.jobs.runner import _FOR_RESULT
from tests import media_samples, postgres, s3
from tests.backends.fake_context import FakeContext
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER
from tests.stored_jobs import SHIPPED
from tests.studio.runner_studio import Fake, Studio, paint, wait_for

pytestmark = pytest.mark.slow

BUSY = "The studio's database is busy: try again in a moment."
AWAY = "The studio's database does not answer: try again in a moment."


class Actions:
    """What a user does that writes; each leaves something to count, and a second time it works as well."""

    def __init__(self, kept: KeptStudio, folder: Path) -> None:
        self._kept, self.context, self._folder = kept, kept.context, folder
        self._seed = 0
        self.job = self.submit()

    def submit(self) -> Any:
        return self.context.submit(USER, None, "pattern", {"prompt": "a pond"})

    def upload(self) -> None:
        self._seed += 1
        path = media_samples.png(self._folder / f"upload {self._seed}.png", size=(300, 300), seed=self._seed)
        self.context.media.record_upload(USER, path)
        values = {"image": GivenFile(path, path.name)}
        held, _ = self.context.store_files(USER, SHIPPED["image-edit"], values)
        assert self.context.media.find(USER, held["image"]) is not None

    def favourite(self) -> None:
        self.context.jobs.set_favourite(USER, self.job.id, True)

    def delete(self) -> None:
        self.context.jobs.trash(USER, self.job.id)
        self.context.jobs.untrash(USER, self.job.id)

    def draft(self) -> None:
        self.context.keep_draft(USER, "pattern", {"prompt": "half a thou"})

    def workspace(self) -> None:
        self._seed += 1
        self.context.workspaces.create(USER, f"w {self._seed}")

    def look(self) -> None:
        workspace = self.context.last_workspace(USER)
        self.context.remember_workspace(USER, workspace.id)
        assert self.context.page(USER, workspace.id, None).jobs

    WRITING = ("submit", "upload", "favourite", "delete", "draft", "workspace")

    def all_work(self) -> None:
        for name in (*self.WRITING, "look"):
            getattr(self, name)()

    def none_works(self, sentences: set[str], names: tuple[str, ...] = WRITING) -> None:
        for name in names:
            with pytest.raises(StorageError) as refused:
                getattr(self, name)()
            assert str(refused.value) in sentences, (name, refused.value)

    def rows(self) -> list[int]:
        return [self._kept.count(table) for table in ("job", "media", "media_owner", "draft", "workspace", "job_media")]


def whole(folder: Path) -> bool:
    """Whether every file of the media store is what its name says."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in files)


def impatient(engine: Engine) -> None:
    """Wait for a lock as long as a test may."""
    engine.dispose()
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 20"))


@contextmanager
def locked(file: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[KeptStudio]:
    kept = KeptStudio(tmp_path, SHIPPED)
    yield kept
    kept.database.dispose()


def test_a_locked_database(kept: KeptStudio, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    actions = Actions(kept, tmp_path)
    impatient(kept.database)
    before = actions.rows()
    with locked(kept.database.url.database or ""):
        actions.none_works({BUSY})
        actions.look()
        assert actions.rows() == before
    assert "SQLITE_BUSY" in caplog.text
    assert "a pond" not in caplog.text
    actions.all_work()
    assert whole(kept.media_root)


def test_a_database_that_may_not_grow(kept: KeptStudio, tmp_path: Path) -> None:
    actions = Actions(kept, tmp_path)

    def bound(connection: Any, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    kept.database.dispose()
    event.listen(kept.database, "connect", bound)
    made: list[str] = []
    with pytest.raises(StorageError, match="disk is full"):
        made.extend(actions.submit().id for _ in range(200))
    assert kept.count("job") == len(made) + 1
    event.remove(kept.database, "connect", bound)
    kept.database.dispose()
    actions.all_work()


def test_all_connections_taken(kept: KeptStudio, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    actions = Actions(kept, tmp_path)
    before, pool = actions.rows(), kept.database.pool
    assert isinstance(pool, QueuePool)
    pool._timeout = 0
    with ExitStack() as taken:
        while pool.checkedout() < pool.size() + pool._max_overflow:
            taken.enter_context(kept.database.connect())
        actions.none_works({AWAY}, (*Actions.WRITING, "look"))
    assert "QueuePool limit" in caplog.text
    assert actions.rows() == before
    actions.all_work()


@contextmanager
def mounted(folder: Path) -> Iterator[Path | None]:
    """A disk of 16 MB, or None: only root can mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk") as disk:
        yield disk or pytest.skip("no disk can be mounted here")


def fill(folder: Path) -> Path:
    """The file that takes all the room there is."""
    file = folder / "ballast"
    with file.open("wb", buffering=0) as ballast, pytest.raises(OSError, match="No space left"):
        ballast.writelines(repeat(b"x" * 4096))
    return file


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    kept = KeptStudio(disk, SHIPPED)
    actions = Actions(kept, tmp_path)
    before, ballast = actions.rows(), fill(disk)
    actions.none_works({FULL, AWAY}, ("submit", "upload", "draft", "workspace"))
    actions.look()
    assert actions.rows() == before
    assert whole(kept.media_root)
    ballast.unlink()
    actions.all_work()
    assert whole(kept.media_root)
    kept.database.dispose()


def test_a_disk_that_may_not_be_written(disk: Path, tmp_path: Path) -> None:
    kept = KeptStudio(disk, SHIPPED)
    actions = Actions(kept, tmp_path)
    before = actions.rows()
    kept.database.dispose()  # a disk with files open for writing cannot be made read-only
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    actions.none_works({DENIED, AWAY}, Actions.WRITING[:3])
    kept.database.dispose()
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    assert actions.rows() == before
    actions.all_work()
    assert whole(kept.media_root)
    kept.database.dispose()


def test_postgresql_that_stops_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with postgres.studio_server() as server:
        kept = KeptStudio(tmp_path, SHIPPED, url=server.url.format("studio"))
        actions = Actions(kept, tmp_path)
        before = actions.rows()
        server.stop()
        actions.none_works({AWAY}, (*Actions.WRITING, "look"))
        server.start()
        assert actions.rows() == before
        actions.all_work()
        kept.database.dispose()
    assert "The database does not answer" in caplog.text


def test_a_bucket_that_stops_and_comes_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with s3.moto() as peer:
        url = peer.url("studio", secret="not to be told")
        kept = KeptStudio(tmp_path, SHIPPED, bucket=url)
        actions = Actions(kept, tmp_path)
    actions.none_works({UNREACHABLE}, ("upload",))
    assert "not to be told" not in caplog.text
    actions.submit()  # what needs no file goes on
    with s3.moto(peer.port):
        actions.all_work()
    kept.database.dispose()


# Jobs under way


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is tried again is tried at once."""
    monkeypatch.setattr("studio.jobs.runner._AGAIN_SECONDS", 0.01)


@contextmanager
def at_work(made: Studio, **options: Any) -> Iterator[str]:
    """A job that has ended when the block has."""
    job_id = made.create(options).id
    worker = threading.Thread(target=made.runner.run, args=[job_id], daemon=True)
    worker.start()
    yield job_id
    worker.join(30)


@pytest.mark.usefixtures("soon")
def test_a_job_waits_for_a_locked_database_with_its_result(tmp_path: Path) -> None:
    painted, lock = threading.Event(), threading.Event()

    def run(request: Request, context: Context) -> Outputs:
        assert lock.wait(30)
        context.progress(0.5, "unheard")
        outputs = paint(request, FakeContext())
        painted.set()
        return outputs

    made = Studio(tmp_path, fake=Fake(run))
    impatient(made.jobs._engine)
    with at_work(made) as job_id:
        wait_for(lambda: made.job(job_id).status == JobStatus.RUNNING)
        with locked(str(tmp_path / "studio.db")):
            lock.set()
            assert painted.wait(30)
            assert made.job(job_id).status == JobStatus.RUNNING
    job = made.job(job_id)
    assert (job.status, job.error) == (JobStatus.COMPLETED, None)
    assert made.media.find("ann", job.result_url or "") is not None


def waits(made: Studio, job_id: str, why: str, what: str = "the result") -> Callable[[], bool]:
    """Whether the job's card says why its result is not in the store yet."""
    return lambda: made.job(job_id).progress_text == f"{why}: {what} waits, and the studio tries again"


@pytest.mark.usefixtures("soon")
def test_a_job_waits_for_a_bucket_that_has_its_input_and_is_away(tmp_path: Path) -> None:
    port = s3.free_port()
    made = Studio(tmp_path, s3.Peer(port).url("studio"), fake=Fake(paint))
    with s3.moto() as peer:
        with s3.way(port, peer):
            photo = made.media.put("ann", media_samples.png(tmp_path / "photo.png"), "photo.png").key
        with at_work(made, photo=photo) as job_id:
            wait_for(waits(made, job_id, "The files cannot be reached or kept just now", "the job"))
            with s3.way(port, peer):
                wait_for(lambda: made.job(job_id).status == JobStatus.COMPLETED)


@pytest.mark.usefixtures("soon")
def test_a_job_waits_with_its_result_for_a_bucket_that_is_away(tmp_path: Path) -> None:
    runs = []

    def run(request: Request, context: Context) -> Outputs:
        runs.append(request.job_id)
        return paint(request, context)

    peer = s3.Peer(s3.free_port())
    made = Studio(tmp_path, peer.url("studio"), fake=Fake(run))
    with at_work(made) as job_id:
        wait_for(waits(made, job_id, "The files cannot be reached or kept just now"))
        assert (tmp_path / "work" / job_id / "out.png").is_file()
        with s3.moto(peer.port):
            wait_for(lambda: made.job(job_id).status == JobStatus.COMPLETED)
            assert made.media.find("ann", made.job(job_id).result_url or "") is not None
    assert runs == [job_id]
    assert not list((tmp_path / "work").iterdir())


@pytest.mark.usefixtures("soon")
def test_a_job_waits_with_its_result_for_room_on_the_disk(disk: Path, tmp_path: Path) -> None:
    (tmp_path / "media").symlink_to(disk)
    made = Studio(tmp_path, fake=Fake(paint))
    ballast = fill(disk)
    with at_work(made) as job_id:
        wait_for(waits(made, job_id, "The disk is full"))
        ballast.unlink()
    assert made.job(job_id).status == JobStatus.COMPLETED
    assert made.media.find("ann", made.job(job_id).result_url or "") is not None


@pytest.mark.usefixtures("soon")
def test_a_job_that_waits_with_its_result_can_be_cancelled(tmp_path: Path) -> None:
    made = Studio(tmp_path, s3.Peer(s3.free_port()).url("studio"), fake=Fake(paint))
    with at_work(made) as job_id:
        wait_for(waits(made, job_id, "The files cannot be reached or kept just now"))
        assert made.jobs.request_cancel("ann", job_id)
    assert (made.job(job_id).status, made.job(job_id).result_url) == (JobStatus.CANCELLED, None)
    assert not list((tmp_path / "work").iterdir())


@pytest.mark.usefixtures("soon")
def test_a_job_that_waits_with_its_result_is_unfinished_when_the_studio_stops(tmp_path: Path) -> None:
    made = Studio(tmp_path, s3.Peer(s3.free_port()).url("studio"), fake=Fake(paint))
    with at_work(made) as job_id:
        wait_for(waits(made, job_id, "The files cannot be reached or kept just now"))
        made.runner._stopping.set()
    assert [job.id for job in made.jobs.unfinished()] == [job_id]


@pytest.mark.usefixtures("soon")
def test_a_job_does_not_wait_with_its_result_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.jobs.runner._FOR_RESULT", _FOR_RESULT._replace(pauses=(1, 2)))
    made = Studio(tmp_path, s3.Peer(s3.free_port()).url("studio"), fake=Fake(paint))
    job = made.run()
    assert (job.status, job.error) == (JobStatus.FAILED, UNREACHABLE)


def test_a_job_on_a_full_disk_says_so_and_the_next_one_works(disk: Path) -> None:
    go: list[Callable[[], None]] = []

    def run(request: Request, context: Context) -> Outputs:
        for act in go:
            act()
        (request.folder / "big.bin").write_bytes(b"x" * 1_000_000)
        return paint(request, context)

    made = Studio(disk, fake=Fake(run))
    go.append(lambda: fill(disk))
    with at_work(made) as job_id:
        wait_for((disk / "ballast").exists)
        wait_for(lambda: not (disk / "work" / job_id / "big.bin").exists() and not (disk / "work" / job_id).exists())
        (disk / "ballast").unlink()
    job = made.job(job_id)
    assert (job.status, job.error, job.result_url) == (JobStatus.FAILED, FULL, None)
    assert not list((disk / "work").iterdir())
    go.clear()
    assert made.run().status == JobStatus.COMPLETED
