"""A real studio in a process of its own, and a real browser that looks at it."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext

from storage.database import open_database
from storage.preferences import PreferenceStore
from storage.workspaces import WorkspaceStore
from studio.settings import LOCAL_USER, Settings
from tests.browser.form_jobs import FormJobs
from tests.browser.form_life import Life
from tests.browser.studio_page import StudioPage

ROOT = Path(__file__).parents[2]
START_SECONDS = 180


class Studio:
    """One server on a data folder; it can be killed and started again."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self._environment = environment
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        command = [sys.executable, "studio_ui.py", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        self.log = (self.data_dir.parent / "studio.log").open("ab")
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=self.log, stderr=self.log, env=os.environ | self._environment
        )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, Path(self.log.name).read_text()
            assert time.monotonic() < end, Path(self.log.name).read_text()
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(OSError, urllib.error.URLError), urllib.request.urlopen(self.url, timeout=5):
            return True
        return False

    def begin_in(self, workspace: str) -> None:
        """Let the page open in a workspace, made where it is missing, with forms that nobody has touched."""
        with sqlite3.connect(self.data_dir / "studio.db", timeout=30) as connection:
            for table in ("draft_media", "draft", "preference"):
                connection.execute(f"DELETE FROM {table}")
        workspaces, preferences = self._stores
        ids = {one.name: one.id for one in workspaces.list(LOCAL_USER)}
        preferences.set(LOCAL_USER, "workspace", ids.get(workspace) or workspaces.create(LOCAL_USER, workspace).id)

    @cached_property
    def _stores(self) -> tuple[WorkspaceStore, PreferenceStore]:
        database = open_database(Settings(data_dir=self.data_dir).database)
        return WorkspaceStore(database), PreferenceStore(database)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the server; SIGKILL gives it no chance to tidy up."""
        self.process.send_signal(how)
        self.process.wait(30)
        self.log.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    server = Studio(tmp_path_factory.mktemp("studio") / "data")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def window(chromium: Browser) -> Iterator[BrowserContext]:
    """Where pages are opened at 1440 x 900, one after the other: Gradio's scripts are fetched and compiled once."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


def leave(page: StudioPage) -> None:
    """Close the page, which has had no error, and let nothing of it come into the next test."""
    page.leave()
    page.page.context.clear_permissions()
    page.page.close()
    assert page.errors == []


@contextmanager
def page_of(window: BrowserContext, studio: Studio, workspace: str) -> Iterator[StudioPage]:
    """The page of the workspace, opened with forms that nobody has touched; a script error on it fails the test.

    One more tab of each studio stays open: with the last of its pages the process of a site ends.
    """
    kept = f"{studio.url}/robots.txt"
    if all(tab.url != kept for tab in window.pages):
        window.new_page().goto(kept)
    shown = StudioPage(window.new_page(), studio.url, studio.data_dir)
    shown.workspace = workspace
    studio.begin_in(workspace)
    shown.reload()
    yield shown
    leave(shown)


@pytest.fixture
def page(window: BrowserContext, studio: Studio) -> Iterator[StudioPage]:
    """The page of a workspace of its own."""
    with page_of(window, studio, f"w {uuid.uuid4().hex[:8]}") as shown:
        yield shown


@pytest.fixture(scope="session")
def form_jobs(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> FormJobs:
    """A workspace with jobs of every model."""
    jobs = FormJobs(studio.data_dir, tmp_path_factory.mktemp("samples"))
    jobs.add_many()
    return jobs


@pytest.fixture
def life(window: BrowserContext, studio: Studio, form_jobs: FormJobs) -> Iterator[Life]:
    """The page with those jobs."""
    with page_of(window, studio, form_jobs.workspace.name) as page:
        yield Life(page, form_jobs, studio.begin_in)
        page.page.unroute_all(behavior="ignoreErrors")
