"""Finding jobs in the gallery: the search box, the filters, and what shows when nothing is found."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Error, Locator, Route, expect
from sqlalchemy import insert

from storage import tables
from storage.database import open_database
from storage.jobs.search_text import search_text
from storage.jobs.store import JobStatus
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


@pytest.fixture
def workspace(studio: Studio) -> str:
    """The name of a workspace with many jobs, each of the few that are looked for different.

    One job is elsewhere, and many deleted ones.
    """
    engine = open_database(Settings(data_dir=studio.data_dir).database)
    only = uuid4().hex[:8]
    here, there = (WorkspaceStore(engine).create(LOCAL_USER, f"{name} {only}") for name in ("many", "other"))
    long_ago = NOW - timedelta(days=100)
    jobs = [_job(here.id, f"plain {number}", created_at=long_ago - timedelta(hours=number)) for number in range(MANY)]
    jobs += [
        _job(here.id, "猫と夜明け", created_at=long_ago, seed=7, options='{"prompt": "猫と夜明け", "seed": 7}'),
        _job(here.id, "Un ÉTANG gelé", created_at=long_ago),
        _job(here.id, "a red fox", created_at=long_ago),
        _job(here.id, "sailing", created_at=long_ago, model_id="ken-burns", type="video") | _took(long_ago, seconds=60),
        _job(here.id, "broken", created_at=long_ago, status=JobStatus.FAILED),
        _job(here.id, "new", created_at=NOW),
        _job(here.id, "in May", created_at=datetime(2020, 5, 5, 12, tzinfo=UTC)),
        _job(there.id, f"an arctic fox of {only}", created_at=long_ago),
        *(_job(there.id, f"gone {number} {only}", created_at=long_ago, deleted_at=NOW) for number in range(MANY)),
    ]
    with engine.begin() as connection:
        connection.execute(insert(tables.table(tables.Job)), jobs)
    engine.dispose()
    return here.name


def _job(workspace_id: str, prompt: str, **about: Any) -> dict[str, Any]:
    plain = {"id": str(uuid4()), "user_id": LOCAL_USER, "workspace_id": workspace_id, "status": JobStatus.COMPLETED}
    plain |= {"type": "image", "model_id": "pattern", "model_version": MODELS["pattern"].version, "favourite": False}
    plain |= {"prompt": prompt, "options": "{}", "resolved": "{}", "seed": None, "deleted_at": None}
    plain |= {"started_at": None, "completed_at": None}
    job = plain | about
    options, model = json.loads(job["options"]), [job["model_id"], MODELS[job["model_id"]].name]
    text = search_text(prompt=prompt, options=options, resolved={}, seed=job["seed"], model=model, files={})
    return job | {"folded_prompt": text}


def _took(begin: datetime, seconds: int) -> dict[str, Any]:
    return {"started_at": begin, "completed_at": begin + timedelta(seconds=seconds)}


@pytest.fixture
def library(window: BrowserContext, studio: Studio, workspace: str) -> Iterator[StudioPage]:
    with page_of(window, studio, workspace) as page:
        expect(count(page)).to_have_text(f"{MANY + 7} jobs")
        fold(page).click()
        yield page


def count(page: StudioPage) -> Locator:
    return page.page.locator(".gallery .count")


def box(page: StudioPage) -> Locator:
    return page.page.get_by_role("searchbox", name="Search jobs")


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


def scroll_to_the_oldest(page: StudioPage, words: str) -> None:
    """Scroll on until this is the last card."""
    page.page.wait_for_function(
        """(words) => {
          const column = document.querySelector(".studio-gallery");
          column.scrollTop = column.scrollHeight;
          return [...document.querySelectorAll(".card .prompt")].at(-1)?.textContent === words;
        }""",
        arg=words,
    )


def clear_all(page: StudioPage) -> Locator:
    return page.page.get_by_role("button", name=re.compile("^Clear (all|search and)")).locator("visible=true")


def test_a_search_finds_in_any_script_and_by_two_letters_and_is_cleared_in_each_way(library: StudioPage) -> None:
    for words, found in (
        ("猫", "猫と夜明け"),
        ("gele Etang", "Un ÉTANG gelé"),
        ("seed:7 model:patt", "猫と夜明け"),
        ("model:burns -fox", "sailing"),
        ("fo", "a red fox"),
        ("夜明", "猫と夜明け"),
    ):
        box(library).fill(words)
        expect(library.cards.locator(".prompt")).to_have_text([found])
        expect(count(library)).to_have_text("1 job")
    box(library).fill("wool:red fox")
    expect(library.page.locator(".search-notes")).to_have_text(
        "There is no input “wool”: looked for “wool:red” as text."
    )
    box(library).press("Escape")
    expect(box(library)).to_have_value("")
    expect(library.page.locator(".search-notes")).to_be_empty()
    expect(library.page.locator(".search-help")).to_be_hidden()  # it would lie over the filters
    fold(library).click()
    box(library).click()
    expect(library.page.locator(".search-help")).to_be_visible()
    library.page.get_by_role("button", name="fox", exact=True).click()
    expect(library.cards.locator(".prompt")).to_have_text(["a red fox"])
    expect(library.page.locator(".search-help")).to_be_hidden()
    box(library).press("Escape")
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    box(library).fill("fox")
    box(library).press("Enter")
    expect(library.cards).to_have_count(1)
    library.page.get_by_role("button", name="Clear the search", exact=True).click()
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    expect(box(library)).to_be_focused()


def test_each_filter_shows_what_it_says_and_one_click_clears_all(library: StudioPage, workspace: str) -> None:
    for values, found in FILTERED.values():
        choose(library, values)
        expect(library.cards.locator(".prompt")).to_have_text([found])
        used = len(values.keys() - {"from", "to"})
        expect(library.page.locator(".filters-active")).to_have_text(re.compile(rf"^{used} filters?Clear all$"))
        clear_all(library).click()
        expect(count(library)).to_have_text(f"{MANY + 7} jobs")
        expect(library.page.locator(".filters-active")).to_be_hidden()
    only = workspace.removeprefix("many ")
    box(library).fill(f"arctic fox {only}")
    expect(library.page.get_by_text("No job matches")).to_be_visible()
    control(library, "where").select_option("all")
    expect(library.cards.locator(".prompt")).to_have_text([f"an arctic fox of {only}"])


def test_days_are_typed_or_months_chosen_by_the_keys_and_what_is_none_is_said(library: StudioPage) -> None:
    control(library, "date").select_option("days")
    wrong, before = library.page.locator(".days-wrong"), control(library, "to")
    before.fill("2020-02-31")
    before.press("Enter")
    expect(wrong).to_contain_text("2026-11-30")
    expect(before).to_have_attribute("aria-invalid", "true")
    before.fill("2020-05")
    expect(library.cards).to_have_count(1)
    expect(library.cards.locator(".prompt")).to_have_text("in May")
    control(library, "from").fill("2020-06")
    control(library, "from").press("Tab")
    expect(wrong).to_have_text("It ends before it begins.")
    library.page.keyboard.press("Enter")  # on the button of the months beside it
    library.page.get_by_role("menuitem", name="May 2020").press("Enter")
    expect(control(library, "from")).to_have_value("2020-05")
    expect(wrong).to_be_empty()
    expect(library.cards).to_have_count(1)


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
    expect(library.details(library.cards.first).get_by_role("term").filter(has_text="Deleted")).to_be_visible()
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


def test_the_bin_of_all_workspaces_is_scrolled_to_its_end(library: StudioPage, workspace: str) -> None:
    only = workspace.removeprefix("many ")
    control(library, "trashed").click()
    expect(library.page.get_by_text("Nothing deleted")).to_be_visible()
    box(library).fill(f"gone {only}")
    expect(library.page.get_by_text("No job matches")).to_be_visible()
    control(library, "where").select_option("all")
    expect(count(library)).to_have_text(f"{MANY} deleted jobs, kept for 30 days")
    shown = library.cards.locator(".prompt")
    expect(shown).to_have_count(MANY)
    assert sorted(shown.all_text_contents()) == sorted(f"gone {number} {only}" for number in range(MANY))


def test_nothing_found_is_not_an_empty_workspace_and_offers_to_clear(library: StudioPage) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    box(library).fill(hostile)
    expect(library.page.get_by_text(f"Looked for {hostile} in all jobs here.")).to_be_visible()
    expect(library.page.get_by_text("No jobs yet")).to_be_hidden()
    clear_all(library).click()
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    library.new_workspace()
    expect(library.page.get_by_text("No jobs yet")).to_be_visible()
    expect(library.page.get_by_text("No job matches")).to_be_hidden()


def test_a_search_is_scrolled_through_and_another_begins_at_the_first(library: StudioPage) -> None:
    box(library).fill("plain")
    expect(count(library)).to_have_text(f"{MANY} jobs")
    scroll_to_the_oldest(library, f"plain {MANY - 1}")
    box(library).fill('"plain 1"')
    expect(library.cards).to_have_count(11)
    expect(library.cards.first).to_be_in_viewport()


def test_a_workspace_that_is_renamed_stays_at_its_place(library: StudioPage, workspace: str) -> None:
    scroll_to_the_oldest(library, "in May")
    place = "document.querySelector('.studio-gallery').scrollTop"
    before = library.page.evaluate(place)
    assert before > 0
    for name in (f"{workspace} again", workspace):
        library.name_workspace("rename", name)
        expect(library.page.locator(".gallery")).to_have_attribute("data-workspace", name)
        assert library.page.evaluate(place) == before


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
    expect(library.page.get_by_role("button", name="Filters 1 in use")).to_be_visible()


def test_on_a_phone_fingers_find_the_filters(library: StudioPage) -> None:
    library.page.set_viewport_size({"width": 390, "height": 844})
    choose(library, {"status": "failed", "date": "days"})
    expect(library.cards).to_have_count(1)
    expect(library.page.get_by_role("button", name="Filters 2 in use")).to_be_visible()
    touched = library.page.locator(".filter-bar :is(input, select, button)").locator("visible=true")
    assert min(one.bounding_box()["height"] for one in touched.all()) >= 44
    assert library.page.evaluate("document.documentElement.scrollWidth") == 390


def test_stars_are_given_by_keys_and_filtered_by_and_what_is_deleted_for_good_is_gone(
    window: BrowserContext, studio: Studio
) -> None:
    engine = open_database(Settings(data_dir=studio.data_dir).database)
    here = WorkspaceStore(engine).create(LOCAL_USER, f"stars {uuid4().hex[:8]}")
    jobs = [_job(here.id, f"job {number}", created_at=NOW - timedelta(days=number)) for number in range(4)]
    with engine.begin() as connection:
        connection.execute(insert(tables.table(tables.Job)), jobs)
    engine.dispose()
    with page_of(window, studio, here.name) as page:
        expect(count(page)).to_have_text("4 jobs")
        page.cards.nth(1).locator(".open").focus()
        page.page.keyboard.press("4")
        expect(page.cards.nth(1).locator(".stars")).to_have_text("★★★★")
        fold(page).click()
        control(page, "rating").select_option("5")
        expect(count(page)).to_have_text("0 jobs")
        control(page, "rating").select_option("3")
        expect(page.cards.locator(".prompt")).to_have_text(["job 1"])
        control(page, "rating").select_option("")
        expect(count(page)).to_have_text("4 jobs")
        for name in ("job 2", "job 3", "job 0"):
            page.page.get_by_role("button", name=f"Delete: {name}").click()
            expect(page.cards.filter(has_text=name)).to_have_count(0)
        page.page.get_by_role("button", name="Deleted", exact=True).click()
        expect(page.cards).to_have_count(3)
        forever, dialog = (
            page.page.get_by_role("button", name="Delete for good: job 2"),
            page.page.get_by_role("dialog"),
        )
        forever.click()
        expect(dialog).to_contain_text("Delete “job 2” for good?")
        page.page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        forever.click()
        dialog.get_by_role("button", name="Delete for good").click()
        expect(page.cards.locator(".prompt")).to_have_text(["job 0", "job 3"])
        page.page.get_by_role("button", name="Empty the bin").click()
        expect(dialog).to_contain_text(f"Delete all 2 deleted jobs of {here.name} for good?")
        dialog.get_by_role("button", name="Delete for good").click()
        expect(page.page.get_by_role("heading", name="Nothing deleted")).to_be_visible()


def test_the_gallery_is_sorted_by_stars_models_and_what_took_long_to_its_end(library: StudioPage) -> None:
    group, day = library.page.locator(".gallery-bar .group"), library.page.locator(".cards .day")
    prompts, first = library.cards.locator(".prompt"), library.cards.first
    control(library, "sort").select_option("duration")
    expect(first.locator(".prompt")).to_have_text("sailing")
    expect(library.page.get_by_role("list", name="Jobs, what took longest first")).to_be_visible()
    expect(library.page.locator(".when")).to_be_hidden()
    expect(group).to_have_text("Longest to make first")
    expect(library.page.locator(".filters-active")).to_have_text(re.compile("^1 filter"))
    control(library, "sort").select_option("rating")
    expect(group).to_have_text("Not rated")
    expect(day).to_have_count(0)
    library.cards.filter(has_text="a red fox").locator(".open").focus()
    library.page.keyboard.press("3")
    expect(first.locator(".prompt")).to_have_text("a red fox")
    expect(group).to_have_text("★★★")
    expect(day).to_have_text(["Not rated"])
    scroll_to_the_oldest(library, "in May")
    control(library, "sort").select_option("model")
    expect(group).to_have_text(min(MODELS[one].name for one in ("ken-burns", "pattern")))
    expect(day).to_have_count(1)
    library.cards.first.locator(".open").focus()
    library.page.keyboard.press("End")
    expect(library.cards.last.locator(".open")).to_be_focused()
    expect(library.cards.last).to_be_in_viewport()
    shown = prompts.all_text_contents()
    assert len(shown) == len(set(shown))
    clear_all(library).click()
    expect(first.locator(".prompt")).to_have_text("new")
    expect(library.page.locator(".when")).to_have_text("Today")


def chosen(page: StudioPage) -> Locator:
    return page.page.locator(".card[data-chosen] .prompt")


def test_several_are_chosen_by_keys_and_presses_and_marked_moved_deleted_and_brought_back(
    library: StudioPage, workspace: str
) -> None:
    box(library).fill("plain")
    expect(count(library)).to_have_text(f"{MANY} jobs")
    cards, bar = library.cards, library.page.get_by_role("toolbar", name="Chosen jobs")
    expect(bar).to_be_hidden()
    cards.nth(1).locator(".open").click(modifiers=["Control"])
    cards.nth(3).locator(".open").click(modifiers=["Shift"])
    expect(chosen(library)).to_have_text(["plain 1", "plain 2", "plain 3"])
    expect(bar.get_by_role("status")).to_have_text("3 chosen")
    assert library.page.locator("dialog[open]").count() == 0

    asked: list[str] = []
    library.page.route("**/studio/results*", lambda route: (asked.append(route.request.post_data), route.abort()))
    ids = [cards.nth(place).get_attribute("data-job") for place in (1, 2, 3)]
    bar.get_by_role("button", name="Download").click()
    library.wait_until(lambda: bool(asked))
    assert sorted(asked[0].removeprefix("jobs=").split("%2C")) == sorted(ids)

    bar.get_by_role("button", name="Mark").click()
    expect(library.page.locator(".card .favourite[aria-pressed=true]")).to_have_count(3)
    bar.get_by_role("button", name="Delete").click()
    expect(count(library)).to_have_text(f"{MANY - 3} jobs")
    expect(bar).to_be_hidden()
    library.page.locator(".undos").get_by_role("button", name="Undo").click()
    expect(count(library)).to_have_text(f"{MANY} jobs")
    expect(cards.locator(".prompt").nth(2)).to_have_text("plain 2")

    cards.nth(1).locator(".open").focus()
    library.page.keyboard.press("Shift+ArrowRight")
    library.page.keyboard.press("Shift+ArrowRight")
    expect(chosen(library)).to_have_text(["plain 1", "plain 2", "plain 3"])
    bar.get_by_role("button", name="Move").click()
    other = library.page.get_by_role("menuitem").first
    name = other.inner_text()
    other.click()
    expect(library.page.locator(".undo")).to_contain_text(f"Moved 3 jobs to {name}")
    expect(count(library)).to_have_text(f"{MANY - 3} jobs")
    library.page.locator(".undos").get_by_role("button", name="Undo").click()
    expect(count(library)).to_have_text(f"{MANY} jobs")

    cards.first.locator(".open").focus()
    library.page.keyboard.press("Control+a")
    expect(bar.get_by_role("status")).to_have_text(f"{MANY} chosen")
    library.page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    bar_of_one = cards.nth(1).locator(".open")
    bar_of_one.click(modifiers=["Control"])
    bar.get_by_role("button", name="Mark").click()
    bar.get_by_role("button", name="Choose none").click()
    expect(bar).to_be_hidden()


def test_the_keys_walk_through_the_cards_from_one_stop_and_the_menu_goes_to_any_time(library: StudioPage) -> None:
    stops = "[...document.querySelectorAll('.card .open')].filter((open) => open.tabIndex === 0).length"
    focused = library.page.locator(".card .open:focus")
    library.cards.first.locator(".open").focus()
    library.page.keyboard.press("ArrowRight")
    expect(library.cards.nth(1).locator(".open")).to_be_focused()
    assert library.page.evaluate(stops) == 1
    library.page.keyboard.press("End")
    expect(library.cards.last.locator(".open")).to_be_focused()
    expect(library.cards.last.locator(".prompt")).to_have_text("in May")
    expect(library.cards.last).to_be_in_viewport()
    library.page.keyboard.press("Home")
    expect(library.cards.first.locator(".open")).to_be_focused()
    expect(library.cards.first).to_be_in_viewport()
    library.page.locator(".when").click()
    library.page.get_by_role("menuitem", name="Jun 2020").click()
    expect(library.cards.last.locator(".prompt")).to_have_text("in May")
    expect(library.cards.last).to_be_in_viewport()
    library.wait_until(lambda: library.cards.count() >= 24)  # what is newer has come before it
    expect(library.cards.last).to_be_in_viewport()
    expect(focused).to_have_count(0)


def test_jobs_are_labelled_found_by_it_and_each_change_is_undone(library: StudioPage) -> None:
    page, only = library.page, uuid4().hex[:6]
    portrait, other = f"Portrait <b> {only}", f"Sea {only}"
    label, toast = control(library, "label"), page.locator(".gallery .undo")
    box(library).fill("plain")
    expect(count(library)).to_have_text(f"{MANY} jobs")
    library.cards.nth(1).locator(".open").click(modifiers=["Control"])
    library.cards.nth(2).locator(".open").click(modifiers=["Shift"])
    page.get_by_role("button", name="Give the chosen jobs a label").click()
    labels = page.get_by_role("dialog", name="Labels")
    expect(labels.get_by_role("textbox")).to_be_focused()
    page.keyboard.type(portrait)
    page.keyboard.press("Enter")
    expect(toast).to_contain_text(f"Labelled 2 jobs: {portrait}")
    expect(library.cards.nth(1).locator(".card-labels")).to_have_text(portrait)

    page.keyboard.press("Escape")
    box(library).fill(f"label:{only}")
    expect(library.cards.locator(".prompt")).to_have_text(["plain 1", "plain 2"])
    box(library).fill("")
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    label.select_option(portrait)
    expect(library.cards.locator(".prompt")).to_have_text(["plain 1", "plain 2"])

    library.cards.first.locator(".open").click()
    page.keyboard.press("i")
    page.locator(".labels .label-add").click()
    more = labels.get_by_role("button", name=f"More of {portrait}")
    expect(labels.get_by_role("button", name=f"{portrait} 2", exact=True)).to_have_attribute("aria-pressed", "true")
    more.click()
    page.get_by_role("button", name="Rename…").click()
    page.get_by_role("dialog").get_by_role("textbox").fill(other)
    page.keyboard.press("Enter")
    expect(toast).to_contain_text(f"is called {other}")
    expect(page.locator(".label-chip .label-find")).to_have_text([other])
    expect(label).to_have_value(other)
    expect(library.cards.locator(".card-labels")).to_have_text([other, other])

    page.get_by_role("button", name=f"Take the label away: {other}").click()
    expect(library.cards.locator(".prompt")).to_have_text(["plain 2"])
    toast.get_by_role("button", name="Undo").click()
    expect(library.cards.locator(".prompt")).to_have_text(["plain 1", "plain 2"])

    page.locator("body").press("l")
    labels.get_by_role("button", name=f"More of {other}").click()
    page.get_by_role("button", name="Delete it from 2 jobs").click()
    expect(label).not_to_have_value(other)
    expect(count(library)).to_have_text(f"{MANY + 7} jobs")
    toast.get_by_role("button", name="Undo").click()
    expect(label.locator(f"option[value='{other}']")).to_be_attached()
    box(library).fill(f"label:{only}")
    expect(library.cards.locator(".prompt")).to_have_text(["plain 1", "plain 2"])


def test_a_key_is_meant_for_the_card_that_has_the_focus_whatever_is_on_the_stage(library: StudioPage) -> None:
    page = library.page
    plain = [library.cards.filter(has=page.get_by_text(f"plain {number}", exact=True)) for number in range(4)]
    stage = page.locator(".scene .prompt")
    plain[0].locator(".open").click()
    expect(stage).to_have_text("plain 0")
    plain[1].locator(".open").focus()
    page.keyboard.press("f")
    expect(plain[1].locator(".favourite")).to_have_attribute("aria-pressed", "true")
    expect(plain[0].locator(".favourite")).to_have_attribute("aria-pressed", "false")
    expect(stage).to_have_text("plain 1")
    details = page.locator("dialog.job-details .details-prompt")
    page.keyboard.press("i")
    expect(details).to_have_text("plain 1")
    plain[2].locator(".open").focus()
    page.keyboard.press("i")  # they are open, and of another job
    expect(details).to_have_text("plain 2")
    page.keyboard.press("i")
    expect(details).to_be_hidden()

    plain[3].locator(".open").focus()
    page.keyboard.press("Delete")
    expect(plain[3]).to_have_count(0)
    expect(page.locator(".stage .undo")).to_contain_text("Deleted plain 3")
    expect(count(library)).to_have_text(f"{MANY + 6} jobs")


def test_the_focus_goes_on_to_the_next_card_when_its_own_goes(library: StudioPage) -> None:
    page = library.page
    gone = library.cards.filter(has=page.get_by_text("plain 5", exact=True))
    next_one = library.cards.filter(has=page.get_by_text("plain 6", exact=True)).locator(".open")
    page.keyboard.press("Tab")  # from here on the focus shows
    gone.locator(".open").focus()
    page.keyboard.press("Delete")
    expect(gone).to_have_count(0)
    expect(next_one).to_be_focused()
    page.keyboard.press("Control+Space")
    page.keyboard.press("Delete")
    expect(next_one).to_have_count(0)
    expect(library.cards.filter(has=page.get_by_text("plain 7", exact=True)).locator(".open")).to_be_focused()


def test_a_card_comes_back_with_its_label_also_when_the_gallery_was_not_looked_at_in_between(
    library: StudioPage,
) -> None:
    page, label, held = library.page, f"back {uuid4().hex[:6]}", list[Route]()
    ids = [library.cards.nth(place).get_attribute("data-job") for place in (1, 2)]
    page.evaluate("(data) => studio.ask('label_jobs', data)", {"job_ids": ids, "label": label})
    page.evaluate("(label) => studio.findLabel(label)", label)
    expect(library.cards).to_have_count(2)
    page.route("**/gradio_api/run/predict*", lambda route: held.append(route))
    page.evaluate("([id, label]) => studio.gallery.labels.put([id], label, false)", [ids[0], label])
    expect(library.cards).to_have_count(1)
    with page.expect_response(re.compile("/run/label_jobs")):
        page.locator(".gallery .undo").get_by_role("button", name="Undo").click()
    library.wait_until(lambda: len(held) > 0)
    page.unroute("**/gradio_api/run/predict*")
    for route in held:
        with suppress(Error):  # it went with the route
            route.continue_()
    expect(library.cards).to_have_count(2)
