"""A run far away is paid for once, however often the process that waits for it is killed."""

import random
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backends.base import BackendError, Request
from backends.runpod import HANDED_OVER, RunPodBackend, RunPodSpec
from storage.jobs.store import JobStatus
from studio.jobs.runner import Runner
from tests import s3
from tests.backends.fake_context import FakeContext
from tests.backends.runpod.handlers import HANDLERS
from tests.backends.runpod.platform import Platform, running
from tests.backends.runpod.runs import MODELS
from tests.media_samples import png
from tests.studio.runner_studio import Studio

SPEC = RunPodSpec(kind="runpod", endpoint="flux-krea", result="image")
VALUES = {"prompt": "a fox", "width": 512, "height": 512, "seed": 7, "guidance": 1.0}


class Killed(BaseException):
    """The process is gone: nothing that catches exceptions sees it coming."""


class MortalContext(FakeContext):
    """Kills at the given calls of all that a backend asks of it; a kill may come before or after what is written."""

    def __init__(self, kills: set[int], remembered: str | None) -> None:
        super().__init__(remembered=remembered)
        self.kills, self.number = kills, 0

    def _maybe(self) -> None:
        self.number += 1
        if self.number in self.kills:
            raise Killed

    def check(self) -> None:
        self._maybe()

    def remember(self, remote_id: str) -> None:
        self._maybe()
        super().remember(remote_id)
        self._maybe()


@pytest.fixture
def remote(tmp_path: Path) -> Any:
    with running(Platform(HANDLERS)) as platform:
        yield platform


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=st.lists(st.integers(1, 16), max_size=6), refused=st.integers(0, 2))
def test_a_job_is_run_once_wherever_it_is_killed(
    lives: list[int], refused: int, remote: Platform, tmp_path: Path
) -> None:
    """And where it cannot be known whether it is run, it says so, and is not run again."""
    remote.forget()
    remote.fault = lambda call, number: 429 if call == "run" and number <= refused else None
    backend = RunPodBackend(remote.environment, wait=lambda _: None)
    remembered, doubted, files = None, False, tuple[Path, ...]()
    for kill in [*lives, 0]:
        folder = Path(mkdtemp(dir=tmp_path))
        context = MortalContext({kill}, remembered)
        doubted |= remembered == HANDED_OVER
        with suppress(Killed):
            try:
                files = backend.run(Request("job", "flux-krea", SPEC, VALUES, folder), context).files
            except BackendError:
                assert remembered == HANDED_OVER
            break
        assert list(folder.iterdir()) == []
        remembered = context.remembered
    assert len(remote.runs) <= 1
    assert bool(files) != doubted
    assert remote.count("cancel") == 0
    if files:
        assert len(remote.runs) == 1


def test_a_hundred_jobs_through_many_kills_are_a_hundred_runs(remote: Platform, tmp_path: Path) -> None:
    studio, dice, kills = Studio(tmp_path), random.Random(7), 0

    def wait(_: float) -> None:
        nonlocal kills
        if dice.random() < 0.15:
            kills += 1
            raise Killed

    backends = {"runpod": RunPodBackend(remote.environment, wait)}
    runner = Runner(studio.jobs, studio.media, MODELS, backends, studio.settings)
    ids = [studio.create(VALUES, model_id="flux-krea").id for _ in range(100)]
    waiting = list(ids)
    while waiting:
        job_id = waiting.pop(dice.randrange(len(waiting)))
        try:
            runner.run(job_id)
        except Killed:
            waiting.append(job_id)
    assert kills >= 30
    assert {studio.job(job_id).status for job_id in ids} == {JobStatus.COMPLETED}
    assert len(remote.runs) == 100
    assert remote.count("run") == 100


def test_an_input_that_is_too_large_goes_by_an_address_of_the_bucket(remote: Platform, tmp_path: Path) -> None:
    """The worker there fetches it with nothing but the address."""
    photo = png(tmp_path / "photo.png", (2200, 2200))
    assert photo.stat().st_size > 7_500_000
    with s3.moto() as peer:
        studio = Studio(tmp_path / "data", bucket=peer.url("media"))
        key = studio.media.put("ann", photo, photo.name).key
        backends = {"runpod": RunPodBackend(remote.environment, lambda _: None)}
        runner = Runner(studio.jobs, studio.media, MODELS, backends, studio.settings)
        options = {name: value for name, value in VALUES.items() if name != "guidance"} | {"image": key}
        job_id = studio.create(options, model_id="qwen-image-edit").id
        runner.run(job_id)
        job = studio.job(job_id)
        assert job.status == JobStatus.COMPLETED, job.error
        (sent,) = (run.input for run in remote.runs.values())
        assert "image_base64" not in sent
        assert sent["image_url"].split("?")[1]
        assert sent["image_url"].split("?")[1] not in repr(job)


def test_without_a_bucket_such_an_input_says_what_to_set(remote: Platform, tmp_path: Path) -> None:
    photo = png(tmp_path / "photo.png", (2200, 2200))
    studio = Studio(tmp_path / "data")
    key = studio.media.put("ann", photo, photo.name).key
    backends = {"runpod": RunPodBackend(remote.environment, lambda _: None)}
    runner = Runner(studio.jobs, studio.media, MODELS, backends, studio.settings)
    job_id = studio.create(VALUES | {"image": key}, model_id="qwen-image-edit").id
    runner.run(job_id)
    assert "STUDIO_MEDIA_URL" in (studio.job(job_id).error or "")
    assert remote.runs == {}
