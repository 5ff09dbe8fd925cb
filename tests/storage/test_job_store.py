from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, asdict
from datetime import UTC, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, text, update

from storage import tables
from storage.errors import InvalidCursorError, JobError, UnreadableJobError
from storage.jobs.store import DamagedJob, Job, JobBasics, JobStatus, JobStore, NewJob, Queue
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.conftest import emptied
from tests.storage.job_samples import new_job, new_jobs

JOB = tables.table(tables.Job)
# One store for all examples: their jobs do not touch each other.
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def jobs(engine: Engine) -> JobStore:
    return JobStore(engine)


@pytest.fixture
def workspaces(engine: Engine) -> WorkspaceStore:
    return WorkspaceStore(engine)


@pytest.fixture
def media(engine: Engine, tmp_path: Path) -> MediaStore:
    return MediaStore(engine, tmp_path / "media")


@pytest.fixture
def sqlite_jobs(sqlite_engine: Engine) -> JobStore:
    return JobStore(sqlite_engine)


def damage(engine: Engine, job: Job, column: str, value: object) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE job SET {column} = :value WHERE id = :id"), {"value": value, "id": job.id})


# What is created comes back


@one_store
@given(new=new_jobs)
def test_a_job_comes_back_as_it_was_asked_for(jobs: JobStore, new: NewJob) -> None:
    created = jobs.create(new)
    assert jobs.get(new.user_id, created.id) == (created, {})
    assert jobs.load(created.id) == created
    assert kept(asdict(new)).items() <= asdict(created).items()
    assert (created.status, created.favourite, created.deleted_at) == (JobStatus.QUEUED, False, None)
    assert datetime.now(UTC) - created.created_at < timedelta(minutes=1)


def kept(new: dict[str, Any]) -> dict[str, Any]:
    """As a database keeps it, which keeps no NUL in a text."""
    return {name: value.replace("\0", "?") if isinstance(value, str) else value for name, value in new.items()}


def test_falsy_options_come_back_as_themselves(jobs: JobStore) -> None:
    options = {"zero": 0, "float": 0.0, "no": False, "empty": "", "none": None, "list": []}
    back = jobs.create(new_job(options=options)).options
    assert back is not None
    assert [(name, type(value), value) for name, value in back.items()] == [
        (name, type(value), value) for name, value in options.items()
    ]


def test_a_job_cannot_be_changed_in_place(jobs: JobStore) -> None:
    with pytest.raises(FrozenInstanceError):
        jobs.create(new_job()).status = JobStatus.FAILED  # type: ignore[misc]


def test_inputs_keep_their_order_and_outputs_are_not_among_them(
    jobs: JobStore, media: MediaStore, tmp_path: Path
) -> None:
    keys = [media.put("ann", media_samples.png(tmp_path / "a.png", seed=seed), "a.png").key for seed in range(4)]
    inputs = (keys[2], keys[0], keys[1])
    job = jobs.create(new_job(media=(*inputs, keys[2])))
    jobs.start(job.id)
    jobs.complete(job.id, [keys[3], keys[0]])
    done = jobs.load(job.id)
    assert done is not None
    assert (done.media, done.result_url) == (inputs, keys[3])


@pytest.mark.parametrize("options", [{"x": float("nan")}, {"x": Path()}, {"x": float("inf")}])
def test_options_that_json_cannot_keep_are_refused_by_name(jobs: JobStore, options: dict[str, object]) -> None:
    with pytest.raises(JobError, match="options"):
        jobs.create(new_job(options=options))


@pytest.mark.parametrize("sign", ["\ud800", "\0"])
def test_what_no_database_keeps_is_kept_in_options_and_replaced_in_the_prompt(jobs: JobStore, sign: str) -> None:
    job = jobs.create(new_job(prompt=f"a{sign}", options={"prompt": f"a{sign}"}))
    assert (job.prompt, job.options) == ("a?", {"prompt": f"a{sign}"})
    assert jobs.page("ann", None, search=f"A{sign}").jobs == (job,)


