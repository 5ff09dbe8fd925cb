"""The studio around the form: workspaces, cards, refusals, hostile texts, phone width and keyboard."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Locator, expect

from storage.database import open_database
from storage.jobs.queue import QueueStore
from storage.jobs.store import JobStore
from storage.workspaces import WorkspaceStore
from studio.settings import LOCAL_USER, Settings
from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage, has
from tests.storage.job_samples import new_job

HOSTILE = "${alert(1)} {{7*7}} <img src=x onerror=alert(1)> C:\\users"
SMALL = {"prompt": "small", "seed": 1, "width": 128, "height": 128}


def test_a_workspace_shows_only_its_own_jobs(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern")
    first = page.workspace
    page.new_workspace()
    expect(page.cards).to_have_count(0)
    expect(page.page.get_by_text("No jobs yet")).to_be_visible()
    page.switch_workspace(first)
    expect(page.cards).to_have_count(1)


def test_the_page_opens_with_the_workspace_that_was_used_last(page: StudioPage) -> None:
    first, gallery = page.workspace, page.page.locator(".gallery")
    page.new_workspace()
    page.open()
    expect(gallery).to_have_attribute("data-workspace", page.workspace)
    page.switch_workspace(first)
    page.open()
    expect(gallery).to_have_attribute("data-workspace", first)
    expect(page.page.locator(".workspace-choice input")).to_have_value(first)


def test_a_workspace_is_renamed_and_deleted_only_when_empty(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern")
    name = f"{page.workspace} <img src=x onerror=alert(1)>"
    page.name_workspace("rename", name)
    expect(page.page.locator(".workspace-choice input")).to_have_value(name)
    page.page.locator(".workspace-delete").click()
    refused = f"“{name}” still has a job: delete it first, with the bin on its card. Deleted jobs can be put back."
    expect(page.page.locator(".undo")).to_have_text(refused)
    page.page.locator(".workspace-delete").click()
    expect(page.page.locator(".undo")).to_have_text([refused])
    page.new_workspace()
    page.page.locator(".workspace-delete").click()
    expect(page.page.locator(".workspace-choice input")).not_to_have_value(page.workspace)


def test_a_workspace_is_named_by_the_keyboard_alone(page: StudioPage) -> None:
    chosen, keys = page.page.locator(".workspace-choice input"), page.page.keyboard
    box = page.page.locator("#name-dialog-box")
    page.page.locator(".workspace-new").press("Enter")
    expect(box).to_be_focused()
    keys.press("Escape")
    expect(chosen).to_have_value(page.workspace)
    expect(box).to_be_hidden()

    page.page.locator(".workspace-rename").press("Enter")
    expect(box).to_be_focused()
    expect(box).to_have_value(page.workspace)
    page.workspace = f"typed over {page.workspace}"
    keys.type(page.workspace)
    keys.press("Enter")
    expect(chosen).to_have_value(page.workspace)


def test_a_deleted_workspace_is_told_of_and_put_back_with_what_is_in_its_bin(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern").locator(".delete").click()
    expect(page.cards).to_have_count(0)
    delete, gallery = page.page.locator(".workspace-delete"), page.page.locator(".gallery")
    page.page.locator(".workspace-rename").focus()
    page.page.keyboard.press("Tab")
    expect(delete).to_be_focused()
    page.page.keyboard.press("Enter")
    told = page.page.locator(".undo", has_text=f"Deleted the workspace {page.workspace}")
    expect(told.get_by_role("button", name="Undo")).to_be_focused()
    expect(gallery).not_to_have_attribute("data-workspace", page.workspace)
    page.page.keyboard.press("Enter")
    expect(gallery).to_have_attribute("data-workspace", page.workspace)
    expect(page.page.locator(".workspace-choice input")).to_have_value(page.workspace)
    expect(told).to_have_count(0)
    page.show_bin()
    expect(page.cards.locator(".prompt")).to_have_text(["small"])


@pytest.mark.parametrize("width", [390, 1440])
def test_a_message_does_not_stand_over_what_it_is_about(page: StudioPage, width: int) -> None:
    page.page.set_viewport_size({"width": width, "height": 900})
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern")
    if width == 390:
        page.page.locator(".workspace-more").click()
        page.page.get_by_role("menuitem", name="Delete").click()
    else:
        page.page.locator(".workspace-delete").click()
    message = page.page.locator(".undo")
    expect(message).to_contain_text("still has a job: delete it first")
    expect(message).to_be_in_viewport(ratio=1)
    page.wait_until(lambda: _are_apart(message, page.page.locator(".workspace-bar")))


def _are_apart(one: Locator, other: Locator) -> bool:
    """Whether one of the two is whole above the other."""
    places = [place for place in (one.bounding_box(), other.bounding_box()) if place]
    (top, bottom), (other_top, other_bottom) = ((place["y"], place["y"] + place["height"]) for place in places)
    return bottom <= other_top or other_bottom <= top


def test_a_job_is_marked_deleted_and_brought_back(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    card = page.generate("pattern")
    card.locator(".favourite").click()
    expect(card.locator(".favourite")).to_have_attribute("aria-pressed", "true")
    page.wait_until(lambda: page.job(card)["favourite"] == 1)
    card.locator(".delete").click()
    expect(page.cards).to_have_count(0)
    page.page.locator(".undos").get_by_role("button", name="Undo").click()
    expect(page.cards).to_have_count(1)


def test_the_stage_moves_on_from_a_deleted_job_and_back_with_undo_and_put_back(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern")
    page.fill("pattern", {"prompt": "newer"})
    page.generate("pattern")
    on_stage = page.page.locator(".scene .prompt")
    expect(on_stage).to_have_text("newer")
    page.cards.first.locator(".delete").click()
    expect(on_stage).to_have_text("small")
    page.page.locator(".undos").get_by_role("button", name="Undo").click()
    expect(on_stage).to_have_text("newer")
    page.cards.first.locator(".delete").click()
    expect(on_stage).to_have_text("small")
    page.cards.first.locator(".delete").click()
    expect(page.page.get_by_text("Make something")).to_be_visible()
    page.show_bin()
    expect(page.cards).to_have_count(2)
    page.page.get_by_role("button", name="Put back: newer").click()
    expect(on_stage).to_have_text("newer")
    expect(page.cards).to_have_count(1)


def test_a_running_job_shows_steps_and_its_picture_in_the_making_and_is_cancelled(
    page: StudioPage, tmp_path: Path
) -> None:
    page.choose("ken-burns")
    picture = media_samples.png(tmp_path / "p.png", size=(640, 480))
    page.fill("ken-burns", {"image": picture, "duration": 60, "size": "1280x720", "fps": 24})
    page.group("ken-burns").locator(".generate").click()
    expect(page.page.locator(".scene .progress")).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
    expect(page.page.locator(".scene .work-steps")).to_have_text(re.compile(r"^Step \d+ of 1440 · .+ left$"))
    for making in (".scene .making", ".card .making"):
        page.page.wait_for_function("(one) => document.querySelector(one)?.naturalWidth === 512", arg=making)
    page.page.locator(".scene .cancel").click()
    expect(page.cards.first).to_have_class(has("is-cancelled"))
    expect(page.page.locator(".scene")).to_contain_text("Cancelled")
    expect(page.page.locator(".making")).to_have_count(0)
    page.fill("ken-burns", {"duration": 1})
    page.page.locator(".scene .reuse").click()
    expect(page.notice).to_contain_text("Restored all")
    assert page.read("ken-burns", "duration") == 60
    assert page.read("ken-burns", "image") == picture.read_bytes()


def test_a_long_queue_is_steered_shown_in_part_and_cancelled_at_the_second_press(
    page: StudioPage, studio: Studio
) -> None:
    database = open_database(Settings(data_dir=studio.data_dir).database)
    jobs, place = JobStore(database), WorkspaceStore(database)
    here = next(one.id for one in place.list(LOCAL_USER) if one.name == page.workspace)
    QueueStore(database).pause(LOCAL_USER, True)
    for number in range(30):
        jobs.create(new_job(LOCAL_USER, workspace_id=here, model_id="gone", prompt=f"number {number}"))
    queue = page.page.locator(".queue")
    expect(queue.locator("li")).to_have_count(19)
    expect(queue).to_contain_text("Paused: what runs goes on")
    expect(queue.locator("li .prompt").first).to_have_text("number 1")
    expect(queue).to_contain_text("and 10 more")
    third = queue.locator("li", has_text="number 3")
    third.locator("[data-to=up]").click()
    expect(queue.locator("li .prompt").nth(1)).to_have_text("number 3")
    expect(third.locator("[data-to=up]")).to_be_focused()
    page.page.keyboard.press("Alt+ArrowDown")
    expect(queue.locator("li .prompt").nth(2)).to_have_text("number 3")
    button = queue.locator("[data-do=cancelAll]")
    button.click()
    expect(button).to_have_text("Press again to cancel all")
    assert jobs.queue(LOCAL_USER, here).total == 30
    button.click()
    expect(queue).to_be_hidden()
    expect(page.page.locator(".card.is-cancelled")).to_have_count(24)
    assert jobs.queue(LOCAL_USER, here).total == 0
    QueueStore(database).pause(LOCAL_USER, False)
    page.page.locator(".scene [data-do=again]").click()
    expect(page.notice).to_contain_text("The model gone does not exist here any more")


@pytest.mark.parametrize("model_id", ["flux-krea", "qwen-image-edit", "wan-animate"])
def test_a_model_that_is_not_set_up_says_what_is_missing_and_loses_nothing(page: StudioPage, model_id: str) -> None:
    page.choose(model_id)
    page.fill(model_id, {"prompt": "a harbour at dawn"})
    before = page.read_all(model_id)
    page.group(model_id).locator(".generate").click()
    expect(page.notice).to_contain_text("set RUNPOD_API_KEY")
    expect(page.notice).to_be_in_viewport()
    assert page.read_all(model_id) == before
    expect(page.cards).to_have_count(0)


def test_a_model_that_is_not_set_up_is_marked_in_the_list_and_says_so_before_generate(page: StudioPage) -> None:
    box = page.page.locator(".model-choice input:visible")
    box.click()
    note = "(option) => getComputedStyle(option, '::after').content"
    option = page.page.get_by_role("option", name="FLUX Krea")
    page.wait_until(lambda: option.evaluate(note) == '"not set up"')
    assert page.page.get_by_role("option", name="Collage").evaluate(note) in ("none", "normal")
    box.press("Escape")
    expect(page.group("pattern").locator("[id^=missing-]")).to_have_count(0)
    page.choose("flux-krea")
    expect(page.page.locator("#missing-flux-krea")).to_contain_text("set RUNPOD_API_KEY")


def test_a_file_that_is_not_what_it_says_is_refused_at_its_field(page: StudioPage, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_text("not a picture")
    page.choose("upscale")
    field = page.field("upscale", "image")
    field.locator("input[type=file]").first.set_input_files(tmp_path / "picture.png")
    expect(field.locator("img[src*='/gradio_api/file=']").first).to_be_attached()
    page.group("upscale").locator(".generate").click()
    words = page.refusal("upscale", "image")
    expect(words).to_contain_text("Image: This is no picture that can be read")
    expect(words).to_contain_text("PNG")
    expect(words).not_to_contain_text("MP4")
    expect(page.cards).to_have_count(0)


@pytest.mark.parametrize(
    ("model_id", "name", "content", "said"),
    [
        ("image-edit", "image", b"not a picture", "Image: This is no picture that can be read"),
        ("image-edit", "image", b"", "Image: The file is empty."),
        ("audio-edit", "audio", b"not a sound", "Sound: This is no sound that can be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_as_soon_as_it_is_there(
    page: StudioPage, tmp_path: Path, model_id: str, name: str, content: bytes, said: str
) -> None:
    file = tmp_path / {"image": "fake.png", "audio": "fake.wav"}[name]
    file.write_bytes(content)
    page.choose(model_id)
    page.fill(model_id, {name: file})
    words = page.refusal(model_id, name)
    expect(words).to_contain_text(said)
    page.fill(model_id, {name: None})
    expect(words).to_have_count(0)
    page.errors = [error for error in page.errors if "Waveform load error" not in error]  # Gradio says so too


def test_a_picture_that_only_the_browser_cannot_show_is_taken(page: StudioPage, tmp_path: Path) -> None:
    page.choose("image-edit")
    with page.page.expect_response(lambda answer: "scan.tiff" in (answer.request.post_data or "")) as told:
        page.fill("image-edit", {"image": media_samples.image(tmp_path / "scan.tiff")})
    assert told.value.json()["data"] == [{"refused": {}, "fault": ""}]
    expect(page.refusal("image-edit", "image")).to_have_count(0)


def test_help_opens_at_its_mark_by_pointer_focus_and_tap_and_describes_the_field(page: StudioPage) -> None:
    bubble = page.page.locator(".help-bubble")

    def mark(name: str, model_id: str = "pattern") -> Locator:
        return page.field(model_id, name).locator(".help-mark")

    mark("layers").hover()
    expect(bubble).to_have_text("How many ridges stand behind each other.")
    page.page.get_by_role("heading", name="Studio").hover()
    expect(bubble).to_be_hidden()
    mark("seed").focus()
    expect(bubble).to_contain_text("The same seed gives the same picture again")
    page.page.keyboard.press("Escape")
    expect(bubble).to_be_hidden()
    page.fill("pattern", {"width": 128, "height": 128})
    page.generate("pattern")
    mark("seed").focus()
    page.page.keyboard.press("l")
    expect(page.page.get_by_role("dialog", name="Labels")).to_be_visible()
    page.page.keyboard.press("Escape")  # brings the focus back while the menu closes
    expect(mark("seed")).to_be_focused()
    expect(bubble).to_contain_text("The same seed gives the same picture again")
    prompt = page.field("pattern", "prompt").locator("textarea")
    expect(prompt).to_have_accessible_name("Prompt")
    expect(prompt).to_have_accessible_description(re.compile("^Words choose the colours"))
    expect(page.field("pattern", "layers").locator("[type=range]")).to_have_accessible_description(re.compile("ridges"))

    page.choose("upscale")
    page.fill("upscale", {"media_type": "video"})
    mark("video", "upscale").click()
    expect(bubble).to_contain_text("Its sound is kept.")
    page.fill("upscale", {"media_type": "image"})
    expect(bubble).to_be_hidden()


def test_a_form_of_pattern_needs_no_scrolling(page: StudioPage) -> None:
    """At 1440 x 900, which is the size of all pages of the tests."""
    form = "document.querySelector('.studio-form')"
    page.page.wait_for_function(f"() => {form}.scrollHeight === {form}.clientHeight")
    lines = "(box) => box.clientHeight / parseFloat(getComputedStyle(box).lineHeight)"
    assert page.field("pattern", "prompt").locator("textarea").evaluate(lines) >= 4


def test_no_button_but_the_one_for_it_takes_a_picture_out(page: StudioPage, tmp_path: Path) -> None:
    page.choose("image-edit")
    field = page.field("image-edit", "image")
    sources = field.get_by_test_id("source-select").get_by_role("button")
    expect(sources).to_have_accessible_name("Paste from clipboard")
    page.fill("image-edit", {"image": media_samples.png(tmp_path / "picture.png")})
    expect(sources).to_have_count(0)
    field.get_by_role("button", name="Remove Image").click()
    expect(sources).to_have_accessible_name("Paste from clipboard")


def test_a_picture_is_pasted_and_none_that_is_not_there(page: StudioPage) -> None:
    page.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.choose("image-edit")
    field = page.field("image-edit", "image")
    page.page.evaluate("navigator.clipboard.writeText('words')")
    field.get_by_role("button", name="Paste from clipboard").click()
    page.page.evaluate(COPY_A_PICTURE)
    field.get_by_role("button", name="Upload file").click()
    field.get_by_role("button", name="Paste from clipboard").click()
    expect(field.locator("img[src*='/gradio_api/file=']")).to_be_attached()


COPY_A_PICTURE = """async () => {
  const canvas = new OffscreenCanvas(40, 30);
  canvas.getContext("2d").fillRect(0, 0, 20, 20);
  await navigator.clipboard.write([new ClipboardItem({ "image/png": canvas.convertToBlob({ type: "image/png" }) })]);
}"""


def test_no_button_of_a_sound_publishes_it(page: StudioPage, tmp_path: Path) -> None:
    page.choose("audio-edit")
    page.fill("audio-edit", {"audio": media_samples.audio(tmp_path / "sound.wav")})
    field = page.field("audio-edit", "audio")
    expect(field.locator("[aria-label=Download]")).to_be_visible()
    expect(field.locator("[aria-label=Share]")).to_have_count(0)
    expect(field.get_by_role("button", name="Record audio")).to_have_count(0)


def test_a_number_outside_its_limits_is_named_with_them_at_its_field(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", {"seed": -5})
    page.group("pattern").locator(".generate").click()
    refused = page.refusal("pattern", "seed")
    expect(refused).to_contain_text("Seed must be empty for a random seed, or a whole")
    expect(refused).to_be_in_viewport()
    expect(page.page.get_by_test_id("toast-body")).to_have_count(0)


def test_a_folded_field_that_does_not_take_what_it_holds_is_unfolded(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", {**SMALL, "width": 1000})
    page.group("pattern").locator(".advanced > button").click()
    expect(page.page.locator("#field-pattern-width")).to_be_hidden()
    page.group("pattern").locator(".generate").click()
    refused = page.refusal("pattern", "width")
    expect(refused).to_contain_text("Width must be a multiple of 64 between 128 and 2048")
    expect(refused).to_be_in_viewport()
    expect(page.cards).to_have_count(0)
    page.fill("pattern", {"width": 128})
    page.generate("pattern")
    expect(refused).to_have_count(0)


WRONG: dict[str, tuple[str, str, Any, Any, str]] = {
    "a text": ("pattern", "prompt", "a __nothing__", "a fox", "textarea"),
    "a number": ("pattern", "seed", "abc", 7, "input"),
    "a slider": ("pattern", "width", 1000, 256, ".tab-like-container"),
    "a picture": ("image-edit", "image", None, lambda folder: media_samples.png(folder / "a.png"), ":scope"),
    "a sound": ("audio-edit", "audio", None, lambda folder: media_samples.audio(folder / "a.wav"), ":scope"),
}


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize("case", WRONG)
def test_what_a_field_does_not_take_stands_below_it_until_it_changes(
    page: StudioPage, case: str, width: int, tmp_path: Path
) -> None:
    model_id, name, wrong, right, bordered = WRONG[case]
    page.page.set_viewport_size({"width": width, "height": 900})
    page.choose(model_id)
    page.fill(model_id, {name: wrong})
    page.group(model_id).locator(".generate").click()
    words, field = page.refusal(model_id, name), page.field(model_id, name)
    expect(words).to_be_in_viewport()
    assert words.evaluate(COVERED, field.element_handle()) == []
    box = field.locator(bordered).first if bordered != ":scope" else field
    (colour,) = set(box.evaluate(BORDERS))
    assert colour == words.evaluate("(words) => getComputedStyle(words).color")
    page.fill(model_id, {name: right(tmp_path) if callable(right) else right})
    expect(words).to_have_count(0)
    expect(page.page.locator("[data-refused], [aria-invalid]")).to_have_count(0)


COVERED = """(words, field) => [field, ...field.querySelectorAll("label, textarea, input, button")]
  .filter((one) => !one.contains(words) && one.checkVisibility())
  .filter((one) => one.getBoundingClientRect().bottom > words.getBoundingClientRect().top)
  .map((one) => one.outerHTML)"""
BORDERS = """(box) => ["top", "right", "bottom", "left"].map((side) => getComputedStyle(box)[`border-${side}-color`])"""


def test_what_a_field_did_not_take_is_forgotten_with_a_reuse(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    card = page.generate("pattern")
    page.fill("pattern", {"seed": "abc"})
    page.group("pattern").locator(".generate").click()
    expect(page.refusal("pattern", "seed")).to_be_visible()
    page.reuse(card)
    expect(page.refusal("pattern", "seed")).to_have_count(0)


def test_hostile_texts_are_shown_as_texts_everywhere(page: StudioPage, tmp_path: Path) -> None:
    page.new_workspace(f"{page.workspace} {HOSTILE}")
    name = "<img src=x onerror=alert(1)>${alert(2)}.png"
    picture = media_samples.png(tmp_path / name, seed=404)  # of its own: what is stored keeps its first name
    page.choose("image-edit")
    page.fill("image-edit", {"image": picture, "operation": "text", "text": HOSTILE})
    dialog = page.details(page.generate("image-edit"))
    expect(dialog.get_by_text(HOSTILE, exact=True).first).to_be_visible()
    expect(dialog.get_by_text("onerror=alert(1)>${alert(2)}.png").first).to_be_visible()
    page.page.keyboard.press("Escape")

    page.choose("pattern")
    page.fill("pattern", {**SMALL, "prompt": HOSTILE})
    card = page.generate("pattern")
    expect(card.locator(".prompt")).to_have_text(HOSTILE)
    expect(page.page.locator(".scene .prompt")).to_have_text(HOSTILE)
    page.reuse(card)
    assert page.read("pattern", "prompt") == HOSTILE
    page.reload()
    assert page.page.locator("img[src='x']").count() == 0


def test_what_a_damaged_record_holds_is_shown_as_text_in_the_notice(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    card = page.generate("pattern")
    page.store(card, "options", json.dumps({**page.job(card)["options"], "<img src=x>": 1, "style": "${alert(1)}"}))
    page.reuse(card)
    expect(page.notice).to_contain_text("<img src=x>: Pattern has no such input")
    expect(page.notice).to_contain_text("Style: ${alert(1)} must now be one of")
    assert page.read("pattern", "style") == "hills"


@pytest.mark.parametrize("column", ["created_at", "result_url", "favourite"])
def test_a_damaged_job_is_named_reused_and_deleted(page: StudioPage, column: str) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    job_id = page.generate("pattern").get_attribute("data-job") or ""
    card = page.card(job_id)
    hostile = "<img src=x onerror=alert(1)>${alert(2)}/../../etc/passwd"
    page.store(card, column, hostile)
    expect(card.locator(".why")).to_contain_text(f"This job's record is damaged: {column} is no ")
    expect(card.locator(".why")).to_contain_text(hostile)
    expect(page.details(card).locator(".problem")).to_contain_text(hostile)
    page.page.keyboard.press("Escape")
    page.fill("pattern", {"prompt": "other"})
    page.reuse(card)
    assert page.read("pattern", "prompt") == "small"
    card.locator(".delete").click()
    expect(page.cards).to_have_count(0)
    assert page.page.locator("img[src='x']").count() == 0


def test_nothing_scrolls_sideways_on_a_phone_and_reuse_works_there(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    card = page.generate("pattern")
    page.page.set_viewport_size({"width": 390, "height": 844})
    assert page.page.evaluate("document.documentElement.scrollWidth") == 390
    page.page.evaluate("scrollTo(0, 0)")
    expect(page.group("pattern").locator(".generate")).to_be_in_viewport(ratio=1)
    page.fill("pattern", {"prompt": "other"})
    page.reuse(card)
    assert page.read("pattern", "prompt") == "small"
    expect(page.group("pattern")).to_be_in_viewport()


def test_on_a_phone_what_was_generated_is_one_tap_away(page: StudioPage) -> None:
    """The stage stands far below the form."""
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.page.evaluate("scrollTo(0, 0)")
    page.group("pattern").locator(".generate").click()
    expect(page.cards).to_have_count(1)
    expect(page.page.locator(".news")).to_contain_text("Done")
    expect(page.group("pattern").locator(".generate")).to_be_in_viewport(ratio=1)
    page.page.locator(".news .news-job").click()
    expect(page.page.locator(".scene img.result")).to_be_in_viewport(ratio=1)


def test_on_a_phone_what_is_refused_is_looked_at_and_not_the_stage(page: StudioPage) -> None:
    page.choose("upscale")
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.group("upscale").locator(".generate").click()
    expect(page.refusal("upscale", "image")).to_be_in_viewport(ratio=1)


STATUS = "[data-testid=status-tracker]"  # tells of the last event, which on a busy machine may be yet to come
SHOWN = f":is(#studio, .studio-header) *:not({STATUS}, {STATUS} *)"
PLACES = f"""() => [...document.querySelectorAll("{SHOWN}")].map((node) => {{
  const {{ x, y, width, height }} = node.getBoundingClientRect();
  return [node.tagName, node.getAttribute("class"), x, y, width, height];
}})"""


def settled(page: StudioPage) -> Any:
    """Where everything is, once it stays there."""
    looks = [page.page.evaluate(PLACES)]

    def stays() -> bool:
        looks.append(page.page.evaluate(PLACES))
        return bool(looks[-1] == looks[-2])

    page.wait_until(stays)
    return looks[-1]


def test_a_tab_that_has_no_place_beside_the_others_is_opened_from_the_menu(page: StudioPage) -> None:
    """As with letters of twice the size."""
    page.page.add_style_tag(content=".model-tabs .tab-wrapper button { font-size: 28px !important; }")
    page.page.evaluate("dispatchEvent(new Event('resize'))")
    page.page.locator(".model-tabs .overflow-menu > button").click()
    page.page.locator(".model-tabs .overflow-dropdown button", has_text="Audio").click()
    expect(page.group("audio-edit")).to_be_visible()
    expect(page.page.locator("#field-audio-edit-audio")).to_be_visible()
    assert page.page.evaluate("studio.form.selected()") == "audio-edit"


@pytest.mark.parametrize("width", [390, 1440])
def test_everything_has_the_same_place_in_light_and_dark(page: StudioPage, width: int) -> None:
    page.page.set_viewport_size({"width": width, "height": 900})
    places = []
    for scheme in ("light", "dark"):
        page.page.emulate_media(color_scheme=scheme)
        page.open()
        expect(page.page.locator(".scene")).to_have_attribute("data-shown", re.compile("."))
        places.append(settled(page))
    assert places[0] == places[1]


def test_a_text_from_right_to_left_is_written_so_where_it_is_typed(page: StudioPage) -> None:
    page.choose("pattern")
    box = page.field("pattern", "prompt").locator("textarea")

    def ink() -> tuple[float, float]:
        """Where the text begins and ends, as shares of its box's width."""
        box.blur()
        picture = Image.open(io.BytesIO(box.screenshot())).convert("L")
        inner = picture.crop((6, 6, picture.width - 6, picture.height - 6))
        left, _, right, _ = ImageChops.difference(inner, Image.new("L", inner.size, inner.getpixel((1, 1)))).getbbox()
        return left / inner.width, right / inner.width

    page.fill("pattern", {"prompt": "lake"})
    left, right = ink()
    assert left < 0.1
    assert right < 0.5
    page.fill("pattern", {"prompt": "بحيرة"})
    left, right = ink()
    assert left > 0.5
    assert right > 0.9


