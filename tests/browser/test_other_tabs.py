"""What another tab of the same user changes, or a program: a page that shows it finds out by itself and says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Studio, leave
from tests.browser.studio_page import StudioPage

pytestmark = pytest.mark.slow
ASK = "([name, data]) => studio.ask(name, data)"
SMALL = {"prompt": "small", "seed": 1, "width": 128, "height": 128}


@pytest.fixture
def other(chromium: Browser, studio: Studio, page: StudioPage) -> Iterator[StudioPage]:
    """A page in another window, for a hidden tab sleeps, with one job in a workspace of its own."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    other = StudioPage(context.new_page(), studio.url, studio.data_dir)
    other.open()
    other.new_workspace()
    other.choose("pattern")
    other.fill("pattern", SMALL | {"prompt": "kept here"})
    other.generate("pattern")
    yield other
    leave(other)
    context.close()


def delete_workspace(other: StudioPage, name: str) -> None:
    """Delete it as a program does."""
    (id_,) = (one["id"] for one in other.page.evaluate(ASK, ["list_workspaces", {}]) if one["name"] == name)
    other.page.evaluate(ASK, ["delete_workspace", {"workspace_id": id_}])


def is_in(page: StudioPage, workspace: str) -> None:
    expect(page.page.locator(".gallery")).to_have_attribute("data-workspace", workspace)
    expect(choice(page)).to_have_value(workspace)


def choice(page: StudioPage) -> Locator:
    return page.page.locator(".workspace-choice input")


def told(page: StudioPage) -> Locator:
    return page.page.locator(".news-words")


def test_a_page_leaves_a_workspace_that_was_deleted_elsewhere_and_keeps_what_is_typed(
    page: StudioPage, other: StudioPage
) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL | {"prompt": "half a thought"})
    expect(page.cards).to_have_count(0)
    delete_workspace(other, page.workspace)
    is_in(page, other.workspace)
    expect(told(page)).to_have_text(
        f"The workspace “{page.workspace}” was deleted elsewhere; this page shows “{other.workspace}” now."
    )
    expect(page.cards.locator(".prompt")).to_have_text(["kept here"])
    expect(page.page.locator(".scene .prompt")).to_have_text("kept here")
    assert page.read("pattern", "prompt") == "half a thought"
    choice(page).click()
    expect(page.page.get_by_role("option", name=page.workspace, exact=True)).to_have_count(0)
    page.page.keyboard.press("Escape")
    page.generate("pattern")
    expect(page.cards.locator(".prompt")).to_have_text(["half a thought", "kept here"])
    expect(other.cards.locator(".prompt")).to_have_text(["half a thought", "kept here"])
    expect(told(other)).to_be_hidden()


def test_a_job_of_a_workspace_that_was_just_deleted_goes_to_the_one_that_shows_then(
    page: StudioPage, other: StudioPage
) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL | {"prompt": "just in time"})
    page.page.route("**/studio/live*", lambda route: route.abort())  # so the page does not know yet
    delete_workspace(other, page.workspace)
    page.group("pattern").locator(".generate").click()
    is_in(page, other.workspace)
    expect(page.cards.locator(".prompt")).to_have_text(["just in time", "kept here"])
    expect(page.page.locator(".scene .prompt")).to_have_text("just in time")
    expect(told(page)).to_contain_text(f"The workspace “{page.workspace}” was deleted elsewhere")
    page.page.unroute_all(behavior="ignoreErrors")
    page.errors.clear()  # of the questions that were cut off


def test_a_workspace_that_is_made_or_renamed_elsewhere_is_on_the_list_under_its_name(
    page: StudioPage, other: StudioPage
) -> None:
    other.switch_workspace(page.workspace)
    other.name_workspace("rename", f"{page.workspace} renamed")
    is_in(page, f"{page.workspace} renamed")
    other.new_workspace()
    choice(page).click()
    expect(page.page.get_by_role("option", name=other.workspace, exact=True)).to_be_visible()


def test_a_page_that_deletes_its_workspace_is_not_told_that_it_was_deleted_elsewhere(
    page: StudioPage, other: StudioPage
) -> None:
    """Also where its tick comes to know of it before the answer to the deletion."""
    held = []
    page.page.route("**/delete_workspace*", lambda route: held.append((route, route.fetch())))
    page.page.locator(".workspace-delete").click()
    is_in(page, other.workspace)
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(page.page.locator(".undo")).to_contain_text(f"Deleted the workspace {page.workspace}")
    expect(page.page.locator(".gallery")).not_to_have_attribute("data-workspace", other.workspace)
    expect(told(page)).to_be_hidden()
