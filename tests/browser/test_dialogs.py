"""What is done in a job's details and in the table to choose from, and copying there and on the cards."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.studio_page import StudioPage

SMALL: dict[str, Any] = {"prompt": "small", "seed": 4711, "width": 128, "height": 128}
NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });"
"""As a page that came over plain http from another machine."""
NO_COPYING = "document.execCommand = () => false;"


def made(page: StudioPage, **values: Any) -> Locator:
    """The card of a finished job of `pattern`."""
    page.choose("pattern")
    page.fill("pattern", {**SMALL, **values})
    return page.generate("pattern")


def pasted(page: StudioPage) -> str:
    """What was copied last."""
    box = page.field("pattern", "prompt").locator("textarea")
    box.fill("")
    box.press("Control+v")
    return box.input_value()


def without(page: StudioPage, script: str) -> None:
    """Open the page in a browser that lacks something."""
    page.page.add_init_script(script)
    page.reload()


def test_a_page_without_the_clipboard_copies_too(page: StudioPage) -> None:
    without(page, NO_CLIPBOARD)
    card = made(page, prompt="two\nlines")
    page.enlarge_cards()
    seed = card.locator(".seed-copy")
    seed.click()
    expect(seed).to_have_attribute("data-end", "done")
    expect(seed).to_be_focused()
    assert pasted(page) == "4711"

    details = page.details(card)
    copy = details.get_by_role("button", name="Copy the prompt")
    copy.click()
    expect(copy).to_have_attribute("data-end", "done")
    expect(copy).to_be_focused()
    page.page.keyboard.press("Escape")
    assert pasted(page) == "two\nlines"
    assert page.page.locator("textarea.sr-only").count() == 0


def test_what_cannot_be_copied_is_said_or_selected(page: StudioPage) -> None:
    without(page, NO_CLIPBOARD + NO_COPYING)
    card = made(page)
    page.enlarge_cards()
    card.locator(".seed-copy").click()
    expect(page.notice).to_contain_text("This browser does not let the page copy. The seed is 4711.")

    details = page.details(card)
    details.get_by_role("button", name="Copy the prompt").click()
    expect(details.locator("[data-end=error]")).to_have_count(1)
    assert page.page.evaluate("String(getSelection())") == "small"


def test_the_keyboard_generates_nothing_behind_an_open_dialog(page: StudioPage) -> None:
    card, keys = made(page), page.page.keyboard
    page.fill("pattern", {"prompt": "typed since"})
    page.ask(card, "Choose…")
    page.choosing.dialog.get_by_label("Every row").press("Control+Enter")
    keys.press("Escape")
    page.fill("pattern", {"prompt": "wanted"})
    page.generate("pattern")
    expect(page.cards.locator(".prompt")).to_have_text(["wanted", "small"])


def test_the_details_stay_through_a_reuse_but_where_they_lie_over_the_form(page: StudioPage) -> None:
    card = made(page)
    for width, shows in ((1440, True), (390, False)):
        page.page.set_viewport_size({"width": width, "height": 900})
        page.fill("pattern", {"prompt": "typed since"})
        details = page.details(card)
        page.ask(details, "Reuse")
        expect(page.notice).to_contain_text("Restored all")
        expect(details).to_be_visible(visible=shows)
        expect(page.group("pattern")).to_be_focused()
        page.page.keyboard.press("Escape")
        expect(details).to_be_hidden()
        assert page.read("pattern", "prompt") == "small"


@pytest.mark.parametrize("width", [390, 1440])
def test_why_a_reuse_from_the_details_came_to_nothing_is_seen(page: StudioPage, width: int) -> None:
    card = made(page)
    page.page.set_viewport_size({"width": width, "height": 600})
    page.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    details = page.details(card)
    page.ask_in(str(card.get_attribute("data-job")), "audio-edit")
    expect(page.notice).to_contain_text("Nothing of this job has a place")
    expect(details).to_be_visible(visible=width == 1440)
    expect(page.notice).to_be_in_viewport(ratio=1)


def test_the_details_stay_until_a_reuse_of_theirs_ends(page: StudioPage) -> None:
    """On a phone; not one that was pressed at the card, nor one that waits for the user."""
    card = made(page)
    page.page.set_viewport_size({"width": 390, "height": 844})
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.page.route("**/gradio_api/run/reuse_job*", hold)
    card.locator(".reuse").click()
    page.wait_until(lambda: bool(held))
    details = page.details(card)
    held[0].continue_()
    page.page.unroute("**/gradio_api/run/reuse_job*", hold)
    expect(details.locator(".reuse[data-end=done]")).to_be_attached()
    expect(details).to_be_visible()

    page.ask(details, "Choose…")
    page.choosing.close()
    expect(details).to_be_visible()
    page.ask(details, "Choose…")
    page.choosing.tick(["prompt"])
    page.choosing.apply()
    expect(details).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1440])
def test_a_very_long_text_leaves_room_for_the_other_rows(page: StudioPage, width: int) -> None:
    card = made(page, prompt="a long way to the sea " * 430)
    page.fill("pattern", {"prompt": "short", "seed": 5})
    page.page.set_viewport_size({"width": width, "height": 900})
    page.ask(card, "Choose…")
    dialog = page.choosing.dialog
    expect(dialog.locator("[data-name=seed]")).to_be_in_viewport(ratio=1)
    text = dialog.locator("[data-name=prompt] [data-head='In the job'] span")
    dialog.locator("[data-name=prompt] input").focus()
    page.page.keyboard.press("Tab")
    page.page.keyboard.press("End")
    page.wait_until(lambda: text.evaluate("(text) => text.scrollTop + text.clientHeight > text.scrollHeight - 2"))


def test_every_row_is_ticked_at_once_on_a_phone_too(page: StudioPage) -> None:
    card = made(page)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.ask(card, "Choose…")
    choosing = page.choosing
    every = choosing.dialog.get_by_text("Every row")
    every.click()
    assert choosing.ticked() == {name for name, _ in choosing.rows()}
    choosing.dialog.locator("tbody tr").last.scroll_into_view_if_needed()
    every.click()
    assert choosing.ticked() == set()


def test_a_long_prompt_that_comes_over_another_begins_at_its_first_line(page: StudioPage) -> None:
    lines = [f"line {number} of many" for number in range(60)]
    card = made(page, prompt="\n".join(lines))
    box = page.field("pattern", "prompt").locator("textarea")
    page.fill("pattern", {"prompt": "\n".join(reversed(lines))})
    box.press("Control+End")
    page.wait_until(lambda: bool(box.evaluate("(box) => box.scrollTop > 0")))
    page.reuse(card)
    assert box.input_value() == "\n".join(lines)
    assert box.evaluate("(box) => box.scrollTop") == 0
