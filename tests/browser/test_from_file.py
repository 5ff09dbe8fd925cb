"""A file that comes to the page by a drop, a paste or the button fills the form, becomes an input, or is refused."""

import base64
import json
import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser import test_jobs_from_files
from tests.browser.studio_page import StudioPage
from tests.interchange import made_files, test_comfyui

PROMPT = "a lighthouse in heavy rain, " + "waves on black rocks, " * 40 + "<b>film</b>"
INFOTEXT = f"""{PROMPT}
Negative prompt: blurry
Steps: 60, Sampler: Euler a, CFG scale: 6.5, Seed: 4242, Size: 1024x768, Model: z_image_turbo, Clip skip: 2"""
MADE = made_files.png({"parameters": INFOTEXT}, size=(61, 43))
BARE = made_files.png({}, size=(62, 44))
OTHER = made_files.png({}, size=(63, 45))
SEND = """([kinds, selector, name, type, text]) => {
  const data = new DataTransfer(), key = kinds[0] === "paste" ? "clipboardData" : "dataTransfer";
  data.items.add(new File([Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0))], name, { type }));
  const target = document.querySelector(selector);
  for (const kind of kinds) {
    const made = kind === "paste" ? ClipboardEvent : DragEvent;
    target.dispatchEvent(new made(kind, { bubbles: true, cancelable: true, [key]: data }));
  }
  return [...document.querySelectorAll(".may-take .field, .field.may-take")].map((field) => field.id);
}"""


def send(page: StudioPage, kinds: list[str], to: str, name: str, content: bytes, type_: str = "image/png") -> list[str]:
    """The ids of the fields that light up."""
    lit: list[str] = page.page.evaluate(SEND, [kinds, to, name, type_, base64.b64encode(content).decode()])
    return lit


def drop(page: StudioPage, to: str, name: str, content: bytes, type_: str = "image/png") -> None:
    send(page, ["dragenter", "dragover", "drop"], to, name, content, type_)


def panel(page: StudioPage) -> Locator:
    dialog = page.page.locator("dialog.file-panel")
    expect(dialog).to_be_visible()
    return dialog


def test_a_file_of_another_tool_fills_the_form_or_a_part_of_it_and_is_undone(page: StudioPage, tmp_path: Path) -> None:
    page.choose("z-image")
    page.fill("z-image", {"prompt": "mine", "steps": 3, "negative_prompt": "old"})
    before = page.read_all("z-image")
    drop(page, ".studio-gallery", "00042.png", MADE)
    dialog = panel(page)
    expect(dialog.locator("h2")).to_have_text("00042.png")
    expect(dialog.locator(".file-tool")).to_have_text("Made with A1111 · z_image_turbo")
    expect(dialog.locator(".file-prompt")).to_have_text(f"{PROMPT[:599]}…")  # as text, and not all of it
    expect(dialog.locator(".file-picture img")).to_have_js_property("naturalWidth", 61)
    expect(dialog.locator("select")).to_have_value("z-image")
    expect(dialog.locator("[data-do=fill]")).to_be_focused()
    for _ in range(8):
        page.page.keyboard.press("Tab")
        assert page.page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('.file-panel')"
        )
    page.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.read_all("z-image") == before
    send(page, ["paste"], "body", "image.png", MADE)
    panel(page).locator("[data-do=fill]").click()
    expect(page.notice).to_contain_text("Restored 6 of 7 inputs of Z-Image.")
    expect(page.notice).to_contain_text("60 must now be a whole number between 1 and 50, 50 is used")
    expect(page.notice).to_contain_text("Sampler: Z-Image has no such input")
    shown = page.read_all("z-image")
    assert shown == before | {
        **{"prompt": PROMPT, "negative_prompt": "blurry", "steps": 50, "cfg": 6.5, "seed": 4242, "height": 768},
    }
    page.notice.locator("[data-do=undo]").click()
    expect(page.notice).to_contain_text("Undone")
    assert page.read_all("z-image") == before
    (tmp_path / "again.png").write_bytes(MADE)
    with page.page.expect_file_chooser() as chooser:
        page.page.locator(".from-file button:visible").click()
    chooser.value.set_files(tmp_path / "again.png")
    panel(page).locator("[data-do=pick]").click()
    page.choosing.tick(["seed", "cfg"])
    page.choosing.apply()
    expect(page.notice).to_contain_text("Restored 2 inputs of Z-Image")
    assert page.read_all("z-image") == before | {"seed": 4242, "cfg": 6.5}


