"""The faults that every backend survives: whatever happens, a job ends, says why, runs once and can be reused.

A backend passes `JobFaults` with one fixture, and one that asks a service passes `ServiceFaults`, which fails each of
its calls in each way. Both go the whole way of a job: submitted, run, stored, and brought back by Reuse.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from backends.base import Backend, Context, Outputs, Request
from model_configs.schema import ModelConfig
from storage.jobs.store import Job, JobStatus
from studio.context import GivenFile
from studio.jobs.runner import Runner
from studio.settings import Settings
from tests import media_samples
from tests.backends.contract import is_sentence
from tests.backends.faulty import FAULTS, Connection
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER

NO_RESULTS: Mapping[str, Callable[[Path], bytes]] = {
    "empty": lambda folder: b"",
    "a text": lambda folder: b"There is no picture today.",
    "a page": lambda folder: b"<!doctype html><title>Welcome</title>",
    "half a picture": lambda folder: media_samples.png(folder / "half.png").read_bytes()[:60],
    "a programme": lambda folder: Path("/bin/true").read_bytes(),
}
"""What a run may give that is no picture, film or sound."""


class Late:
    """The same backend; `at_the_end` happens when it has done its work and before anything is stored."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.spec_type = backend.spec_type
        self.at_the_end: Callable[[], object] = lambda: None

    def ready(self, spec: Any) -> str | None:
        return self._backend.ready(spec)

    def run(self, request: Request, context: Context) -> Outputs:
        outputs = self._backend.run(request, context)
        self.at_the_end()
        return outputs


@dataclass
class Subject:
    """A backend, a model that it runs, and the model's runs so far.

    `gives` makes every later run give that content as its file. `connection` is what the backend asks its service by,
    and `listen` sets for how many seconds it waits for an answer.
    """

    backend: Backend
    config: ModelConfig
    values: Mapping[str, Any]
    gives: Callable[[bytes], object]
    runs: Callable[[], int] = lambda: 0
    connection: Connection = field(default_factory=lambda: Connection(""))
    listen: Callable[[float], object] = lambda seconds: None


class Jobs:
    """A studio with the one model; files that it needs are there."""

    def __init__(self, folder: Path, subject: Subject) -> None:
        config = subject.config
        self.kept = KeptStudio(folder, {config.id: config})
        self.backend = Late(subject.backend)
        self.studio = replace(self.kept.context, backends={config.backend.kind: self.backend})
        backends, settings = self.studio.backends, Settings(data_dir=folder)
        models = self.studio.registry.models
        self.runner = Runner(self.studio.jobs, self.studio.media, models, backends, settings)
        self._subject, self._work = subject, settings.work

    def submit(self) -> str:
        media = {name: self.kept.keys[kind][0] for name, kind in self._subject.config.media().items()}
        files = {name: GivenFile(self.studio.media.local_path(key), name) for name, key in media.items()}
        return self.studio.submit(USER, None, self._subject.config.id, {**self._subject.values, **files}).id

    def job(self, job_id: str) -> Job:
        job = self.studio.jobs.find(USER, job_id)
        assert isinstance(job, Job)
        return job

    def done(self) -> Job:
        """A job that was run; it has ended, with a result or a reason, and all that was entered can be brought back."""
        job_id = self.submit()
        self.runner.run(job_id)
        job = self.job(job_id)
        assert job.status in (JobStatus.COMPLETED, JobStatus.FAILED)
        assert (job.result_url is not None) == (job.status == JobStatus.COMPLETED)
        assert job.status == JobStatus.COMPLETED or is_sentence(job.error), job.error
        self.can_be_reused(job)
        return job

    def can_be_reused(self, job: Job) -> None:
        plan, _ = self.studio.restore(self.studio.reuse_job_input(USER, job.id), job.model_id)
        assert plan.report.lost == ()
        assert {**plan.values, "seed": job.seed} == {**(job.options or {}), "seed": job.seed}
        assert not list(self._work.iterdir())


class JobFaults:
    """What a run may do to its job."""

    @pytest.fixture
    def subject(self) -> Subject:
        raise NotImplementedError

    @pytest.fixture
    def jobs(self, subject: Subject, tmp_path: Path) -> Iterator[Jobs]:
        yield Jobs(tmp_path, subject)
        subject.connection.awake.set()

    @pytest.mark.parametrize("kind", NO_RESULTS)
    def test_a_result_that_is_no_media_fails_the_job(
        self, kind: str, subject: Subject, jobs: Jobs, tmp_path: Path
    ) -> None:
        assert jobs.done().status == JobStatus.COMPLETED
        subject.gives(NO_RESULTS[kind](tmp_path))
        assert jobs.done().status == JobStatus.FAILED

    def test_a_cancel_after_the_work_is_done_is_a_cancel(self, jobs: Jobs) -> None:
        job_id = jobs.submit()
        jobs.backend.at_the_end = lambda: jobs.studio.cancel(USER, job_id)
        jobs.runner.run(job_id)
        job = jobs.job(job_id)
        assert (job.status, job.result_url, job.error) == (JobStatus.CANCELLED, None, None)
        jobs.can_be_reused(job)
        jobs.backend.at_the_end = lambda: None
        assert jobs.done().status == JobStatus.COMPLETED


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
class ServiceFaults(JobFaults):
    """What a service may do to a job, at each of the calls of a run."""

    @pytest.mark.parametrize("fault", FAULTS)
    def test_a_fault_of_any_call_ends_in_a_result_or_a_reason_and_in_one_run(
        self, fault: str, subject: Subject, jobs: Jobs
    ) -> None:
        connection = subject.connection
        assert jobs.done().status == JobStatus.COMPLETED
        places = connection.places
        assert len(places) > 1
        if fault == "slow":
            subject.listen(1.5)
        for place in places:
            for times in (1, 10**6):  # for good, where a job gets over it once
                runs = subject.runs()
                connection.well()
                connection.fault = lambda at, number, place=place, times=times: (  # type: ignore[misc]
                    fault if at == place and number <= times else None
                )
                job = jobs.done()
                connection.awake.set()
                assert place in connection.calls or fault == "slow"  # a busy machine may be slow at another call too
                made = subject.runs() - runs
                assert made <= 1, f"{place} failed {times} times, and the job ran {made} times"
                assert made or job.status == JobStatus.FAILED
                if job.status == JobStatus.FAILED:
                    connection.well()
                    jobs.done()  # one after it: a service may begin late what it was asked for
                    break
        subject.listen(60)
        connection.well()
        assert jobs.done().status == JobStatus.COMPLETED

    def test_a_cancel_during_any_call_ends_in_a_cancelled_job(self, subject: Subject, jobs: Jobs) -> None:
        connection = subject.connection
        jobs.done()
        for place in connection.places:
            job_id = jobs.submit()
            connection.well()
            connection.reached = lambda at, place=place, job_id=job_id: (  # type: ignore[misc]
                jobs.studio.cancel(USER, job_id) if at == place else None
            )
            jobs.runner.run(job_id)
            job = jobs.job(job_id)
            assert (job.status, job.result_url) == (JobStatus.CANCELLED, None), place
            jobs.can_be_reused(job)
        connection.well()
        assert jobs.done().status == JobStatus.COMPLETED