def test_the_keyboard_alone_generates_and_reuses(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.field("pattern", "prompt").locator("textarea").press("Control+Enter")
    expect(page.cards).to_have_count(1)
    expect(page.cards.first).to_have_class(has("is-completed"))
    page.fill("pattern", {"prompt": "other"})
    page.cards.first.locator(".reuse").focus()
    page.page.keyboard.press("Enter")
    expect(page.notice).to_contain_text("Restored all")
    assert page.read("pattern", "prompt") == "small"


@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_a_list_closes_when_the_keyboard_leaves_it(page: StudioPage, key: str) -> None:
    page.choose("pattern")
    lists = page.page.get_by_role("listbox")
    for name in ("Workspace", "Model", "Style", "Palette"):
        page.page.get_by_role("combobox", name=name).locator("visible=true").focus()
        expect(lists).to_have_count(1)
        page.page.keyboard.press(key)
        expect(page.page.get_by_role("combobox", name=name).locator("visible=true")).not_to_be_focused()
        expect(lists).to_have_count(0)


def test_a_long_name_ends_before_the_arrow_of_its_list(page: StudioPage) -> None:
    page.new_workspace(f"{page.workspace} at night with a very long name that goes on")
    room = """(box) => {
      const arrow = box.closest(".wrap").querySelector(".icon-wrap").getBoundingClientRect();
      const { paddingRight, textOverflow } = getComputedStyle(box);
      return [arrow.left - box.getBoundingClientRect().right + parseFloat(paddingRight), textOverflow];
    }"""
    space, overflow = page.page.locator(".workspace-choice input").evaluate(room)
    assert space >= 0
    assert overflow == "ellipsis"


def test_every_list_to_choose_from_has_its_arrow(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", SMALL)
    page.generate("pattern")
    page.page.get_by_role("button", name="Filters").click()
    looks = page.page.locator("select:visible").evaluate_all(
        "(lists) => lists.map((one) => getComputedStyle(one).appearance)"
    )
    assert len(looks) > 1
    assert set(looks) <= {"auto", "base-select"}


def test_what_comes_into_the_gallery_has_nothing_else_styled_anew(page: StudioPage, tmp_path: Path) -> None:
    """As it is where an element around it is looked at by :has(): then a few hundred are, in each frame of a scroll."""
    add = """() => {
      const card = document.querySelector(".cards").appendChild(document.createElement("li"));
      card.className = "card";
      card.innerHTML = `<button class="open"><span class="picture"></span></button>`;
      return getComputedStyle(card).position;
    }"""
    page.page.evaluate(add)
    browser, traced = page.page.context.browser, tmp_path / "trace.json"
    assert browser is not None
    browser.start_tracing(page=page.page, path=traced, categories=["devtools.timeline"])
    try:
        assert [page.page.evaluate(add) for _ in range(5)] == ["absolute"] * 5
    finally:
        browser.stop_tracing()
    events = json.loads(traced.read_text())["traceEvents"]
    styled = [event["args"].get("elementCount", 0) for event in events if event["name"] == "UpdateLayoutTree"]
    assert styled
    assert sum(styled) < 100


@pytest.mark.parametrize("size", [(800, 700), (1179, 1100)])
def test_between_a_phone_and_a_desk_the_form_stays_in_sight(page: StudioPage, size: tuple[int, int]) -> None:
    page.page.set_viewport_size({"width": size[0], "height": size[1]})
    generate = page.group("pattern").locator(".generate")
    expect(generate).to_be_in_viewport(ratio=1)
    page.page.locator(".gallery").evaluate("(gallery) => { gallery.style.minHeight = '3000px'; }")
    page.page.mouse.move(size[0] - 100, 400)
    page.page.mouse.wheel(0, 1500)
    expect(page.page.locator(".studio-header")).not_to_be_in_viewport()
    expect(generate).to_be_in_viewport(ratio=1)
    page.page.mouse.move(100, 400)
    page.page.mouse.wheel(0, 1000)
    expect(page.group("pattern").locator(".advanced .label-wrap")).to_be_in_viewport(ratio=1)