def test_a_file_without_a_word_becomes_an_input_where_it_fits_or_where_it_is_dropped(page: StudioPage) -> None:
    page.choose("upscale")
    page.fill("upscale", {"factor": 3})
    field = page.field("upscale", "image")
    assert send(page, ["dragenter", "dragover"], ".studio-stage", "harbour.png", BARE) == ["field-upscale-image"]
    drop(page, ".studio-stage", "harbour.png", BARE)
    expect(page.notice).to_contain_text("harbour.png is now Image of Upscale.")
    expect(page.page.locator(".may-take")).to_have_count(0)
    expect(field.locator("[data-testid=image] img")).to_have_js_property("naturalWidth", 62)
    assert page.read("upscale", "image") == BARE
    drop(page, "#field-upscale-image", "other.png", OTHER)  # a second file takes the place of the first
    expect(page.notice).to_contain_text("other.png is now Image of Upscale.")
    assert page.read("upscale", "image") == OTHER
    drop(page, "#field-upscale-image", "notes.txt", b"no picture", "text/plain")
    expect(page.notice).to_contain_text("It is a text without the settings that a tool writes")
    drop(page, "#field-upscale-image", "notes.bin", b"no picture", "application/octet-stream")
    expect(page.notice).to_contain_text("This is not a file that can be used here")
    assert (page.read("upscale", "image"), page.read("upscale", "factor")) == (OTHER, 3)
    assert page.page.url.startswith("http://127.0.0.1")
    made = page.result(page.generate("upscale"))
    before = page.read_all("upscale")
    page.reset()
    page.choose("pattern")
    drop(page, "body", "made here.png", made)  # a file of this studio
    expect(panel(page).locator(".file-tool")).to_have_text("Made with Studio · Upscale")
    panel(page).locator("[data-do=fill]").click()
    expect(page.notice).to_contain_text("inputs of Upscale.")
    expect(page.field("upscale", "image")).to_be_visible()
    assert page.read_all("upscale") == before


def test_where_several_inputs_take_a_file_the_user_says_which_and_where_none_does_it_is_said(page: StudioPage) -> None:
    page.choose("qwen-image-edit")
    drop(page, ".studio-header", "harbour.png", BARE)
    dialog = panel(page)
    expect(dialog.locator("footer")).to_contain_text("Several inputs take it")
    expect(dialog.locator("[data-do=fill]")).to_be_hidden()
    dialog.get_by_role("button", name="Use the file as Second image").click()
    expect(page.notice).to_contain_text("is now Second image of Qwen Image Edit.")
    assert page.read("qwen-image-edit", "image_2") == BARE
    assert page.read("qwen-image-edit", "image") is None
    page.choose("pattern")
    drop(page, ".studio-form", "harbour.png", BARE)
    expect(page.notice).to_contain_text("Pattern takes no picture.")
    drop(page, ".studio-form", "notes.txt", b"no picture", "text/plain")
    expect(page.notice).to_contain_text("notes.txt says nothing of how something was made")
    expect(page.page.locator("dialog[open]")).to_have_count(0)


def test_a_text_fills_the_form_beside_its_picture_alone_and_pasted(page: StudioPage) -> None:
    page.choose("pattern")
    page.fill("pattern", {"prompt": "mine"})
    text = b"a heron\nSteps: 9, Sampler: Euler, Seed: 77"
    test_jobs_from_files.drop(page, {"heron.txt": text, "heron.png": BARE})
    expect(panel(page).locator("h2")).to_have_text("heron.png")
    expect(panel(page).locator(".file-picture img")).to_have_js_property("naturalWidth", 62)
    panel(page).locator("[data-do=fill]").click()
    expect(page.notice).to_contain_text("The file was made with A1111.")
    assert (page.read("pattern", "prompt"), page.read("pattern", "seed")) == ("a heron", 77)

    drop(page, "body", "workflow_api.json", json.dumps(test_comfyui.plain()).encode(), "application/json")
    expect(panel(page).locator(".file-tool")).to_have_text("Made with ComfyUI · dream.safetensors")
    panel(page).locator("[data-do=close]").click()

    page.fill("pattern", {"prompt": "one to copy", "seed": 5})
    page.generate("pattern")
    before = page.read_all("pattern")
    copy = page.details(page.cards.first).locator(".copy-as")
    copy.click()
    page.page.get_by_role("menuitem", name="JSON").click()
    expect(copy).to_have_attribute("data-copy", re.compile("one to copy"))
    page.page.evaluate("window.copied = document.querySelector('.copy-as').dataset.copy")
    page.page.keyboard.press("Escape")
    page.reset()
    paste = """() => {
      const data = new DataTransfer();
      data.setData("text/plain", window.copied);
      const pasted = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: data });
      document.body.dispatchEvent(pasted);
    }"""
    page.page.evaluate(paste)
    expect(panel(page).locator("h2")).to_have_text("The pasted text")
    panel(page).locator("[data-do=fill]").click()
    expect(page.notice).to_contain_text("inputs of Pattern")
    assert page.read_all("pattern") == before
