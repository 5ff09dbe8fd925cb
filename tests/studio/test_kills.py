"""A page and its worker, killed at random moments while they work: every job ends once, and runs once where it runs.

pytest tests/studio/test_kills.py --jobs 100 --kills 30     the figure of docs/reliability.md; some ten minutes
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from backends.registry import load_backends
from storage.jobs.store import JobStatus
from studio.context import StudioContext
from studio.models import add_model
from studio.settings import LOCAL_USER, Settings
from studio_ui import open_studio
from tests.backends.comfyui import peer as comfyui_peer
from tests.backends.comfyui.peer import Peer
from tests.backends.comfyui.test_comfyui import PAINT
from tests.backends.runpod.handlers import HANDLERS
from tests.backends.runpod.platform import Platform, running
from tests.processes import processes_of
from tests.studio.runner_studio import wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DOUBT = "may run there or not"
"""What a job says that was killed between being handed over and knowing its run: RunPod takes no id of ours."""


class Page:
    """The studio as a user starts it; it is started again as soon as it was killed."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._command = [sys.executable, "studio_ui.py", "--port", str(port), "--data-dir", str(data_dir)]
        self._environment = {**os.environ, **environment, "STUDIO_DATA_DIR": str(data_dir), "STUDIO_CONCURRENCY": "3"}
        self._data_dir = data_dir
        self.log = data_dir.parent / "studio.log"
        self._start()

    def _start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._environment, stdout=log, stderr=subprocess.STDOUT
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._start()

    def kill_worker(self) -> None:
        wait_for(lambda: bool(self._workers()), 300)
        for worker in self._workers():
            os.kill(worker, signal.SIGKILL)

    def _workers(self) -> list[int]:
        return [one for one in processes_of(self._data_dir) if b"--beside-page" in _command_of(one)]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)


def _command_of(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def page_of(data_dir: Path, environment: Mapping[str, str]) -> Iterator[Page]:
    page = Page(data_dir, environment)
    try:
        yield page
    finally:
        page.stop()


@pytest.fixture
def remote() -> Iterator[Platform]:
    with running(Platform(HANDLERS)) as platform:
        yield platform


@pytest.fixture
def comfyui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    with comfyui_peer.running(tmp_path / "comfyui") as peer:
        monkeypatch.setenv("STUDIO_COMFYUI_URL", peer.url)
        (tmp_path / "painter.json").write_text(json.dumps(PAINT), encoding="utf-8")
        add_model(str(tmp_path / "painter.json"), tmp_path / "data" / "models", load_backends({}))
        yield peer


def submitted(studio: StudioContext, jobs: int) -> dict[str, str]:
    """Each job's id with its prompt, which is its own: by turns at RunPod, in a ComfyUI and here."""
    prompts = dict[str, str]()
    for number in range(jobs):
        model = ("flux-krea", "painter", "flux-krea", "pattern")[number % 4]
        values = {**studio.model(model).defaults(), "prompt": f"{model} {number}"}
        prompts[studio.submit(LOCAL_USER, None, model, values).id] = values["prompt"]
    return prompts


def test_jobs_through_kills_run_once_and_all_end(
    remote: Platform, comfyui: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    jobs, kills = request.config.getoption("--jobs"), request.config.getoption("--kills")
    for name, value in remote.environment.items():
        monkeypatch.setenv(name, value)
    data_dir = tmp_path / "data"
    studio, _ = open_studio(Settings(data_dir=data_dir))
    prompts, dice = submitted(studio, jobs), random.Random(16)

    def ended() -> int:
        return jobs - len(studio.jobs.unfinished())

    began = time.monotonic()
    with page_of(data_dir, remote.environment) as page:
        for number in range(kills):
            wait_for(lambda number=number: ended() >= number * jobs // kills, 300)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 3))
            kill: Callable[[], None] = dice.choice([page.kill, page.kill_worker])
            kill()
        wait_for(lambda: ended() == jobs, 600)
    found = {job_id: job for job_id in prompts if (job := studio.jobs.find_any(job_id))}
    completed = {prompts[job_id] for job_id, job in found.items() if job.status == JobStatus.COMPLETED}
    doubted = {prompts[job_id] for job_id, job in found.items() if DOUBT in (job.error or "")}
    paid = {prompt for prompt in prompts.values() if prompt.startswith("flux-krea")}
    runs = Counter(run.input["prompt"] for run in remote.runs.values())
    painted = Counter(run["prompt"]["6"]["inputs"]["text"] for run in comfyui.prompts)
    seconds = time.monotonic() - began
    print(f"{jobs} jobs, {kills} kills: {len(completed)} completed, {len(doubted)} in doubt, "
          f"{runs.total()} runs, {remote.count('run')} asked for, in {seconds:.0f} s")  # fmt: skip
    assert len(completed) + len(doubted) == jobs, [job.error for job in found.values() if job.error]
    assert doubted <= paid
    assert set(runs.values()) == {1}
    assert completed & paid <= runs.keys()
    assert painted == Counter(prompt for prompt in prompts.values() if prompt.startswith("painter"))
    assert remote.count("run") == runs.total()
    assert remote.count("cancel") == 0
    assert len(doubted) <= kills
    assert studio.jobs.unfinished() == ()
    assert all(job.result_url for job in found.values() if job.status == JobStatus.COMPLETED)
    assert list((data_dir / "work").iterdir()) == []
    wait_for(lambda: processes_of(data_dir) == [])
