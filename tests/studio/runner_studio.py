"""A small studio for the runner's tests; as a program, the one that is killed in the middle of a job.

python runner_studio.py FOLDER [JOB_ID …]     runs until standard input closes; new job ids are enqueued
"""

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from backends.base import Backend, Context, Outputs, Request, Spec
from model_configs.schema import ModelConfig
from storage.database import open_database
from storage.jobs import Job, JobStore, NewJob
from storage.media import MediaStore
from storage.workspaces import WorkspaceStore
from studio.runner import Runner
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

    def __init__(self, folder: Path, bucket: str = "", **backends: Backend) -> None:
        self.settings = Settings(data_dir=folder)
        database = open_database(self.settings.database)
        self.jobs, self.media = JobStore(database), MediaStore(database, self.settings.media, url=bucket)
        self._workspace = WorkspaceStore(database).ensure_default("ann").id
        self.runner = Runner(self.jobs, self.media, {"toy": MODEL}, backends, self.settings)

    def create(self, options: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        new = {"model_id": "toy", "model_version": 1, "type": "image", "seed": 7, "config_snapshot": {}} | fields
        return self.jobs.create(NewJob(user_id="ann", workspace_id=self._workspace, options=dict(options or {}), **new))

    def run(self, options: Mapping[str, Any] | None = None, **fields: Any) -> Job:
        """Create a job and run it in this thread; the job as it is then."""
        job_id = self.create(options, **fields).id
        self.runner.run(job_id)
        return self.job(job_id)

    def job(self, job_id: str) -> Job:
        job = self.jobs.load(job_id)
        assert job is not None
        return job


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    """Return as soon as it happens; a test that waits for what never does fails."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.02)


def _serve(folder: Path, job_ids: list[str]) -> None:
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
    studio.runner.start()
    for job_id in job_ids:
        studio.runner.enqueue(job_id)
    sys.stdin.read()
    studio.runner.stop()


if __name__ == "__main__":
    _serve(Path(sys.argv[1]), sys.argv[2:])
