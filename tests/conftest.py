"""Settings for all tests, and the one browser that a test process may have."""

import asyncio
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from storage import database

# How long an example takes says more about the machine than about the code.
settings.register_profile("studio", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("studio")

QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Playwright runs once in a process: a second one finds the first one's event loop and refuses."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "the browser tests need chromium: apt-get install chromium"
    expect.set_options(timeout=45_000)  # milliseconds; two browsers and two servers share two cores
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET_CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(autouse=True)
def _no_loop_but_the_browsers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Playwright's loop stays running in a process that has had a browser, and no other one can run beside it."""
    if "chromium" in request.fixturenames:
        yield
        return
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(autouse=True)
def _nothing_logged_yet() -> None:
    """A damaged record is logged once in a process, and tests damage the same ones."""
    database._log_once.cache_clear()
