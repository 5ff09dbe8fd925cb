"""A server that is killed in the middle of a job: the next one finishes the job, once."""

import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import JOB_SECONDS, StudioPage, has
from tests.processes import processes_of

SLOW: dict[str, Any] = {"duration": 8, "size": "custom", "width": 640, "height": 360, "fps": 60}
"""480 frames: some seconds of work, so that there is a middle to stop it in."""


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Studio]:
    """A studio of the test's own, for it to kill."""
    server = Studio(tmp_path / "data")
    server.start()
    yield server
    server.stop()


def rows(server: Studio, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"file:{server.data_dir / 'studio.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()


def test_a_job_whose_server_was_killed_is_finished_once_by_the_next(
    window: BrowserContext, mortal: Studio, tmp_path: Path
) -> None:
    page = StudioPage(window.new_page(), mortal.url, mortal.data_dir)
    page.open()
    page.choose("ken-burns")
    page.fill("ken-burns", {"image": media_samples.png(tmp_path / "photo.png", size=(640, 360)), **SLOW})
    page.group("ken-burns").locator(".generate").click()
    card = page.cards.first
    page.wait_until(lambda: 0.05 < (page.job(card)["progress"] or 0) < 0.5 if card.count() else False)
    job_id = page.job(card)["id"]
    page.page.evaluate("window.isOfTheOldServer = true")

    mortal.stop(signal.SIGKILL)
    page.wait_until(lambda: processes_of(mortal.data_dir) == [])
    assert page.job(card)["status"] == "running"
    mortal.start()
    page.page.wait_for_function("() => !window.isOfTheOldServer")  # it finds the server again, and reloads

    expect(page.cards).to_have_count(1)
    expect(page.cards).to_have_class(has("is-completed"), timeout=JOB_SECONDS * 1000)
    job = page.job(page.cards)
    assert job["id"] == job_id
    assert page.result(page.cards)[4:8] == b"ftyp"
    assert rows(mortal, "SELECT id, status FROM job") == [(job_id, "completed")]
    outputs = "SELECT media_key FROM job_media WHERE position IS NULL"
    assert set(rows(mortal, outputs)) == {(job["result_url"],)}
    assert list((mortal.data_dir / "work").iterdir()) == []
    page.page.close()


def test_what_is_typed_while_the_server_is_down_is_there_when_the_next_one_is(
    window: BrowserContext, mortal: Studio
) -> None:
    page = StudioPage(window.new_page(), mortal.url, mortal.data_dir)
    page.open()
    page.choose("pattern")
    page.page.evaluate("window.isOfTheOldServer = true")
    mortal.stop()
    expect(page.notice).to_contain_text("The studio does not answer.")
    page.fill("pattern", {"prompt": "typed meanwhile", "style": "silk"})
    mortal.start()
    page.page.wait_for_function("() => !window.isOfTheOldServer")
    expect(page.field("pattern", "prompt").locator("textarea")).to_have_value("typed meanwhile")
    page.wait_until(lambda: page.read("pattern", "style") == "silk")
    page.page.close()
