"""Jobs, from their row to their stored result."""

import errno
import io
import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from backends.base import BackendError, Cancelled, Context, Outputs, Request, Spec
from storage.jobs.store import JobStatus
from studio.log import with_fields
from tests import media_samples
from tests.studio import runner_studio
from tests.studio.runner_studio import Fake, Studio, paint, wait_for

pytestmark = pytest.mark.slow

Make = Callable[..., Studio]


@pytest.fixture
def studio(tmp_path: Path) -> Make:
    return lambda run=paint, **missing: Studio(tmp_path, fake=Fake(run, **missing))


@contextmanager
def running(studio: Studio) -> Iterator[Studio]:
    worker = studio.worker()
    worker.start()
    try:
        yield studio
    finally:
        worker.stop()


def test_a_job_ends_with_its_result_and_a_preview_in_the_store(studio: Make) -> None:
    made = studio()
    job = made.run()
    assert (job.status, job.progress, job.error) == (JobStatus.COMPLETED, 1.0, None)
    result = made.media.find("ann", job.result_url)
    assert result is not None
    assert (result.name, result.kind, result.width) == ("toy-7.png", "image", 32)
    with Image.open(io.BytesIO(made.media.read_preview(result.key) or b"")) as preview:
        assert (preview.format, preview.size) == ("WEBP", (32, 24))
    with Image.open(made.media.local_path(result.key)) as picture:
        assert picture.getpixel((0, 0)) == (7, 80, 160)


