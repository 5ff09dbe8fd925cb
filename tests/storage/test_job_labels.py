"""Labels: what a job has, what a search finds by them, and that none of another user's changes."""

from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from storage import tables
from storage.errors import JobError
from storage.jobs.labels import LONGEST, MOST, column_of_archive
from storage.jobs.query import parse, plain
from storage.jobs.search_text import search_text
from storage.jobs.store import Job, JobStore
from tests.storage.job_samples import new_job

JOB = tables.table(tables.Job)
one_store = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
names = st.sampled_from(["Portrait", "portrait", "Pôrtrait", "sea", "a b", " a  b ", "猫", "42", "%", '"', "\ud800x"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("on"), st.sets(st.integers(0, 2)), names),
        st.tuples(st.just("off"), st.sets(st.integers(0, 2)), names),
        st.tuples(st.just("rename"), names, names),
        st.tuples(st.just("delete"), names, st.none()),
    ),
    max_size=8,
)


@pytest.fixture
def jobs(engine: Engine) -> JobStore:
    return JobStore(engine)


def labels_of(jobs: JobStore, job_id: str) -> tuple[str, ...]:
    job = jobs.find_any(job_id)
    assert isinstance(job, Job)
    return job.labels


def take(jobs: JobStore, user: str, ids: list[str], had: list[set[str]], step: tuple[str, object, object]) -> None:
    """One step, done in the store and in the sets of what the labels of each job mean."""
    match step:
        case "on" | "off" as how, set(places), str(name):
            changed = {at for at in places if (plain(name) in had[at]) == (how == "off")}
            assert set(jobs.label(user, [ids[at] for at in places], name, how == "on")) == {ids[at] for at in changed}
            for at in changed:
                had[at] ^= {plain(name)}
        case "rename", str(name), str(new):
            if plain(new) != plain(name) and any(plain(new) in one for one in had):
                with pytest.raises(JobError, match="already"):
                    jobs.rename_label(user, name, new)
            else:
                jobs.rename_label(user, name, new)
                had[:] = [one - {plain(name)} | ({plain(new)} if plain(name) in one else set()) for one in had]
        case "delete", str(name), _:
            assert set(jobs.delete_label(user, name)) == {ids[at] for at, one in enumerate(had) if plain(name) in one}
            had[:] = [one - {plain(name)} for one in had]


@one_store
@given(steps=steps)
def test_a_job_has_the_labels_that_it_was_given_and_its_text_is_as_if_written_anew(
    engine: Engine, steps: list[tuple[str, object, object]]
) -> None:
    jobs, user, other = JobStore(engine), f"ann-{uuid4()}", f"bob-{uuid4()}"
    options = {"label": "portrait", "prompt": "a fox", "steps": 8}
    ids = [jobs.create(new_job(user, prompt="a fox", options=options, seed=at)).id for at in range(3)]
    theirs = jobs.create(new_job(other)).id
    jobs.label(other, [theirs], "Portrait", True)
    before, had = jobs.find_any(theirs), [set[str]() for _ in ids]
    for step in steps:
        take(jobs, user, ids, had, step)
        assert [{plain(one) for one in labels_of(jobs, job_id)} for job_id in ids] == had
    assert jobs.label(user, [theirs], "sea", True) == ()
    assert jobs.find_any(theirs) == before
    for at, job_id in enumerate(ids):
        job = jobs.find_any(job_id)
        assert job is not None
        assert list(map(plain, job.labels)) == sorted(had[at])
        text = search_text(
            prompt=job.prompt,
            options=job.options,
            resolved={},
            seed=job.seed,
            model=[job.model_id, *filter(None, [(job.config_snapshot or {}).get("name")])],
            files={},
            labels=job.labels,
        )
        with engine.connect() as connection:
            assert connection.execute(select(JOB.c.folded_prompt).where(JOB.c.id == job_id)).scalar() == text
    for label in {one for each in had for one in each}:
        wanted = {ids[at] for at, one in enumerate(had) if label in one}
        assert {job.id for job in jobs.page(user, None, label=label).jobs} == wanted
        (listed,) = (one for one in jobs.labels(user) if plain(one.name) == label)
        assert listed.jobs == len(wanted)
    assert len(jobs.labels(user)) == len({one for each in had for one in each})


