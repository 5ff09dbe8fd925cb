"""The form under a name: saved, brought back whole and in part, undone, overwritten, renamed, deleted and put back."""

import uuid
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.studio_page import StudioPage

UPSCALE = "upscale"


def opened(page: StudioPage) -> Locator:
    """The list of presets."""
    page.page.locator(".presets button:visible").click()
    menu = page.page.get_by_role("menu", name="Presets")
    expect(menu).to_be_visible()
    return menu


def act(page: StudioPage, name: str, words: str) -> None:
    """Do with a preset what stands in its own menu."""
    opened(page).get_by_role("menuitem", name=f"More of {name}", exact=True).click()
    page.page.get_by_role("menuitem", name=words, exact=True).click()


def named(page: StudioPage, name: str) -> None:
    """Enter a name where one is asked for."""
    dialog = page.page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill(name)
    dialog.get_by_role("button", name="Save", exact=True).click()


def test_a_form_under_a_name_comes_back_whole_and_in_part_and_is_kept_until_it_is_deleted(
    page: StudioPage, tmp_path: Path
) -> None:
    own = uuid.uuid4().hex[:6]
    name, later = f"<img src=x onerror=alert(1)> ${{1}} {own}", f"Evening {own}"
    picture = media_samples.png(tmp_path / "pond.png", seed=41)
    page.choose(UPSCALE)
    page.fill(UPSCALE, {"image": picture, "factor": 3, "filter": "bicubic"})
    saved = page.read_all(UPSCALE)
    expect(opened(page).get_by_role("menuitem").first).to_be_focused()
    page.page.get_by_role("menuitem", name="Save the form as a preset…").click()
    named(page, name)
    expect(page.notice).to_contain_text(f"The form is saved as “{name}”.")
    opened(page).get_by_role("menuitem", name="Save the form as a preset…").click()
    named(page, name.upper())
    expect(page.page.get_by_role("dialog")).to_contain_text("already: choose another name, or overwrite that one.")
    page.page.keyboard.press("Escape")

    page.fill(UPSCALE, {"image": None, "factor": 5, "filter": "nearest"})
    changed = page.read_all(UPSCALE)
    page.choose("pattern")
    item = opened(page).get_by_role("menuitem", name=name, exact=False).first
    expect(item).to_contain_text(name + "Upscale")
    item.click()
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all(UPSCALE) == saved
    page.notice.get_by_role("button", name="Undo").click()
    expect(page.notice).to_contain_text("Undone")
    page.choose(UPSCALE)
    assert page.read_all(UPSCALE) == changed
    act(page, name, "Choose…")
    expect(page.page.get_by_role("columnheader", name="In the preset")).to_be_visible()
    page.choosing.tick(["factor"])
    page.choosing.apply()
    expect(page.notice).to_contain_text("Restored 1 input of Upscale")
    assert page.read_all(UPSCALE) == changed | {"factor": 3}

    for undone in (True, False):
        act(page, name, "Overwrite with the form")
        expect(page.notice).to_contain_text("holds the form as it is now.")
        if undone:
            page.notice.get_by_role("button", name="Undo").click()
            expect(page.notice).to_contain_text("holds again what it held.")
            opened(page).get_by_role("menuitem", name=name, exact=False).first.click()
            expect(page.notice).to_contain_text("Restored all")
            assert page.read_all(UPSCALE) == saved
            page.notice.get_by_role("button", name="Undo").click()
            expect(page.notice).to_contain_text("Undone")
    act(page, name, "Rename…")
    named(page, later)
    expect(page.notice).to_contain_text(f"is called “{later}” now.")
    page.fill(UPSCALE, {"factor": 7})
    page.wait_until(lambda: page.draft(UPSCALE).get("factor") == 7)
    page.reload()
    page.page.locator(".presets button:visible").press("Enter")
    item = page.page.get_by_role("menuitem", name=later, exact=True)
    expect(item).to_be_focused()
    more, save = f"More of {later}", "Save the form as a preset…"
    for key, name in (("ArrowRight", more), ("ArrowUp", later), ("ArrowUp", save)):
        page.page.keyboard.press(key)
        expect(page.page.get_by_role("menuitem", name=name, exact=True)).to_be_focused()
    item.press("Enter")
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all(UPSCALE) == changed | {"factor": 3}

    act(page, later, "Delete")
    expect(page.notice).to_contain_text(f"“{later}” is deleted.")
    expect(opened(page)).to_contain_text("No presets in this workspace yet")
    page.page.keyboard.press("Escape")
    page.notice.get_by_role("button", name="Undo").click()
    expect(page.notice).to_contain_text(f"“{later}” is back.")
    expect(opened(page).get_by_role("menuitem", name=later, exact=True)).to_be_visible()
