"""Models that end their process, fill the memory, never end: each costs its own job, and nobody else anything."""

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.jobs.loaded import Loaded, LoadedStore
from storage.jobs.store import JobStatus, JobStore
from studio.jobs.job_process import JobProcess
from studio.jobs.job_processes import JobProcesses
from studio.jobs.loaded import WorkersBoard
from studio.jobs.page import WorkersView
from studio.settings import Settings
from tests import nvidia_smi
from tests.processes import processes_of
from tests.studio import runner_studio
from tests.studio.runner_studio import Studio, wait_for

pytestmark = pytest.mark.slow

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
        return [line[:2] for line in self._lines()]

    def devices(self) -> dict[str, str]:
        """Which GPU the last run of each job saw; `-` for whichever there is."""
        return {job: device for job, _, device in self._lines()}

    def _lines(self) -> list[list[str]]:
        runs = self._folder / "runs.txt"
        return [line.split() for line in runs.read_text().splitlines()] if runs.exists() else []

    def loaded(self) -> list[tuple[str, str | None]]:
        """The model and the device of what is told to be loaded."""
        return [(one.model_id, one.device) for one in self.told()]

    def told(self) -> tuple[Loaded, ...]:
        """As a page is told that asks once the database has all of it."""
        wait_for(lambda: cast(WorkersBoard, self.hands._board)._untold is None)
        return self.view().loaded()

    def view(self) -> WorkersView:
        return WorkersView(LoadedStore(self.studio.database))

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


def test_a_process_gives_way_to_the_page_also_where_sessions_are_weighed(at_work: Make) -> None:
    studio = at_work()
    assert studio.run("load") == DONE
    ((_, pid),) = studio.runs()
    assert os.getpriority(os.PRIO_PROCESS, int(pid)) > os.getpriority(os.PRIO_PROCESS, os.getpid())
    session = Path(f"/proc/{pid}/autogroup")
    if not session.exists():
        pytest.skip("this Linux has no autogroups")
    assert session.read_text().endswith("nice 10\n")


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

    def start(self: JobProcesses, device: str | None) -> JobProcess:
        started.append("")
        if len(started) == 1:
            raise OSError("no more processes")
        command = [sys.executable, "-c", "exit()"] if len(started) < 5 else whole
        return JobProcess(command, self._environment, device)

    monkeypatch.setattr(JobProcesses, "_new", start)
    assert studio.run("") == DONE
    assert len(started) == 5


# --- weights ---------------------------------------------------------------------------------------------------------


