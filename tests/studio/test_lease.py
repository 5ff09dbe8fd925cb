"""Several workers on one queue: each job ends once, whichever of them die, sleep and wake up again."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from storage.database import open_database
from storage.jobs.queue import QueueStore
from storage.jobs.store import JobStatus, JobStore
from storage.jobs.workers import WorkerStore
from storage.tables import now
from studio.jobs.dispatcher import Dispatcher
from studio.jobs.lanes import Lanes
from studio.jobs.lease import BEAT_SECONDS, LASTS_SECONDS, Lease, Watch
from tests.storage.job_samples import new_job

NAMES = ("one", "two", "three")
names, numbers = st.sampled_from(NAMES), st.integers(0, 50)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('workers') / 'studio.db'}")
    yield engine
    engine.dispose()


class Hands:
    """A worker without threads: what it runs ends when the test says so."""

    def __init__(self, database: Engine, folder: Path, others: Callable[[], Iterable["Hands"]]) -> None:
        self.others = others
        self.workers = WorkerStore(database)
        self.lease = Lease(self.workers, folder)
        self.jobs = JobStore(database, worker_id=self.lease.worker_id)
        self.runs = list[str]()
        self.asleep = False
        self.workers.enter(self.lease.worker_id, "a worker")
        self.dispatcher = Dispatcher(self.lease.worker_id, QueueStore(database), self.jobs, Lanes(2), self.begin)

    def begin(self, job_id: str) -> None:
        alive = self.workers.all()
        assert not [one for one in self.others() if job_id in one.runs and one.lease.worker_id in alive]
        if self.jobs.start(job_id):
            self.runs.append(job_id)


class Several(RuleBasedStateMachine):
    database: ClassVar[Engine]
    folder: ClassVar[Path]

    @initialize()
    def open(self) -> None:
        self.now = 0.0
        self.made, self.completed = list[str](), Counter[str]()
        self.jobs = JobStore(self.database)
        for earlier in WorkerStore(self.database).all():
            WorkerStore(self.database).remove(earlier)
        self.hands = {name: self.new_hands() for name in NAMES}

    def new_hands(self) -> Hands:
        return Hands(self.database, self.folder, lambda: self.hands.values())

    @rule(count=st.integers(1, 3))
    def submit(self, count: int) -> None:
        self.made += [self.jobs.create(new_job()).id for _ in range(count)]

    @rule(number=numbers)
    def cancel(self, number: int) -> None:
        if self.made:
            self.jobs.request_cancel("ann", self.made[number % len(self.made)])

    @rule(name=names)
    def fill(self, name: str) -> None:
        if not self.hands[name].asleep:
            self.hands[name].dispatcher.fill()

    @rule(name=names, number=numbers)
    def end(self, name: str, number: int) -> None:
        """A run ends, also that of a worker that was taken for dead and has not noticed yet."""
        hands = self.hands[name]
        if hands.runs and not hands.asleep:
            job_id = hands.runs.pop(number % len(hands.runs))
            self.completed[job_id] += hands.jobs.complete(job_id, [])
            hands.dispatcher.ended(job_id)

    @rule(beats=st.integers(1, 12))
    def wait(self, beats: int) -> None:
        for _ in range(beats):
            self.now += BEAT_SECONDS
            for name, hands in self.hands.items():
                if not hands.asleep and not hands.lease.beat(self.now):
                    self.crash(name)

    @rule(name=names, asleep=st.booleans())
    def sleep(self, name: str, asleep: bool) -> None:
        self.hands[name].asleep = asleep

    @rule(name=names)
    def sleep_until_others_have_its_jobs(self, name: str) -> None:
        """And wake up, not knowing it."""
        self.submit(1)
        self.fill(name)
        self.sleep(name, True)
        self.wait(int(60 / BEAT_SECONDS))
        for other in NAMES:
            self.fill(other)
        self.sleep(name, False)

    @rule(name=names)
    def crash(self, name: str) -> None:
        """The next one is there at once; what this one held is not free before its claim has ended."""
        self.hands[name] = self.new_hands()

    @invariant()
    def each_job_is_run_by_one_who_may_end_it(self) -> None:
        hands = getattr(self, "hands", {}).values()
        for job_id in {one for each in hands for one in each.runs}:
            assert sum(job_id in each.runs and each.jobs.runs(job_id) for each in hands) <= 1

    def teardown(self) -> None:
        """Whatever happened, a minute and a bit of work later every job has ended, and none twice."""
        for name in NAMES:
            self.sleep(name, False)
        self.wait(int(60 / BEAT_SECONDS))
        while self.jobs.unfinished():
            for name in NAMES:
                self.fill(name)
                while self.hands[name].runs:
                    self.end(name, 0)
        assert max(self.completed.values(), default=0) <= 1
        for job_id in self.made:
            job = self.jobs.find_any(job_id)
            assert job is not None
            assert (job.status == JobStatus.COMPLETED) == (self.completed[job_id] == 1)


def test_several_workers_end_each_job_once_whatever_happens_to_them(engine: Engine, tmp_path: Path) -> None:
    Several.database, Several.folder = engine, tmp_path
    half = settings.default.max_examples // 2  # one takes more than 100 ms of processor time
    run_state_machine_as_test(Several, settings=settings(stateful_step_count=20, max_examples=half))


def test_a_worker_is_dead_when_nothing_is_heard_of_it_for_as_long_as_a_claim_lasts() -> None:
    watch, silent, lively = Watch(), now(), now()
    for seconds in range(0, int(LASTS_SECONDS), int(BEAT_SECONDS)):
        lively += timedelta(seconds=1)
        assert watch.dead({"silent": silent, "lively": lively}, seconds) == {}
    assert watch.dead({"silent": silent, "lively": lively}, LASTS_SECONDS) == {"silent": silent}


def test_who_did_not_look_knows_nothing_of_the_others() -> None:
    watch, at = Watch(), now()
    assert watch.dead({"other": at}, 0) == {}
    assert watch.dead({"other": at}, 100 * LASTS_SECONDS) == {}, "this machine slept"
    assert watch.dead({"other": at}, 100 * LASTS_SECONDS + BEAT_SECONDS) == {}


def test_what_a_killed_worker_of_the_folder_held_is_free_when_the_next_one_starts(
    engine: Engine, tmp_path: Path
) -> None:
    workers = WorkerStore(engine)
    killed = Lease(workers, tmp_path)
    killed.start()
    killed._stopping.set()
    second = Lease(workers, tmp_path)
    second.start()
    assert killed.worker_id not in workers.all()
    assert not killed.beat(0)
    assert second.beat(0)
    second.stop()
    assert second.worker_id not in workers.all()
