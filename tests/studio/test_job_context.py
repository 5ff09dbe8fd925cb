"""What a backend tells while it runs stands in its job's row, and what it asks is answered from there."""

import io
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from sqlalchemy import update

from backends.base import BackendError, Cancelled, Context, Outputs, Request, Stopped
from storage import tables
from storage.errors import DatabaseFaultError
from storage.jobs.store import JobStatus, JobStore
from studio.jobs import job_context
from studio.jobs.job_context import JobContext, Pace
from tests.studio.runner_studio import Fake, Studio, paint


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path, fake=Fake(paint))


def context_of(studio: Studio, job_id: str, stopping: threading.Event | None = None) -> JobContext:
    return JobContext(studio.jobs, studio.job(job_id), stopping or threading.Event())


@pytest.fixture
def job_id(studio: Studio) -> str:
    """Of a job that runs."""
    job_id = studio.create().id
    assert studio.jobs.start(job_id)
    return job_id


def test_steps_stand_beside_the_progress(studio: Studio, job_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr(job_context.time, "monotonic", lambda: float(next(clock)))
    context = context_of(studio, job_id)
    context.progress(0.1, "Sampling", 1, 20)
    assert (studio.job(job_id).progress_step, studio.job(job_id).progress_rate) == (1, None)
    context.progress(0.2, "Sampling", 5, 20)
    job = studio.job(job_id)
    assert (job.progress_step, job.progress_of, job.progress_text) == (5, 20, "Sampling")
    assert job.progress_rate == pytest.approx(4 / 4)


@given(
    first=st.integers(0, 5),
    seconds=st.floats(0.01, 100),
    steps=st.lists(st.integers(1, 50), min_size=1, max_size=20),
    loading=st.floats(0, 1e4),
)
def test_an_even_pace_is_told_as_it_is(first: int, seconds: float, steps: list[int], loading: float) -> None:
    pace = Pace()
    assert pace.at(first, 1000, loading) is None
    step = first
    for more in steps:
        step += more
        assert pace.at(step, 1000, loading + (step - first) * seconds) == pytest.approx(1 / seconds, rel=1e-3)


def test_a_second_round_of_steps_has_a_pace_of_its_own() -> None:
    pace = Pace()
    pace.at(1, 10, 0)
    assert pace.at(10, 10, 9) == 1
    assert pace.at(1, 10, 20) is None
    assert pace.at(3, 10, 21) == 2


def test_a_progress_without_steps_has_no_pace() -> None:
    assert Pace().at(None, None, 1) is None


def test_check_raises_when_the_job_was_cancelled(studio: Studio, job_id: str) -> None:
    context_of(studio, job_id).check()
    context = context_of(studio, job_id)
    assert studio.jobs.request_cancel("ann", job_id)
    assert context.cancelled
    with pytest.raises(Cancelled):
        context.check()


def test_a_stop_of_the_studio_is_told_from_a_cancel(studio: Studio, job_id: str) -> None:
    stopping = threading.Event()
    context = context_of(studio, job_id, stopping)
    assert not context.cancelled
    stopping.set()
    assert context.cancelled
    with pytest.raises(Stopped):
        context.progress(0.5)
    assert studio.job(job_id).status == JobStatus.RUNNING


def test_a_remote_id_is_there_for_the_run_after_a_crash(studio: Studio, job_id: str) -> None:
    context = context_of(studio, job_id)
    assert context.remembered is None
    context.remember("remote-1")
    assert studio.job(job_id).backend_job_id == "remote-1"
    assert studio.jobs.start(job_id)
    assert context_of(studio, job_id).remembered == context.remembered == "remote-1"


def away(*_: object, **__: object) -> None:
    raise DatabaseFaultError("away")


def test_a_remote_id_waits_for_a_database_that_is_away_and_the_rest_goes_on(
    studio: Studio, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_context, "_AGAIN_SECONDS", 0)
    context, note, asked = context_of(studio, job_id), studio.jobs.note, []

    def back_at_the_third(*given: object, **told: object) -> bool:
        asked.append(told)
        return bool((away if len(asked) < 3 else note)(*given, **told))  # type: ignore[operator]

    monkeypatch.setattr(studio.jobs, "note", away)
    context.ran_with(torch="2.9")
    context.spent(1.0)
    monkeypatch.setattr(studio.jobs, "note", back_at_the_third)
    context.remember("remote-1")
    assert len(asked) == 3
    assert studio.job(job_id).backend_job_id == "remote-1"


def test_a_run_that_lost_its_job_stops_and_leaves_what_runs_far_away_to_who_has_it(studio: Studio, job_id: str) -> None:
    """A worker that was stopped for a while wakes up, and another has its job."""
    mine, other = (JobStore(studio.database, worker_id=name) for name in ("mine", "other"))
    job = mine.find_any(job_id)
    assert job is not None
    hold(studio, job_id, "mine")
    context = JobContext(mine, job, threading.Event())
    context.remember("run 1")
    hold(studio, job_id, "other")
    for told in (lambda: context.progress(0.5), context.check):
        with pytest.raises(Stopped):
            told()
    with pytest.raises(Cancelled):  # by which a backend cancels what only this run knows of
        context.remember("run 2")
    assert not mine.complete(job_id, [])
    assert studio.job(job_id).backend_job_id == "run 1"
    other.request_cancel("ann", job_id)
    with pytest.raises(Cancelled) as raised:
        JobContext(other, job, threading.Event()).check()
    assert not isinstance(raised.value, Stopped)


def hold(studio: Studio, job_id: str, worker_id: str) -> None:
    job = tables.table(tables.Job)
    with studio.database.begin() as connection:
        connection.execute(update(job).where(job.c.id == job_id).values(worker_id=worker_id))


def test_a_stop_of_the_studio_ends_the_wait_for_a_database(
    studio: Studio, job_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping = threading.Event()
    context = context_of(studio, job_id, stopping)
    monkeypatch.setattr(studio.jobs, "note", away)
    stopping.set()
    with pytest.raises(Stopped):
        context.remember("remote-1")


def test_what_a_job_ran_with_and_cost_is_kept(studio: Studio, job_id: str) -> None:
    context = context_of(studio, job_id)
    context.ran_with(torch="2.9", device="cuda:0")
    context.ran_with(model="abc\ud800")
    context.spent(cost=0.25)
    context.spent(seconds=12.5)
    studio.jobs.request_cancel("ann", job_id)
    context.spent(cost=0.5)
    job = studio.job(job_id)
    assert job.ran_with == {"torch": "2.9", "device": "cuda:0", "model": "abc?"}
    assert (job.cost, job.spent_seconds) == (0.5, 12.5)


@pytest.mark.parametrize("encoded", [False, True])
def test_a_preview_is_kept_small_and_shown_to_the_owner_alone(studio: Studio, job_id: str, encoded: bool) -> None:
    picture = Image.new("RGB", (2000, 1000), "red")
    file = io.BytesIO()
    picture.save(file, "PNG")
    context_of(studio, job_id).preview(file.getvalue() if encoded else picture)
    image, mime = studio.jobs.preview("ann", job_id) or (b"", "")
    assert mime == "image/webp"
    with Image.open(io.BytesIO(image)) as kept:
        assert (kept.format, kept.size) == ("WEBP", (512, 256))
    assert list(studio.jobs.previews("ann")) == [job_id]
    assert studio.jobs.preview("bob", job_id) is None
    assert studio.jobs.previews("bob") == {}


def test_at_most_two_previews_a_second_are_kept(studio: Studio, job_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, now = [], 0.0
    monkeypatch.setattr(job_context.time, "monotonic", lambda: now)
    monkeypatch.setattr(studio.jobs, "show", lambda *given: kept.append(given))
    context = context_of(studio, job_id)
    for now in (1.0, 1.1, 1.4, 1.5, 1.9, 2.0):  # noqa: B007 - the clock reads it
        context.preview(Image.new("RGB", (8, 8)))
    assert len(kept) == 3


@pytest.mark.parametrize(
    "image", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n", Image.new("1", (1, 1)), Image.new("F", (3, 3))]
)
def test_what_is_no_picture_or_an_odd_one_does_not_fail_the_job(
    studio: Studio, job_id: str, image: Image.Image | bytes
) -> None:
    context_of(studio, job_id).preview(image)


def test_a_job_that_runs_no_longer_shows_no_preview(studio: Studio, job_id: str) -> None:
    context = context_of(studio, job_id)
    context.preview(Image.new("RGB", (8, 8)))
    studio.jobs.request_cancel("ann", job_id)
    assert studio.jobs.preview("ann", job_id) is None
    late = context_of(studio, job_id)
    studio.jobs.end_preview(job_id)
    late.preview(Image.new("RGB", (8, 8)))
    assert studio.jobs.previews("ann") == {}


@pytest.mark.parametrize("ends", ["well", "badly", "cancelled"])
def test_no_preview_outlives_the_run(tmp_path: Path, ends: str) -> None:
    seen = []

    def run(request: Request, context: Context) -> Outputs:
        context.preview(Image.new("RGB", (8, 8)))
        seen.append(studio.jobs.preview("ann", request.job_id) is not None)
        if ends == "badly":
            raise BackendError("It broke.")
        if ends == "cancelled":
            raise Cancelled
        return paint(request, context)

    studio = Studio(tmp_path, fake=Fake(run))
    job = studio.run()
    assert seen == [True]
    with studio.jobs._engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM job_preview").scalar() == 0
    assert studio.media.find("ann", job.result_url or "") is not None or ends != "well"


def test_fields_and_detail_of_a_failure_are_kept_and_texts_of_a_result(tmp_path: Path) -> None:
    def fail(request: Request, context: Context) -> Outputs:
        raise BackendError("It broke.", {"steps": "Steps must be even."}, "Traceback\n" + "x" * 20_000 + "end")

    job = Studio(tmp_path / "a", fake=Fake(fail)).run()
    assert (job.error, job.error_fields) == ("It broke.", {"steps": "Steps must be even."})
    assert len(job.error_detail or "") == 10_000
    assert (job.error_detail or "").endswith("xend")

    def tell(request: Request, context: Context) -> Outputs:
        return Outputs(paint(request, context).files, {"caption": "a fox", "score": 0.5, "tokens": 7})

    assert Studio(tmp_path / "b", fake=Fake(tell)).run().texts == {"caption": "a fox", "score": 0.5, "tokens": 7}
