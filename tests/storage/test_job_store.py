from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
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
from sqlalchemy import Engine, event, insert, text, update

from storage import tables
from storage.errors import InvalidCursorError, JobError, UnreadableJobError
from storage.jobs.query import plain
from storage.jobs.sorting import Sort
from storage.jobs.store import DamagedJob, Job, JobBasics, JobStatus, JobStore, NewJob, Output, Queue
from storage.media.store import MediaStore
from storage.workspaces import WorkspaceStore
from tests import media_samples
from tests.storage.conftest import emptied
from tests.storage.job_samples import new_job, new_jobs

JOB = tables.table(tables.Job)
# One store for all examples: their jobs do not touch each other.
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


NAMES = {"pattern": "Wool", "ken-burns": "Été", "crop": "wool"}
sorted_jobs = st.fixed_dictionaries(
    {
        "rating": st.sampled_from([None, 1, 3, 5]),
        "model_id": st.sampled_from([*NAMES, "gone", "zebra z"]),
        "took": st.sampled_from([None, -3, 0, 2, 2.004, 86_400]),
        "created_at": st.integers(0, 3),
    }
)
KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "rating": lambda job: -(job["rating"] or -1),
    "model": lambda job: plain(NAMES.get(job["model_id"], job["model_id"])),
    "duration": lambda job: 1 if job["took"] is None or job["took"] < 0 else -job["took"],
}


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
    assert jobs.find_with_files(new.user_id, created.id) == (created, {})
    assert jobs.find_any(created.id) == created
    assert kept(asdict(new)).items() <= asdict(created).items()
    assert (created.status, created.favourite, created.deleted_at) == (JobStatus.QUEUED, False, None)
    assert datetime.now(UTC) - created.created_at < timedelta(minutes=1)


def kept(new: dict[str, Any]) -> dict[str, Any]:
    """As a database keeps it, which keeps no NUL in a text; the sources are in a table of their own."""
    texts = {name: value.replace("\0", "?") for name, value in new.items() if isinstance(value, str)}
    return {name: value for name, value in new.items() if name != "sources"} | texts


def test_what_was_made_elsewhere_is_a_finished_job_once_and_the_users_own(
    jobs: JobStore, media: MediaStore, tmp_path: Path
) -> None:
    key = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    photo = media.put("ann", media_samples.png(tmp_path / "b.png", seed=2), "photo.png").key
    digest = key[3:67]
    then = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    new = new_job(prompt="a fox", seed=2**64 - 1, options={"prompt": "a fox"}, media=(photo,))
    with pytest.raises(JobError, match="Not in the media store"):
        jobs.add_finished(new_job("bob"), Output(key), then)
    assert not jobs.made("ann", digest)
    assert jobs.add_finished(new, Output(key), then, {"Imported from": "A1111"})
    assert not jobs.add_finished(new, Output(key), then)
    (job,) = jobs.page("ann", None, search="FOX").jobs
    assert isinstance(job, Job)
    assert (job.status, job.created_at, job.completed_at, job.seed) == (JobStatus.COMPLETED, then, then, 2**64 - 1)
    assert (job.result_url, [one.key for one in job.outputs], job.media) == (key, [key], (photo,))
    assert [one.id for one in jobs.page("ann", None, search="photo.png").jobs] == [job.id]
    assert job.ran_with == {"Imported from": "A1111"}
    assert [jobs.made(*asked) for asked in (("ann", digest), ("bob", digest), ("ann", "0" * 64))] == [
        True,
        False,
        False,
    ]


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
    done = jobs.find_any(job.id)
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
    found = jobs.find_with_files("ann", job.id)
    assert len(statements) == 1
    assert found is not None
    assert found[1] == mine
    assert found[0].media == (*mine, theirs)
    assert found[0] == jobs.find_any(job.id)