def test_what_a_model_has_loaded_stays_and_is_told(at_work: Make, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    studio = at_work()
    for prompt, model_id in itertools.product(("hold memory", ""), ("toy", "doll")):
        assert studio.run(prompt, model_id) == DONE
    processes = [process for _, process in studio.runs()]
    assert processes == processes[:2] * 2
    assert len(set(processes)) == 2
    assert sorted(studio.loaded()) == [("doll", None), ("toy", None)]
    assert re.search(r"toy is loaded, \d+ MB", caplog.text)
    studio.stop()
    assert studio.loaded() == []


def test_jobs_go_on_while_the_database_does_not_take_what_is_loaded(
    at_work: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_free, asked = threading.Event(), threading.Event()
    tell = LoadedStore.tell

    def told_late(self: LoadedStore, worker_id: str, loaded: Sequence[Loaded]) -> None:
        asked.set()
        assert is_free.wait(120)
        tell(self, worker_id, loaded)

    monkeypatch.setattr(LoadedStore, "tell", told_late)
    studio = at_work()
    first = studio.begin("hold memory")
    assert asked.wait(60)
    wait_for(lambda: studio.ended(first) == DONE)
    second = studio.begin("go on", "doll")
    wait_for(studio.is_running(second))
    studio.studio.jobs.request_cancel("ann", second)
    is_free.set()
    assert studio.loaded() == [("toy", None)]


def test_beyond_the_memory_for_weights_the_model_that_rests_longest_goes(at_work: Make) -> None:
    studio = at_work(warm_memory_mb=900)
    for prompt, model_id in [("hold memory", "toy"), ("hold memory", "doll"), ("", "toy"), ("hold memory", "puppet")]:
        assert studio.run(prompt, model_id) == DONE
    assert sorted(studio.loaded()) == [("puppet", None), ("toy", None)]
    assert studio.run("", "toy") == DONE
    runs = studio.runs()
    assert runs[-1][1] == runs[0][1]


def test_without_memory_for_weights_none_stay(at_work: Make) -> None:
    studio = at_work(warm_memory_mb=0)
    assert [studio.run("hold memory"), studio.run("hold memory")] == [DONE, DONE]
    (_, first), (_, second) = studio.runs()
    assert first != second
    assert studio.loaded() == []


def test_a_model_that_is_to_go_goes_at_once_when_it_rests_and_else_after_its_job(at_work: Make, tmp_path: Path) -> None:
    studio = at_work(concurrency=2)
    studio.view().unload("toy")  # which nothing has loaded yet
    studio.hands.start()
    assert [studio.run("hold memory", one) for one in ("toy", "doll")] == [DONE, DONE]
    beside = studio.begin("go on", "doll")
    wait_for(studio.is_running(beside))
    for model_id in ("toy", "doll", "gone"):
        studio.view().unload(model_id)
    wait_for(lambda: studio.loaded() == [("doll", None)])
    wait_for(lambda: not studio.hands._busy[0].is_kept)
    assert studio.studio.job(beside).status == JobStatus.RUNNING
    studio.studio.jobs.request_cancel("ann", beside)
    wait_for(lambda: studio.loaded() == [])


def test_a_model_whose_process_was_killed_is_not_told_any_more(at_work: Make) -> None:
    studio = at_work()
    studio.hands.start()
    assert studio.run("hold memory") == DONE
    (told,) = studio.told()
    os.killpg(told.process, signal.SIGKILL)
    wait_for(lambda: studio.told() == ())


@pytest.fixture
def gpu(at_work: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AtWork:
    """A studio with a GPU of 24 GB, on which toy and doll hold 14 GB each, and puppet 4."""
    nvidia_smi.install(tmp_path / "bin", tmp_path / "gpu")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return at_work(devices=("0",))


def test_what_a_model_holds_of_a_gpu_is_told(gpu: AtWork) -> None:
    assert gpu.run("hold a GPU") == DONE
    (told,) = gpu.told()
    assert told.gpu_megabytes == 14680
    assert re.fullmatch(r"loaded on device 0, \d+ MB, 14680 MB of a GPU's, by box:1", str(told))


def test_models_rest_on_a_gpu_as_long_as_the_next_one_fits_beside_them(gpu: AtWork) -> None:
    for model_id, loaded in [
        ("toy", ["toy"]),
        ("puppet", ["puppet"]),  # nobody knows yet what it takes
        ("toy", ["puppet", "toy"]),
        ("doll", ["doll"]),
        ("toy", ["toy"]),  # does not fit beside doll
    ]:
        assert gpu.run("hold a GPU", model_id) == DONE
        assert sorted(model for model, _ in gpu.loaded()) == loaded, model_id


def test_a_model_that_takes_nothing_of_a_gpu_lets_the_others_rest(gpu: AtWork) -> None:
    assert gpu.run("", "puppet") == DONE
    assert gpu.run("hold a GPU", "toy") == DONE
    assert gpu.run("", "puppet") == DONE
    assert [model for model, _ in gpu.loaded()] == ["toy"]


# --- several GPUs ----------------------------------------------------------------------------------------------------


def test_each_device_does_a_job_of_its_own_and_sees_no_other(at_work: Make) -> None:
    studio = at_work(devices=("0", "GPU-8f2a"))
    both = [studio.begin("go on"), studio.begin("go on")]
    for job_id in both:
        wait_for(studio.is_running(job_id))
    third = studio.begin("")
    assert {studio.devices()[job_id] for job_id in both} == {"0", "GPU-8f2a"}
    assert not studio.is_running(third)()
    studio.studio.jobs.request_cancel("ann", both[1])
    wait_for(lambda: studio.ended(third) == DONE)
    assert studio.devices()[third] == studio.devices()[both[1]]
    studio.studio.jobs.request_cancel("ann", both[0])


def test_a_job_goes_first_to_the_device_where_its_model_is_loaded(at_work: Make) -> None:
    studio = at_work(devices=("0", "1"))
    for prompt, model_id in itertools.product(("hold memory", ""), ("toy", "doll")):
        assert studio.run(prompt, model_id) == DONE
    assert sorted(studio.loaded()) == [("doll", "1"), ("toy", "0")]
    assert list(studio.devices().values()) == ["0", "1", "0", "1"]


def test_a_job_does_not_wait_for_the_device_where_its_model_is_loaded(at_work: Make) -> None:
    studio = at_work(devices=("0", "1"))
    assert studio.run("hold memory") == DONE
    beside = studio.begin("go on")
    wait_for(studio.is_running(beside))
    assert studio.devices()[beside] == "0"
    assert studio.run("") == DONE
    assert [studio.devices()[job] for job, _ in studio.runs()] == ["0", "0", "1"]
    studio.studio.jobs.request_cancel("ann", beside)


@dataclass(eq=False)
class Resting:
    """A process as far as the choice of one looks at it."""

    device: str | None
    megabytes: int = 0
    models: list[str] = field(default_factory=list)
    is_alive: bool = True
    id: int = 1
    gpu_megabytes: int = 0
    is_kept: bool = True

    @property
    def has_loaded(self) -> bool:
        return self.megabytes > 256

    def kill(self) -> None:
        self.is_alive = False


class Unread:
    """Nobody looks at what is told."""

    def tell(self, loaded: Sequence[Loaded]) -> None: ...

    def unwanted(self) -> Sequence[str]:
        return ()


@given(data=st.data(), on_each=st.integers(1, 2), devices=st.sampled_from([(), ("0",), ("0", "1", "2")]))
@settings(max_examples=150, deadline=None)
def test_whatever_runs_lanes_are_kept_warm_models_found_and_memory_is_not_exceeded(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, on_each: int, devices: tuple[str, ...]
) -> None:
    chosen = Settings(
        data_dir=tmp_path_factory.mktemp("data"), concurrency=on_each, devices=devices, warm_memory_mb=1000
    )
    hands = JobProcesses(cast(JobStore, None), {}, chosen, [], Unread())
    hands._new = Resting  # type: ignore[assignment]
    for _ in range(data.draw(st.integers(1, 12))):
        if hands._has_room(alone=False) and data.draw(st.booleans()):
            model = data.draw(st.sampled_from("abc"))
            free = hands._free()
            warm = [one for one in hands._idle if one.device in free and one.models[-1:] == [model]]
            taken = cast(Resting, hands._take(model, is_new=False))
            assert taken.device in free
            assert not warm or taken is warm[-1]
            assert not (taken.has_loaded and taken.models[-1] != model)
            taken.models.append(model)
            taken.megabytes = max(taken.megabytes, {"a": 10, "b": 600, "c": 1200}[model])
        elif hands._busy:
            hands._put_back(data.draw(st.sampled_from(hands._busy)))
        idle, busy = cast(list[Resting], hands._idle), cast(list[Resting], hands._busy)
        for device in hands._devices:
            assert sum(one.device == device for one in busy) <= on_each
            assert sum(one.device == device and not one.has_loaded for one in idle) <= on_each
        assert sum(one.megabytes for one in idle if one.has_loaded) <= 1000
