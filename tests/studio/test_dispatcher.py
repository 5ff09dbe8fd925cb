"""Which job starts when: turns, order and limits, whatever users and crashes do in between."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from storage.database import open_database
from storage.errors import DatabaseFaultError
from storage.jobs.queue import Move, QueueStore
from storage.jobs.store import JobStatus, JobStore
from storage.jobs.workers import WorkerStore
from studio.jobs.dispatcher import Dispatcher
from studio.jobs.lanes import Lanes
from tests.storage.job_samples import new_job

USERS, MODELS = ("ann", "bob", "cid"), ("pattern", "fill")
users, numbers = st.sampled_from(USERS), st.integers(0, 50)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('turns') / 'studio.db'}")
    yield engine
    engine.dispose()


def dispatcher_of(engine: Engine, lanes: Lanes, begin: Callable[[str], None]) -> Dispatcher:
    """That of a new worker, the only one from now on."""
    workers, worker_id = WorkerStore(engine), str(uuid4())
    for earlier in workers.all():
        workers.remove(earlier)
    workers.enter(worker_id, "the worker")
    return Dispatcher(worker_id, QueueStore(engine), JobStore(engine), lanes, begin)


class Turns(RuleBasedStateMachine):
    """A worker that is filled by hand; the model is each user's list of waiting jobs."""

    database: ClassVar[Engine]

    @initialize(
        total=st.integers(1, 3), limits=st.just({}) | st.dictionaries(st.sampled_from(MODELS), st.integers(1, 2))
    )
    def open(self, total: int, limits: dict[str, int]) -> None:
        self.jobs, self.queue = JobStore(self.database), QueueStore(self.database)
        self.lanes = Lanes(total, limits)
        self.model_of: dict[str, str] = {}
        self.waiting: dict[str, list[str]] = {user: [] for user in USERS}
        self.paused = set[str]()
        self.under_way = list[str]()
        self.passed: dict[str, Counter[str]] = defaultdict(Counter)  # who started how often while a user waited
        self.ended = list[str]()
        for user in USERS:
            self.queue.pause(user, False)
        self.new_worker()

    def new_worker(self) -> None:
        self.dispatcher = dispatcher_of(self.database, self.lanes, self.begin)

    def can_start(self, user: str, model: str | None = None) -> list[str]:
        busy = [self.model_of[one] for one in self.under_way]
        waiting = [] if user in self.paused else self.waiting[user]
        return [one for one in waiting if self.lanes.have_room(self.model_of[one], busy)]

    def begin(self, job_id: str) -> None:
        assert job_id not in (*self.under_way, *self.ended)
        if job := self.jobs.find_any(job_id):
            if job.status == JobStatus.QUEUED:
                assert self.can_start(job.user_id)[0] == job_id, "a user's order holds"
                self.waiting[job.user_id].remove(job_id)
                for other in USERS:
                    if other != job.user_id and self.can_start(other):
                        self.passed[other][job.user_id] += 1
                self.passed.pop(job.user_id, None)
            assert self.jobs.start(job_id)
            self.under_way.append(job_id)

    @rule(user=users, model=st.sampled_from(MODELS), count=st.integers(1, 4))
    def submit(self, user: str, model: str, count: int) -> None:
        for _ in range(count):
            job_id = self.jobs.create(new_job(user, model_id=model)).id
            self.model_of[job_id] = model
            self.waiting[user].append(job_id)

    @rule()
    def fill(self) -> None:
        self.dispatcher.fill()
        assert not any(self.can_start(user) for user in USERS), "no lane is idle while a job could use it"

    @rule(user=users, number=numbers, to=st.sampled_from(Move))
    def move(self, user: str, number: int, to: Move) -> None:
        if mine := self.waiting[user]:
            at = number % len(mine)
            assert self.queue.move(user, mine[at], to)
            mine.insert({Move.TOP: 0, Move.UP: max(0, at - 1), Move.DOWN: at + 1}[to], mine.pop(at))

    @rule(user=users, number=numbers)
    def cancel(self, user: str, number: int) -> None:
        if mine := self.waiting[user]:
            job_id = mine.pop(number % len(mine))
            assert self.jobs.request_cancel(user, job_id)
            if not mine:
                self.passed.pop(user, None)

    @rule(user=users, paused=st.booleans())
    def pause(self, user: str, paused: bool) -> None:
        self.queue.pause(user, paused)
        (self.paused.add if paused else self.paused.discard)(user)
        self.passed.pop(user, None)

    @precondition(lambda self: self.under_way)
    @rule(number=numbers)
    def end(self, number: int) -> None:
        job_id = self.under_way.pop(number % len(self.under_way))
        assert self.jobs.complete(job_id, [])
        self.ended.append(job_id)
        self.dispatcher.ended(job_id)

    @rule(rounds=st.integers(1, 5))
    def work(self, rounds: int) -> None:
        for _ in range(rounds):
            self.fill()
            if self.under_way:
                self.end(0)

    @rule()
    def crash(self) -> None:
        """What ran begins again with the next worker."""
        self.under_way = []
        self.new_worker()
        self.dispatcher.fill()

    @invariant()
    def nobody_waits_for_more_than_one_job_of_each_other_user(self) -> None:
        if not getattr(self, "lanes", Lanes(limits={"": 1})).limits:
            assert all(count <= 1 for others in self.passed.values() for count in others.values())

    @invariant()
    def lanes_are_kept(self) -> None:
        busy = Counter(self.model_of[one] for one in self.under_way)
        assert busy.total() <= self.lanes.total
        assert all(busy[model] <= most for model, most in self.lanes.limits.items())

    def teardown(self) -> None:
        """Nothing is lost: what was not cancelled runs, once."""
        for user in USERS:
            self.pause(user, False)
        self.fill()
        while self.under_way:
            self.end(0)
            self.fill()
        assert not any(self.waiting.values())
        assert len(set(self.ended)) == len(self.ended)
        assert self.jobs.unfinished() == ()


