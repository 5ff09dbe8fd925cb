"""The durable queue, against the real DBOS."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from studio.engine import Engine
from studio.errors import EngineBusyError

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


def test_an_enqueued_job_runs(engine: Engine, ran: SimpleQueue[str]) -> None:
    engine.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"


def test_a_second_engine_on_the_folder_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(EngineBusyError, match="--data-dir"):
        Engine(tmp_path, 1, print).start()


def test_a_job_that_is_under_way_is_not_run_twice(tmp_path: Path) -> None:
    begun: SimpleQueue[str] = SimpleQueue()
    go_on = threading.Event()

    def run(job_id: str) -> None:
        begun.put(job_id)
        go_on.wait(WAIT)

    engine = Engine(tmp_path, 2, run)
    engine.start()
    engine.enqueue("a")
    assert begun.get(timeout=WAIT) == "a"
    engine.enqueue("a")
    engine.enqueue("b")
    assert begun.get(timeout=WAIT) == "b"
    assert engine.attempts("a") == 1
    go_on.set()
    engine.stop()
    assert begun.empty()


def test_an_ended_run_can_be_repeated(engine: Engine, ran: SimpleQueue[str]) -> None:
    engine.enqueue("a")
    ran.get(timeout=WAIT)
    while engine.attempts("a"):
        pass
    engine.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"


def test_cancelling_an_unknown_job_does_nothing(engine: Engine, ran: SimpleQueue[str]) -> None:
    engine.cancel("nothing")
    engine.enqueue("a")
    assert ran.get(timeout=WAIT) == "a"


def test_a_cancelled_run_leaves_no_error_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    begun: SimpleQueue[str] = SimpleQueue()
    go_on = threading.Event()

    def run(job_id: str) -> None:
        begun.put(job_id)
        go_on.wait(WAIT)

    engine = Engine(tmp_path, 1, run)
    engine.start()
    engine.enqueue("a")
    begun.get(timeout=WAIT)
    engine.cancel("a")
    go_on.set()
    engine.enqueue("b")
    assert begun.get(timeout=WAIT) == "b"
    engine.stop()
    assert not caplog.records
