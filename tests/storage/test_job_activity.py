"""What a user's jobs do just now: in every workspace, and nobody else's."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

from sqlalchemy import Boolean, DateTime, Engine, Float, Integer, String, select, text, update
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage import tables
from storage.jobs.activity import Activity, fold_changes
from storage.jobs.queue import QueueStore
from storage.jobs.store import JobStore
from storage.workspaces import WorkspaceStore
from tests.storage.job_samples import new_job

_JOB, _CHANGE = tables.table(tables.Job), tables.table(tables.UserChange)


def test_the_activity_is_of_all_workspaces_of_one_user_and_the_last_end_comes_first(engine: Engine) -> None:
    jobs, elsewhere = JobStore(engine), WorkspaceStore(engine).create("ann", "Elsewhere").id
    assert jobs.activity("ann") == Activity()
    first, second, third, bad, gone, waits = (
        jobs.create(new_job("ann", workspace_id=place)).id for place in (None, elsewhere, None, elsewhere, None, None)
    )
    for job_id in (first, second, third, bad, gone):
        jobs.start(job_id)
    jobs.complete(second, [])
    jobs.fail(bad, "no")
    jobs.complete(gone, [])
    jobs.trash("ann", gone)
    jobs.complete(first, [])
    found = jobs.activity("ann")
    assert (found.running, found.waiting) == (1, 1)
    assert [(one.job_id, str(one.status)) for one in found.ended] == [
        (first, "completed"),
        (bad, "failed"),
        (second, "completed"),
    ]
    jobs.request_cancel("ann", waits)
    assert jobs.activity("ann").ended == found.ended
    assert jobs.activity("bob") == Activity()


def test_a_job_that_ends_last_is_told_however_many_were_made_after_it(engine: Engine) -> None:
    jobs = JobStore(engine)
    first = jobs.create(new_job()).id
    for _ in range(60):
        later = jobs.create(new_job()).id
        jobs.start(later)
        jobs.complete(later, [])
    jobs.fail(first, "at last")
    assert jobs.activity("ann").ended[0].job_id == first


def test_the_number_of_changes_grows_with_each_change_of_the_users_own(engine: Engine) -> None:
    jobs, workspaces, queue = JobStore(engine), WorkspaceStore(engine), QueueStore(engine)
    bobs = [jobs.changes("bob")]
    place, job = workspaces.create("ann", "Here").id, jobs.create(new_job("ann")).id
    seen = [jobs.changes("ann")]
    for change in (
        lambda: jobs.create(new_job("ann")),
        lambda: jobs.start(job),
        lambda: jobs.fail(job, "no"),
        lambda: jobs.rate("ann", job, 3),
        lambda: jobs.label("ann", [job], "calm", on=True),
        lambda: jobs.trash("ann", job),
        lambda: workspaces.rename("ann", place, "There"),
        lambda: jobs.delete_forever("ann", job),
        lambda: queue.pause("ann", True),
        lambda: queue.pause("ann", False),
    ):
        change()  # type: ignore[no-untyped-call]
        seen.append(jobs.changes("ann"))
    assert seen == sorted(set(seen))
    assert [*bobs, jobs.changes("bob")] == [0, 0]


def test_how_far_a_job_is_and_whose_turn_it_is_count_as_no_change(engine: Engine) -> None:
    jobs, queue = JobStore(engine), QueueStore(engine)
    job = jobs.create(new_job("ann")).id
    jobs.start(job)
    queue.pause("ann", False)
    before = jobs.changes("ann")
    assert jobs.report(job, 0.5, "half", 10, 20, 2.5)
    with engine.begin() as connection:
        connection.execute(update(tables.table(tables.UserQueue)).values(turn=7))
    assert jobs.changes("ann") == before


def test_how_far_a_job_is_has_postgresql_look_at_no_other_column(postgres_engine: Engine) -> None:
    """It would read all texts of the row at each report, which may be hundreds of kilobytes."""
    own = update(_JOB).where(_JOB.c.id == JobStore(postgres_engine).create(new_job("ann")).id)
    counted = text("SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'job_change_update'")
    with postgres_engine.begin() as connection:
        connection.execute(text("SET LOCAL track_functions = 'pl'"))
        connection.execute(own.values(progress=0.5, progress_text="half"))
        assert connection.execute(counted).scalars().all() == []
        connection.execute(own.values(rating=2))
        assert connection.execute(counted).scalars().all() == [1]


def test_every_other_column_of_a_job_counts(engine: Engine) -> None:
    """Also one that is new: a migration that adds one has to make the trigger again."""
    jobs = JobStore(engine)
    jobs.create(new_job("ann", workspace_id=WorkspaceStore(engine).create("ann", "Here").id))
    counting = set()
    for column in (one.name for one in _JOB.columns if one.name not in ("id", "user_id")):
        before = jobs.changes("ann")
        with engine.begin() as connection:
            connection.execute(text(f"UPDATE job SET {column} = :other"), {"other": _other(column)})
        if jobs.changes("ann") > before:
            counting.add(column)
    moves = {"progress", "progress_text", "progress_step", "progress_of", "progress_rate"}
    assert counting == {one.name for one in _JOB.columns} - {"id", "user_id", *moves}


def _other(column: str) -> Any:
    """What no new job has there."""
    others = {String: "other", Integer: 7, Float: 0.5, Boolean: True, DateTime: datetime(2026, 1, 2, tzinfo=UTC)}
    if column == "workspace_id":
        return None
    return next(value for kind, value in others.items() if _is(column, kind))


def _is(column: str, kind: type[TypeEngine[Any]]) -> bool:
    type_ = _JOB.c[column].type
    return isinstance(type_.impl if isinstance(type_, TypeDecorator) else type_, kind)


def test_nothing_that_was_counted_is_lost_when_it_is_added_up_meanwhile(engine: Engine) -> None:
    jobs, rows = JobStore(engine), select(_CHANGE.c.place).where(_CHANGE.c.user_id == "ann")
    rated = [jobs.create(new_job("ann")).id for _ in range(4)]
    before = jobs.changes("ann")
    jobs.rate("ann", rated[0], 5)
    first, times, done = jobs.changes("ann"), 15, Event()

    def change(job: str) -> None:
        for number in range(times):
            jobs.rate("ann", job, number % 5 + 1)

    def look() -> list[int]:
        seen = [jobs.changes("ann")]
        while not done.is_set():
            fold_changes(engine)
            seen.append(jobs.changes("ann"))
        return seen

    with ThreadPoolExecutor(len(rated) + 1) as pool:
        looking = pool.submit(look)
        changing = [pool.submit(change, job) for job in rated]
        try:
            for one in changing:
                one.result()
        finally:
            done.set()
        seen = looking.result()
    assert seen == sorted(seen)
    fold_changes(engine)
    assert jobs.changes("ann") == first + len(rated) * times * (first - before)
    with engine.connect() as connection:
        assert connection.execute(rows).scalars().all() == [0]


def test_who_counts_is_not_waited_for(engine: Engine) -> None:
    jobs = JobStore(engine)
    job = jobs.create(new_job("ann")).id
    first = jobs.changes("ann")
    if engine.dialect.name == "postgresql":  # in SQLite nobody counts while another one does
        with engine.begin() as connection:
            connection.execute(update(_JOB).where(_JOB.c.id == job).values(rating=2))
            fold_changes(engine)
            assert jobs.changes("ann") == first
        assert jobs.changes("ann") == first + 1
    fold_changes(engine)
    jobs.rate("ann", job, 4)
    assert jobs.changes("ann") > first
