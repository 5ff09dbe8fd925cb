"""What another tab of the same user changes, or a program: a page that shows it finds out by itself and says so."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

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


@pytest.fixture
def both(page: StudioPage, other: StudioPage) -> StudioPage:
    """The page in the other one's workspace, which has two jobs."""
    other.fill("pattern", {"prompt": "the newest"})
    other.generate("pattern")
    page.switch_workspace(other.workspace)
    expect(page.cards.locator(".prompt")).to_have_text(["the newest", "kept here"])
    return page


def select_the_older_one(page: StudioPage) -> str:
    page.cards.nth(1).locator(".open").click()
    expect(page.page.locator(".scene .prompt")).to_have_text("kept here")
    return str(page.cards.nth(1).get_attribute("data-job"))


def test_a_job_that_is_deleted_elsewhere_leaves_the_stage_with_a_word_and_a_way_back(
    both: StudioPage, other: StudioPage
) -> None:
    job, scene = select_the_older_one(both), both.page.locator(".scene .prompt")
    other.page.evaluate(ASK, ["delete_job", {"job_id": job}])
    expect(scene).to_have_text("the newest")
    expect(both.page.locator(".stage .undo")).to_contain_text("Deleted kept here")
    both.page.locator(".stage .undo button").click()
    expect(scene).to_have_text("kept here")
    expect(both.cards).to_have_count(2)
    both.page.keyboard.press("i")
    expect(both.page.locator(".job-details")).to_contain_text(job)
    for act in ("delete_job", "delete_job_forever"):
        other.page.evaluate(ASK, [act, {"job_id": job}])
    expect(scene).to_have_text("the newest")
    expect(both.page.locator(".job-details")).not_to_contain_text(job)


def test_a_job_that_is_deleted_by_its_card_leaves_the_stage_with_one_undo(both: StudioPage) -> None:
    select_the_older_one(both)
    both.cards.nth(1).locator(".delete").click()
    expect(both.page.locator(".scene .prompt")).to_have_text("the newest")
    expect(both.page.locator(".undo")).to_have_count(1)


def test_a_chosen_job_that_is_deleted_elsewhere_is_chosen_no_more(both: StudioPage, other: StudioPage) -> None:
    job = both.cards.nth(1).get_attribute("data-job")
    for card in both.cards.all():
        card.locator(".open").click(modifiers=["Control"])
    expect(both.page.locator(".chosen-number")).to_have_text("2 chosen")
    other.page.evaluate(ASK, ["delete_job", {"job_id": job}])
    expect(both.page.locator(".chosen-number")).to_have_text("1 chosen")


def test_a_label_that_goes_elsewhere_filters_no_more(both: StudioPage, other: StudioPage) -> None:
    label = f"of {other.workspace}"
    job = select_the_older_one(both)
    other.page.evaluate(ASK, ["label_jobs", {"job_ids": [job], "label": label}])
    both.page.keyboard.press("i")
    expect(both.page.locator(".label-find")).to_have_text([label])
    both.page.locator(".label-find").click()
    expect(both.cards.locator(".prompt")).to_have_text(["kept here"])
    other.page.evaluate(ASK, ["rename_label", {"label": label, "name": f"{label}, renamed"}])
    expect(both.cards.locator(".prompt")).to_have_text(["the newest", "kept here"])
    expect(both.page.locator(".filter-bar [name=label]")).to_have_value("")
    expect(told(both)).to_have_text(f"No job has the label “{label}” any more, so it is no filter now.")
    expect(both.page.locator(".label-find")).to_have_text([f"{label}, renamed"])


def test_the_box_of_labels_opens_also_when_the_details_were_drawn_again_meanwhile(
    both: StudioPage, other: StudioPage
) -> None:
    job, held = both.cards.first.get_attribute("data-job"), list[Route]()
    both.cards.first.locator(".open").click()
    both.page.keyboard.press("i")
    expect(both.page.locator(".job-details")).to_contain_text(str(job))
    both.page.route("**/list_labels*", lambda route: held.append(route))
    both.page.locator("body").press("l")
    both.wait_until(lambda: len(held) == 1)
    other.page.evaluate(ASK, ["label_jobs", {"job_ids": [job], "label": "drawn again"}])
    expect(both.page.locator(".label-find")).to_have_text(["drawn again"])
    held[0].continue_()
    box = both.page.get_by_role("dialog", name="Labels")
    expect(box.get_by_role("textbox")).to_be_focused()
    both.page.unroute_all(behavior="ignoreErrors")
