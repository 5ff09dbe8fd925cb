"""`/health`, of a studio with a login: what it says of each part, to whom, and how often it looks."""

import threading
from pathlib import Path

import anyio
import httpx
import pytest
from anyio import to_thread
from starlette.applications import Starlette
from starlette.testclient import TestClient

from storage.database import open_database
from storage.errors import DatabaseFaultError
from storage.jobs.store import JobStore
from storage.media.store import MediaStore
from studio.jobs.supervisor import Supervisor
from studio.settings import Settings
from tests.web.conftest import app_of
from web import health
from web.health import Health


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data", users="ann:annpw")
    settings.data_dir.mkdir()
    return settings


def served(settings: Settings, health: Health) -> TestClient:
    return TestClient(app_of(settings, health=health), base_url="http://localhost")


def test_it_says_ok_of_each_part_to_a_stranger(settings: Settings) -> None:
    database = open_database(settings.database)
    media = MediaStore(database, settings.media)
    client = served(settings, Health({"database": JobStore(database).check, "media": media.check}))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "media": "ok"})
    assert answer.headers["cache-control"] == "no-store"


def test_a_part_that_does_not_answer_is_named_and_the_reason_stays_in_the_log(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise DatabaseFaultError("secret-host:5432 refused")

    worker = Supervisor(["unused"], {})  # never started
    answer = served(settings, Health({"database": away, "worker": worker.check, "media": lambda: None})).get("/health")
    assert answer.status_code == 503
    assert answer.json() == {"database": "failing", "worker": "failing", "media": "ok"}
    assert "secret-host" in caplog.text
    assert "no worker runs" in caplog.text


def test_a_flood_of_questions_looks_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "monotonic", lambda: 10.0)
    looks: list[int] = []
    client = served(settings, Health({"media": lambda: looks.append(1)}))
    assert {client.get("/health").status_code for _ in range(20)} == {200}
    assert len(looks) == 1


def test_those_who_ask_while_a_part_does_not_answer_take_no_threads() -> None:
    """A page is answered by threads too, of which there are forty."""
    looked, go_on = threading.Event(), threading.Event()

    def check() -> None:
        looked.set()
        assert go_on.wait(60)

    async def ask_often() -> float:
        app = Starlette(routes=[Health({"media": check}).route()])
        transport = httpx.ASGITransport(app)
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost")
        async with client, anyio.create_task_group() as tasks:
            for _ in range(50):
                tasks.start_soon(client.get, "/health")
            await to_thread.run_sync(looked.wait, limiter=anyio.CapacityLimiter(1))
            await anyio.wait_all_tasks_blocked()
            taken = to_thread.current_default_thread_limiter().borrowed_tokens
            go_on.set()
        return taken

    assert anyio.run(ask_often) == 1
