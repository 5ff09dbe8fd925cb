"""The results of several jobs as one ZIP file: those of their owner, byte for byte, and nobody else's."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from components.addresses import RESULTS
from storage.database import open_database
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.storage.job_samples import new_job
from tests.web.conftest import app_of


class Shelf:
    """An app over stores, and jobs that have made pictures."""

    def __init__(self, folder: Path) -> None:
        options = Settings(data_dir=folder / "data", login="none")
        engine = open_database(options.database)
        self.folder = folder
        self.jobs, self.media = JobStore(engine), MediaStore(engine, options.media)
        app = app_of(options, self.media, jobs=self.jobs)
        self.browser = TestClient(app, base_url="http://localhost")

    def made(self, user: str, *pictures: int) -> str:
        """The id of a job that made these pictures."""
        job = self.jobs.create(new_job(user))
        paths = [media_samples.png(self.folder / f"{user}-{seed}.png", seed=seed) for seed in pictures]
        keys = [self.media.put(user, path, path.name).key for path in paths]
        assert self.jobs.start(job.id)
        assert self.jobs.complete(job.id, keys)
        return job.id

    def ask(self, *job_ids: str) -> dict[str, bytes] | None:
        """The files of the answer, by their names."""
        answer = self.browser.post(RESULTS, data={"jobs": ",".join(job_ids)})
        if answer.status_code == 404:
            return None
        assert answer.headers["content-disposition"] == 'attachment; filename="results.zip"'
        with ZipFile(io.BytesIO(answer.content)) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_each_output_of_each_job_is_there_as_it_is(shelf: Shelf) -> None:
    one, two = shelf.made(LOCAL_USER, 1), shelf.made(LOCAL_USER, 2, 3)
    wanted = {f"pattern-{one[:8]}.png": 1, f"pattern-{two[:8]}.png": 2, f"pattern-{two[:8]}-2.png": 3}
    files = {name: (shelf.folder / f"{LOCAL_USER}-{seed}.png").read_bytes() for name, seed in wanted.items()}
    assert shelf.ask(one, two, one, "no-such-job") == files


def test_anothers_results_are_as_those_of_no_job(shelf: Shelf) -> None:
    own, others = shelf.made(LOCAL_USER, 1), shelf.made("bob", 2)
    assert shelf.ask(others) is shelf.ask("no-such-job") is shelf.ask(shelf.jobs.create(new_job(LOCAL_USER)).id) is None
    assert list(shelf.ask(own, others) or ()) == [f"pattern-{own[:8]}.png"]


def test_a_file_that_is_gone_is_left_out(shelf: Shelf) -> None:
    job_id = shelf.made(LOCAL_USER, 1, 3)
    job = shelf.jobs.find_any(job_id)
    assert job is not None
    shelf.media.local_path(job.outputs[0].key).unlink()
    assert list(shelf.ask(job_id) or ()) == [f"pattern-{job_id[:8]}-2.png"]


@pytest.mark.parametrize("year", [1, 1970, 2300, 9999])
def test_the_results_of_a_job_whose_time_no_zip_can_say_are_there(shelf: Shelf, year: int) -> None:
    """A machine without a clock of its own begins in 1970."""
    job_id = shelf.made(LOCAL_USER, 1)
    with open_database(f"sqlite:///{shelf.folder / 'data' / 'studio.db'}").begin() as connection:
        then = {"then": f"{year:04}-06-01 00:00:00.000000", "id": job_id}
        connection.execute(text("UPDATE job SET completed_at = :then WHERE id = :id"), then)
    assert list(shelf.ask(job_id) or ()) == [f"pattern-{job_id[:8]}.png"]
