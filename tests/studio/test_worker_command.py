"""The worker as the page starts it: a real command, beside a queue that does not wait for it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.jobs.store import Job, JobStatus
from studio.context import StudioContext
from studio.jobs.supervisor import Supervisor, next_pause
from studio.settings import Settings
from studio_ui import WORKER, open_studio
from tests.processes import processes_of
from tests.studio.runner_studio import wait_for

pytestmark = pytest.mark.slow

USER = "ann"
SLOW = {"prompt": "a pond", "style": "mandala", "width": 768, "height": 768}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def studio(settings: Settings) -> StudioContext:
    return open_studio(settings)[0]


@pytest.fixture
def supervisor(settings: Settings) -> Iterator[Supervisor]:
    supervisor = Supervisor([*WORKER, "--beside-page"], os.environ | settings.environment)
    yield supervisor
    supervisor.stop()


def job(studio: StudioContext, job_id: str) -> Job:
    found = studio.jobs.find_any(job_id)
    assert found is not None
    return found


def test_jobs_queued_before_the_worker_is_ready_run_and_a_killed_worker_loses_none(
    studio: StudioContext, settings: Settings, supervisor: Supervisor
) -> None:
    first, second = (studio.submit(USER, None, "pattern", SLOW | {"seed": seed}).id for seed in (1, 2))
    assert processes_of(settings.data_dir) == []
    supervisor.start()
    wait_for(lambda: job(studio, first).status == JobStatus.RUNNING)
    worker = supervisor.worker_id
    assert worker in processes_of(settings.data_dir)
    os.kill(worker, signal.SIGKILL)
    for job_id in (first, second):
        wait_for(lambda job_id=job_id: job(studio, job_id).status == JobStatus.COMPLETED, seconds=60)
    assert supervisor.worker_id != worker
    supervisor.stop()
    wait_for(lambda: processes_of(settings.data_dir) == [])


def test_the_engines_file_may_go_while_a_worker_works(
    studio: StudioContext, settings: Settings, supervisor: Supervisor
) -> None:
    jobs = [studio.submit(USER, None, "pattern", SLOW | {"seed": seed}).id for seed in (3, 4)]
    supervisor.start()
    wait_for(lambda: job(studio, jobs[0]).status == JobStatus.RUNNING)
    for path in settings.data_dir.glob("engine.db*"):
        path.unlink()
    jobs.append(studio.submit(USER, None, "pattern", {"prompt": "after it"}).id)
    for job_id in jobs:
        wait_for(lambda job_id=job_id: job(studio, job_id).status == JobStatus.COMPLETED, seconds=60)


def test_a_worker_ends_however_often_it_is_told_to(studio: StudioContext, settings: Settings) -> None:
    job_id = studio.submit(USER, None, "pattern", SLOW | {"seed": 5}).id
    worker = subprocess.Popen(WORKER, env=os.environ | settings.environment)
    wait_for(lambda: job(studio, job_id).status == JobStatus.RUNNING)
    while worker.poll() is None:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(0.05)
    assert job(studio, job_id).status in (JobStatus.RUNNING, JobStatus.COMPLETED)
    wait_for(lambda: processes_of(settings.data_dir) == [])


def test_a_worker_that_ends_at_once_is_started_again_with_pauses(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1], 'a').write('started ')"
    supervisor = Supervisor([sys.executable, "-c", code, str(tmp_path / "starts")], os.environ)
    supervisor.start()
    wait_for(lambda: (tmp_path / "starts").exists() and (tmp_path / "starts").read_text() == "started started ")
    supervisor.stop()


@given(st.lists(st.floats(0, 200)))
def test_pauses_grow_to_a_minute_and_end_with_a_worker_that_lived(lives: list[float]) -> None:
    pause = 0.0
    for lived in lives:
        before, pause = pause, next_pause(pause, lived)
        assert pause == 0 if lived > 60 else before < pause or pause == 60
        assert 0 <= pause <= 60
