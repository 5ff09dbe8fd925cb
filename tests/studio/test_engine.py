"""The durable queue, against the real DBOS."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import pytest

from studio.errors import EngineBusyError, WorkerBusyError
from studio.jobs.engine import Engine, EngineClient
from studio.jobs.page import only_page

pytestmark = pytest.mark.slow

WAIT = 20  # seconds; a passing test takes a fraction of one


@pytest.fixture
def ran() -> SimpleQueue[str]:
    return SimpleQueue()


@pytest.fixture
def engine(tmp_path: Path, ran: SimpleQueue[str]) -> Iterator[Engine]:
    engine = Engine(tmp_path, 1, ran.put)
    engine.start()
    yield engine
    engine.stop()


@pytest.fixture
def client(tmp_path: Path) -> Iterator[EngineClient]:
    client = EngineClient(tmp_path)
    yield client
    client.close()


@pytest.mark.usefixtures("engine")
def test_an_enqueued_job_runs(client: EngineClient, ran: SimpleQueue[str]) -> None:
    client.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"


def test_what_is_queued_before_there_is_an_engine_runs_as_soon_as_there_is_one(
    client: EngineClient, tmp_path: Path, ran: SimpleQueue[str]
) -> None:
    client.enqueue("a")
    engine = Engine(tmp_path, 1, ran.put)
    engine.start()
    assert ran.get(timeout=WAIT) == "a"
    engine.stop()


@pytest.mark.usefixtures("engine")
def test_a_second_engine_on_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkerBusyError, match="--data-dir"):
        Engine(tmp_path, 1, print).start()


def test_a_second_engine_may_wait_until_the_first_has_gone(
    engine: Engine, client: EngineClient, tmp_path: Path, ran: SimpleQueue[str]
) -> None:
    second = Engine(tmp_path, 1, ran.put)
    waiting = threading.Thread(target=second.start, kwargs={"wait": True})
    waiting.start()
    engine.stop()
    waiting.join(WAIT)
    client.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"
    second.stop()
    engine.start()  # for the fixture to stop


def test_a_second_page_on_the_folder_is_refused(tmp_path: Path) -> None:
    with only_page(tmp_path), pytest.raises(EngineBusyError, match="--data-dir"), only_page(tmp_path):
        pass
    with only_page(tmp_path):
        pass


def test_a_job_is_not_given_up_for_all_the_workers_that_were_killed_while_it_ran(
    client: EngineClient, tmp_path: Path, ran: SimpleQueue[str]
) -> None:
    client.enqueue("a")
    with closing(sqlite3.connect(tmp_path / "engine.db")) as file, file:
        file.execute("UPDATE workflow_status SET status = 'PENDING', executor_id = 'studio', recovery_attempts = 50")
    engine = Engine(tmp_path, 1, ran.put)
    engine.start()
    assert ran.get(timeout=WAIT) == "a"
    engine.stop()


def test_a_job_that_is_under_way_is_not_run_twice(client: EngineClient, tmp_path: Path) -> None:
    begun: SimpleQueue[str] = SimpleQueue()
    go_on = threading.Event()

    def run(job_id: str) -> None:
        begun.put(job_id)
        go_on.wait(WAIT)

    engine = Engine(tmp_path, 2, run)
    engine.start()
    client.enqueue("a")
    assert begun.get(timeout=WAIT) == "a"
    client.enqueue("a")
    client.enqueue("b")
    assert begun.get(timeout=WAIT) == "b"
    assert "a" in client.alive()
    go_on.set()
    engine.stop()
    assert begun.empty()


@pytest.mark.usefixtures("engine")
def test_an_ended_run_can_be_repeated(client: EngineClient, ran: SimpleQueue[str]) -> None:
    client.enqueue("a")
    ran.get(timeout=WAIT)
    while "a" in client.alive():
        pass
    client.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"