@pytest.fixture(params=["a small library", "a large library"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "a large library":
        for module in ("pages", "search"):
            monkeypatch.setattr(f"storage.jobs.{module}.FEW", 1)
        monkeypatch.setattr("storage.jobs.search.NEWEST", 1)


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("label:portrait", "pb"),
        ("label:PORT", "pb"),
        ('label:"by the sea"', "sb"),
        ("portrait", "pb"),
        ("-label:portrait", "s"),
        ("label:portrait label:sea", "b"),
        ("label=portrait seed:1", ""),
        ("label:fox", ""),
    ],
)
def test_a_search_finds_jobs_by_their_labels(size: None, jobs: JobStore, search: str, found: str) -> None:
    ids = {name: jobs.create(new_job(prompt=f"a fox {name}")).id for name in "psb"}
    jobs.label("ann", [ids["p"], ids["b"]], "Portrait", True)
    jobs.label("ann", [ids["s"], ids["b"]], "By the sea", True)
    assert {job.id for job in jobs.page("ann", None, search=parse(search)).jobs} == {ids[one] for one in found}


def test_a_filter_takes_a_label_as_a_whole(size: None, jobs: JobStore) -> None:
    one, two, _ = (jobs.create(new_job()).id for _ in range(3))
    jobs.label("ann", [one], "sea", True)
    jobs.label("ann", [two], "seaside", True)
    assert [job.id for job in jobs.page("ann", None, label="Sea").jobs] == [one]
    assert {job.id for job in jobs.page("ann", None, search="label:sea").jobs} == {one, two}


def test_a_job_keeps_its_labels_in_the_bin_and_back(jobs: JobStore) -> None:
    job = jobs.create(new_job()).id
    jobs.label("ann", [job], "Portrait", True)
    assert jobs.trash("ann", job)
    assert [(one.name, one.jobs) for one in jobs.labels("ann")] == [("Portrait", 0)]
    assert [one.id for one in jobs.page("ann", None, label="portrait", trashed=True).jobs] == [job]
    assert jobs.untrash("ann", job)
    assert labels_of(jobs, job) == ("Portrait",)


@pytest.mark.parametrize("name", ["", " ", "\n", "x" * (LONGEST + 1)])
def test_what_is_no_label_is_refused(jobs: JobStore, name: str) -> None:
    job = jobs.create(new_job()).id
    with pytest.raises(JobError, match="A label has 1 to"):
        jobs.label("ann", [job], name, True)
    assert labels_of(jobs, job) == ()


def test_a_job_has_only_so_many_labels(jobs: JobStore) -> None:
    full, other = (jobs.create(new_job()).id for _ in range(2))
    for number in range(MOST):
        jobs.label("ann", [full], f"label {number}", True)
    with pytest.raises(JobError, match=f"at most {MOST}"):
        jobs.label("ann", [full, other], "one more", True)
    assert labels_of(jobs, other) == (), "all of them or none"
    assert jobs.label("ann", [full], "Label 3", True) == ()


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        (None, None),
        ("", None),
        ("a\nB", "a\nB"),
        ("B\na\nb", "a\nb"),
        ("\n\n", None),
        (f"ok\n{'x' * (LONGEST + 1)}\n x", "ok"),
        ("\n".join(map(str, range(100, 200))), "\n".join(map(str, range(100, 100 + MOST)))),
    ],
)
def test_labels_of_an_archive_are_those_that_could_have_been_given(written: str | None, taken: str | None) -> None:
    assert column_of_archive(written) == taken
