"""Two users, any order of calls: what a job came from and what came from it, against a dictionary."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, delete, update

from storage import tables
from storage.jobs.links import Producers
from storage.jobs.store import JobStore, Lineage, Link, LinkKind, Source
from storage.media.store import MediaStore
from tests import media_samples
from tests.storage.job_samples import new_job

_JOB = tables.table(tables.Job)
_LINK = tables.table(tables.JobLink)
users = st.sampled_from(["ann", "bob"])
kinds, parameters = st.sampled_from(LinkKind), st.sampled_from(["", "a", "b"])
NOTHING = Lineage((), 0, (), 0)


class JobLinks(RuleBasedStateMachine):
    jobs = Bundle("jobs")

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine, self.store = engine, JobStore(engine)
        self.run = uuid4()  # one database for all examples: each has users of its own
        self.owners: dict[str, str] = {}
        self.links: set[tuple[str, Source]] = set()

    def user(self, name: str) -> str:
        return f"{name}-{self.run}"

    @rule(target=jobs, name=users)
    def begin(self, name: str) -> str:
        return self.made(name, ())

    @rule(
        target=jobs,
        name=users,
        sources=st.lists(st.builds(Source, jobs, kinds, parameters), max_size=4),
    )
    def derive(self, name: str, sources: list[Source]) -> str:
        """The sources may be another's jobs, and jobs that are gone."""
        return self.made(name, tuple(sources))

    def made(self, name: str, sources: tuple[Source, ...]) -> str:
        job = self.store.create(new_job(self.user(name), sources=sources))
        self.owners[job.id] = name
        self.links |= {(job.id, source) for source in sources if self.owners.get(source.job_id) == name}
        return job.id

    @rule(job_id=jobs, back=st.booleans())
    def trash(self, job_id: str, back: bool) -> None:
        """A job in the bin keeps its links."""
        if job_id in self.owners:
            self.store.trash(self.user(self.owners[job_id]), job_id)
            if back:
                self.store.untrash(self.user(self.owners[job_id]), job_id)

    @rule(job_id=jobs)
    def purge(self, job_id: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(delete(_JOB).where(_JOB.c.id == job_id))
        self.owners.pop(job_id, None)
        self.links = {link for link in self.links if job_id not in (link[0], link[1].job_id)}

    @invariant()
    def each_user_sees_the_links_of_the_own_jobs_and_nothing_else(self) -> None:
        for job_id, owner in self.owners.items():
            for name in ("ann", "bob"):
                found = self.store.lineage(self.user(name), job_id)
                sources = {source for child, source in self.links if child == job_id}
                uses = {
                    Source(child, source.kind, source.parameter)
                    for child, source in self.links
                    if source.job_id == job_id
                }
                if name != owner:
                    assert found == NOTHING
                else:
                    assert (plain(found.sources), plain(found.uses)) == (sources, uses)
                    assert (found.source_count, found.use_count) == (len(sources), len(uses))


def plain(links: tuple[Link, ...]) -> set[Source]:
    return {Source(link.job.id, link.kind, link.parameter) for link in links}


def test_any_links_of_jobs_of_two_users_are_as_in_the_model(engine: Engine) -> None:
    share = 1 if engine.dialect.name == "sqlite" else 0.2  # the same machine; PostgreSQL takes twice as long
    run_state_machine_as_test(
        lambda: JobLinks(engine),  # type: ignore[arg-type]  # any callable will do
        settings=settings(max_examples=int(share * settings.default.max_examples), stateful_step_count=15),
    )


@pytest.fixture
def jobs(engine: Engine) -> JobStore:
    return JobStore(engine)


def test_the_newest_of_many_come_first_and_all_are_counted(jobs: JobStore) -> None:
    parent = jobs.create(new_job()).id
    children = [jobs.create(new_job(sources=(Source(parent, LinkKind.REUSE),))).id for _ in range(30)]
    found = jobs.lineage("ann", parent)
    assert [link.job.id for link in found.uses] == children[:-25:-1]
    assert found.use_count == 30


def test_a_link_of_a_job_that_was_given_to_another_user_shows_neither_of_them(engine: Engine, jobs: JobStore) -> None:
    parent = jobs.create(new_job()).id
    child = jobs.create(new_job(sources=(Source(parent, LinkKind.REUSE),))).id
    with engine.begin() as connection:
        connection.execute(update(_JOB).where(_JOB.c.id == parent).values(user_id="bob"))
    assert jobs.lineage("ann", child) == jobs.lineage("bob", parent) == NOTHING


def test_a_link_of_a_kind_that_is_not_known_is_left_out(engine: Engine, jobs: JobStore) -> None:
    parent = jobs.create(new_job()).id
    child = jobs.create(new_job(sources=(Source(parent, LinkKind.REUSE),))).id
    with engine.begin() as connection:
        connection.execute(update(_LINK).values(kind="cousin"))
    assert jobs.lineage("ann", child) == NOTHING


@pytest.fixture
def key(engine: Engine, tmp_path: Path) -> str:
    media = MediaStore(engine, tmp_path / "media")
    path = media_samples.png(tmp_path / "a.png")
    ann, bob = (media.put(user, path, "a.png").key for user in ("ann", "bob"))
    assert ann == bob
    return ann


def finished(jobs: JobStore, key: str, **changes: Any) -> str:
    job = jobs.create(new_job(**changes))
    assert jobs.start(job.id)
    assert jobs.complete(job.id, [key])
    return job.id


def test_the_producers_of_a_file_are_the_user_s_jobs_that_gave_it(jobs: JobStore, key: str) -> None:
    first = finished(jobs, key)
    assert jobs.producers("ann", [key, "none"]) == {key: Producers((first,), certain=first)}
    second = finished(jobs, key)
    finished(jobs, key, user_id="bob")
    assert jobs.producers("ann", [key]) == {key: Producers((first, second), certain=None)}
    assert jobs.producers("cid", [key]) == jobs.producers("ann", []) == {}


def test_who_had_a_file_before_it_was_made_does_not_have_it_from_that_job_for_certain(jobs: JobStore, key: str) -> None:
    jobs.create(new_job(media=(key,)))
    made = finished(jobs, key)
    assert jobs.producers("ann", [key]) == {key: Producers((made,), certain=None)}
    before = finished(jobs, key, user_id="bob")
    jobs.create(new_job("bob", media=(key,)))
    assert jobs.producers("bob", [key]) == {key: Producers((before,), certain=before)}


def test_a_job_that_gives_its_input_back_is_a_producer_though_not_for_certain(jobs: JobStore, key: str) -> None:
    made = finished(jobs, key, media=(key,))
    assert jobs.producers("ann", [key]) == {key: Producers((made,), certain=None)}
