"""What is dragged, saved or copied of a result is the result itself, or nothing: never the small picture for it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.studio_page import StudioPage

LARGE = {"prompt": "large", "seed": 1, "width": 640, "height": 640}
LISTEN = """() => addEventListener("dragstart", ({ dataTransfer }) => {
  window.carried = Object.fromEntries([...dataTransfer.types].map((type) => [type, dataTransfer.getData(type)]));
})"""
WITHIN_REACH = """() => [...document.querySelectorAll("img[src*='?preview']:not(.result)")].filter((image) => {
  image.scrollIntoView({ block: "nearest" });
  const { left, top, width, height } = image.getBoundingClientRect();
  return image.draggable || document.elementsFromPoint(left + width / 2, top + height / 2).includes(image);
}).map((image) => image.outerHTML)"""
"""The small pictures that a browser's menu or a drag would take; that on the stage becomes the file in that moment."""


@pytest.fixture
def card(page: StudioPage) -> Locator:
    """A finished job whose picture is larger than a small one."""
    page.choose("pattern")
    page.fill("pattern", LARGE)
    made = page.generate("pattern")
    expect(made.locator("img.poster")).to_have_js_property("naturalWidth", 512)
    return made


def carried_by(page: StudioPage, picture: Locator, to: Locator) -> dict[str, str]:
    """Drag the picture there; the data that the drag carries."""
    page.page.evaluate(LISTEN)
    picture.hover()
    page.page.mouse.down()
    to.hover()
    to.hover()
    page.page.mouse.up()
    carried: dict[str, str] = page.page.evaluate("window.carried ?? {}")
    return carried


@pytest.mark.parametrize("place", [".card .open", ".scene img.result"])
def test_a_result_that_is_dragged_into_an_input_is_there_itself(page: StudioPage, card: Locator, place: str) -> None:
    page.choose("upscale")
    page.fill("upscale", {"factor": 3})
    field = page.field("upscale", "image")
    carried = carried_by(page, page.page.locator(place).first, field)
    result = page.job(card)["result_url"]
    name = card.page.locator(".scene a[download]").get_attribute("download")
    assert carried["text/uri-list"].endswith(f"/studio/media/{result}")
    assert carried["downloadurl"] == f"application/octet-stream:{name}:{carried['text/uri-list']}"
    assert carried["text/html"] == f'<img src="{carried["text/uri-list"]}">'
    expect(field.locator("[data-testid=image] img")).to_have_js_property("naturalWidth", 640)
    expect(page.notice).to_contain_text("The result is now Image of Upscale.")
    assert page.read("upscale", "image") == page.result(card)
    assert page.read("upscale", "factor") == 3


def test_a_result_takes_the_place_of_the_file_it_is_dragged_onto(
    page: StudioPage, card: Locator, tmp_path: Path
) -> None:
    page.choose("image-edit")
    page.fill("image-edit", {"image": media_samples.png(tmp_path / "a.png", size=(64, 48)), "operation": "blur"})
    carried_by(page, card.locator(".open"), page.field("image-edit", "image"))
    expect(page.notice).to_contain_text("The result is now Image of Image Edit.")
    assert page.read("image-edit", "image") == page.result(card)
    assert page.read("image-edit", "operation") == "blur"


def test_a_result_of_another_kind_is_not_taken(page: StudioPage, card: Locator) -> None:
    page.choose("audio-edit")
    carried_by(page, card.locator(".open"), page.field("audio-edit", "audio"))
    expect(page.notice).to_contain_text("This is an image, but a sound is needed.")
    assert page.read("audio-edit", "audio") is None


def test_no_small_picture_can_be_dragged_saved_or_copied(page: StudioPage, card: Locator) -> None:
    def none_is_within_reach() -> None:
        assert page.page.evaluate(WITHIN_REACH) == []

    result = page.job(card)["result_url"]
    none_is_within_reach()
    on_stage = page.page.locator(".scene img.result")
    expect(on_stage).to_have_js_property("naturalWidth", 640)
    on_stage.dispatch_event("contextmenu")
    assert str(on_stage.get_attribute("src")).endswith(f"/studio/media/{result}")
    page.choose("upscale")
    page.send_on("Upscale: Image")
    expect(page.notice).to_contain_text("The result is now Image of Upscale.")
    made = page.generate("upscale")
    none_is_within_reach()
    page.ask(made, "Choose…")
    expect(page.page.locator("dialog.choose img").first).to_have_js_property("naturalWidth", 512)
    none_is_within_reach()
    page.page.keyboard.press("Escape")
    thumbnail = page.details(made).locator(".facts img")
    expect(thumbnail).to_have_js_property("naturalWidth", 512)
    none_is_within_reach()
    carried: dict[str, Any] = carried_by(page, thumbnail.locator(".."), page.page.locator("dialog.job-details .close"))
    assert carried["text/uri-list"].endswith(f"/studio/media/{result}")


def test_cards_that_are_dragged_onto_a_workspace_move_there_and_back(page: StudioPage, card: Locator) -> None:
    here = page.workspace
    page.new_workspace()
    there = page.workspace
    page.switch_workspace(here)
    second = page.generate("pattern")
    second.locator(".open").click(modifiers=["ControlOrMeta"])
    card = page.cards.last
    card.locator(".open").click(modifiers=["ControlOrMeta"])
    expect(page.page.locator(".chosen-number")).to_have_text("2 chosen")

    def drag(card: Locator) -> None:
        card.locator(".open").hover()
        page.page.mouse.down()
        for _ in range(2):
            page.page.locator(".workspace-choice").hover()
        page.page.locator(".drop-place", has_text=there).hover()
        page.page.mouse.up()

    drag(card)
    expect(page.cards).to_have_count(0)
    expect(page.page.locator(".drop-places")).to_be_hidden()
    page.page.locator(".gallery .undos").get_by_role("button", name="Undo").click()
    expect(page.cards).to_have_count(2)

    drag(card)
    expect(page.cards).to_have_count(1)
    page.switch_workspace(there)
    expect(page.cards).to_have_count(1)
