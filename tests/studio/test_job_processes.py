"""Models that end their process, fill the memory, never end: each costs its own job, and nobody else anything."""

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.jobs.store import JobStatus
from studio.jobs.job_process import JobProcess
from studio.jobs.job_processes import JobProcesses
from tests.processes import processes_of
from tests.studio import runner_studio
from tests.studio.runner_studio import Studio, wait_for

Make = Callable[..., "AtWork"]


class AtWork:
    """A studio whose jobs are done by processes; each job is run by a thread, as the engine does it."""

    def __init__(self, folder: Path, grace: float = 30, **limits: Any) -> None:
        self.studio = Studio(folder, limits=limits)
        self.hands: JobProcesses = self.studio.processes(grace)
        self._folder = folder
        self._threads: list[threading.Thread] = []

    def begin(self, prompt: str, model_id: str = "toy") -> str:
        job_id = self.studio.create({"prompt": prompt}, model_id=model_id).id
        thread = threading.Thread(target=self.hands.run, args=[job_id])
        thread.start()
        self._threads.append(thread)
        return job_id

    def run(self, prompt: str, model_id: str = "toy") -> tuple[JobStatus, str]:
        """How the job ended, and what is said about it."""
        job_id = self.begin(prompt, model_id)
        self._threads[-1].join(60)
        return self.ended(job_id)

    def ended(self, job_id: str) -> tuple[JobStatus, str]:
        job = self.studio.job(job_id)
        return job.status, job.error or ""

    def is_running(self, job_id: str) -> Callable[[], bool]:
        return lambda: any(one == job_id for one, _ in self.runs())

    def runs(self) -> list[list[str]]:
        """The job and the process of each run that has begun."""
        runs = self._folder / "runs.txt"
        return [line.split() for line in runs.read_text().splitlines()] if runs.exists() else []

    def stop(self) -> None:
        self.hands.stop()
        for thread in self._threads:
            thread.join(60)


