"""Two pages and three workers, each with a data folder of its own, on one PostgreSQL and one bucket; workers die.

pytest tests/studio/test_several_workers.py -s --jobs 500     the figure of docs/reliability.md; some twenty minutes
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from sqlalchemy import Engine, text

from storage.database import open_database
from storage.jobs.store import JobStatus, JobStore
from tests import media_samples, s3
from tests.backends.runpod.handlers import HANDLERS
from tests.backends.runpod.platform import Platform, running
from tests.postgres import studio_server
from tests.processes import processes_of
from tests.studio.runner_studio import wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FEW = 50
QUICK = "import studio.jobs.lease as lease; lease.BEAT_SECONDS, lease.LASTS_SECONDS = 0.5, 4.0; "
"""So that few jobs do not wait for half a minute until a worker is known to be dead."""

ENDS = """
CREATE TABLE ended (job_id text, status text);
CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO ended VALUES (new.id, new.status); RETURN new; END $$;
CREATE TRIGGER ends AFTER UPDATE OF status, result_url, error ON job FOR EACH ROW
    WHEN (new.status NOT IN ('queued', 'running')) EXECUTE FUNCTION note_end();
"""


class Machine:
    """A process of the studio with a data folder of its own."""

    def __init__(self, command: str, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder, self._command, self._environment = folder, command, environment
        self.start()

    def start(self) -> None:
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", self._command],
                cwd=ROOT,
                env={**self._environment, "STUDIO_DATA_DIR": str(self.folder)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait(60)


def command(prefix: str, *arguments: str) -> str:
    return f"{prefix}import sys; sys.argv = {['studio_ui.py', *arguments]!r}; import studio_ui; studio_ui.main()"


def value_of(number: int, picture: Path) -> tuple[str, dict[str, object]]:
    """A model and its inputs: a picture by rules, an upload that is edited, a run far away."""
    if number % 3 == 0:
        return "pattern", {"prompt": f"fox {number}", "width": 256, "height": 256}
    if number % 3 == 1:
        return "image-edit", {"image": handle_file(str(picture)), "brightness": 1 + number % 90}
    return "flux-krea", {"prompt": f"owl {number}"}


def test_jobs_of_two_pages_end_once_on_three_workers_that_die(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    jobs = request.config.getoption("--jobs")
    prefix, kills, dice = QUICK if jobs <= FEW else "", max(2, jobs // 20), random.Random(18)
    picture = media_samples.png(tmp_path / "photo.png")
    with ExitStack() as stack:
        server = stack.enter_context(studio_server())
        bucket = stack.enter_context(s3.swift() if s3.has_swift() else s3.moto())
        remote = stack.enter_context(running(Platform(HANDLERS)))
        url = server.url.format("studio")
        environment = {**os.environ, **remote.environment, "STUDIO_DATABASE_URL": url, "STUDIO_WORKER": "off"}
        environment |= {"STUDIO_MEDIA_URL": bucket.url("studio"), "STUDIO_CONCURRENCY": "2"}
        database = open_database(url)
        stack.callback(database.dispose)
        with database.begin() as connection:
            connection.execute(text(ENDS))
        ports = [s3.free_port() for _ in range(2)]
        pages = [Machine(command("", "--port", str(port)), tmp_path / f"page-{port}", environment) for port in ports]
        workers = [Machine(command(prefix, "worker"), tmp_path / f"worker-{n}", environment) for n in range(3)]
        for one in (*pages, *workers):
            stack.callback(one.stop)
        stack.callback(lambda: [one.signal(signal.SIGTERM) for one in (*pages, *workers)])  # before they are waited for
        wait_for(lambda: all(answers(port) for port in ports), 300)
        clients = [Client(f"http://127.0.0.1:{port}", verbose=False) for port in ports]
        store = JobStore(database)
        began = time.monotonic()

        def submit(number: int) -> str:
            model, values = value_of(number, picture)
            return str(clients[number % 2].predict(**values, api_name=f"/{model}"))

        made = [submit(0)]
        (seen,) = clients[1].predict(limit=1, api_name="/list_jobs")["jobs"]
        assert seen["id"] == made[0], "a submit on one page shows on the other"
        made += [submit(number) for number in range(1, jobs)]

        def ended() -> int:
            return jobs - len(store.unfinished())

        for number in range(kills):
            wait_for(lambda number=number: ended() >= number * jobs // (kills + 1), 600)  # type: ignore[misc]
            time.sleep(dice.uniform(0, 2))
            victim = workers[dice.randrange(3)]
            wait_for(lambda victim=victim: (victim.folder / "worker.id").exists(), 120)  # type: ignore[misc]
            if number == 0 or dice.random() < 0.3:  # it sleeps for longer than its claim lasts, and wakes up
                sleep_until_buried(victim, database)
            else:
                victim.kill()
                victim.folder = tmp_path / f"worker-{3 + number}"  # as another machine
                victim.start()
        wait_for(lambda: ended() == jobs, 900)
        seconds = time.monotonic() - began
        with database.connect() as connection:
            ends = Counter(row.job_id for row in connection.execute(text("SELECT job_id FROM ended")))
            used = connection.execute(text("SELECT count(DISTINCT worker_id) FROM job")).scalar()
        found = [store.find_any(job_id) for job_id in made]
    statuses = Counter(job.status for job in found if job)
    doubted = [job for job in found if job and job.status != JobStatus.COMPLETED]
    runs = Counter(run.input["prompt"] for run in remote.runs.values())
    print(f"{jobs} jobs, {kills} kills: {dict(statuses)}, {runs.total()} remote runs of {len(runs)} jobs, "
          f"{used} workers had jobs at last, in {seconds:.0f} s")  # fmt: skip
    assert set(ends) == set(made)
    assert set(ends.values()) == {1}
    assert all("may run there or not" in (job.error or "") for job in doubted), [job.error for job in doubted]
    assert len(doubted) <= kills
    assert set(runs.values()) == {1}
    assert [one for machine in (*pages, *workers) for one in processes_of(machine.folder)] == []


def sleep_until_buried(victim: Machine, database: Engine) -> None:
    """Stop the worker's own process, not those of its jobs, until another has taken it for dead; then it goes on."""
    worker_id = (victim.folder / "worker.id").read_text(encoding="utf-8")
    victim.signal(signal.SIGSTOP)

    def is_gone() -> bool:
        with database.connect() as connection:
            return connection.execute(text("SELECT 1 FROM worker WHERE id = :id"), {"id": worker_id}).first() is None

    wait_for(is_gone, 120)
    victim.signal(signal.SIGCONT)


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").json()["worker"] == "ok"
    except httpx.TransportError:
        return False
