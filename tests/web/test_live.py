"""The route by which every open page asks what is new: for who is signed in, and short where that is nothing."""

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from components.addresses import LIVE
from studio.settings import Settings
from tests.web.conftest import app_of


class Studio:
    """Says what it is asked."""

    def __init__(self) -> None:
        self.news = 1
        self.asked: list[tuple[str, str]] = []

    def told(self, user: str, workspace: str) -> dict[str, Any]:
        self.asked.append((user, workspace))
        return {"changes": self.news}


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def browser(tmp_path: Path, studio: Studio) -> TestClient:
    options = Settings(data_dir=tmp_path, users="ann:annpw")
    app = app_of(options, what_is_new=studio.told)
    return TestClient(app, base_url="http://localhost")


def sign_in(browser: TestClient) -> None:
    browser.post("/login", data={"username": "ann", "password": "annpw"})


def test_a_stranger_is_told_so(browser: TestClient, studio: Studio) -> None:
    answer = browser.get(LIVE)
    assert (answer.status_code, answer.json()) == (401, {"detail": "Not authenticated"})
    assert studio.asked == []


def test_who_was_told_the_same_before_is_told_no_more(browser: TestClient, studio: Studio) -> None:
    sign_in(browser)
    first = browser.get(LIVE, params={"workspace": "w"})
    assert first.json() == {"changes": 1}
    assert "no-store" in first.headers["cache-control"]
    again = browser.get(LIVE, params={"workspace": "w"}, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    studio.news = 2
    later = browser.get(LIVE, params={"workspace": "w"}, headers={"if-none-match": first.headers["etag"]})
    assert later.json() == {"changes": 2}
    assert set(studio.asked) == {("ann", "w")}


def test_no_id_is_kept_longer_than_one_can_be(browser: TestClient, studio: Studio) -> None:
    sign_in(browser)
    browser.get(LIVE, params={"workspace": "w" * 5000})
    browser.get(LIVE)
    assert studio.asked == [("ann", "w" * 100), ("ann", "")]