def test_a_job_and_its_files_are_read_by_one_statement(
    jobs: JobStore, engine: Engine, media: MediaStore, tmp_path: Path
) -> None:
    paths = [media_samples.png(tmp_path / f"{seed}.png", seed=seed) for seed in range(5)]
    mine = {info.key: info for info in (media.put("ann", path, path.name) for path in paths[:3])}
    theirs, made = (media.put("ann", path, "c.png").key for path in paths[3:])
    job = jobs.create(new_job(media=(*mine, theirs)))
    for path in (paths[0], paths[3]):
        media.put("bob", path, "also his.png")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM media_owner WHERE user_id = 'ann' AND media_key = :key"), {"key": theirs})
    jobs.start(job.id)
    jobs.complete(job.id, [made])
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    found = jobs.get("ann", job.id)
    assert len(statements) == 1
    assert found is not None
    assert found[1] == mine
    assert found[0].media == (*mine, theirs)
    assert found[0] == jobs.load(job.id)


def test_a_damaged_file_leaves_the_job_whole(jobs: JobStore, engine: Engine, media: MediaStore, tmp_path: Path) -> None:
    good, bad = (media.put("ann", media_samples.png(tmp_path / "a.png", seed=seed), "a.png") for seed in (1, 2))
    job = jobs.create(new_job(media=(bad.key, good.key)))
    with engine.begin() as connection:
        connection.execute(text("UPDATE media SET duration = :odd WHERE key = :key"), {"odd": inf, "key": bad.key})
    assert jobs.get("ann", job.id) == (job, {good.key: good})


# Damaged rows


@pytest.mark.parametrize("column", ["options", "config_snapshot"])
@pytest.mark.parametrize("written", ["", "{", "[1]", "null", '"{}"', "[" * 100_000, "9" * 5000])
def test_damaged_json_is_none_and_the_rest_of_the_job_is_there(
    jobs: JobStore, engine: Engine, column: str, written: str
) -> None:
    job = jobs.create(new_job(prompt="a pond", options={"a": 1}, config_snapshot={"b": 2}))
    damage(engine, job, column, written)
    read = jobs.load(job.id)
    assert read is not None
    assert asdict(read) == asdict(job) | {column: None, "problem": f"{column} is no JSON object"}


DAMAGE = [("status", "dancing"), ("created_at", "yesterday"), ("created_at", 12), ("error", b"\xff\xfe")]
DAMAGE += [("model_id", CAST_BYTES := "CAST(x'61ff' AS TEXT)"), ("status", CAST_BYTES), ("options", CAST_BYTES)]


def damage_anyhow(engine: Engine, job: Job, column: str, value: object) -> None:
    """Also a text that is no UTF-8, which only SQL can write."""
    written = value if value == CAST_BYTES else ":value"
    with engine.begin() as connection:
        statement = text(f"UPDATE job SET {column} = {written} WHERE id = :id")
        connection.execute(statement, {"id": job.id} | ({} if value == CAST_BYTES else {"value": value}))


