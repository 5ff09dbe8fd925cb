"""The engine, against the real DBOS."""

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from studio.errors import EngineBusyError, WorkerBusyError
from studio.jobs.engine import Engine
from studio.jobs.page import only_page

pytestmark = pytest.mark.slow

WAIT = 20  # seconds; a passing test takes a fraction of one


@pytest.fixture
def ran() -> SimpleQueue[str]:
    return SimpleQueue()


@pytest.fixture
def engine(tmp_path: Path, ran: SimpleQueue[str]) -> Iterator[Engine]:
    engine = Engine(tmp_path, ran.put)
    engine.start()
    yield engine
    engine.stop()


def test_a_job_runs_at_once_and_again_when_it_is_begun_again(engine: Engine, ran: SimpleQueue[str]) -> None:
    for _ in range(2):
        engine.begin("a")
        assert ran.get(timeout=WAIT) == "a"


@pytest.mark.usefixtures("engine")
def test_a_second_engine_on_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkerBusyError, match="--data-dir"):
        Engine(tmp_path, print).start()


def test_a_second_engine_may_wait_until_the_first_has_gone(
    engine: Engine, tmp_path: Path, ran: SimpleQueue[str]
) -> None:
    second = Engine(tmp_path, ran.put)
    waiting = threading.Thread(target=second.start, kwargs={"wait": True})
    waiting.start()
    engine.stop()
    waiting.join(WAIT)
    second.begin("a")
    assert ran.get(timeout=WAIT) == "a"
    second.stop()
    engine.start()  # for the fixture to stop


def test_a_second_page_on_the_folder_is_refused(tmp_path: Path) -> None:
    with only_page(tmp_path), pytest.raises(EngineBusyError, match="--data-dir"), only_page(tmp_path):
        pass
    with only_page(tmp_path):
        pass


def test_what_a_stop_cut_off_is_left_to_the_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the engine and the dispatcher would both begin it again."""
    monkeypatch.setattr("studio.jobs.engine._STOP_SECONDS", 0.1)
    begun: SimpleQueue[str] = SimpleQueue()
    go_on = threading.Event()

    def run(job_id: str) -> None:
        begun.put(job_id)
        go_on.wait(WAIT)

    first = Engine(tmp_path, run)
    first.start()
    first.begin("a")
    assert begun.get(timeout=WAIT) == "a"
    first.stop()
    second = Engine(tmp_path, begun.put)
    second.start()
    second.begin("b")
    assert begun.get(timeout=WAIT) == "b"
    go_on.set()
    second.stop()
    assert begun.empty()
