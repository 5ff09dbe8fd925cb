"""Finding jobs in the gallery: the search box, the filters, and what shows when nothing is found."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Locator, expect
from sqlalchemy import insert

from storage import tables
from storage.database import open_database
from storage.jobs.store import JobStatus
from storage.tables import folded
from storage.workspaces import WorkspaceStore
from studio.settings import LOCAL_USER, Settings
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import MODELS, StudioPage

MANY = 30
NOW = datetime.now(UTC)
FILTERED: dict[str, tuple[dict[str, str], str]] = {
    "model": ({"model_id": "ken-burns"}, "sailing"),
    "type": ({"type": "video"}, "sailing"),
    "status": ({"status": "failed"}, "broken"),
    "today": ({"date": "1"}, "new"),
    "from and to": ({"date": "days", "from": "2020-05-05", "to": "2020-05-05"}, "in May"),
    "several": ({"model_id": "pattern", "type": "image", "status": "failed"}, "broken"),
}


@pytest.fixture(scope="session")
def workspace(studio: Studio) -> str:
    """The name of a workspace with many jobs, each of the few that are looked for different.

    One job is elsewhere, and many deleted ones.
    """
    engine = open_database(Settings(data_dir=studio.data_dir).database)
    here, there = (WorkspaceStore(engine).create(LOCAL_USER, f"{name} {uuid4().hex[:8]}") for name in ("many", "other"))
    long_ago = NOW - timedelta(days=100)
    jobs = [_job(here.id, f"plain {number}", created_at=long_ago - timedelta(hours=number)) for number in range(MANY)]
    jobs += [
        _job(here.id, "猫と夜明け", created_at=long_ago, seed=7, options='{"prompt": "猫と夜明け", "seed": 7}'),
        _job(here.id, "Un ÉTANG gelé", created_at=long_ago),
        _job(here.id, "a red fox", created_at=long_ago),
        _job(here.id, "sailing", created_at=long_ago, model_id="ken-burns", type="video"),
        _job(here.id, "broken", created_at=long_ago, status=JobStatus.FAILED),
        _job(here.id, "new", created_at=NOW),
        _job(here.id, "in May", created_at=datetime(2020, 5, 5, 12, tzinfo=UTC)),
        _job(there.id, "an arctic fox elsewhere", created_at=long_ago),
        *(_job(there.id, f"gone {number}", created_at=long_ago, deleted_at=NOW) for number in range(MANY)),
    ]
    with engine.begin() as connection:
        connection.execute(insert(tables.table(tables.Job)), jobs)
    engine.dispose()
    return here.name


def _job(workspace_id: str, prompt: str, **about: Any) -> dict[str, Any]:
    plain = {"id": str(uuid4()), "user_id": LOCAL_USER, "workspace_id": workspace_id, "status": JobStatus.COMPLETED}
    plain |= {"type": "image", "model_id": "pattern", "model_version": MODELS["pattern"].version, "favourite": False}
    plain |= {"prompt": prompt, "folded_prompt": folded(prompt), "options": "{}", "resolved": "{}", "seed": None}
    plain |= {"deleted_at": None}
    return plain | about


@pytest.fixture
def library(window: BrowserContext, studio: Studio, workspace: str) -> Iterator[StudioPage]:
    with page_of(window, studio, workspace) as page:
        expect(count(page)).to_have_text(f"{MANY + 7} jobs")
        fold(page).click()
        yield page


def count(page: StudioPage) -> Locator:
    return page.page.locator(".gallery .count")


def box(page: StudioPage) -> Locator:
    return page.page.get_by_role("searchbox", name="Search in prompts")


def fold(page: StudioPage) -> Locator:
    return page.page.get_by_role("button", name=re.compile("^Filters"))


def control(page: StudioPage, name: str) -> Locator:
    return page.page.locator(f".filter-bar [name={name}]")


def choose(page: StudioPage, values: dict[str, str]) -> None:
    for name, value in values.items():
        if name in ("from", "to"):
            control(page, name).fill(value)
        else:
            control(page, name).select_option(value)


def clear_all(page: StudioPage) -> Locator:
    return page.page.get_by_role("button", name="Clear the search and all filters").locator("visible=true")


def test_a_search_finds_in_any_script_and_by_two_letters_and_is_cleared_in_each_way(library: StudioPage) -> None:
    for words, found in (
        ("猫", "猫と夜明け"),
        ("étang GELÉ", "Un ÉTANG gelé"),
        ("fo", "a red fox"),
        ("夜明", "猫と夜明け"),
    ):
        box(library).fill(words)
        expect(library.cards.locator(".prompt")).to_have_text([found])
        expect(count(library)).to_have_text("1 job")
    box(library).press("Escape")
    expect(box(library)).to_have_value("")
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    box(library).fill("fox")
    box(library).press("Enter")
    expect(library.cards).to_have_count(1)
    library.page.get_by_role("button", name="Clear the search", exact=True).click()
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    expect(box(library)).to_be_focused()


def test_each_filter_shows_what_it_says_and_one_click_clears_all(library: StudioPage) -> None:
    for values, found in FILTERED.values():
        choose(library, values)
        expect(library.cards.locator(".prompt")).to_have_text([found])
        used = len(values.keys() - {"from", "to"})
        expect(library.page.locator(".filters-active")).to_have_text(re.compile(rf"^{used} filters?Clear all$"))
        clear_all(library).click()
        expect(count(library)).to_have_text(f"{MANY + 7} jobs")
        expect(library.page.locator(".filters-active")).to_be_hidden()
    box(library).fill("arctic fox elsewhere")
    expect(library.page.get_by_text("No job matches")).to_be_visible()
    control(library, "where").select_option("all")
    expect(library.cards.locator(".prompt")).to_have_text(["an arctic fox elsewhere"])


def test_a_favourite_that_is_none_any_more_leaves_the_favourites(library: StudioPage) -> None:
    heart = library.cards.first.locator(".favourite")
    heart.click()
    control(library, "favourite").click()
    expect(count(library)).to_have_text("1 job")
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(library.page.get_by_text("No job matches")).to_be_visible()


def test_deleted_jobs_are_found_filtered_reused_and_put_back(library: StudioPage) -> None:
    deleted = ["sailing", "broken", "a red fox"]
    for words in deleted:
        box(library).fill(words)
        expect(library.cards.locator(".prompt")).to_have_text([words])
        library.cards.locator(".delete").click()
        expect(library.page.get_by_text("No job matches")).to_be_visible()
    box(library).fill("")
    expect(count(library)).to_have_text(f"{MANY + 4} jobs")
    control(library, "trashed").click()
    expect(count(library)).to_have_text("3 deleted jobs, kept for 30 days")
    for values, found in (({"status": "failed"}, "broken"), ({"status": "", "type": "video"}, "sailing")):
        choose(library, values)
        expect(library.cards.locator(".prompt")).to_have_text([found])
    choose(library, {"type": ""})
    box(library).fill("fox")
    expect(library.cards.locator(".prompt")).to_have_text(["a red fox"])
    library.cards.locator(".open").click()
    expect(library.page.get_by_role("dialog").get_by_role("term").filter(has_text="Deleted")).to_be_visible()
    library.page.keyboard.press("Escape")
    library.reuse(library.cards.first)
    expect(library.notice).to_contain_text("Restored")
    box(library).fill("")
    for left, words in zip((2, 1, 0), deleted, strict=True):
        library.page.get_by_role("button", name=f"Put back: {words}").click()
        expect(library.cards).to_have_count(left)
    expect(library.page.get_by_text("Nothing deleted")).to_be_visible()
    expect(library.page.get_by_text("Deleted jobs are kept for 30 days")).to_be_visible()
    clear_all(library).click()
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")


def test_the_bin_of_all_workspaces_has_pages(library: StudioPage) -> None:
    control(library, "trashed").click()
    expect(library.page.get_by_text("Nothing deleted")).to_be_visible()
    box(library).fill("gone")
    expect(library.page.get_by_text("No job matches")).to_be_visible()
    control(library, "where").select_option("all")
    expect(count(library)).to_have_text(f"{MANY} deleted jobs, kept for 30 days")
    library.page.get_by_role("button", name="Older jobs").click()
    expect(library.cards).to_have_count(MANY - 24)


def test_nothing_found_is_not_an_empty_workspace_and_offers_to_clear(library: StudioPage) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    box(library).fill(hostile)
    expect(library.page.get_by_text(f"Looked for {hostile} in the prompts.")).to_be_visible()
    expect(library.page.get_by_text("No jobs yet")).to_be_hidden()
    clear_all(library).click()
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    library.new_workspace()
    expect(library.page.get_by_text("No jobs yet")).to_be_visible()
    expect(library.page.get_by_text("No job matches")).to_be_hidden()


def test_pages_of_a_search_are_turned_and_another_search_begins_at_the_first(library: StudioPage) -> None:
    box(library).fill("plain")
    expect(count(library)).to_have_text(f"{MANY} jobs")
    library.page.get_by_role("button", name="Older jobs").click()
    expect(library.cards).to_have_count(MANY - 24)
    expect(library.page.get_by_text("Page 2")).to_be_visible()
    box(library).fill("plain 1")
    expect(library.cards).to_have_count(11)
    expect(library.page.get_by_text("Page 2")).to_be_hidden()


def test_a_workspace_that_is_renamed_stays_at_its_page(library: StudioPage, workspace: str) -> None:
    library.page.get_by_role("button", name="Older jobs").click()
    for name in (f"{workspace} again", workspace):
        library.name_workspace("rename", name)
        expect(library.page.locator(".gallery")).to_have_attribute("data-workspace", name)
        expect(library.page.get_by_text("Page 2")).to_be_visible()
    expect(library.cards).to_have_count(MANY + 7 - 24)


def test_a_job_that_was_found_is_reused(library: StudioPage) -> None:
    box(library).fill("猫")
    expect(library.cards).to_have_count(1)
    library.reuse(library.cards.first)
    assert library.read("pattern", "prompt") == "猫と夜明け"
    assert library.read("pattern", "seed") == 7
    expect(library.cards).to_have_count(1)


def test_the_answer_to_an_older_search_is_not_shown(library: StudioPage) -> None:
    held = []
    library.page.route(
        re.compile("gradio_api/run|gradio_api/queue/join|gradio_api/api"),
        lambda route: held.append(route) if '"search":"fox"' in (route.request.post_data or "") else route.continue_(),
    )
    box(library).fill("fox")
    library.wait_until(lambda: bool(held))
    box(library).fill("猫")
    expect(library.cards.locator(".prompt")).to_have_text(["猫と夜明け"])
    with library.page.expect_response(lambda answer: '"search":"fox"' in (answer.request.post_data or "")):
        for route in held:
            route.continue_()
    library.page.unroute_all(behavior="wait")
    expect(library.cards.locator(".prompt")).to_have_text(["猫と夜明け"])


def test_the_filters_fold_away_and_say_how_many_are_in_use(library: StudioPage) -> None:
    choose(library, {"status": "failed"})
    fold(library).click()
    expect(control(library, "status")).to_be_hidden()
    expect(fold(library)).to_have_attribute("aria-expanded", "false")
    expect(library.page.get_by_role("button", name="Filters, 1 in use")).to_be_visible()


def test_on_a_phone_fingers_find_the_filters(library: StudioPage) -> None:
    library.page.set_viewport_size({"width": 390, "height": 844})
    choose(library, {"status": "failed", "date": "days"})
    expect(library.cards).to_have_count(1)
    expect(library.page.get_by_role("button", name="Filters, 2 in use")).to_be_visible()
    touched = library.page.locator(".filter-bar :is(input, select, button)").locator("visible=true")
    assert min(one.bounding_box()["height"] for one in touched.all()) >= 44
    assert library.page.evaluate("document.documentElement.scrollWidth") == 390