def test_a_damaged_file_leaves_the_job_whole(jobs: JobStore, engine: Engine, media: MediaStore, tmp_path: Path) -> None:
    good, bad = (media.put("ann", media_samples.png(tmp_path / "a.png", seed=seed), "a.png") for seed in (1, 2))
    job = jobs.create(new_job(media=(bad.key, good.key)))
    with engine.begin() as connection:
        connection.execute(text("UPDATE media SET duration = :odd WHERE key = :key"), {"odd": inf, "key": bad.key})
    assert jobs.find_with_files("ann", job.id) == (job, {good.key: good})


# Damaged rows


@pytest.mark.parametrize("column", ["options", "config_snapshot"])
@pytest.mark.parametrize("written", ["", "{", "[1]", "null", '"{}"', "[" * 100_000, "9" * 5000])
def test_damaged_json_is_none_and_the_rest_of_the_job_is_there(
    jobs: JobStore, engine: Engine, column: str, written: str
) -> None:
    job = jobs.create(new_job(prompt="a pond", options={"a": 1}, config_snapshot={"b": 2}))
    damage(engine, job, column, written)
    read = jobs.find_any(job.id)
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
        jobs.find_with_files("ann", job.id)
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


ODD = [
    ("rating", "many"),
    ("rating", b"\xff"),
    ("rating", 2.5),
    ("rating", 2**62),
    ("started_at", "now"),
    ("model_id", b"x"),
]
ODD += [("completed_at", b"x"), ("completed_at", 12), ("completed_at", "yesterday"), ("completed_at", CAST_BYTES)]


@pytest.mark.parametrize("sort", KEYS)
def test_sorted_pages_list_every_job_once_whatever_is_damaged(
    sqlite_jobs: JobStore, sqlite_engine: Engine, sort: Sort
) -> None:
    for number, (column, value) in enumerate([*DAMAGE, *ODD]):
        user = f"ann {number}"
        made = [sqlite_jobs.create(new_job(user, model_id=f"m{place % 2}")) for place in range(5)]
        for job in made:
            assert sqlite_jobs.start(job.id)
            assert sqlite_jobs.complete(job.id, [])
        for job in made[1:4]:
            damage_anyhow(sqlite_engine, job, column, value)
        for limit in (1, 2):
            assert sorted(walk(sqlite_jobs, user, limit, sort=sort)) == sorted(job.id for job in made)


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
        jobs.find_with_files("ann", made[1].id)
    listed = walk(jobs, "ann", limit)
    assert sorted(listed) == sorted(job.id for job in made)
    assert [one for one in listed if one in (made[0].id, made[3].id)] == [made[3].id, made[0].id]
    assert f"{made[1].id}' cannot be read: created_at is no time: '{value}" in caplog.text
    damage(postgres_engine, made[0], "started_at", value)
    damage(postgres_engine, made[1], "completed_at", value)
    assert sorted(walk(jobs, "ann", limit, sort="duration")) == sorted(job.id for job in made)


@pytest.mark.parametrize("written", ["", "{", "[1]", "null", '"{}"', '{"prompt": 1}', '{"prompt": null, "b": "a fox"}'])
def test_resolved_texts_that_are_damaged_are_as_none(jobs: JobStore, engine: Engine, written: str) -> None:
    job = jobs.create(new_job(prompt="{a|b}", resolved={"prompt": "a"}))
    damage(engine, job, "resolved", written)
    read = jobs.find_any(job.id)
    assert read is not None
    problem = "resolved is no JSON object" if written else ""
    assert asdict(read) == asdict(job) | {"resolved": {}, "problem": problem}


# Ownership


