"""All that a job made: kept in order, each once and with its seed, as long as the job is there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, update

from storage import tables
from storage.jobs.store import JobStore, Output
from storage.media.store import MediaStore
from tests import media_samples
from tests.storage.conftest import NewDatabase
from tests.storage.job_samples import new_job

_JOB = tables.table(tables.Job)


@pytest.fixture(scope="module")
def engine(new_database: NewDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = new_database(tmp_path_factory.mktemp("outputs"))
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def media(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> MediaStore:
    return MediaStore(engine, tmp_path_factory.mktemp("media"))


@pytest.fixture(scope="module")
def keys(media: MediaStore, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("pictures")
    pictures = (media_samples.png(folder / f"{seed}.png", seed=seed) for seed in range(4))
    return [media.put("ann", path, path.name).key for path in pictures]


@pytest.fixture
def jobs(engine: Engine) -> JobStore:
    return JobStore(engine)


def finished(jobs: JobStore, outputs: list[str], **more: Any) -> str:
    job = jobs.create(new_job())
    assert jobs.start(job.id)
    assert jobs.complete(job.id, outputs, **more)
    return job.id


def outputs_of(jobs: JobStore, job_id: str) -> tuple[Output, ...]:
    job = jobs.find_any(job_id)
    assert job is not None
    assert job.result_url == (job.outputs[0].key if job.outputs else None)
    return job.outputs


@given(
    places=st.lists(st.integers(0, 3), max_size=8),
    seeds=st.dictionaries(st.integers(0, 3), st.integers(0, 2**63 - 1), max_size=4),
)
def test_outputs_come_back_in_order_each_once_and_with_its_seed(
    engine: Engine, keys: list[str], places: list[int], seeds: dict[int, int]
) -> None:
    made = finished(
        JobStore(engine), [keys[place] for place in places], seeds={keys[place]: seed for place, seed in seeds.items()}
    )
    expected = tuple(Output(keys[place], seeds.get(place)) for place in dict.fromkeys(places))
    assert outputs_of(JobStore(engine), made) == expected


def test_every_output_stays_with_its_job_and_goes_after_it(
    engine: Engine, jobs: JobStore, media: MediaStore, tmp_path: Path
) -> None:
    paths = [media_samples.png(tmp_path / f"{seed}.png", seed=seed) for seed in (50, 51, 52)]
    made = [media.put("ann", path, path.name).key for path in paths]
    job_id = finished(jobs, made)
    assert not any(media.delete(key) for key in made)
    with engine.begin() as connection:
        connection.execute(delete(_JOB).where(_JOB.c.id == job_id))
    assert all(media.delete(key) for key in made)


def test_a_job_of_before_there_was_a_list_made_its_result(engine: Engine, jobs: JobStore, keys: list[str]) -> None:
    job_id = finished(jobs, keys[:1])
    with engine.begin() as connection:
        connection.execute(update(_JOB).where(_JOB.c.id == job_id).values(outputs=None))
    assert outputs_of(jobs, job_id) == (Output(keys[0]),)


@pytest.mark.parametrize(
    "damage", ["", "[]", "{}", '{"outputs": [1]}', '{"outputs": [{"key": 1, "seed": null}]}', '{"outputs": {}}']
)
def test_of_a_list_that_cannot_be_read_the_result_is_left(
    engine: Engine, jobs: JobStore, keys: list[str], damage: str
) -> None:
    job_id = finished(jobs, keys[:2])
    with engine.begin() as connection:
        connection.execute(update(_JOB).where(_JOB.c.id == job_id).values(outputs=damage))
    job = jobs.find_any(job_id)
    assert job is not None
    assert job.outputs == (Output(keys[0]),)
    assert "outputs" in job.problem
