"""Two users, any order of calls: the job store against a dictionary."""

from itertools import product
from typing import Any
from uuid import uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine

from storage.jobs.store import Job, JobStatus, JobStore
from tests.storage.job_samples import json_objects, new_job

UNFINISHED = {JobStatus.QUEUED, JobStatus.RUNNING}
words = st.text(st.characters(exclude_characters="\0", codec="utf-8"))
users = st.sampled_from(["ann", "bob"])


class JobLifeCycle(RuleBasedStateMachine):
    jobs = Bundle("jobs")

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.store = JobStore(engine)
        self.run = uuid4()  # one database for all examples: each has users of its own
        self.model: dict[str, dict[str, Any]] = {}

    def user(self, name: str) -> str:
        return f"{name}-{self.run}"

    def moved(self, job_id: str, sources: set[JobStatus], status: JobStatus, **changes: Any) -> bool:
        """Whether the transition is to succeed; the model follows it."""
        job = self.model[job_id]
        if job["status"] not in sources:
            return False
        job.update(changes, status=status)
        return True

    def is_own(self, name: str, job_id: str) -> bool:
        return bool(self.model[job_id]["user_id"] == self.user(name))

    @rule(target=jobs, name=users, prompt=st.none() | words, options=json_objects)
    def create(self, name: str, prompt: str | None, options: dict[str, Any]) -> str:
        job = self.store.create(new_job(self.user(name), prompt=prompt, options=options))
        self.model[job.id] = {"user_id": self.user(name), "prompt": prompt, "options": options}
        self.model[job.id] |= {"status": JobStatus.QUEUED, "favourite": False, "trashed": False, "error": None}
        return job.id

    @rule(job_id=jobs)
    def start(self, job_id: str) -> None:
        assert self.store.start(job_id) == self.moved(job_id, UNFINISHED, JobStatus.RUNNING)

    @rule(job_id=jobs, progress=st.floats(0, 1))
    def report(self, job_id: str, progress: float) -> None:
        runs = self.model[job_id]["status"] == JobStatus.RUNNING
        assert self.store.report(job_id, progress, "on the way") == runs
        job = self.store.find_any(job_id)
        assert job is not None
        assert not runs or job.progress == progress

    @rule(job_id=jobs)
    def complete(self, job_id: str) -> None:
        completed = self.store.complete(job_id, [])
        assert completed == self.moved(job_id, {JobStatus.RUNNING}, JobStatus.COMPLETED)

    @rule(job_id=jobs, error=words)
    def fail(self, job_id: str, error: str) -> None:
        assert self.store.fail(job_id, error) == self.moved(job_id, UNFINISHED, JobStatus.FAILED, error=error)

    @rule(name=users, job_id=jobs)
    def cancel(self, name: str, job_id: str) -> None:
        cancelled = self.store.request_cancel(self.user(name), job_id)
        assert cancelled == (self.is_own(name, job_id) and self.moved(job_id, UNFINISHED, JobStatus.CANCELLED))

    @rule(name=users, job_id=jobs, favourite=st.booleans())
    def favourite(self, name: str, job_id: str, favourite: bool) -> None:
        assert self.store.set_favourite(self.user(name), job_id, favourite) == self.is_own(name, job_id)
        if self.is_own(name, job_id):
            self.model[job_id]["favourite"] = favourite

    @rule(name=users, job_id=jobs)
    def trash(self, name: str, job_id: str) -> None:
        allowed = self.is_own(name, job_id) and not self.model[job_id]["trashed"]
        assert self.store.trash(self.user(name), job_id) == allowed
        if allowed:
            self.model[job_id]["trashed"] = True
            self.moved(job_id, UNFINISHED, JobStatus.CANCELLED)

    @rule(name=users, job_id=jobs)
    def untrash(self, name: str, job_id: str) -> None:
        allowed = self.is_own(name, job_id) and self.model[job_id]["trashed"]
        assert self.store.untrash(self.user(name), job_id) == allowed
        if allowed:
            self.model[job_id]["trashed"] = False

    @rule(name=users, job_id=jobs)
    def get(self, name: str, job_id: str) -> None:
        found = self.store.find_with_files(self.user(name), job_id)
        basics = self.store.basics(self.user(name), job_id)
        assert (found is not None) == (basics is not None) == self.is_own(name, job_id)
        assert found is None or seen(found[0]) == self.model[job_id]

    @invariant()
    def each_user_sees_exactly_the_own_jobs_in_the_list_or_in_the_bin(self) -> None:
        for name, trashed in product(("ann", "bob"), (False, True)):
            mine = {
                job_id: job
                for job_id, job in self.model.items()
                if self.is_own(name, job_id) and job["trashed"] == trashed
            }
            page = self.store.page(self.user(name), None, limit=200, trashed=trashed)
            assert {job.id: seen(job) for job in page.jobs} == mine
            assert [job.id for job in page.jobs] == list(mine)[::-1]
            assert page.total == len(mine)

    @invariant()
    def the_queue_is_what_has_not_finished(self) -> None:
        waiting = [job_id for job_id, job in self.model.items() if job["status"] in UNFINISHED]
        mine = {self.user("ann"), self.user("bob")}
        assert [job.id for job in self.store.unfinished() if job.user_id in mine] == waiting

    @invariant()
    def a_job_has_an_end_exactly_when_it_finished(self) -> None:
        for job_id, expected in self.model.items():
            job = self.store.find_any(job_id)
            assert job is not None
            assert (job.completed_at is None) == (expected["status"] in UNFINISHED)
            assert (job.deleted_at is not None) == expected["trashed"]

    def teardown(self) -> None:
        """The queue is one for all examples: what stays in it is read at every step of the next."""
        for job in self.store.unfinished():
            self.store.fail(job.id, "")


def seen(job: Job) -> dict[str, Any]:
    shown = {"user_id": job.user_id, "prompt": job.prompt, "options": job.options, "error": job.error}
    return shown | {"status": job.status, "favourite": job.favourite, "trashed": job.deleted_at is not None}


def test_any_life_of_jobs_of_two_users_is_as_in_the_model(engine: Engine) -> None:
    share = 1 if engine.dialect.name == "sqlite" else 0.2  # the same machine; PostgreSQL takes twice as long
    run_state_machine_as_test(
        lambda: JobLifeCycle(engine),  # type: ignore[arg-type]  # any callable will do
        settings=settings(max_examples=int(share * settings.default.max_examples), stateful_step_count=15),
    )
