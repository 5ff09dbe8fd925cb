"""The queue: the order in which jobs wait, turns between users, and what one user may do to it."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from storage.errors import JobError
from storage.jobs.queue import Entry, Move, QueueStore, in_turn
from storage.jobs.store import JobStore
from storage.jobs.workers import WorkerStore
from tests.storage.job_samples import new_job


@pytest.fixture
def queue(engine: Engine) -> QueueStore:
    return QueueStore(engine)


def made(jobs: JobStore, user: str, count: int = 1, model: str = "pattern") -> list[str]:
    return [jobs.create(new_job(user, model_id=model)).id for _ in range(count)]


def order(queue: QueueStore, user: str) -> list[str]:
    return [one.job_id for one in queue.waiting() if one.user_id == user]


def test_moves_are_those_of_a_list(engine: Engine, queue: QueueStore) -> None:
    ids, others = made(JobStore(engine), "ann", 4), made(JobStore(engine), "bob", 2)
    first, second, third, last = ids
    for job_id, to, expected in (
        (last, Move.TOP, [last, first, second, third]),
        (last, Move.UP, [last, first, second, third]),
        (last, Move.DOWN, [first, last, second, third]),
        (third, Move.UP, [first, last, third, second]),
        (second, Move.DOWN, [first, last, third, second]),
    ):
        assert queue.move("ann", job_id, to)
        assert order(queue, "ann") == expected
    assert order(queue, "bob") == others


def test_only_ones_own_jobs_that_wait_are_moved(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    first, second, third = made(jobs, "ann", 3)
    jobs.start(first)
    assert not queue.move("ann", first, Move.DOWN)
    assert not queue.move("bob", third, Move.TOP)
    assert not queue.move("ann", "none", Move.TOP)
    assert order(queue, "ann") == [second, third]


def test_a_new_job_waits_behind_those_that_were_moved(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    first, second = made(jobs, "ann", 2)
    queue.move("ann", second, Move.TOP)
    (third,) = made(jobs, "ann")
    assert order(queue, "ann") == [second, first, third]
    assert [job.id for job in jobs.queue("ann", None).jobs] == [second, first, third]


def entered(engine: Engine) -> str:
    """A worker of its own."""
    worker_id = str(uuid4())
    WorkerStore(engine).enter(worker_id, "a worker")
    return worker_id


def test_what_runs_stands_before_what_waits(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    first, second, third = made(jobs, "ann", 3)
    jobs.start(third)
    assert [job.id for job in jobs.queue("ann", None).jobs] == [third, first, second]
    assert [job.id for job in jobs.queue("ann", None, limit=2).jobs] == [third, first]
    assert [one.job_id for one in queue.running()] == [third]


def test_who_pauses_waits_and_nobody_else(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    mine, theirs = made(jobs, "ann"), made(jobs, "bob")
    queue.pause("ann", True)
    assert (queue.is_paused("ann"), queue.is_paused("bob")) == (True, False)
    assert [one.job_id for one in queue.waiting()] == theirs
    queue.pause("ann", False)
    assert {one.job_id for one in in_turn(queue.waiting())} == {*mine, *theirs}


def test_who_had_a_turn_waits_for_the_others(engine: Engine, queue: QueueStore) -> None:
    jobs, worker = JobStore(engine), entered(engine)
    mine, theirs = made(jobs, "ann", 2), made(jobs, "bob", 2)
    for job_id in (mine[0], theirs[0], mine[1]):
        entry = in_turn(queue.waiting(worker_id=worker))[0]
        assert entry.job_id == job_id
        assert queue.take(entry, worker)
        assert jobs.start(job_id)


def test_a_job_is_one_workers_until_that_is_gone(engine: Engine, queue: QueueStore) -> None:
    one, two = entered(engine), entered(engine)
    first, second = (JobStore(engine, worker_id=worker) for worker in (one, two))
    (job_id,) = made(first, "ann")
    (entry,) = queue.waiting(worker_id=two)
    assert queue.take(entry, one)
    assert not queue.take(entry, two)
    assert queue.waiting(worker_id=two) == ()
    assert not second.start(job_id)
    assert first.start(job_id)
    assert queue.cut_off(two) == ()
    assert WorkerStore(engine).remove(one)
    assert queue.cut_off(one) == (), "who was taken for dead takes nothing"
    (entry,) = queue.cut_off(two)
    assert queue.take(entry, two)
    assert not first.report(job_id, 0.5, "")
    assert not first.note(job_id, backend_job_id="a run")
    assert not first.fail(job_id, "over")
    assert not first.complete(job_id, [])
    assert first.is_lost(job_id)
    assert not second.is_lost(job_id)
    assert second.complete(job_id, [])


def test_of_each_user_and_model_the_first_ones_are_found(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    one, _, three = *made(jobs, "ann", 2), *made(jobs, "ann", 1, "fill")
    (four,) = made(jobs, "bob")
    assert [entry.job_id for entry in queue.waiting(each=1)] == [one, four, three]
    assert len(queue.waiting(each=2)) == 4
    assert {entry.job_id for entry in queue.waiting(but={one, four}, each=1)}.isdisjoint({one, four})


def test_a_user_has_no_more_than_so_many_jobs_waiting(engine: Engine) -> None:
    jobs = JobStore(engine, most_waiting=2)
    first, _ = made(jobs, "ann", 2)
    with pytest.raises(JobError, match="2 of your jobs wait already"):
        made(jobs, "ann")
    made(jobs, "bob")
    jobs.start(first)
    made(jobs, "ann")


def test_how_long_a_model_takes_is_learnt_from_its_jobs(engine: Engine, queue: QueueStore) -> None:
    jobs = JobStore(engine)
    assert queue.seconds() == {}
    for job_id in made(jobs, "ann", 2):
        jobs.start(job_id)
        jobs.complete(job_id, [])
    assert queue.seconds().keys() == {"pattern"}
    assert 0 <= queue.seconds()["pattern"] < 10


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3)), max_size=12))
def test_users_take_turns_and_keep_their_order(found: list[tuple[str, int]]) -> None:
    turns = dict(found)
    waiting = [Entry(str(number), user, "pattern", turns[user]) for number, (user, _) in enumerate(found)]
    turned = in_turn(waiting)
    assert sorted(turned, key=waiting.index) == waiting
    for user in turns:
        mine = [one for one in turned if one.user_id == user]
        assert mine == [one for one in waiting if one.user_id == user]
        for place, one in enumerate(mine):
            before = [other.user_id for other in turned[: turned.index(one)]]
            assert all(before.count(other) <= place + 1 for other in turns if other != user)
