"""Live previews, asked for as a browser does: each by its owner only."""

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from components.addresses import preview_url
from storage.database import open_database
from storage.jobs.store import JobStore
from studio.settings import LOCAL_USER, Settings
from tests.storage.job_samples import new_job
from tests.web.conftest import app_of

PICTURE = b"RIFF\x1a\x00\x00\x00WEBP"


@pytest.fixture
def jobs(tmp_path: Path) -> JobStore:
    return JobStore(open_database(f"sqlite:///{tmp_path / 'studio.db'}"))


@pytest.fixture
def browser(tmp_path: Path, jobs: JobStore) -> TestClient:
    options = Settings(data_dir=tmp_path, login="none")
    return TestClient(app_of(options, jobs=jobs), base_url="http://localhost")


def making(jobs: JobStore, user: str) -> str:
    """The id of a job that runs and shows a picture."""
    job_id = jobs.create(new_job(user)).id
    assert jobs.start(job_id)
    jobs.show(job_id, PICTURE, "image/webp")
    return job_id


def test_the_owner_gets_the_newest_picture_and_no_cache_keeps_it(browser: TestClient, jobs: JobStore) -> None:
    job_id = making(jobs, LOCAL_USER)
    answer = browser.get(f"{preview_url(job_id)}?at=1")
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PICTURE, "image/webp")
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    jobs.show(job_id, PICTURE + b"!", "image/webp")
    assert browser.get(preview_url(job_id)).content == PICTURE + b"!"


def test_anothers_picture_is_as_one_that_is_not_there(browser: TestClient, jobs: JobStore) -> None:
    own = jobs.create(new_job(LOCAL_USER)).id
    answers = [browser.get(preview_url(job_id)) for job_id in (making(jobs, "bob"), "no-such-job", own)]
    assert {(one.status_code, one.content) for one in answers} == {(204, b"")}


@pytest.mark.parametrize("end", ["cancel", "complete", "fail", "trash"])
def test_a_job_that_has_ended_shows_none(end: str, browser: TestClient, jobs: JobStore) -> None:
    job_id = making(jobs, LOCAL_USER)
    ends = {
        "cancel": lambda: jobs.request_cancel(LOCAL_USER, job_id),
        "complete": lambda: jobs.complete(job_id, []),
        "fail": lambda: jobs.fail(job_id, "It broke."),
        "trash": lambda: jobs.trash(LOCAL_USER, job_id),
    }
    assert ends[end]()
    assert browser.get(preview_url(job_id)).status_code == 204
    assert jobs.previews(LOCAL_USER) == {}
