from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, text

from storage.errors import LastWorkspaceError, WorkspaceNameError, WorkspaceNotEmptyError, WorkspaceNotFoundError
from storage.jobs.store import JobStore
from storage.workspaces import WorkspaceStore
from tests.storage.job_samples import new_job


@pytest.fixture
def workspaces(engine: Engine) -> WorkspaceStore:
    return WorkspaceStore(engine)


def test_a_new_user_gets_one_default_workspace_however_often_asked(workspaces: WorkspaceStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(workspaces.ensure_default, ["ann"] * 8))
    assert workspaces.list("ann") == (made[0],)
    assert set(made) == {made[0]}
    assert made[0].name == "My workspace"


def test_the_default_is_the_oldest(workspaces: WorkspaceStore) -> None:
    first = workspaces.create("ann", "first")
    workspaces.create("ann", "second")
    assert workspaces.ensure_default("ann") == first


@pytest.mark.parametrize(("given", "kept"), [("  a  b\n", "a b"), ("x" * 80, "x" * 80), ("<b>${1}", "<b>${1}")])
def test_a_name_is_trimmed_and_else_kept(workspaces: WorkspaceStore, given: str, kept: str) -> None:
    assert workspaces.create("ann", given).name == kept


@pytest.mark.parametrize("name", ["", " \n\t", "x" * 81])
def test_a_name_that_is_empty_or_too_long_is_refused(workspaces: WorkspaceStore, name: str) -> None:
    here = workspaces.create("ann", "here")
    with pytest.raises(WorkspaceNameError, match="1 to 80"):
        workspaces.create("ann", name)
    with pytest.raises(WorkspaceNameError, match="1 to 80"):
        workspaces.rename("ann", here.id, name)


def test_a_name_is_taken_in_any_case_but_only_by_the_user_s_own(workspaces: WorkspaceStore) -> None:
    workspaces.create("ann", "Été")
    other = workspaces.create("ann", "other")
    with pytest.raises(WorkspaceNameError, match="already"):
        workspaces.create("ann", "ÉTÉ")
    with pytest.raises(WorkspaceNameError, match="already"):
        workspaces.rename("ann", other.id, " été ")
    assert workspaces.create("bob", "été").name == "été"


def test_a_workspace_may_be_renamed_to_its_own_name_in_another_case(workspaces: WorkspaceStore) -> None:
    here = workspaces.create("ann", "here")
    assert workspaces.rename("ann", here.id, "HERE").name == "HERE"


def test_another_user_s_workspace_is_neither_listed_renamed_nor_deleted(workspaces: WorkspaceStore) -> None:
    here = workspaces.create("ann", "here")
    for workspace_id in (here.id, "none"):
        with pytest.raises(WorkspaceNotFoundError, match="does not exist"):
            workspaces.rename("bob", workspace_id, "mine")
        with pytest.raises(WorkspaceNotFoundError, match="does not exist"):
            workspaces.delete("bob", workspace_id)
    assert workspaces.list("bob") == ()
    assert workspaces.list("ann") == (here,)


def test_a_workspace_whose_name_is_no_utf_8_can_be_given_another(sqlite_engine: Engine) -> None:
    workspaces = WorkspaceStore(sqlite_engine)
    here, there = (workspaces.create("ann", name) for name in ("here", "there"))
    with sqlite_engine.begin() as connection:
        connection.execute(text("UPDATE workspace SET name = CAST(x'ff' AS TEXT) WHERE name = 'here'"))
    damaged = replace(here, name=f"Damaged workspace {here.id[:8]}")
    assert workspaces.list("ann") == (damaged, there)
    (sentence,) = workspaces.damaged("ann")
    assert here.id in sentence
    assert workspaces.rename("ann", here.id, "here") == here
    assert workspaces.damaged("ann") == ()


def test_a_workspace_with_jobs_is_not_deleted(workspaces: WorkspaceStore, engine: Engine) -> None:
    here = workspaces.create("ann", "here")
    JobStore(engine).create(new_job(workspace_id=here.id))
    with pytest.raises(WorkspaceNotEmptyError, match=r"here.*a job: delete it first, with the bin on its card"):
        workspaces.delete("ann", here.id)
    JobStore(engine).create(new_job(workspace_id=here.id))
    with pytest.raises(WorkspaceNotEmptyError, match=r"here.*2 jobs: delete them first, with the bin on each card"):
        workspaces.delete("ann", here.id)
    assert workspaces.list("ann") == (here,)


def test_the_only_workspace_is_not_deleted(workspaces: WorkspaceStore) -> None:
    here = workspaces.create("ann", "here")
    workspaces.create("bob", "there")
    with pytest.raises(LastWorkspaceError, match=r"here.*make another one first"):
        workspaces.delete("ann", here.id)
    assert workspaces.list("ann") == (here,)


def test_a_workspace_that_is_put_back_is_the_same_and_has_its_jobs_that_are_still_in_the_bin(
    workspaces: WorkspaceStore, engine: Engine
) -> None:
    jobs = JobStore(engine)
    here, last = workspaces.create("ann", "here"), workspaces.create("ann", "last")
    made = [jobs.create(new_job(workspace_id=here.id)).id for _ in range(3)]
    for job_id in made:
        jobs.trash("ann", job_id)
    deleted = workspaces.delete("ann", here.id)
    assert workspaces.list("ann") == (last,)
    assert {job.id for job in jobs.page("ann", None, trashed=True).jobs} == set(made)
    jobs.untrash("ann", made[0])
    assert workspaces.put_back("ann", deleted) == here
    assert workspaces.list("ann") == (here, last)
    assert [job.id for job in jobs.page("ann", last.id).jobs] == [made[0]]
    assert {job.id for job in jobs.page("ann", here.id, trashed=True).jobs} == set(made[1:])


def test_a_workspace_is_not_put_back_twice_nor_beside_one_of_its_name(workspaces: WorkspaceStore) -> None:
    workspaces.create("ann", "last")
    first = workspaces.delete("ann", workspaces.create("ann", "here").id)
    workspaces.put_back("ann", first)
    with pytest.raises(WorkspaceNameError, match="already"):
        workspaces.put_back("ann", first)
    workspaces.delete("ann", first.workspace.id)
    workspaces.create("ann", "HERE")
    with pytest.raises(WorkspaceNameError, match="already"):
        workspaces.put_back("ann", first)


def test_jobs_of_a_deleted_workspace_that_are_another_user_s_by_now_stay_theirs(
    workspaces: WorkspaceStore, engine: Engine
) -> None:
    workspaces.create("ann", "last")
    bobs = JobStore(engine).create(new_job("bob"))
    deleted = workspaces.delete("ann", workspaces.create("ann", "here").id)
    workspaces.put_back("ann", replace(deleted, jobs=(bobs.id,)))
    job = JobStore(engine).find_any(bobs.id)
    assert job is not None
    assert job.workspace_id is None


def test_a_job_taken_back_after_its_workspace_was_deleted_goes_to_the_oldest(
    workspaces: WorkspaceStore, engine: Engine
) -> None:
    jobs = JobStore(engine)
    oldest, here = workspaces.create("ann", "oldest"), workspaces.create("ann", "here")
    job = jobs.create(new_job(workspace_id=here.id))
    jobs.trash("ann", job.id)
    workspaces.delete("ann", here.id)
    assert jobs.untrash("ann", job.id)
    assert [back.id for back in jobs.page("ann", oldest.id).jobs] == [job.id]
