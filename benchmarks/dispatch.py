"""What the queue costs: from submit to finished of a job that does nothing, and how many of them several workers do.

    .venv/bin/python benchmarks/dispatch.py [JOBS]

The measure is the engine's own queue on a file of its own in the same run, which it looks at five times a second: from
telling it of an id to the call of a function that does nothing.
The workers are processes with a data folder each on one database, PostgreSQL where Debian's is
installed, else an SQLite file.
"""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dbos import DBOS
from sqlalchemy import create_engine, text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import harness
from studio.context import StudioContext
from studio.settings import LOCAL_USER, Settings
from studio_ui import WORKER, open_studio
from tests.postgres import binaries, server

NOTHING = '''
from PIL import Image


def nothing(seed: int) -> Image.Image:
    """The smallest result that a job can have."""
    return Image.new("L", (1, 1))
'''
WORKERS = (1, 2, 4)
AIMS = {"dispatch": 1.5}
LOOK = 0.2  # seconds between two looks of the engine into its queue
EACH = 0.005  # seconds between two looks whether a job has ended


def main(jobs: int) -> None:
    """The engine and the studio in turns of five jobs, then more and more workers; prints at the end."""
    samples = harness.Samples(list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dispatch-")))
        model = folder / "nothing.py"
        model.write_text(NOTHING, encoding="utf-8")
        alone = stack.enter_context(Alone(folder / "engine"))
        studio = opened(Settings(data_dir=folder / "data", models=(str(model),)))
        with worker(folder / "data", model):
            through_the_queue(studio)  # the process that does the jobs has started then
            for _ in range(max(1, jobs // 5)):
                samples["engine"] += [alone.run() for _ in range(5)]
                samples["dispatch"] += [through_the_queue(studio) for _ in range(5)]
        url = stack.enter_context(database(folder))
        shared = opened(Settings(data_dir=folder / "shared", models=(str(model),), database_url=url))
        rates = {count: rate(shared, count, jobs, folder, model, url) for count in WORKERS}
    harness.report(samples, "engine", AIMS)
    for count, a_second in rates.items():
        print(f"jobs_a_second workers_{count} {a_second:.1f} ({a_second / rates[1]:.2f} of one worker's)")


class Alone:
    """The engine without the studio: it is told of an id, and calls a function."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._url, self._done, self._count = f"sqlite:///{folder / 'engine.db'}", threading.Event(), 0

    def __enter__(self) -> "Alone":
        DBOS(config={"name": "alone", "system_database_url": self._url, "enable_otlp": False, "log_level": "WARNING"})

        def note(_: str) -> None:
            self._done.set()

        self._workflow = DBOS.workflow()(note)
        DBOS.launch()
        DBOS.register_queue("alone", worker_concurrency=1, polling_interval_sec=LOOK)
        self.run()
        return self

    def __exit__(self, *_: object) -> None:
        DBOS.destroy(destroy_registry=True)

    def run(self) -> float:
        """Milliseconds."""
        self._count += 1
        self._done.clear()
        began = time.monotonic()
        DBOS.enqueue_workflow("alone", self._workflow, f"job {self._count}")
        self._done.wait()
        return (time.monotonic() - began) * 1000


def opened(settings: Settings) -> StudioContext:
    return open_studio(settings)[0]


def through_the_queue(studio: StudioContext) -> float:
    """Milliseconds."""
    began = time.monotonic()
    job_id = studio.submit(LOCAL_USER, None, "nothing", {}).id
    while studio.jobs.is_unfinished(job_id):
        time.sleep(EACH)
    taken = (time.monotonic() - began) * 1000
    job = studio.jobs.find_any(job_id)
    assert job is not None
    assert job.status == "completed", job.error
    return taken


def rate(studio: StudioContext, workers: int, jobs: int, folder: Path, model: Path, url: str) -> float:
    """Jobs a second, from when each worker has done its first to the last one's end."""
    with ExitStack() as stack:
        for number in range(workers):
            stack.enter_context(worker(folder / f"{workers}-{number}", model, STUDIO_DATABASE_URL=url))
        for count in (8 * workers, jobs):
            for _ in range(count):
                studio.submit(LOCAL_USER, None, "nothing", {})
            began, left = time.monotonic(), len(studio.jobs.unfinished())
            wait_until_ended(studio)
        return left / (time.monotonic() - began)


def wait_until_ended(studio: StudioContext) -> None:
    while studio.jobs.unfinished():
        time.sleep(10 * EACH)


@contextmanager
def worker(data: Path, model: Path, **settings: str) -> Iterator[None]:
    environment = {**os.environ, "STUDIO_DATA_DIR": str(data), "STUDIO_MODELS": str(model), **settings}
    with subprocess.Popen(WORKER, env={**environment, "STUDIO_LOG_LEVEL": "warning"}, cwd=harness.ROOT) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def database(folder: Path) -> Iterator[str]:
    programs = binaries()
    if programs is None:
        yield f"sqlite:///{folder / 'shared.db'}"
        return
    with server(programs) as running:
        admin = create_engine(running.url.format("postgres"), isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE studio"))
        admin.dispose()
        yield running.url.format("studio")


if __name__ == "__main__":
    main(harness.rounds(50))
