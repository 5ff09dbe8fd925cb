"""Two versions of the studio on one database, as during an update: this one, and one that is newer.

The newer one is a copy of this one that has one more model and one more column, which an older one does not know.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from sqlalchemy import Engine, text

from storage.database import _newest, open_database
from storage.jobs.store import Job, JobStore
from tests import s3
from tests.postgres import studio_server
from tests.studio.runner_studio import wait_for

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
ROOMS = ("backends", "components", "interchange", "model_configs", "storage", "studio", "web")
NEWER = f"{int(_newest()) + 1:04}"

MIGRATION = f'''
import sqlalchemy as sa
from alembic import op

revision, down_revision = "{NEWER}", "{_newest()}"


def upgrade() -> None:
    op.add_column("job", sa.Column("newer", sa.Text(), nullable=True))
    op.add_column("worker", sa.Column("newer", sa.Text(), nullable=True))
'''
COLUMN = """    newer: str | None = Field(default=None, sa_type=Utf8, sa_column_kwargs={"default": "by the newer"})"""
CHANGES = (
    ("storage/tables.py", "    lanes: int | None = Field(sa_type=Whole)", COLUMN),
    ("storage/tables.py", "    texts: str | None = _text()", COLUMN),
    ("storage/jobs/records.py", '    problem: str = ""', "    newer: str | None = None"),
)
"""Of a file: a line, and what comes behind it."""

# A job that runs until it is told to end.
HELD = """
import time
from pathlib import Path

from PIL import Image


def generate(prompt: str, *, run) -> Image.Image:
    while not Path({go!r}).exists():
        run.progress(1, of=2)
        time.sleep(0.05)
    return Image.new("RGB", (64, 64))
"""

SQLITE_ENDS = """
CREATE TRIGGER ends AFTER UPDATE OF status ON job WHEN new.status NOT IN ('queued', 'running') BEGIN
    INSERT INTO ended VALUES (new.id, new.status); END
"""
POSTGRESQL_ENDS = """
CREATE FUNCTION note_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO ended VALUES (new.id, new.status); RETURN new; END $$;
CREATE TRIGGER ends AFTER UPDATE OF status ON job FOR EACH ROW
    WHEN (new.status NOT IN ('queued', 'running')) EXECUTE FUNCTION note_end();
"""


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the newer version."""
    root = tmp_path_factory.mktemp("newer")
    for room in ROOMS:
        shutil.copytree(ROOT / room, root / room)
    for file in ("studio_ui.py", "media_kinds.py"):
        shutil.copy(ROOT / file, root)
    (root / "storage" / "migrations" / "versions" / f"{NEWER}_newer.py").write_text(MIGRATION, encoding="utf-8")
    for file, behind, added in CHANGES:
        declared = (root / file).read_text(encoding="utf-8")
        assert declared.count(behind) == 1, "the newer version is to be made in another way"
        (root / file).write_text(declared.replace(behind, f"{behind}\n{added}"), encoding="utf-8")
    pattern = (root / "model_configs" / "pattern.yaml").read_text(encoding="utf-8")
    (root / "model_configs" / "bauble.yaml").write_text(pattern.replace("id: pattern\n", "id: bauble\n"))
    return root


class Machines:
    """Processes of either version, each with a data folder of its own, on one database."""

    def __init__(self, folder: Path, url: str, stack: ExitStack) -> None:
        self.folder, self._stack = folder, stack
        self.go = folder / "go"
        (folder / "held.py").write_text(HELD.format(go=str(self.go)), encoding="utf-8")
        self._environment = {
            **os.environ,
            "STUDIO_DATABASE_URL": url,
            "STUDIO_WORKER": "off",
            "STUDIO_CONCURRENCY": "2",
            "STUDIO_MODELS": str(folder / "held.py"),
        }

    def start(self, root: Path, name: str, *arguments: str) -> subprocess.Popen[bytes]:
        data_dir = self.folder / name
        with self.log(name).open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "studio_ui.py", *arguments],
                cwd=root,
                env={**self._environment, "STUDIO_DATA_DIR": str(data_dir)},
                stdout=log,
                stderr=log,
            )
        self._stack.callback(end, process)
        return process

    def worker(self, root: Path, name: str) -> subprocess.Popen[bytes]:
        return self.start(root, name, "worker")

    def page(self, root: Path, name: str) -> tuple[subprocess.Popen[bytes], "Pages"]:
        port = s3.free_port()
        return self.start(root, name, "--port", str(port)), Pages(port)

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(60)


