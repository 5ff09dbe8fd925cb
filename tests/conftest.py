"""Settings for all tests, and the one browser that a test process may have."""

import asyncio
import gc
import shutil
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, expect, sync_playwright

from storage import damage

# How many examples a property has, unless a test says why it has fewer. How long one takes says more about the machine
# than about the code.
for profile, examples in {"quick": 10, "studio": 100, "thorough": 400}.items():
    settings.register_profile(
        profile, max_examples=examples, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings.load_profile("studio")

QUIET_CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--process-per-site",  # a page in a process that has had one opens in half the time: its scripts are compiled
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much `tests/studio/test_kills.py` does; a few kills show in a minute that the whole still holds."""
    parser.addoption("--jobs", type=int, default=12, help="jobs that run through the kills")
    parser.addoption("--kills", type=int, default=5, help="kills of page or worker while they run")


SLOW = {"chromium", "postgresql", "moto", "swift"}
"""What takes its time, as a test's fixture or as the case of one."""

LONG = ("test_any_", "test_nothing_needed_is_deleted", "test_jobs_through_kills", "test_a_large_file_is_put_and_read")
"""How the names of the tests begin that take longest: they go first, or all would wait for the last of them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what has a browser, a database server or a bucket; what starts processes says so itself.

    What fails in the browser is tried once more, and named at the end: a machine that is busy elsewhere can keep a page
    waiting beyond every limit.
    """
    for item in items:
        cases = item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        if not SLOW.isdisjoint([*getattr(item, "fixturenames", ()), *map(str, cases)]):
            item.add_marker("slow")
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: not item.name.startswith(LONG))


def pytest_collection_finish() -> None:
    """All that the tests were imported with stays; to look through it again and again is a twentieth of their time."""
    gc.collect()
    gc.freeze()


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
    damage._log_once.cache_clear()
