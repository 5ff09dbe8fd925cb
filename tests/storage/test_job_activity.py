"""What a user's jobs do just now: in every workspace, and nobody else's."""

from sqlalchemy import Engine

from storage.jobs.activity import Activity
from storage.jobs.store import JobStore
from storage.workspaces import WorkspaceStore
from tests.storage.job_samples import new_job


def test_the_activity_is_of_all_workspaces_of_one_user_and_the_last_end_comes_first(engine: Engine) -> None:
    jobs, elsewhere = JobStore(engine), WorkspaceStore(engine).create("ann", "Elsewhere").id
    assert jobs.activity("ann") == Activity()
    first, second, third, bad, gone, waits = (
        jobs.create(new_job("ann", workspace_id=place)).id for place in (None, elsewhere, None, elsewhere, None, None)
    )
    for job_id in (first, second, third, bad, gone):
        jobs.start(job_id)
    jobs.report(third, 0.25, "")
    jobs.complete(second, [])
    jobs.fail(bad, "no")
    jobs.complete(gone, [])
    jobs.trash("ann", gone)
    jobs.complete(first, [])
    found = jobs.activity("ann")
    assert (found.running, found.progress, found.waiting) == (1, 0.25, 1)
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
    jobs, workspaces = JobStore(engine), WorkspaceStore(engine)
    bobs = [jobs.changes("bob")]
    place, job = workspaces.create("ann", "Here").id, jobs.create(new_job("ann")).id
    seen = [jobs.changes("ann")]
    for change in (
        lambda: jobs.create(new_job("ann")),
        lambda: jobs.start(job),
        lambda: jobs.report(job, 0.5, "half"),
        lambda: jobs.fail(job, "no"),
        lambda: jobs.rate("ann", job, 3),
        lambda: jobs.label("ann", [job], "calm", on=True),
        lambda: jobs.trash("ann", job),
        lambda: workspaces.rename("ann", place, "There"),
        lambda: jobs.delete_forever("ann", job),
    ):
        change()  # type: ignore[no-untyped-call]
        seen.append(jobs.changes("ann"))
    assert seen == sorted(set(seen))
    assert [*bobs, jobs.changes("bob")] == [0, 0]
