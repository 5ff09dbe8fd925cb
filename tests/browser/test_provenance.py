"""Where a job comes from: the form keeps what it was filled from until it is submitted, and the details tell."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.studio_page import StudioPage

BARE: dict[str, Any] = {"prompt": "bare", "style": "hills", "seed": 1, "width": 128, "height": 128}


def made(page: StudioPage, **values: Any) -> str:
    """The id of a finished job of `pattern`."""
    page.choose("pattern")
    page.fill("pattern", {**BARE, **values})
    return id_of(page.generate("pattern"))


def id_of(card: Locator) -> str:
    return card.get_attribute("data-job") or ""


def generated(page: StudioPage, model_id: str = "pattern") -> str:
    return id_of(page.generate(model_id))


def linked(page: StudioPage, job: str, title: str) -> list[tuple[str, str]]:
    """The jobs under this title in the job's details, and what is said of them."""
    dialog = page.details(page.card(job))
    rows = dialog.get_by_role("list", name=title, exact=True).get_by_role("listitem")
    found = [(id_of(row), row.locator(".meta").inner_text()) for row in rows.all()]
    return found


def test_details_lead_from_a_job_to_what_it_came_from_and_back(page: StudioPage) -> None:
    first = made(page, prompt="a first pond")
    page.reuse(page.card(first))
    page.fill("pattern", {"prompt": "a second pond"})
    second = generated(page)
    assert linked(page, second, "From") == [(first, "Pattern · Inputs reused")]
    assert linked(page, first, "Used in") == [(second, "Pattern · Inputs reused")]
    dialog = page.details(page.card(second))
    row = dialog.get_by_role("list", name="From", exact=True).get_by_role("button")
    expect(row).to_contain_text("a first pond")
    row.focus()
    page.page.keyboard.press("Enter")
    expect(dialog).to_have_attribute("data-job", first)
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    dialog.get_by_role("list", name="Used in").get_by_role("button").click()
    expect(dialog).to_have_attribute("data-job", second)


def test_a_form_comes_from_nowhere_once_it_is_submitted_reset_or_undone(page: StudioPage) -> None:
    first = made(page)
    page.reuse(page.card(first))
    assert linked(page, generated(page), "From") != []
    assert linked(page, generated(page), "From") == []
    page.reuse(page.card(first))
    page.reset()
    page.fill("pattern", BARE)
    assert linked(page, generated(page), "From") == []
    page.reuse(page.card(first))
    page.notice.get_by_role("button", name="Undo").click()
    expect(page.notice).to_contain_text("Undone")
    page.notice.get_by_role("button", name="Redo").click()
    expect(page.notice).to_contain_text("Restored again")
    assert linked(page, generated(page), "From") == [(first, "Pattern · Inputs reused")]
    page.reuse(page.card(first))
    page.notice.get_by_role("button", name="Undo").click()
    expect(page.notice).to_contain_text("Undone")
    assert linked(page, generated(page), "From") == []


def test_a_draft_keeps_through_a_reload_what_its_form_was_filled_from(page: StudioPage) -> None:
    second, first = made(page, prompt="two"), made(page, prompt="one")
    page.reuse(page.card(first))
    page.ask(page.card(second), "Prompt only")
    expect(page.field("pattern", "prompt").locator("textarea, input")).to_have_value("two")
    page.page.wait_for_function("() => window.studio.drafts.areKept()")
    page.leave()
    page.reload()
    page.choose("pattern")
    expect(page.field("pattern", "prompt").locator("textarea, input")).to_have_value("two")
    job = generated(page)
    assert {row for row, _ in linked(page, job, "From")} == {first, second}


def test_what_is_sent_on_says_which_input_it_became(page: StudioPage) -> None:
    first = made(page)
    page.send_on("Upscale: Image")
    expect(page.notice).to_contain_text("The result is now Image of Upscale")
    second = generated(page, "upscale")
    assert linked(page, second, "From") == [(first, "Pattern · Result as Image")]
    assert linked(page, first, "Used in") == [(second, "Upscale · Result as Image")]


@pytest.mark.parametrize("width", [390, 1440])
def test_the_jobs_around_a_job_fit_into_its_details(page: StudioPage, width: int) -> None:
    first = made(page, prompt="word " * 60)
    page.reuse(page.card(first))
    second = generated(page)
    page.page.set_viewport_size({"width": width, "height": 800})
    row = page.details(page.card(second)).locator(".linked-job")
    row.scroll_into_view_if_needed()
    box = row.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["height"] >= 44