class Pages:
    """A page that is asked as programs ask it, once it answers."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._client: Client | None = None

    def submit(self, model: str, prompt: str) -> str:
        if self._client is None:
            wait_for(lambda: answers(self._port), 120)
            self._client = Client(f"http://127.0.0.1:{self._port}", verbose=False)
        values: Mapping[str, Any] = {"prompt": prompt}
        if model != "held":
            values = {**values, "width": 128, "height": 128}
        return str(self._client.predict(model, values, api_name="/submit_job")["job_id"])


def answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health").status_code in (200, 503)
    except httpx.TransportError:
        return False


class Database:
    """The one that both versions share, seen by the older one; it notes each end of a job."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs = JobStore(engine)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE ended (job_id text, status text)"))
            is_sqlite = engine.dialect.name == "sqlite"
            connection.execute(text(SQLITE_ENDS if is_sqlite else POSTGRESQL_ENDS))

    def job(self, job_id: str) -> Job:
        found = self._jobs.find_any(job_id)
        assert found is not None
        return found

    def wait_for(self, job_id: str, status: str) -> None:
        wait_for(lambda: self.job(job_id).status == status, 120)

    def workers(self) -> int:
        return len(self.rows("SELECT id FROM worker"))

    def ends(self) -> Counter[str]:
        """How often each job has ended."""
        return Counter(job_id for job_id, _ in self.rows("SELECT * FROM ended"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.db'}"
    else:
        with studio_server() as server:
            yield server.url.format("studio")


@pytest.fixture
def machines(url: str, tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        yield Machines(tmp_path, url, stack)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    engine = open_database(url)
    yield Database(engine)
    engine.dispose()


def of_the_older(
    machines: Machines,
) -> tuple[subprocess.Popen[bytes], subprocess.Popen[bytes], Pages, dict[str, str]]:
    """A worker and a page of the older version, how that is asked, and the jobs that it was given."""
    worker = machines.worker(ROOT, "old-worker")
    page, pages = machines.page(ROOT, "old-page")
    return worker, page, pages, {"before": pages.submit("pattern", "before"), "held": pages.submit("held", "held")}


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_newer_worker_and_then_a_newer_page_take_over_while_jobs_run(
    newer: Path, machines: Machines, database: Database
) -> None:
    old_worker, old_page, old, jobs = of_the_older(machines)
    database.wait_for(jobs["before"], "completed")
    database.wait_for(jobs["held"], "running")

    machines.worker(newer, "new-worker")
    jobs["while it starts"] = old.submit("pattern", "while it starts")
    wait_for(lambda: database.workers() == 2, 120)
    assert database.rows("SELECT version_num FROM alembic_version") == [(NEWER,)]
    jobs["beside it"] = old.submit("pattern", "beside it")
    end(old_worker)
    jobs["after it"] = old.submit("pattern", "after it")
    database.wait_for(jobs["after it"], "completed")
    database.wait_for(jobs["held"], "running")

    _, new = machines.page(newer, "new-page")
    jobs["of a newer model"] = new.submit("bauble", "of a newer model")
    end(old_page)
    machines.go.touch()
    for job_id in jobs.values():
        wait_for(lambda job_id=job_id: database.job(job_id).status not in ("queued", "running"), 120)  # type: ignore[misc]
    assert database.ends() == dict.fromkeys(jobs.values(), 1), jobs
    assert {database.job(one).status for one in jobs.values()} == {"completed"}, machines.log("new-worker").read_text()


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_older_worker_goes_on_beside_a_newer_page_and_says_what_it_does_not_know(
    newer: Path, machines: Machines, database: Database
) -> None:
    old_worker, old_page, old, jobs = of_the_older(machines)
    database.wait_for(jobs["held"], "running")

    _, new = machines.page(newer, "new-page")
    jobs["from the new page"] = new.submit("pattern", "from the new page")
    jobs["from the old page"] = old.submit("pattern", "from the old page")
    database.wait_for(jobs["from the new page"], "completed")
    unknown = new.submit("bauble", "of a newer model")
    database.wait_for(unknown, "failed")
    assert "does not have the model bauble" in (database.job(unknown).error or "")
    end(old_page)
    end(old_worker)  # hands back what it runs, and is started again
    assert database.workers() == 0
    assert database.job(jobs["held"]).status == "running"
    machines.worker(ROOT, "old-worker")
    machines.go.touch()
    for job_id in jobs.values():
        database.wait_for(job_id, "completed")
    assert database.ends() == dict.fromkeys([*jobs.values(), unknown], 1)
    said = f"The database is a newer studio's ({NEWER}), which lets this one go on: update it soon"
    assert machines.log("old-worker").read_text().count(said) >= 1
    assert dict(database.rows("SELECT id, newer FROM job"))[jobs["from the new page"]] == "by the newer"