USER_CALLS: dict[str, Callable[[JobStore, str, str], object]] = {
    "find": JobStore.find,
    "find with files": JobStore.find_with_files,
    "basics": JobStore.basics,
    "favourite": lambda jobs, user, job: jobs.set_favourite(user, job, True),
    "rate": lambda jobs, user, job: jobs.rate(user, job, 3),
    "trash": JobStore.trash,
    "delete for good": JobStore.delete_forever,
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
    assert jobs.find_any(job.id) == job


def test_another_user_s_workspace_is_refused_as_if_it_were_not_there(
    jobs: JobStore, workspaces: WorkspaceStore
) -> None:
    said = []
    for workspace_id in (workspaces.ensure_default("ann").id, "none"):
        with pytest.raises(JobError) as refused:
            jobs.create(new_job("bob", workspace_id=workspace_id))
        said.append(str(refused.value).replace(workspace_id, "?"))
    assert said[0] == said[1]
    assert jobs.page("bob", None).total == 0


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


GOING: dict[str, tuple[str, Callable[[str, str], dict[str, Any]]]] = {
    "media": ("DELETE FROM media", lambda key, workspace: {"media": (key,)}),
    "workspace": ("DELETE FROM workspace", lambda key, workspace: {"workspace_id": workspace}),
}


@pytest.mark.parametrize(("going", "needing"), GOING.values(), ids=GOING)
def test_a_job_whose_needs_go_in_the_same_moment_is_refused(
    engine: Engine,
    media: MediaStore,
    tmp_path: Path,
    going: str,
    needing: Callable[[str, str], dict[str, Any]],
) -> None:
    jobs = JobStore(engine)
    key = media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    new = new_job(**needing(key, WorkspaceStore(engine).ensure_default("ann").id))
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
            done = jobs.find_any(job.id)
            assert done is not None
            assert sum(won) == 1
            assert done.status == ("cancelled", "completed", "failed")[won.index(True)]


def test_a_job_that_ran_when_the_server_stopped_may_start_again(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    assert jobs.start(job.id)
    first = jobs.find_any(job.id)
    assert jobs.start(job.id)
    again = jobs.find_any(job.id)
    assert first is not None
    assert again is not None
    assert again.started_at == first.started_at


def test_a_report_to_a_cancelled_job_says_so(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    jobs.start(job.id)
    assert jobs.report(job.id, 0.25, "step 5 of 20")
    assert jobs.request_cancel("ann", job.id)
    assert not jobs.report(job.id, 0.5, "step 10 of 20")
    cancelled = jobs.find_any(job.id)
    assert cancelled is not None
    assert (cancelled.progress, cancelled.progress_text) == (0.25, "step 5 of 20")


def test_trashing_a_running_job_cancels_it_and_it_comes_back_cancelled(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    jobs.start(job.id)
    assert jobs.trash("ann", job.id)
    assert (jobs.unfinished(), jobs.page("ann", None).jobs) == ((), ())
    assert jobs.untrash("ann", job.id)
    assert [back.status for back in jobs.page("ann", None).jobs] == [JobStatus.CANCELLED]


def test_a_job_is_deleted_for_good_from_the_bin_alone(jobs: JobStore, engine: Engine) -> None:
    job, other = (jobs.create(new_job(prompt="a fox")) for _ in range(2))
    assert not jobs.delete_forever("ann", job.id)
    jobs.trash("ann", job.id)
    assert jobs.delete_forever("ann", job.id)
    assert (jobs.find_any(job.id), jobs.untrash("ann", job.id)) == (None, False)
    assert [left.id for left in jobs.page("ann", None, search="fox").jobs] == [other.id]
    assert jobs.page("ann", None, trashed=True).total == 0


def test_the_bin_of_a_workspace_or_of_all_is_emptied_and_nothing_else(
    jobs: JobStore, workspaces: WorkspaceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.jobs.store._AT_ONCE", 2)
    here, there = (workspaces.create("ann", name).id for name in ("here", "there"))
    kept = jobs.create(new_job(workspace_id=here)).id
    mine = [jobs.create(new_job(workspace_id=place)).id for place in (here, here, here, there)]
    theirs = jobs.create(new_job("bob")).id
    for user, id_ in (*(("ann", one) for one in mine), ("bob", theirs)):
        assert jobs.trash(user, id_)
    assert jobs.empty_bin("ann", here) == 3
    assert [one.id for one in jobs.page("ann", None, trashed=True).jobs] == mine[3:]
    assert (jobs.empty_bin("ann", None), jobs.empty_bin("ann", None)) == (1, 0)
    assert [one.id for one in jobs.page("ann", None).jobs] == [kept]
    assert jobs.page("bob", None, trashed=True).total == 1


def test_a_job_has_one_to_five_stars_or_none(jobs: JobStore) -> None:
    job = jobs.create(new_job())
    for stars in (5, 1, None):
        assert jobs.rate("ann", job.id, stars)
        (read,) = jobs.page("ann", None).jobs
        assert isinstance(read, Job)
        assert read.rating == stars
    for wrong in (0, 6, -1):
        with pytest.raises(JobError, match="1 to 5 stars"):
            jobs.rate("ann", job.id, wrong)


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


# Pages


def move(engine: Engine, job: Job, time: datetime) -> None:
    with engine.begin() as connection:
        connection.execute(update(JOB).where(JOB.c.id == job.id).values(created_at=time))


def walk(jobs: JobStore, user_id: str, limit: int, **asked: Any) -> list[str]:
    ids: list[str] = []
    cursor = None
    for _ in range(20):  # more pages than any test here needs
        page = jobs.page(user_id, None, limit=limit, cursor=cursor, **asked)
        ids += [job.id for job in page.jobs]
        cursor = page.next
        if cursor is None:
            return ids
    raise AssertionError("the pages have no end")


@one_store
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


def put_sorted(engine: Engine, user: str, *jobs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Writes the jobs, and gives them by their ids."""
    plain_row = {
        "user_id": user,
        "status": JobStatus.COMPLETED,
        "type": "image",
        "model_version": 1,
        "favourite": False,
    }
    rows = {str(uuid4()): job for job in jobs}
    written = []
    for id_, job in rows.items():
        begin, took = datetime(2026, 1, 1, microsecond=job["created_at"], tzinfo=UTC), job["took"]
        times = {"created_at": begin, "started_at": begin}
        times |= {"completed_at": None if took is None else begin + timedelta(seconds=took)}
        columns = {name: job[name] for name in ("rating", "model_id")}
        written.append({**plain_row, **columns, **times, "id": id_, "options": "{}", "config_snapshot": "{}"})
    if written:
        with engine.begin() as connection:
            connection.execute(insert(JOB), written)
    return rows


def in_order(made: Mapping[str, dict[str, Any]], sort: Sort) -> list[str]:
    newest = sorted(made, key=lambda id_: (made[id_]["created_at"], id_), reverse=True)
    return sorted(newest, key=lambda id_: KEYS[sort](made[id_]))


@one_store
@given(
    made=st.lists(sorted_jobs, max_size=9),
    limit=st.integers(1, 4),
    sort=st.sampled_from(list(KEYS)),
    changed=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["come", "go", "rate"]), sorted_jobs), max_size=3),
)
def test_sorted_pages_hold_every_job_once_in_their_order_also_while_others_come_and_change(
    engine: Engine,
    made: list[dict[str, Any]],
    limit: int,
    sort: Sort,
    changed: list[tuple[int, str, dict[str, Any]]],
) -> None:
    jobs, user = JobStore(engine), str(uuid4())
    kept = put_sorted(engine, user, *made)
    asked: dict[str, Any] = {"sort": sort, "names": NAMES, "limit": limit}
    order = in_order(kept, sort)
    assert walk(jobs, user, **asked) == order
    back = jobs.page(user, None, newer=True, **asked)
    ids = [job.id for job in back.jobs]
    while back.previous:
        back = jobs.page(user, None, newer=True, cursor=back.previous, **asked)
        ids = [*(job.id for job in back.jobs), *ids]
    assert ids == order
    for place, job_id in enumerate(order[:2]):
        assert [job.id for job in jobs.page(user, None, after=job_id, **asked).jobs] == order[place + 1 :][:limit]
        nobody = str(uuid4())
        assert jobs.page(nobody, None, after=job_id, **asked).jobs == ()
    listed, cursor = list[str](), None
    for number in range(20):
        page = jobs.page(user, None, cursor=cursor, **asked)
        listed, cursor = [*listed, *(job.id for job in page.jobs)], page.next
        for when, what, job in changed:
            if when == number and what == "come":
                put_sorted(engine, user, job)
            elif when == number and kept:
                gone = sorted(kept)[0]
                kept.pop(gone)
                jobs.trash(user, gone) if what == "go" else jobs.rate(user, gone, job["rating"])
        if cursor is None:
            break
    left = [id_ for id_ in order if id_ in kept]
    assert [id_ for id_ in listed if id_ in kept] == left


def test_a_cursor_means_nothing_to_another_order(jobs: JobStore) -> None:
    for _ in range(3):
        jobs.create(new_job())
    cursor = jobs.page("ann", None, limit=1, sort="rating").next
    for sort in ("time", "model", "duration"):
        with pytest.raises(InvalidCursorError):
            jobs.page("ann", None, cursor=cursor, sort=sort)
    for forged in ("rating x 0", f"rating {2**70} 0 2026-01-01T00:00:00+00:00 x", "duration None 0 2026-01-01 x"):
        sort = forged.partition(" ")[0]
        try:
            jobs.page("ann", None, cursor=urlsafe_b64encode(forged.encode()).decode(), sort=sort)  # type: ignore[arg-type]
        except InvalidCursorError:
            continue
        assert "None" in forged


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
    jobs.create(new_job(prompt="a green owl", resolved={"negative_prompt": "no red owl"}))
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
    statuses = {id_: job.status for id_ in (waiting, running, done, other) if (job := jobs.find_any(id_))}
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
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
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
    job = jobs.find("ann", job_id)
    assert isinstance(job, Job)
    assert job.problem == ""
    assert (job.texts or {}).keys() == (texts.keys() if ends_well else set())


def test_a_long_text_of_a_result_is_cut_and_the_result_kept(jobs: JobStore) -> None:
    job_id = jobs.create(new_job()).id
    jobs.start(job_id)
    assert jobs.complete(job_id, [], {"caption": "x" * 2_000_000})
    job = jobs.find_any(job_id)
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


# Several at once


@one_store
@given(data=st.data())
def test_what_is_done_to_several_jobs_is_done_to_the_users_own_among_them(engine: Engine, data: st.DataObject) -> None:
    jobs, workspaces, run = JobStore(engine), WorkspaceStore(engine), uuid4()
    ann, bob = f"ann-{run}", f"bob-{run}"
    here, there = (workspaces.create(ann, name).id for name in ("here", "there"))
    own = [jobs.create(new_job(ann, workspace_id=here)).id for _ in range(3)]
    others = [jobs.create(new_job(bob)).id for _ in range(2)]
    before = {id_: jobs.find_any(id_) for id_ in others}
    ids = data.draw(st.lists(st.sampled_from([*own, *others, "no such job"]), min_size=1, unique=True))
    mine = set(ids) & set(own)
    on = data.draw(st.booleans())
    running = data.draw(st.sets(st.sampled_from(own)))
    for job_id in running:
        assert jobs.start(job_id)

    assert set(jobs.set_favourites(ann, ids, on)) == mine
    assert jobs.move(ann, ids, there) == dict.fromkeys(mine, here)
    assert jobs.move(ann, ids, there) == {}
    assert set(jobs.trash_all(ann, ids)) == mine
    assert jobs.trash_all(ann, ids) == ()
    for job in jobs.some(ann, own):
        assert isinstance(job, Job)
        touched = job.id in mine
        assert (job.workspace_id, job.favourite) == (there if touched else here, on and touched)
        assert (job.deleted_at is not None) == (job.status is JobStatus.CANCELLED) == touched
    assert set(jobs.untrash_all(ann, [*ids, *own])) == mine
    assert all(isinstance(job, Job) and job.deleted_at is None for job in jobs.some(ann, own))
    assert {id_: jobs.find_any(id_) for id_ in others} == before
    assert {job.id for job in jobs.some(ann, ids)} == mine


def test_jobs_do_not_move_to_another_users_workspace(jobs: JobStore, workspaces: WorkspaceStore) -> None:
    job, theirs = jobs.create(new_job("ann")), workspaces.create("bob", "theirs")
    for workspace_id in (theirs.id, "no such workspace"):
        with pytest.raises(JobError, match="This workspace does not exist: choose another one"):
            jobs.move("ann", [job.id], workspace_id)
    assert jobs.find_any(job.id) == job
