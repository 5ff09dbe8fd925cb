"""What has ended since the page was opened, told once, and what the tab's title says of it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

HEAR = """(activities) => activities.map((activity) => {
  if ("hidden" in activity) {
    Object.defineProperty(document, "hidden", { value: activity.hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  } else news.hearOf({ running: 0, progress: null, waiting: 0, ended: [], ...activity });
  return [document.title, calls.splice(0)];
})"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "library/news.js") as page:
        page.evaluate("() => news.jobsEnded.listen((ended) => calls.push(...ended.map(({ id }) => id)))")
        yield page


def end(number: int, status: str = "completed") -> dict[str, str]:
    return {"id": f"job-{number}", "status": status, "at": f"2026-01-02T03:04:{number:02}+00:00"}


def test_the_title_says_how_far_the_jobs_are_and_what_has_ended_while_nobody_looked(page: Page) -> None:
    assert page.evaluate(
        HEAR,
        [
            {"running": 1, "progress": 0.374, "ended": [end(2), end(1)]},
            {"running": 1, "ended": [end(2), end(1)]},
            {"running": 3, "progress": 0.1, "waiting": 2, "ended": [end(3), end(2)]},
            {"hidden": True},
            {"waiting": 2, "ended": [end(5, "failed"), end(4), end(3)]},
            {"ended": [end(6), end(5, "failed"), end(4)]},
            {"hidden": False},
            {"ended": [end(3), end(1)]},  # others have been deleted
        ],
    ) == [
        ["37 % · Studio", []],
        ["1 running · Studio", []],
        ["3 running · Studio", ["job-3"]],
        ["3 running · Studio", []],
        ["✓ 1 done ✗ 1 failed · 2 waiting · Studio", ["job-5", "job-4"]],
        ["✓ 2 done ✗ 1 failed · Studio", ["job-6"]],
        ["Studio", []],
        ["Studio", []],
    ]


def test_the_first_job_of_all_is_told_of(page: Page) -> None:
    assert page.evaluate(HEAR, [{}, {"ended": [end(1)]}])[1] == ["Studio", ["job-1"]]
