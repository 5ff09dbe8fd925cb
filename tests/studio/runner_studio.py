"""A small studio for the runner's tests; as a program, the one that is killed in the middle of a job.

python runner_studio.py FOLDER     runs until standard input closes
python runner_studio.py FOLDER --by-process JOB_ID   has a process do one job
python runner_studio.py FOLDER --channel FD   is a process that does jobs, as their prompts say (see `MISCHIEF`)
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from uuid import uuid4

from PIL import Image

from backends.base import Backend, Context, Outputs, Request, Spec
from model_configs.schema import Limits, ModelConfig
from storage.database import open_database
from storage.jobs.loaded import LoadedStore
from storage.jobs.queue import QueueStore
from storage.jobs.store import Job, JobStore, NewJob
from storage.jobs.workers import WorkerStore
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from studio.jobs.job_process import serve
from studio.jobs.job_processes import JobProcesses
from studio.jobs.lanes import Lanes
from studio.jobs.lease import Lease
from studio.jobs.loaded import WorkersBoard
from studio.jobs.runner import Runner
from studio.jobs.worker import Hands, Worker
from studio.settings import Settings

MODEL = ModelConfig.model_validate(
    {
        "id": "toy",
        "name": "Toy",
        "type": "image",
        "backend": {"kind": "fake"},
        "parameters": {
            "prompt": {"kind": "text"},
            "seed": {"kind": "seed"},
            "steps": {"kind": "integer", "default": 3},
            "framed": {"kind": "boolean", "default": False},
            "border": {"kind": "integer", "default": 5, "depends_on": {"framed": True}},
            "photo": {"kind": "image"},
        },
    }
)

MODELS = {
    "toy": MODEL,
    "doll": MODEL.model_copy(update={"id": "doll", "name": "Doll"}),
    "puppet": MODEL.model_copy(update={"id": "puppet", "name": "Puppet"}),
    "hasty": MODEL.model_copy(update={"id": "hasty", "name": "Hasty", "limits": Limits(minutes=0.01)}),
}


class Fake:
    """A backend that does what it is told to."""

    spec_type = Spec

    def __init__(self, run: Callable[[Request, Context], Outputs], missing: str | None = None) -> None:
        self._run, self._missing = run, missing

    def run(self, request: Request, context: Context) -> Outputs:
        return self._run(request, context)

    def ready(self, spec: Spec) -> str | None:
        return self._missing


def paint(request: Request, context: Context) -> Outputs:
    """A picture whose colour is the seed."""
    context.progress(0.5, "Painting")
    Image.new("RGB", (32, 24), (request.values["seed"] % 256, 80, 160)).save(request.folder / "out.png")
    return Outputs((request.folder / "out.png",))


class Studio:
    """Stores on a folder and maybe a bucket, and one job after another for the user ann."""

    def __init__(
        self, folder: Path, bucket: str = "", limits: Mapping[str, Any] | None = None, **backends: Backend
    ) -> None:
        self.settings = Settings(data_dir=folder, **limits or {})
        self.database = database = open_database(self.settings.database)
        self.jobs, self.media = JobStore(database), MediaStore(database, self.settings.media, url=bucket)
        self._workspace = WorkspaceStore(database).ensure_default("ann").id
        self.runner = Runner(self.jobs, self.media, MODELS, backends, self.settings)
        self.queue = QueueStore(database)

    def worker(self, hands: Hands | None = None) -> Worker:
        """Runs the jobs of the queue, in this process unless other hands are given."""
        lease = Lease(WorkerStore(self.database), self.settings.data_dir)
        lanes = Lanes.of(self.settings, MODELS)
        return Worker(
            lease=lease,
            jobs=self.jobs,
            queue=self.queue,
            hands=hands or self.runner,
            lanes=lanes,
            settings=self.settings,
        )

    def processes(self, grace: float = 30) -> JobProcesses:
        """Hands that do the jobs in processes of their own, as their prompts say."""
        command = [sys.executable, __file__, str(self.settings.data_dir), "--channel"]
        worker_id = str(uuid4())
        WorkerStore(self.database).enter(worker_id, "box:1")
        board = WorkersBoard(LoadedStore(self.database), worker_id)
        return JobProcesses(self.jobs, MODELS, self.settings, command, board, grace)

    def create(self, options: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        new = {"model_id": "toy", "model_version": 1, "type": "image", "seed": 7, "config_snapshot": {}} | fields
        return self.jobs.create(NewJob(user_id="ann", workspace_id=self._workspace, options=dict(options or {}), **new))

    def run(self, options: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """Create a job and run it in this thread; the job as it is then."""
        job_id = self.create(options, **fields).id
        self.runner.run(job_id)
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        job = self.jobs.find_any(job_id)
        assert job is not None
        return job


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as it happens; a test that waits for what never does fails."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.02)


def _serve(folder: Path) -> None:
    def slowly(request: Request, context: Context) -> Outputs:
        """Hangs in the first process, leaving half a file; every run adds a line."""
        runs = folder / "runs.txt"
        with runs.open("a") as file:
            print(request.job_id, [path.name for path in request.folder.iterdir()], file=file)
        if len(runs.read_text().splitlines()) == 1:
            (request.folder / "half.png").write_bytes(b"half")
            time.sleep(600)
        return paint(request, context)

    studio = Studio(folder, fake=Fake(slowly))
    worker = studio.worker()
    worker.start()
    sys.stdin.read()
    worker.stop()


def _crash(_: Request, __: Context) -> None:
    ctypes.string_at(0)


def _exit(_: Request, __: Context) -> None:
    os._exit(3)


def _leave(_: Request, __: Context) -> None:
    sys.exit("a model that thinks it is a program")


def _be_killed(_: Request, __: Context) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _fill_memory(_: Request, __: Context) -> None:
    kept = []
    while True:
        kept.append(bytearray(b"x" * 10_000_000))
        time.sleep(0.005)


def _ignore_everything(_: Request, __: Context) -> None:
    ctypes.PyDLL(None).sleep(600)  # holds the lock of the interpreter: no other thread of the process runs meanwhile


def _go_on(_: Request, context: Context) -> None:
    while True:
        context.progress(0.5, "Going on")


def _start_another(request: Request, _: Context) -> None:
    other = subprocess.Popen(["sleep", "600"])
    (request.folder.parent / "other.pid").write_text(str(other.pid))
    os._exit(3)


def _load(request: Request, _: Context) -> None:
    _loaded.append(request.model_id)


def _hold_memory(_: Request, __: Context) -> None:
    _loaded.append("x" * 300_000_000)


def _hold_gpu(request: Request, _: Context) -> None:
    held = request.folder.parent.parent / "gpu" / str(os.getpid())  # where tests/nvidia_smi.py looks
    held.parent.mkdir(exist_ok=True)
    held.write_text(str(GPU_MIB[request.model_id]))


GPU_MIB = {"toy": 14000, "doll": 14000, "puppet": 4000}

_loaded: list[str] = []
"""What stays in the process between jobs, as weights do."""

MISCHIEF: Mapping[str, Callable[[Request, Context], None]] = {
    "crash": _crash,
    "exit": _exit,
    "leave": _leave,
    "be killed": _be_killed,
    "fill memory": _fill_memory,
    "ignore everything": _ignore_everything,
    "go on": _go_on,
    "start another": _start_another,
    "load": _load,
    "hold memory": _hold_memory,
    "hold a GPU": _hold_gpu,
}
"""What a job does before it paints, by its prompt. "once" after it: in its first run only."""


def _misbehave(request: Request, context: Context) -> Outputs:
    runs = request.folder.parent.parent / "runs.txt"
    times = runs.read_text().count(request.job_id) if runs.exists() else 0
    with runs.open("a") as file:
        print(request.job_id, os.getpid(), os.environ.get("CUDA_VISIBLE_DEVICES", "-"), file=file)
    prompt, _, once = request.values["prompt"].partition(", ")
    if prompt in MISCHIEF and not (once and times):
        MISCHIEF[prompt](request, context)
    return paint(request, context)


if __name__ == "__main__":
    if "--channel" in sys.argv:
        serve(Connection(int(sys.argv[-1])), Studio(Path(sys.argv[1]), fake=Fake(_misbehave)).runner)
    elif "--by-process" in sys.argv:
        Studio(Path(sys.argv[1])).processes().run(sys.argv[-1])
    else:
        _serve(Path(sys.argv[1]))