@pytest.mark.parametrize(("column", "value"), DAMAGE)
def test_a_damaged_row_is_named_and_hides_no_other(
    sqlite_jobs: JobStore, sqlite_engine: Engine, column: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = sqlite_jobs
    other, job = jobs.create(new_job()), jobs.create(new_job(prompt="a pond"))
    damage_anyhow(sqlite_engine, job, column, value)
    with pytest.raises(UnreadableJobError, match=job.id):
        jobs.get("ann", job.id)
    (shown,) = (one for one in jobs.page("ann", None).jobs if one != other)
    assert isinstance(shown, DamagedJob)
    assert (shown.id, f"{column} is no " in shown.problem) == (job.id, True)
    assert f"{job.id}' cannot be read: {column} is no " in caplog.text


@pytest.mark.parametrize("column", ["status", "options", "error"])
def test_a_damaged_row_gives_its_basics(sqlite_jobs: JobStore, sqlite_engine: Engine, column: str) -> None:
    job = sqlite_jobs.create(new_job(prompt="a pond"))
    damage_anyhow(sqlite_engine, job, column, CAST_BYTES)
    basics = sqlite_jobs.basics("ann", job.id)
    assert basics is not None
    assert (basics.id, basics.model_id, basics.prompt, basics.type) == (job.id, "pattern", "a pond", "image")


def test_basics_do_without_a_damaged_prompt_and_not_without_a_model(
    sqlite_jobs: JobStore, sqlite_engine: Engine
) -> None:
    job = sqlite_jobs.create(new_job(prompt="a pond"))
    damage_anyhow(sqlite_engine, job, "prompt", CAST_BYTES)
    assert sqlite_jobs.basics("ann", job.id) == JobBasics(job.id, "pattern", None, "image")
    damage_anyhow(sqlite_engine, job, "model_id", CAST_BYTES)
    with pytest.raises(UnreadableJobError, match=job.id):
        sqlite_jobs.basics("ann", job.id)


@pytest.mark.parametrize("limit", [1, 2, 3, 24])
@pytest.mark.parametrize(("column", "value"), [*DAMAGE, ("created_at", b"x"), ("created_at", "2026-01-02")])
def test_pages_list_every_job_once_whatever_is_damaged(
    sqlite_jobs: JobStore, sqlite_engine: Engine, column: str, value: object, limit: int
) -> None:
    made = [sqlite_jobs.create(new_job()) for _ in range(9)]
    for job in made[1:6]:
        damage_anyhow(sqlite_engine, job, column, value)
    listed = walk(sqlite_jobs, "ann", limit)
    assert sorted(listed) == sorted(job.id for job in made)
    assert [one for one in listed if one in (made[0].id, *(job.id for job in made[6:]))] == [
        *(job.id for job in reversed(made[6:])),
        made[0].id,
    ]


# What PostgreSQL keeps and Python does not.
NO_TIME = ["infinity", "-infinity", "10000-01-01", "0044-03-15 00:00:00+00 BC"]


@pytest.mark.parametrize("value", NO_TIME)
@pytest.mark.parametrize("limit", [1, 24])
def test_pages_of_postgresql_list_and_name_jobs_of_no_time(
    postgres_engine: Engine, value: str, limit: int, caplog: pytest.LogCaptureFixture
) -> None:
    jobs = JobStore(emptied(postgres_engine))
    made = [jobs.create(new_job()) for _ in range(4)]
    for job in made[1:3]:
        damage(postgres_engine, job, "created_at", value)
    with pytest.raises(UnreadableJobError, match=made[1].id):
        jobs.get("ann", made[1].id)
    listed = walk(jobs, "ann", limit)
    assert sorted(listed) == sorted(job.id for job in made)
    assert [one for one in listed if one in (made[0].id, made[3].id)] == [made[3].id, made[0].id]
    assert f"{made[1].id}' cannot be read: created_at is no time: '{value}" in caplog.text


@pytest.mark.parametrize("written", ["", "{", "[1]", "null", '"{}"', '{"prompt": 1}', '{"prompt": null, "b": "a fox"}'])
def test_resolved_texts_that_are_damaged_are_as_none(jobs: JobStore, engine: Engine, written: str) -> None:
    job = jobs.create(new_job(prompt="{a|b}", resolved={"prompt": "a"}))
    damage(engine, job, "resolved", written)
    read = jobs.load(job.id)
    assert read is not None
    problem = "resolved is no JSON object" if written else ""
    assert asdict(read) == asdict(job) | {"resolved": {}, "problem": problem}


# Ownership


USER_CALLS: dict[str, Callable[[JobStore, str, str], object]] = {
    "get": JobStore.get,
    "basics": JobStore.basics,
    "favourite": lambda jobs, user, job: jobs.set_favourite(user, job, True),
    "trash": JobStore.trash,
    "untrash": JobStore.untrash,
    "cancel": JobStore.request_cancel,
}


@pytest.mark.parametrize("call", USER_CALLS.values(), ids=USER_CALLS)
@pytest.mark.parametrize("bad_id", ["", "none", "\ud800", "\0", "' OR 1=1 --", "%"])
def test_the_job_of_another_answers_as_one_that_does_not_exist(
    jobs: JobStore, call: Callable[[JobStore, str, str], object], bad_id: str
) -> None:
    job = jobs.create(new_job("ann"))
    assert call(jobs, "bob", job.id) == call(jobs, "bob", bad_id)
    assert not call(jobs, "bob", job.id)
    assert jobs.load(job.id) == job


def test_another_user_s_workspace_and_parent_are_refused_as_if_they_were_not_there(
    jobs: JobStore, workspaces: WorkspaceStore
) -> None:
    workspace, parent = workspaces.ensure_default("ann").id, jobs.create(new_job("ann")).id
    for field, theirs in (("workspace_id", workspace), ("parent_job_id", parent)):
        said = []
        for value in (theirs, "none"):
            with pytest.raises(JobError) as refused:
                jobs.create(new_job("bob", **{field: value}))
            said.append(str(refused.value).replace(value, "?"))
        assert said[0] == said[1]
    assert jobs.page("bob", None).total == 0


def test_a_parent_of_one_s_own_is_remembered(jobs: JobStore) -> None:
    parent = jobs.create(new_job())
    assert jobs.create(new_job(parent_job_id=parent.id)).parent_job_id == parent.id


def test_media_that_are_not_in_the_store_are_named_and_no_job_is_made(jobs: JobStore) -> None:
    with pytest.raises(JobError, match="gone-png"):
        jobs.create(new_job(media=("gone-png",)))
    assert jobs.page("ann", None).total == 0


def test_a_job_of_another_users_file_is_refused_as_one_of_none(
    engine: Engine, media: MediaStore, tmp_path: Path
) -> None:
    jobs = JobStore(engine)
    key = media.put("bob", media_samples.png(tmp_path / "a.png"), "a.png").key
    with pytest.raises(JobError, match=f"Not in the media store: {key}"):
        jobs.create(new_job(media=(key,)))


GOING: dict[str, tuple[str, Callable[[str, str, str], dict[str, Any]]]] = {
    "media": ("DELETE FROM media", lambda key, workspace, parent: {"media": (key,)}),
    "workspace": ("DELETE FROM workspace", lambda key, workspace, parent: {"workspace_id": workspace}),
    "job": ("DELETE FROM job", lambda key, workspace, parent: {"parent_job_id": parent}),
}


@pytest.mark.parametrize(("going", "needing"), GOING.values(), ids=GOING)
def test_a_job_whose_needs_go_in_the_same_moment_is_refused(
    engine: Engine,
    media: MediaStore,
    tmp_path: Path,
    going: str,
    needing: Callable[[str, str, str], dict[str, Any]],
) -> None:
    jobs = JobStore(engine)
    key = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    workspace, parent = WorkspaceStore(engine).ensure_default("ann").id, jobs.create(new_job()).id
    new = new_job(**needing(key, workspace, parent))
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            connection.execute(text(going))
            creating = pool.submit(jobs.create, new)
            with pytest.raises(TimeoutError):  # it waits for the deletion
                creating.result(timeout=0.2)
        with pytest.raises(JobError, match=r"does not exist|Not in the media store"):
            creating.result()


# Transitions


def test_of_a_cancel_and_a_completion_at_once_exactly_one_wins(jobs: JobStore) -> None:
    with ThreadPoolExecutor(4) as pool:
        for _ in range(25):
            job = jobs.create(new_job())
            jobs.start(job.id)
            ends = [
                pool.submit(jobs.request_cancel, "ann", job.id),
                pool.submit(jobs.complete, job.id, []),
                pool.submit(jobs.fail, job.id, "it broke"),
            ]
            won = [end.result() for end in ends]
            done = jobs.load(job.id)
            assert done is not None
            assert sum(won) == 1
            assert done.status == ("cancelled", "completed", "failed")[won.index(True)]


def test_a_job_that_ran_when_the_server_stopped_may_start_again(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    assert jobs.start(job.id)
    first = jobs.load(job.id)
    assert jobs.start(job.id)
    again = jobs.load(job.id)
    assert first is not None
    assert again is not None
    assert again.started_at == first.started_at


def test_a_report_to_a_cancelled_job_says_so(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    jobs.start(job.id)
    assert jobs.report(job.id, 0.25, "step 5 of 20")
    assert jobs.request_cancel("ann", job.id)
    assert not jobs.report(job.id, 0.5, "step 10 of 20")
    cancelled = jobs.load(job.id)
    assert cancelled is not None
    assert (cancelled.progress, cancelled.progress_text) == (0.25, "step 5 of 20")


def test_trashing_a_running_job_cancels_it_and_it_comes_back_cancelled(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    jobs.start(job.id)
    assert jobs.trash("ann", job.id)
    assert (jobs.unfinished(), jobs.page("ann", None).jobs) == ((), ())
    assert jobs.untrash("ann", job.id)
    assert [back.status for back in jobs.page("ann", None).jobs] == [JobStatus.CANCELLED]


def test_completing_gives_the_user_the_outputs(jobs: JobStore, media: MediaStore, tmp_path: Path) -> None:
    result, second = (
        media.put("engine", media_samples.png(tmp_path / f"{seed}.png", seed=seed), "a.png").key for seed in range(2)
    )
    job = jobs.create(new_job())
    jobs.start(job.id)
    assert jobs.complete(job.id, [result, second])
    assert set(media.find_many("ann", [result, second])) == {result, second}
    assert [media.delete(key) for key in (result, second)] == [False] * 2
    assert not media.owned("bob", result)


def test_a_completion_with_an_output_that_was_not_stored_leaves_the_job_running(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    jobs.start(job.id)
    with pytest.raises(JobError, match="never-stored"):
        jobs.complete(job.id, ["never-stored"])
    assert [left.status for left in jobs.unfinished()] == [JobStatus.RUNNING]


def test_the_maker_of_a_file_is_the_user_s_newest_job_with_that_result(
    jobs: JobStore, media: MediaStore, tmp_path: Path
) -> None:
    key = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    made = [jobs.create(new_job()) for _ in range(2)]
    for job in made:
        assert jobs.start(job.id)
        assert jobs.complete(job.id, [key])
    assert jobs.maker("ann", [key, "none"]) == made[1].id
    assert jobs.maker("bob", [key]) is None
    assert jobs.maker("ann", []) is None


# Pages


def move(engine: Engine, job: Job, time: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(update(JOB).where(JOB.c.id == job.id).values(created_at=time))


def walk(jobs: JobStore, user_id: str, limit: int) -> list[str]:
    ids: list[str] = []
    cursor = None
    for _ in range(20):  # more pages than any test here needs
        page = jobs.page(user_id, None, limit=limit, cursor=cursor)
        ids += [job.id for job in page.jobs]
        cursor = page.next
        if cursor is None:
            return ids
    raise AssertionError("the pages have no end")


@settings(one_store, max_examples=100)
@given(moments=st.lists(st.integers(0, 3), max_size=12), limit=st.integers(1, 5))
def test_the_pages_hold_every_job_once_newest_first_also_at_one_moment(
    engine: Engine, moments: list[int], limit: int
) -> None:
    jobs, user = JobStore(engine), str(uuid4())
    places = []
    for moment in moments:
        job = jobs.create(new_job(user))
        move(engine, job, datetime(2026, 1, 1, microsecond=moment, tzinfo=UTC))
        places.append((moment, job.id))
    assert walk(jobs, user, limit) == [job_id for _, job_id in sorted(places, reverse=True)]


def test_new_jobs_do_not_shift_the_pages_that_follow(jobs: JobStore) -> None:
    old = [jobs.create(new_job()).id for _ in range(5)]
    first = jobs.page("ann", None, limit=2)
    new = jobs.create(new_job())
    rest = jobs.page("ann", None, limit=9, cursor=first.next)
    assert [job.id for job in (*first.jobs, *rest.jobs)] == old[::-1]
    assert (first.total, rest.total) == (5, 6)
    assert jobs.page("ann", None).jobs[0] == new


def test_filters_narrow_and_combine(jobs: JobStore, workspaces: WorkspaceStore) -> None:
    here, there = workspaces.create("ann", "here").id, workspaces.create("ann", "there").id
    image = jobs.create(new_job(workspace_id=here, model_id="pattern"))
    video = jobs.create(new_job(workspace_id=here, model_id="ken-burns", type="video"))
    other = jobs.create(new_job(workspace_id=there))
    jobs.set_favourite("ann", video.id, True)
    jobs.start(other.id)

    def ids(workspace: str | None, **filters: object) -> set[str]:
        page = jobs.page("ann", workspace, **filters)  # type: ignore[arg-type]
        assert page.total == len(page.jobs)
        return {job.id for job in page.jobs}

    assert ids(None) == {image.id, video.id, other.id}
    assert ids(here) == {image.id, video.id}
    assert ids(None, model_id="pattern") == {image.id, other.id}
    assert ids(None, type="video") == ids(None, favourite=True) == {video.id}
    assert ids(None, status=JobStatus.RUNNING) == ids(there) == {other.id}
    assert ids(here, favourite=False, type="image") == {image.id}
    assert ids(there, favourite=True) == set()


@pytest.mark.parametrize(
    ("prompt", "search"),
    [("Éclair au café", "éCLAIR"), ("100% wool", "0% W"), ("a_b", "_"), ("STRASSE", "straße"), ("C:\\users", "\\U")],
)
def test_a_search_takes_letters_of_any_case_and_signs_as_they_are(jobs: JobStore, prompt: str, search: str) -> None:
    found = jobs.create(new_job(prompt=prompt))
    jobs.create(new_job(prompt="something else"))
    jobs.create(new_job(prompt=None))
    assert jobs.page("ann", None, search=search).jobs == (found,)


@pytest.mark.parametrize("search", ["{RED|", "| green} __ani", "red fox", "FOX"])
def test_a_search_finds_the_prompt_as_written_and_as_the_model_got_it(jobs: JobStore, search: str) -> None:
    resolved = {"prompt": "a red fox", "negative_prompt": "blurry"}
    found = jobs.create(new_job(prompt="a {red| green} __animal__", resolved=resolved))
    jobs.create(new_job(prompt="a green owl", resolved={"negative_prompt": "no red fox"}))
    assert jobs.page("ann", None, search=search).jobs == (found,)


def test_a_prompt_of_any_length_is_kept_whole_and_found_by_its_beginning(jobs: JobStore) -> None:
    prompt = "quick fox " + "a" * 900_000
    job = jobs.create(new_job(prompt=prompt))
    assert job.prompt == prompt
    assert jobs.page("ann", None, search="quick fox").jobs == (job,)


@one_store
@given(cursor=st.text())
@example("MDAwMS0wMS0wMVQwMDowMDowMCsyMzo1OSBh")  # "0001-01-01T00:00:00+23:59 a": no such moment in UTC
def test_a_cursor_of_another_making_is_refused_by_name(jobs: JobStore, cursor: str) -> None:
    with pytest.raises(InvalidCursorError, match="is not the cursor"):
        jobs.page("ann", None, cursor=cursor)


def test_the_queue_is_oldest_first_and_by_user_and_workspace(jobs: JobStore, workspaces: WorkspaceStore) -> None:
    here = workspaces.create("ann", "here").id
    first, second = jobs.create(new_job(workspace_id=here)), jobs.create(new_job())
    third = jobs.create(new_job("bob"))
    done = jobs.create(new_job())
    jobs.fail(done.id, "it broke")
    assert jobs.queue("ann", None) == Queue((first, second), 2)
    assert jobs.queue("ann", None, limit=1) == Queue((first,), 2)
    assert jobs.queue("ann", here) == Queue((first,), 1)
    assert jobs.unfinished() == (first, second, third)


def test_a_queue_is_cancelled_by_user_and_workspace(jobs: JobStore, workspaces: WorkspaceStore) -> None:
    here, there = workspaces.create("ann", "here").id, workspaces.create("ann", "there").id
    waiting, running = (jobs.create(new_job(workspace_id=here)).id for _ in range(2))
    jobs.start(running)
    done = jobs.create(new_job(workspace_id=here)).id
    jobs.fail(done, "it broke")
    other = jobs.create(new_job(workspace_id=there)).id
    assert jobs.request_cancel_all("bob", here) == jobs.request_cancel_all("bob", "none") == ()
    assert set(jobs.request_cancel_all("ann", here)) == {waiting, running}
    assert jobs.request_cancel_all("ann", here) == ()
    statuses = {id_: job.status for id_ in (waiting, running, done, other) if (job := jobs.load(id_))}
    cancelled = dict.fromkeys((waiting, running), JobStatus.CANCELLED)
    assert statuses == cancelled | {done: JobStatus.FAILED, other: JobStatus.QUEUED}


ANY_NUMBER = st.floats() | st.integers(-(2**70), 2**70)


@given(
    steps=st.tuples(st.none() | ANY_NUMBER, st.none() | ANY_NUMBER, st.none() | st.floats()),
    spent=st.tuples(st.none() | st.floats(), st.none() | st.floats()),
    told=st.dictionaries(st.text(max_size=20), st.text(max_size=20), max_size=3),
    texts=st.dictionaries(st.text(max_size=20), st.text() | ANY_NUMBER | st.just(Path("a.png")), max_size=3),
    fraction=st.floats(),
    ends_well=st.booleans(),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_backend_tells_the_job_can_be_read(
    jobs: JobStore,
    steps: tuple[Any, Any, float | None],
    spent: tuple[float | None, float | None],
    told: dict[str, str],
    texts: dict[str, Any],
    fraction: float,
    ends_well: bool,
) -> None:
    job_id = jobs.create(new_job()).id
    jobs.start(job_id)
    assert jobs.report(job_id, fraction, "", *steps)
    jobs.note(job_id, ran_with=told, cost=spent[0], spent_seconds=spent[1])
    assert jobs.complete(job_id, [], texts) if ends_well else jobs.fail(job_id, "It broke.", told, "log")
    job = jobs.look("ann", job_id)
    assert isinstance(job, Job)
    assert job.problem == ""
    assert (job.texts or {}).keys() == (texts.keys() if ends_well else set())


def test_a_long_text_of_a_result_is_cut_and_the_result_kept(jobs: JobStore) -> None:
    job_id = jobs.create(new_job()).id
    jobs.start(job_id)
    assert jobs.complete(job_id, [], {"caption": "x" * 2_000_000})
    job = jobs.load(job_id)
    assert job is not None
    assert job.texts == {"caption": "x" * 10_000}


def test_a_picture_in_the_making_is_its_owners_and_goes_with_the_run(jobs: JobStore) -> None:
    job_id = jobs.create(new_job()).id
    jobs.show(job_id, b"early", "image/webp")
    assert jobs.previews("ann") == {}, "it does not run yet"
    jobs.start(job_id)
    for picture in (b"first", b"second"):
        jobs.show(job_id, picture, "image/webp")
    assert jobs.preview("ann", job_id) == (b"second", "image/webp")
    assert (list(jobs.previews("ann")), jobs.previews("bob"), jobs.preview("bob", job_id)) == ([job_id], {}, None)
    jobs.end_preview(job_id)
    assert jobs.preview("ann", job_id) is None
