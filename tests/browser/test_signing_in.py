"""Signing in with a password and out again, by the page."""

import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import Studio


@pytest.fixture(scope="module")
def closed_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One with an account."""
    server = Studio(tmp_path_factory.mktemp("closed") / "data", STUDIO_USERS='{"ann": "a,b:\\"c"}')
    server.start()
    yield server
    server.stop()


def test_who_signs_in_has_the_studio_and_who_signs_out_has_it_no_more_and_no_other_site_is_asked(
    window: BrowserContext, closed_studio: Studio
) -> None:
    page, asked = window.new_page(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(closed_studio.url)
    for password in ("a", 'a,b:"c'):
        page.get_by_label("username").fill("ann")
        page.get_by_label("password").fill(password)
        page.get_by_role("button", name="Login").click()
        if password == "a":
            expect(page.get_by_text("Incorrect Credentials")).to_be_visible()
    expect(page.get_by_role("heading", name="Studio")).to_be_visible()
    page.goto(f"{closed_studio.url}/logout")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("password")).to_be_visible()
    page.close()
    assert [url for url in asked if not url.startswith((closed_studio.url, "data:", "blob:"))] == []


def test_nobody_on_this_machine_is_believed_to_be_a_proxy_unless_it_is_named(closed_studio: Studio) -> None:
    said = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "localhost:1"}
    with urllib.request.urlopen(urllib.request.Request(closed_studio.url, headers=said)) as answer:
        page = answer.read().decode()
    assert closed_studio.url in page
    assert closed_studio.url.replace("http://", "https://") not in page
    assert "localhost:1" not in page
