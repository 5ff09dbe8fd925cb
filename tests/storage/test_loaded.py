"""What workers tell of the models that they keep loaded, and are asked to let go of."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import Engine, text

from storage.jobs.loaded import Loaded, LoadedStore
from storage.jobs.workers import WorkerStore
from storage.tables import now
from tests.studio.runner_studio import wait_for

FLUX, WAN = Loaded("flux", "0", 9000, 7, 14000), Loaded("wan", None, 800, 8)


def test_what_each_worker_tells_is_seen_by_all_as_long_as_it_lives(engine: Engine) -> None:
    workers, loaded = WorkerStore(engine), LoadedStore(engine)
    began = now()
    workers.enter("a", "box:1")
    workers.enter("b", "hut:2")
    loaded.tell("b", [FLUX])
    loaded.tell("a", [FLUX, WAN])
    seen = [(one.worker, one.model_id, one.device, one.megabytes, one.gpu_megabytes) for one in loaded.all(began)]
    assert seen == [
        ("box:1", "flux", "0", 9000, 14000),
        ("box:1", "wan", None, 800, 0),
        ("hut:2", "flux", "0", 9000, 14000),
    ]
    loaded.tell("a", [WAN])
    assert [(one.worker, one.model_id) for one in loaded.all(began)] == [("box:1", "wan"), ("hut:2", "flux")]
    assert loaded.all(now() + timedelta(seconds=1)) == (), "no sign of life since"
    workers.remove("b")
    assert [one.worker for one in loaded.all(began)] == ["box:1"]
    loaded.tell("b", [FLUX])  # it was taken for dead and does not know yet
    assert [one.worker for one in loaded.all(began)] == ["box:1"]


def test_every_worker_that_has_a_model_is_asked_once_to_let_it_go(engine: Engine) -> None:
    workers, loaded = WorkerStore(engine), LoadedStore(engine)
    for worker, has in (("a", [FLUX, WAN]), ("b", [FLUX]), ("c", [WAN])):
        workers.enter(worker, worker)
        loaded.tell(worker, has)
    loaded.ask_unload("flux")
    loaded.tell("b", [FLUX, WAN])  # told between the question and the look
    assert [loaded.unwanted(worker) for worker in "abc"] == [("flux",), ("flux",), ()]
    assert [loaded.unwanted(worker) for worker in "abc"] == [(), (), ()]
    loaded.ask_unload("nobody has it")
    loaded.ask_unload("wan")
    assert [loaded.unwanted(worker) for worker in "abc"] == [("wan",)] * 3


def test_who_asks_while_a_worker_tells_is_heard(engine: Engine) -> None:
    workers, loaded = WorkerStore(engine), LoadedStore(engine)
    workers.enter("a", "box:1")
    loaded.tell("a", [FLUX])
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> Iterator[Loaded]:
        begun.set()
        assert go_on.wait(60)
        yield FLUX

    def is_waited_for() -> bool:
        with engine.connect() as connection:
            waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return connection.execute(waiting).scalar_one() > 0

    with ThreadPoolExecutor(2) as pool:
        telling = pool.submit(loaded.tell, "a", slowly())
        try:
            assert begun.wait(60)
            asking = pool.submit(loaded.ask_unload, "flux")
            if engine.dialect.name == "postgresql":
                wait_for(is_waited_for)
        finally:
            go_on.set()
        telling.result()
        asking.result()
    assert loaded.unwanted("a") == ("flux",)