@pytest.fixture
def at_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    made: list[AtWork] = []

    def make(**settings: Any) -> AtWork:
        made.append(AtWork(tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def _has_ended(pid: str) -> bool:
    """A process that nobody has asked how it ended is still listed."""
    status = Path(f"/proc/{pid}/status")
    return not status.exists() or "State:\tZ" in status.read_text()


DONE = (JobStatus.COMPLETED, "")


def test_a_process_lives_on_with_what_a_model_has_loaded(at_work: Make) -> None:
    studio = at_work()
    assert [studio.run("load"), studio.run("load")] == [DONE, DONE]
    (_, first), (_, second) = studio.runs()
    assert first == second


@pytest.mark.parametrize(
    ("prompt", "how"),
    [("crash", r"it crashed \(Segmentation fault\)"), ("exit", "status 3"), ("leave", "status 1")],
)
def test_a_job_that_ends_its_process_twice_fails_with_what_happened(at_work: Make, prompt: str, how: str) -> None:
    studio = at_work()
    status, error = studio.run(prompt)
    assert status == JobStatus.FAILED
    assert error.startswith("Toy ended its process while it worked on this job, twice: ")
    assert re.search(how, error)
    assert len(studio.runs()) == 2
    assert studio.run("") == DONE


@pytest.mark.parametrize("prompt", ["crash, once", "be killed, once"])
def test_a_job_whose_process_was_ended_once_begins_again(at_work: Make, prompt: str) -> None:
    studio = at_work()
    assert studio.run(prompt) == DONE
    assert len(studio.runs()) == 2


def test_a_job_beside_a_crash_loses_nothing(at_work: Make) -> None:
    studio = at_work(concurrency=2)
    beside = studio.begin("go on")
    wait_for(studio.is_running(beside))
    assert studio.run("crash")[0] == JobStatus.FAILED
    assert studio.studio.job(beside).status == JobStatus.RUNNING
    assert [job for job, _ in studio.runs()].count(beside) == 1
    studio.studio.jobs.request_cancel("ann", beside)


def test_what_was_killed_beside_others_is_tried_alone_the_second_time(at_work: Make) -> None:
    studio = at_work(concurrency=2)
    beside = studio.begin("go on")
    wait_for(studio.is_running(beside))
    killed = studio.begin("be killed")
    wait_for(lambda: studio.hands._is_alone)
    later = studio.begin("")
    assert studio.studio.job(killed).status == JobStatus.RUNNING
    studio.studio.jobs.request_cancel("ann", beside)
    wait_for(lambda: studio.ended(later) == DONE)
    status, error = studio.ended(killed)
    assert (status, "when memory runs out" in error) == (JobStatus.FAILED, True)


def test_a_model_that_takes_too_much_memory_fails_its_job_at_once(at_work: Make) -> None:
    studio = at_work(job_memory_mb=500)
    status, error = studio.run("fill memory")
    assert (status, "more than the 500 MB" in error) == (JobStatus.FAILED, True)
    assert len(studio.runs()) == 1
    assert studio.run("") == DONE


def test_what_other_models_have_loaded_is_not_held_against_a_job(at_work: Make) -> None:
    studio = at_work(job_memory_mb=500)
    assert studio.run("hold memory") == DONE
    assert studio.run("hold memory", "doll") == DONE


def test_a_model_that_takes_too_long_fails_its_job_and_keeps_its_process_when_it_listens(at_work: Make) -> None:
    studio = at_work(job_minutes=1000)
    status, error = studio.run("go on", "hasty")
    assert (status, "Hasty took longer than the 0.01 minutes" in error) == (JobStatus.FAILED, True)
    assert studio.run("", "hasty") == DONE
    (_, first), (_, second) = studio.runs()
    assert first == second


def test_a_model_that_takes_too_long_and_does_not_listen_is_ended(at_work: Make) -> None:
    studio = at_work(grace=0.1, job_minutes=0.01)
    status, error = studio.run("ignore everything")
    assert (status, "Toy took longer" in error) == (JobStatus.FAILED, True)
    assert studio.run("") == DONE


def test_a_cancelled_job_that_does_not_listen_is_ended_and_the_one_beside_it_is_not(at_work: Make) -> None:
    studio = at_work(grace=0.1, concurrency=2)
    beside, deaf = studio.begin("go on"), studio.begin("ignore everything")
    wait_for(studio.is_running(beside))
    wait_for(studio.is_running(deaf))
    studio.studio.jobs.request_cancel("ann", deaf)
    wait_for(lambda: len(studio.hands._busy) == 1)
    assert studio.ended(deaf) == (JobStatus.CANCELLED, "")
    wait_for(lambda: {path.name for path in studio.studio.settings.work.iterdir()} == {beside, f"{beside}-inputs"})
    assert studio.studio.job(beside).status == JobStatus.RUNNING
    studio.studio.jobs.request_cancel("ann", beside)


def test_a_cancelled_job_that_listens_leaves_its_process_alive(at_work: Make) -> None:
    studio = at_work()
    job_id = studio.begin("go on")
    wait_for(studio.is_running(job_id))
    studio.studio.jobs.request_cancel("ann", job_id)
    assert studio.run("") == DONE
    (_, first), (_, second) = studio.runs()
    assert first == second


@pytest.mark.parametrize("prompt", ["go on", "ignore everything"])
def test_a_stop_leaves_the_job_unfinished(at_work: Make, prompt: str) -> None:
    studio = at_work()
    job_id = studio.begin(prompt)
    wait_for(studio.is_running(job_id))
    studio.stop()
    assert [job.id for job in studio.studio.jobs.unfinished()] == [job_id]


def test_what_a_model_has_started_ends_with_its_process(at_work: Make, tmp_path: Path) -> None:
    assert at_work().run("start another")[0] == JobStatus.FAILED
    other = (tmp_path / "work" / "other.pid").read_text()
    wait_for(lambda: _has_ended(other))


def test_a_process_ends_with_a_worker_that_is_killed_however_busy_it_is(at_work: Make, tmp_path: Path) -> None:
    studio = at_work()
    job_id = studio.studio.create({"prompt": "ignore everything"}).id
    command = [sys.executable, runner_studio.__file__, str(tmp_path), "--by-process", job_id]
    with subprocess.Popen(command) as worker:
        wait_for(studio.is_running(job_id))
        assert len(processes_of(tmp_path)) == 1
        worker.kill()
    wait_for(lambda: processes_of(tmp_path) == [])
    assert studio.studio.job(job_id).status == JobStatus.RUNNING


def test_a_job_goes_to_the_process_that_ran_its_model(at_work: Make) -> None:
    studio = at_work(concurrency=2)
    for model_id in ("toy", "doll", "toy", "doll"):
        assert studio.run("load", model_id) == DONE
    processes = [process for _, process in studio.runs()]
    assert processes == processes[:2] * 2
    assert len(set(processes)) == 2


def test_a_process_that_does_not_start_is_no_fault_of_the_job(at_work: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = at_work()
    monkeypatch.setattr("studio.jobs.job_processes._AGAIN_SECONDS", 0)
    started: list[str] = []
    whole = studio.hands._command

    def start(self: JobProcesses) -> JobProcess:
        started.append("")
        if len(started) == 1:
            raise OSError("no more processes")
        command = [sys.executable, "-c", "exit()"] if len(started) < 5 else whole
        return JobProcess(command, self._environment)

    monkeypatch.setattr(JobProcesses, "_new", start)
    assert studio.run("") == DONE
    assert len(started) == 5