def test_turns_order_and_limits_hold_whatever_happens(engine: Engine) -> None:
    Turns.database = engine
    run_state_machine_as_test(Turns, settings=settings(stateful_step_count=15))


def test_one_users_flood_holds_another_up_by_one_job(engine: Engine) -> None:
    jobs, begun = JobStore(engine), list[str]()
    flood = [jobs.create(new_job("ann")).id for _ in range(50)]
    dispatcher = dispatcher_of(engine, Lanes(), begun.append)

    def go_on(rounds: int) -> None:
        for _ in range(rounds):
            dispatcher.fill()
            assert jobs.start(begun[-1])
            jobs.complete(begun[-1], [])
            dispatcher.ended(begun[-1])

    go_on(10)
    others = [jobs.create(new_job("bob")).id for _ in range(12)]
    go_on(6)
    assert begun == [*flood[:10], others[0], flood[10], others[1], flood[11], others[2], flood[12]]
    go_on(50 + 12 - 16)
    assert (len(begun), len(set(begun))) == (62, 62)


def test_a_job_that_a_run_left_unfinished_does_not_run_again_and_again(engine: Engine) -> None:
    jobs, begun = JobStore(engine), list[str]()
    poison, other = (jobs.create(new_job()).id for _ in range(2))
    dispatcher = dispatcher_of(engine, Lanes(), begun.append)
    for _ in range(3):
        dispatcher.fill()
        dispatcher.ended(begun[-1])
    assert begun == [poison, other]
    for job_id in begun:
        jobs.fail(job_id, "over")


def test_a_job_that_the_engine_does_not_take_waits(engine: Engine) -> None:
    jobs, begun = JobStore(engine), list[str]()
    job_id = jobs.create(new_job()).id

    def away(_: str) -> None:
        raise DatabaseFaultError("away")

    with pytest.raises(DatabaseFaultError):
        dispatcher_of(engine, Lanes(), away).fill()
    dispatcher = dispatcher_of(engine, Lanes(), begun.append)
    dispatcher.fill()
    assert begun == [job_id]
    jobs.fail(job_id, "over")


def test_lanes_of_a_backend_are_those_of_all_its_models() -> None:
    lanes = Lanes(3, {"runpod": 1, "pattern": 2}, {"flux": "runpod", "wan": "runpod", "pattern": "function"})
    assert not lanes.have_room("wan", ["flux"])
    assert lanes.have_room("pattern", ["flux", "pattern"])
    assert not lanes.have_room("pattern", ["pattern", "pattern"])
    assert not lanes.have_room("other", ["other", "other", "flux"])
