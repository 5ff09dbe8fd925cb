"""Signing in with a password and out again, by the page."""

import urllib.request
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage


@pytest.fixture(scope="module")
def closed_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One with two accounts."""
    users = '{"ann": "a,b:\\"c", "bob": "bobs"}'
    server = Studio(tmp_path_factory.mktemp("closed") / "data", STUDIO_USERS=users)
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


def sign_in(tab: Page, studio: Studio, user: str, password: str) -> None:
    tab.goto(studio.url)
    tab.get_by_label("username").fill(user)
    tab.get_by_label("password").fill(password)
    tab.get_by_role("button", name="Login").click()
    expect(tab.get_by_role("heading", name="Studio")).to_be_visible()


def sign_out(tab: Page, studio: Studio) -> None:
    tab.goto(f"{studio.url}/logout")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_label("password")).to_be_visible()


def refused(endpoint: str) -> Callable[[Response], bool]:
    return lambda answer: endpoint in answer.url and answer.status == 401


def test_a_page_whose_user_signs_out_in_another_tab_waits_for_its_user_and_does_nothing_for_another(
    chromium: Browser, closed_studio: Studio
) -> None:
    context = chromium.new_context()
    tab, ann = context.new_page(), ("ann", 'a,b:"c')
    sign_in(tab, closed_studio, *ann)
    page = StudioPage(context.new_page(), closed_studio.url, closed_studio.data_dir)
    page.open()
    page.new_workspace("of ann")
    page.choose("pattern")
    sign_out(tab, closed_studio)
    expect(page.notice).to_contain_text("You are signed out.")
    page.fill("pattern", {"prompt": "typed by ann"})
    page.group("pattern").locator(".generate").click()
    expect(page.notice).to_contain_text("Not started. You are signed out.")

    sign_in(tab, closed_studio, "bob", "bobs")
    for endpoint in ("/studio/live", "/keep_draft", "/studio/live"):
        page.page.wait_for_event("response", refused(endpoint))
    page.group("pattern").locator(".generate").click()
    expect(page.notice).to_contain_text("Not started. You are signed out.")
    with page.page.expect_response(refused("/gradio_api/")):
        page.page.locator(".search-box input").fill("of bob")  # an event of Gradio's
    expect(page.notice).to_contain_text("You are signed out.")
    expect(page.page.locator(".workspace-choice input")).to_have_value("of ann")
    assert tab.evaluate("studio.ask('recall_drafts').then(({ drafts }) => drafts.length)") == 0
    sign_out(tab, closed_studio)

    sign_in(tab, closed_studio, *ann)
    expect(page.notice).to_contain_text("You are signed in again.")
    page.page.locator(".search-box input").fill("")
    page.wait_until(lambda: page.draft("pattern").get("prompt") == "typed by ann")
    page.generate("pattern")
    context.close()