def test_a_job_is_not_lost_for_want_of_room_for_its_preview(studio: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("studio.jobs.previews.preview", full)
    assert studio().run().status == JobStatus.COMPLETED


def test_a_job_that_waits_in_a_damaged_queue_runs(studio: Make, tmp_path: Path) -> None:
    made = studio()
    job = made.create()
    (tmp_path / "engine.db").write_bytes(b"what is no database" * 1000)
    with running(made):
        wait_for(lambda: made.job(job.id).status == JobStatus.COMPLETED)


def test_results_are_stored_before_the_row_says_finished(studio: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    made = studio()
    complete, stored = made.jobs.complete, []

    def watch(job_id: str, outputs: tuple[str, ...], *rest: Any) -> bool:
        stored.append(all(made.media.local_path(key).is_file() for key in outputs))
        stored.append(made.media.read_preview(outputs[0]) is not None)
        return complete(job_id, outputs, *rest)

    monkeypatch.setattr(made.jobs, "complete", watch)
    made.run()
    assert stored == [True, True]


def test_a_backend_gets_visible_values_with_files_as_paths_and_the_resolved_seed(studio: Make, tmp_path: Path) -> None:
    seen = []

    def look(request: Request, context: Context) -> Outputs:
        seen.append(request)
        return paint(request, context)

    made = studio(look)
    photo = made.media.put("ann", media_samples.png(tmp_path / "photo.png"), "photo.png").key
    job = made.run({"prompt": "", "seed": None, "border": 9, "photo": photo}, media=(photo,))
    assert job.status == JobStatus.COMPLETED
    values = dict(seen[0].values)
    assert values.pop("photo").read_bytes() == (tmp_path / "photo.png").read_bytes()
    assert values == {"prompt": "", "seed": 7, "steps": 3, "framed": False}


def test_a_backend_gets_a_text_with_its_wildcards_resolved(studio: Make) -> None:
    seen = []

    def look(request: Request, context: Context) -> Outputs:
        seen.append(request.values["prompt"])
        return paint(request, context)

    job = studio(look).run({"prompt": "a {red|blue} hat"}, resolved={"prompt": "a blue hat"})
    assert (seen, job.options) == (["a blue hat"], {"prompt": "a {red|blue} hat"})


def test_progress_reaches_the_row_and_nothing_stays_in_the_work_folder(studio: Make, tmp_path: Path) -> None:
    seen = []

    def look(request: Request, context: Context) -> Outputs:
        context.progress(0.25, "Looking")
        seen.append(made.job(request.job_id))
        return paint(request, context)

    made = studio(look)
    made.run()
    assert (seen[0].status, seen[0].progress, seen[0].progress_text) == (JobStatus.RUNNING, 0.25, "Looking")
    assert not list((tmp_path / "work").iterdir())


def test_a_failure_that_the_backend_explains_is_told_as_it_is(studio: Make) -> None:
    def fail(request: Request, context: Context) -> Outputs:
        raise BackendError("The film is too short: it needs 2 seconds.")

    job = studio(fail).run()
    assert (job.status, job.error) == (JobStatus.FAILED, "The film is too short: it needs 2 seconds.")
    assert job.result_url is None


def test_an_unexpected_failure_keeps_its_traceback_to_the_log(studio: Make, caplog: pytest.LogCaptureFixture) -> None:
    def fail(request: Request, context: Context) -> Outputs:
        raise ZeroDivisionError("division by zero")

    caplog.handler.addFilter(with_fields)
    job = studio(fail).run()
    assert job.status == JobStatus.FAILED
    assert "zero" not in (job.error or "")
    assert job.id in (job.error or "")
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert (record.job, record.user) == (job.id, "ann")  # type: ignore[attr-defined]
    assert "ZeroDivisionError" in caplog.text


def test_a_model_that_finds_no_memory_says_so(studio: Make) -> None:
    def take_all(request: Request, context: Context) -> Outputs:
        raise MemoryError

    job = studio(take_all).run()
    assert (job.status, "not enough memory" in (job.error or "")) == (JobStatus.FAILED, True)


@pytest.mark.parametrize(
    ("outputs", "says"),
    [({}, "no result"), ({"out.png": b""}, "empty"), ({"out.png": b"<svg/>"}, "cannot|can be used")],
)
def test_a_backend_without_a_usable_output_fails_the_job(studio: Make, outputs: dict[str, bytes], says: str) -> None:
    def write(request: Request, context: Context) -> Outputs:
        for name, content in outputs.items():
            (request.folder / name).write_bytes(content)
        return Outputs(tuple(request.folder / name for name in outputs))

    job = studio(write).run()
    assert job.status == JobStatus.FAILED
    assert re.search(says, job.error or "")


def test_all_outputs_are_kept_in_order_with_their_seeds_and_names_of_their_own(studio: Make) -> None:
    def paint(request: Request, context: Context) -> Outputs:
        files = [media_samples.png(request.folder / f"{seed}.png", seed=seed) for seed in (1, 2, 3, 1)]
        return Outputs(tuple(files), seeds={files[1]: 22})

    made = studio(paint)
    job = made.run()
    assert job.status == JobStatus.COMPLETED
    assert [output.seed for output in job.outputs] == [None, 22, None]
    names = [made.media.find("ann", output.key) for output in job.outputs]
    assert [info and info.name.rpartition("-")[2] for info in names[1:]] == ["2.png", "3.png"]
    assert job.result_url == job.outputs[0].key


def test_a_model_that_is_gone_fails_the_job_by_its_name(studio: Make) -> None:
    job = studio().run(model_id="gone")
    assert (job.status, "gone" in (job.error or "")) == (JobStatus.FAILED, True)


def test_an_input_that_is_gone_is_named_by_its_label(studio: Make, tmp_path: Path) -> None:
    made = studio()
    photo = made.media.put("ann", media_samples.png(tmp_path / "photo.png"), "photo.png").key
    made.media.local_path(photo).unlink()
    job = made.run({"photo": photo}, media=(photo,))
    assert (job.status, "Photo" in (job.error or "")) == (JobStatus.FAILED, True)


def test_another_users_file_is_not_an_input(studio: Make, tmp_path: Path) -> None:
    made = studio()
    photo = made.media.put("bob", media_samples.png(tmp_path / "photo.png"), "photo.png").key
    assert made.run({"photo": photo}).status == JobStatus.FAILED


def test_a_backend_that_is_not_set_up_says_what_is_missing(studio: Make) -> None:
    job = studio(missing="Toys run on batteries: set BATTERIES.").run()
    assert (job.status, job.error) == (JobStatus.FAILED, "Toys run on batteries: set BATTERIES.")


def test_a_job_that_has_ended_is_not_run_again(studio: Make) -> None:
    runs = []

    def count(request: Request, context: Context) -> Outputs:
        runs.append(request.job_id)
        return paint(request, context)

    made = studio(count)
    job = made.run()
    made.runner.run(job.id)
    assert runs == [job.id]


def test_a_cancelled_job_stops_at_its_next_report_and_keeps_no_result(studio: Make) -> None:
    reached = []

    def cancelled_meanwhile(request: Request, context: Context) -> Outputs:
        assert made.jobs.request_cancel("ann", request.job_id)
        context.progress(0.5, "Going on")
        reached.append("the end")
        return paint(request, context)

    made = studio(cancelled_meanwhile)
    job = made.run()
    assert (job.status, job.result_url, reached) == (JobStatus.CANCELLED, None, [])


def test_a_cancel_in_the_last_moment_wins(studio: Make) -> None:
    def cancelled_at_the_end(request: Request, context: Context) -> Outputs:
        outputs = paint(request, context)
        made.jobs.request_cancel("ann", request.job_id)
        return outputs

    made = studio(cancelled_at_the_end)
    job = made.run()
    assert (job.status, job.result_url) == (JobStatus.CANCELLED, None)


def test_jobs_run_in_the_background_and_a_waiting_one_can_be_cancelled(studio: Make) -> None:
    go_on = threading.Event()

    def slowly(request: Request, context: Context) -> Outputs:
        go_on.wait(30)
        return paint(request, context)

    with running(studio(slowly)) as made:
        first, second, third = (made.create().id for _ in range(3))
        wait_for(lambda: made.job(first).status == JobStatus.RUNNING)
        assert made.jobs.request_cancel("ann", second)
        go_on.set()
        wait_for(lambda: made.job(third).status == JobStatus.COMPLETED)
    assert made.job(first).status == JobStatus.COMPLETED
    assert (made.job(second).status, made.job(second).started_at) == (JobStatus.CANCELLED, None)


def test_a_stop_leaves_the_job_unfinished_and_the_next_start_runs_it(studio: Make) -> None:
    def until_stopped(request: Request, context: Context) -> Outputs:
        while True:
            context.progress(0.5, "Going on")

    made = studio(until_stopped)
    with running(made):
        job_id = made.create().id
        wait_for(lambda: made.job(job_id).progress == 0.5)
    assert made.job(job_id).status == JobStatus.RUNNING
    with running(studio()):
        wait_for(lambda: made.job(job_id).status == JobStatus.COMPLETED)


@pytest.mark.parametrize(
    "damage", [lambda path: path.unlink(), lambda path: path.write_bytes(path.read_bytes()[:5000])]
)
def test_what_ran_and_what_waited_outlives_the_engines_file(
    studio: Make, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    def until_stopped(request: Request, context: Context) -> Outputs:
        while True:
            context.progress(0.5, "Going on")

    made = studio(until_stopped)
    with running(made):
        first, second = (made.create().id for _ in range(2))
        wait_for(lambda: made.job(first).progress == 0.5)
    for beside in tmp_path.glob("engine.db-*"):
        beside.unlink()
    damage(tmp_path / "engine.db")
    with running(studio()):
        for job_id in (first, second):
            wait_for(lambda job_id=job_id: made.job(job_id).status == JobStatus.COMPLETED)  # type: ignore[misc]


def test_jobs_go_on_while_and_after_a_newer_studio_changes_the_database(studio: Make, tmp_path: Path) -> None:
    """During an update: the worker is older than the page that has just come, then older than the database it opens."""

    def written_by_the_newer(job_id: str) -> None:
        with made.database.begin() as connection:
            connection.exec_driver_sql(f"UPDATE job SET newer = 'unknown to the older' WHERE id = '{job_id}'")

    made = studio()
    with running(made):
        before = made.create().id
        with made.database.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE job ADD COLUMN newer TEXT")
            connection.exec_driver_sql("ALTER TABLE worker ADD COLUMN newer TEXT DEFAULT 'x' NOT NULL")
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        after = made.create().id
        written_by_the_newer(after)
        for job_id in (before, after):
            wait_for(lambda job_id=job_id: made.job(job_id).status == JobStatus.COMPLETED)  # type: ignore[misc]
    waiting = made.create().id
    written_by_the_newer(waiting)
    older = studio()
    assert older.database is not made.database
    with running(older):
        wait_for(lambda: older.job(waiting).status == JobStatus.COMPLETED)
    with made.database.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM job WHERE newer IS NOT NULL").scalar()
    assert kept == 2


def test_jobs_that_waited_before_there_was_a_worker_run(studio: Make) -> None:
    made = studio()
    job_id = made.create().id
    with running(made):
        wait_for(lambda: made.job(job_id).status == JobStatus.COMPLETED)


def test_a_killed_server_finishes_its_job_once_after_the_restart(studio: Make, tmp_path: Path) -> None:
    made = studio()
    killed, waiting = made.create().id, made.create().id
    runs = tmp_path / "runs.txt"
    with _server(tmp_path) as server:
        wait_for(lambda: runs.is_file() and (tmp_path / "work" / killed / "half.png").is_file())
        server.kill()
    assert (made.job(killed).status, made.job(waiting).status) == (JobStatus.RUNNING, JobStatus.QUEUED)
    with _server(tmp_path):
        wait_for(lambda: made.job(killed).status == JobStatus.COMPLETED)
        wait_for(lambda: made.job(waiting).status == JobStatus.COMPLETED)
    lines = runs.read_text().splitlines()
    assert sorted(lines) == sorted([f"{killed} []", f"{killed} []", f"{waiting} []"])
    assert made.media.find("ann", made.job(killed).result_url or "") is not None


@contextmanager
def _server(folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    root = Path(__file__).parents[2]
    command = [sys.executable, runner_studio.__file__, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, cwd=root, env={**os.environ, "PYTHONPATH": str(root)}) as it:
        yield it
        if it.stdin:
            it.stdin.close()
        it.wait(30)


def test_the_folder_of_the_outputs_is_empty_though_inputs_lie_beside_it(studio: Make, tmp_path: Path) -> None:
    seen = []

    def look(request: Request, context: Context) -> Outputs:
        seen.append((request.spec, list(request.folder.iterdir())))
        return paint(request, context)

    made = studio(look)
    photo = made.media.put("ann", media_samples.png(tmp_path / "photo.png"), "photo.png").key
    with pytest.MonkeyPatch.context() as patch:  # as a bucket does
        patch.setattr(made.media, "fetch", lambda key, folder: media_samples.png(folder / "copy.png"))
        assert made.run({"photo": photo}, media=(photo,)).status == JobStatus.COMPLETED
    assert seen == [(Spec(kind="fake"), [])]
    assert not list((tmp_path / "work").iterdir())


def test_a_run_that_was_stopped_where_it_runs_does_not_stay_a_running_job(studio: Make) -> None:
    def stop(request: Request, context: Context) -> Outputs:
        raise Cancelled

    job = studio(stop).run()
    assert (job.status, "stopped" in (job.error or "")) == (JobStatus.FAILED, True)
