"""`studio_ui.py doctor`: one line for each part, marked where something is to be done."""

import re
import shutil
from collections import namedtuple
from datetime import timedelta
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import update
from typer.testing import CliRunner

from storage import tables
from storage.database import open_database
from storage.jobs.loaded import Loaded, LoadedStore
from storage.jobs.workers import WorkerStore
from storage.tables import now
from studio.doctor import LITTLE_ROOM
from studio.settings import Settings
from studio_ui import cli, open_studio
from tests import media_samples


def doctor(folder: Path, *options: str) -> list[str]:
    result = CliRunner().invoke(cli, ["doctor", "--data-dir", str(folder), *options])
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def line(lines: list[str], about: str) -> str:
    (found,) = [one for one in lines if one[2:].startswith(about)]
    return found


def test_a_new_studio_is_well_but_for_models_that_need_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNPOD_API_KEY", raising=False)
    said = doctor(tmp_path)
    marked = [one for one in said if one.startswith("!")]
    assert [one for one in marked if "RUNPOD_API_KEY" not in one] == []
    assert "flux-krea" in marked[0]
    assert any("pattern" in one and one.endswith("can run.") for one in said)
    assert line(said, "processes").endswith("Neither a page nor a worker is at work.")
    assert line(said, "jobs").endswith("None waits.")


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        (("engine.lock", "worker.lock"), "A page and a worker are at work."),
        (("worker.lock",), "A worker is at work, without a page."),
        (("engine.lock",), "Its log says why the worker does not start."),
    ],
)
def test_who_is_at_work_is_told_and_not_disturbed(tmp_path: Path, held: tuple[str, ...], sentence: str) -> None:
    locks = [FileLock(tmp_path / name, thread_local=False) for name in held]
    for lock in locks:
        lock.acquire()
    assert line(doctor(tmp_path), "processes").endswith(sentence)
    assert all(lock.is_locked for lock in locks)


def test_models_whose_weights_are_in_memory_are_told(tmp_path: Path) -> None:
    database = open_database(Settings(data_dir=tmp_path).database)
    WorkerStore(database).enter("w", "box:1")
    LoadedStore(database).tell("w", [Loaded("pattern", "1", 812, 7), Loaded("gone", None, 9, 8)])
    assert line(doctor(tmp_path), "memory").endswith(" is loaded on device 1, 812 MB, by box:1.")


def test_little_room_a_waiting_job_and_a_broken_model_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio, _ = open_studio(Settings(data_dir=tmp_path))
    studio.submit("ann", None, "pattern", {"prompt": "a pond"})
    broken = tmp_path / "models" / "mine.yaml"
    broken.parent.mkdir()
    broken.write_text("id: mine")
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(LITTLE_ROOM, 1, LITTLE_ROOM - 1))
    said = doctor(tmp_path)
    assert line(said, "data folder") == f"! data folder {tmp_path}, 1.0 GB free. Make room, or jobs will fail."
    assert line(said, "jobs").endswith("1 wait or run.")
    assert [one for one in said if one.startswith("! models") and "mine.yaml" in one]


def test_a_setting_that_does_not_work_ends_it_in_a_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        cli, ["doctor", "--data-dir", str(tmp_path)], env={"STUDIO_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/none"}
    )
    assert result.exit_code != 0
    assert "STUDIO_DATABASE_URL" in str(result.exception)


def test_files_in_quarantine_are_named(tmp_path: Path) -> None:
    studio, _ = open_studio(Settings(data_dir=tmp_path))
    key = studio.media.put("ann", media_samples.png(tmp_path / "a.png"), "a.png").key
    kept = studio.media.local_path(key)
    hidden = kept.parents[1] / "quarantine" / key
    hidden.parent.mkdir(parents=True)
    kept.rename(hidden)
    assert key in line(doctor(tmp_path), "media       In quarantine")


def test_each_worker_is_told_and_one_that_is_silent_or_missing_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one for one in doctor(tmp_path) if one[2:].startswith("workers")] == []
    monkeypatch.setenv("STUDIO_WORKER", "off")
    assert line(doctor(tmp_path), "workers") == (
        "! workers     None is at work, and STUDIO_WORKER is off. Start one: studio_ui.py worker."
    )
    database = open_database(Settings(data_dir=tmp_path).database)
    workers = WorkerStore(database)
    workers.enter("w1", "box:1")
    assert line(doctor(tmp_path), "workers").startswith("  workers     box:1 gave a sign of life ")
    with database.begin() as connection:
        connection.execute(update(tables.table(tables.Worker)).values(seen_at=now() - timedelta(seconds=61)))
    assert line(doctor(tmp_path), "workers").startswith("! workers     box:1 gave a sign of life 6")


def test_the_database_and_the_quotas_that_are_set_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = doctor(tmp_path)
    assert line(said, "database").endswith("SQLite in the data folder.")
    assert line(said, "quotas").endswith("None: a user may have any number of jobs and files.")
    for name, value in (("WAITING", "5"), ("UPLOADS", "7")):
        monkeypatch.setenv(f"STUDIO_MAX_{name}", value)
    monkeypatch.setenv("STUDIO_DATABASE_URL", f"sqlite:///{tmp_path / 'other.db'}")
    assert line(doctor(tmp_path), "database").endswith("other.db, which the first start makes.")
    open_database(f"sqlite:///{tmp_path / 'other.db'}").dispose()
    said = doctor(tmp_path)
    assert line(said, "database").endswith(f"SQLite at {tmp_path / 'other.db'}, it answers.")
    assert line(said, "quotas").endswith("Each user may have 5 waiting jobs, 7 uploads an hour.")


def test_before_the_first_start_a_data_folder_that_can_be_made_is_well(tmp_path: Path) -> None:
    folder = tmp_path / "none" / "below"
    assert re.fullmatch(
        rf"  data folder {folder}, \d+\.\d GB free\. The first start makes it\.", line(doctor(folder), "data folder")
    )
    (tmp_path / "file").touch()
    for place in ("/proc/studio", tmp_path / "file" / "below"):
        result = CliRunner().invoke(cli, ["doctor", "--data-dir", str(place)])
        assert result.exit_code != 0
        assert re.match(rf"STUDIO_DATA_DIR: {Path(place).parent}\S* cannot be used \(", str(result.exception))
