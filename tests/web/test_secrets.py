"""What the settings keep secret stands nowhere that a user, a reader of the log or a holder of an export could look."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client
from pydantic import SecretStr
from sqlalchemy import MetaData, select

from storage.database import open_database
from studio.settings import Settings
from tests import s3
from tests.browser.conftest import ROOT, Studio
from tests.postgres import studio_server
from tests.studio.runner_studio import wait_for

FAILING = """
from PIL import Image


def generate(prompt: str) -> Image.Image:
    raise ZeroDivisionError(prompt)
"""


def settings(folder: Path, database: str, bucket: s3.Peer) -> Settings:
    """A secret of its own in each of the settings that are secret."""
    model = folder / "failing.py"
    model.write_text(FAILING, encoding="utf-8")
    return Settings(
        data_dir=folder / "data",
        models=(str(model),),
        log_level="debug",
        users="ann:hush-users",
        runpod_api_key="hush-runpod_api_key",
        comfyui_token="hush-comfyui_token",
        database_url=database.replace("studio@", "studio:hush-database_url@"),
        media_url=bucket.url("kept", "hush-media_url"),
    )


def secrets(given: Settings) -> set[bytes]:
    """One for each setting that is secret."""
    names = {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    for name in names:
        value = getattr(given, name)
        assert isinstance(value, SecretStr)
        assert f"hush-{name}" in value.get_secret_value()
    return {f"hush-{name}".encode() for name in names}


def ended(client: Client, model_id: str, **values: Any) -> dict[str, Any]:
    """All about a job that has ended."""
    job_id = client.predict(model_id, values, api_name="/submit_job")["job_id"]
    job: dict[str, Any] = {}

    def has_ended() -> bool:
        job.update(client.predict(job_id, api_name="/get_job"))
        return job["status"] not in ("queued", "running")

    wait_for(has_ended, 300)
    return job


def seen(url: str) -> dict[str, bytes]:
    """What the page's document and `/info` say to who has signed in."""
    with httpx.Client(base_url=url, timeout=60) as browser:
        browser.post("/login", data={"username": "ann", "password": "hush-users"}).raise_for_status()
        return {path: browser.get(path).raise_for_status().content for path in ("/", "/config", "/gradio_api/info")}


def rows(database: str) -> bytes:
    """Every column of every row."""
    engine, tables = open_database(database), MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = [list(connection.execute(select(table))) for table in tables.sorted_tables]
    engine.dispose()
    return repr(found).encode()


def exported(given: Settings, file: Path) -> bytes:
    """All that the command writes into its ZIP, and what it prints."""
    command = [sys.executable, "studio_ui.py", "export", str(file), "--user", "ann"]
    said = subprocess.check_output(command, cwd=ROOT, env=os.environ | given.environment, stderr=subprocess.STDOUT)
    with zipfile.ZipFile(file) as archive:
        return b"".join([said, *map(archive.read, archive.namelist())])


@pytest.mark.slow
def test_no_secret_of_the_settings_stands_in_page_api_database_job_export_or_log(tmp_path: Path) -> None:
    with studio_server() as server, s3.moto() as bucket:
        given = settings(tmp_path, server.url.format("studio"), bucket)
        studio = Studio(given.data_dir, **given.environment)
        studio.start()
        client = Client(studio.url, auth=("ann", "hush-users"), verbose=False)
        good = ended(client, "pattern", prompt="a fox", width=128, height=128)
        bad = ended(client, "failing", prompt="an owl")
        places = seen(studio.url) | {"jobs": json.dumps([good, bad]).encode()}
        studio.stop()
        places |= {"database": rows(given.database), "export": exported(given, tmp_path / "work.zip")}
    places["log"] = Path(studio.log.name).read_bytes()
    places |= {str(file): file.read_bytes() for file in given.data_dir.rglob("*") if file.is_file()}
    assert (good["status"], bad["status"]) == ("completed", "failed")
    for place in ("jobs", "database", "log"):
        assert good["id"].encode() in places[place], f"{place} tells of the job"
        assert bad["id"].encode() in places[place], f"{place} tells of the job"
    assert b"a fox" in places["export"]
    found = [(place, secret) for place, text in places.items() for secret in secrets(given) if secret in text]
    assert found == []
