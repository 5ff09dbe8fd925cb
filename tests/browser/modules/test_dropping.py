"""Files that are dragged over the page, dropped on it or pasted into it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "form/choice.js": stand_in("selected"),
    "library/drag.js": "export const RESULT = 'application/x-studio-result';",
    "form/from_file.js": stand_in("takeFiles", "takeInto"),
    "form/layout.js": stand_in("filesOf", "importable"),
    "form/shown_fields.js": stand_in("isShowing"),
}
PAGE = """() => {
  document.body.innerHTML = `<div class="gradio-container"><div class="contain"><div class="model-group" id="group-m">
    <div class="explained"><div class="field" id="field-m-photo">Photo</div><p id="help">Help</p></div>
    <div class="field" id="field-m-film">Film</div>
    <div class="field" id="field-m-list"><div class="images-box">List</div></div>
    <div class="field" id="field-m-words"><textarea></textarea></div>
    <div class="field" id="field-m-hidden"></div></div><p id="beside">Beside</p></div></div>`;
  answers.importable = () => ({ extensions: [] });
  answers.selected = () => "m";
  answers.filesOf = () => ({ photo: "image", list: "image", film: "video", hidden: "image" });
  answers.isShowing = (model, name) => name !== "hidden";
  window.told = (...names) => calls.splice(0).filter(([name]) => names.includes(name))
    .map(([name, files, ...rest]) => [name, ...[files].flat().map((file) => file.name), ...rest]);
  const png = [["a.png", "image/png"]];
  window.drag = (kind, selector, files = png, event = DragEvent, key = "dataTransfer", text = "") => {
    const data = new DataTransfer();
    for (const [name, type] of files) data.items.add(new File(["x"], name, { type }));
    if (text) data.setData("text/plain", text);
    const made = new event(kind, { bubbles: true, cancelable: true, [key]: data });
    return !document.querySelector(selector).dispatchEvent(made);
  };
  window.paste = (selector, files, text) => drag("paste", selector, files, ClipboardEvent, "clipboardData", text);
}"""
PNG = [["a.png", "image/png"]]


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/dropping.js", stand_ins=STAND_INS, before=PAGE) as page:
        yield page


@pytest.fixture
def timed(chromium: Browser) -> Iterator[Page]:
    """The same, and its clock stands still."""
    with module_page(chromium, "form/dropping.js", stand_ins=STAND_INS, before=PAGE, has_own_clock=True) as page:
        page.clock.pause_at(page.evaluate("Date.now() + 1000"))
        yield page


def do(page: Page, kind: str, selector: str, *more: Any) -> bool:
    """Whether the browser was kept from doing what it does."""
    return bool(page.evaluate("(asked) => drag(...asked)", [kind, selector, *more]))


def told(page: Page, *names: str) -> list[list[Any]]:
    return list(page.evaluate("(names) => told(...names)", list(names or ("takeFiles", "takeInto"))))


def lit(page: Page) -> list[str]:
    read = "(nodes) => nodes.map((node) => (node.querySelector('.field') ?? node).id.slice(8))"
    return list(page.locator(".may-take").evaluate_all(read))


def test_the_inputs_that_take_what_is_dragged_light_up_and_go_out_again(timed: Page) -> None:
    assert do(timed, "dragover", "#beside")
    assert lit(timed) == ["photo", "list"]
    expect(timed.locator(".drop-hint")).to_contain_text("anywhere to see how it was made")
    assert do(timed, "dragover", "#help")
    expect(timed.locator(".will-take")).to_have_count(1)
    assert do(timed, "dragover", "#beside", [["a.mp4", "video/mp4"]])
    assert lit(timed) == ["film"]
    assert do(timed, "dragover", "#beside", [["a.safetensors", ""]])
    assert lit(timed) == ["photo", "list", "film"] or lit(timed) == ["photo", "film", "list"]
    assert do(timed, "dragover", "#beside", [["a.bin", "application/octet-stream"], ["a.wav", "audio/wav"]])
    assert len(lit(timed)) == 3
    assert do(timed, "dragover", "#beside", [["a.json", "application/json"], ["a.mp4", "video/mp4"]])
    assert lit(timed) == ["film"]  # what lies beside it is no input
    expect(timed.locator(".drop-hint")).to_contain_text("anywhere to see how it was made")
    assert do(timed, "dragover", "#beside", [["a.txt", "text/plain"]])
    assert lit(timed) == []
    timed.clock.run_for(1000)  # no more is heard of it
    expect(timed.locator(".may-take, .drop-hint")).to_have_count(0)


def test_a_file_goes_where_it_is_dropped_and_else_is_looked_at(page: Page) -> None:
    for place, wanted in {
        "#beside": ["takeFiles", "a.png"],
        "#field-m-words": ["takeFiles", "a.png"],
        "#help": ["takeInto", "a.png", {"model": "m", "name": "photo"}],
        "#field-m-film": ["takeInto", "a.png", {"model": "m", "name": "film"}],
    }.items():
        do(page, "dragover", place)
        assert do(page, "drop", place)
        assert told(page) == [wanted]
        expect(page.locator(".may-take, .drop-hint")).to_have_count(0)


def test_a_text_is_about_how_something_was_made_wherever_it_is_dropped(page: Page) -> None:
    text = ["a.txt", "text/plain"]
    assert do(page, "drop", "#field-m-film", [text])
    assert told(page) == [["takeFiles", "a.txt"]]
    assert do(page, "drop", "#field-m-film", [text, ["a.mp4", "video/mp4"]])
    assert told(page) == [["takeInto", "a.mp4", {"model": "m", "name": "film"}]]
    assert do(page, "drop", "#beside", [text, *PNG])
    assert told(page) == [["takeFiles", "a.txt", "a.png"]]


def test_a_list_of_pictures_takes_what_is_dropped_on_it_itself(page: Page) -> None:
    page.evaluate(
        "() => document.querySelector('.images-box').addEventListener('drop', () => calls.push(['list', {name: ''}]))"
    )
    assert do(page, "drop", ".images-box", [*PNG, ["b.png", "image/png"]])
    assert told(page, "takeFiles", "takeInto", "list") == [["list", ""]]
    assert do(page, "drop", ".images-box", [["a.wav", "audio/wav"]])  # the server says why not
    assert told(page, "takeInto", "list") == [["takeInto", "a.wav", {"model": "m", "name": "list"}]]


def test_several_files_and_those_of_a_folder_are_taken_together(page: Page) -> None:
    assert do(page, "dragover", "#beside", [*PNG, ["b.png", "image/png"]])
    expect(page.locator(".drop-hint")).to_have_text("Drop them to make jobs of them")
    assert do(page, "drop", "#beside", [*PNG, ["b.png", "image/png"]])
    assert told(page) == [["takeFiles", "a.png", "b.png"]]
    page.evaluate("""() => {
      const file = (name, path = `/all/${name}`) => (
        { name, fullPath: path, isDirectory: false, file: (done) => done(new File(["x"], name)) });
      const folder = (name, ...parts) => ({ name, isDirectory: true, createReader: () => ({
        readEntries: (done) => done(parts.shift() ?? []) }) });
      const all = folder("all", [file("2.png"), folder("in", [file("1.png", "/all/in/1.png")])], [file("3.png")]);
      DataTransferItem.prototype.webkitGetAsEntry = () => all;
      answers.takeFiles = (files) => void (window.paths = files.map((one) => one.webkitRelativePath));
    }""")
    assert do(page, "drop", "#beside")
    page.wait_for_function("calls.length > 0")
    assert told(page) == [["takeFiles", "2.png", "3.png", "1.png"]]
    assert page.evaluate("paths") == ["all/2.png", "all/3.png", "all/in/1.png"]


def test_beside_another_dialog_nothing_comes_of_it_and_the_page_stays(page: Page) -> None:
    page.evaluate("() => document.body.append(Object.assign(document.createElement('dialog'), { open: true }))")
    assert do(page, "dragover", "#beside")
    assert do(page, "drop", "#field-m-film")
    assert not page.evaluate("(files) => paste('body', files)", PNG)
    assert (told(page), lit(page)) == ([], [])


def test_what_is_no_file_is_left_alone(page: Page) -> None:
    assert not do(page, "dragover", "#beside", [])
    assert not do(page, "drop", "#beside", [])


@pytest.mark.parametrize(
    ("place", "files", "text", "is_taken"),
    [
        ("body", PNG, "", True),
        ("body", PNG, "a.png", True),
        ("textarea", PNG, "", True),
        ("textarea", PNG, "words", False),
        ("body", [], "words", False),
        ("textarea", [], "a hat\nSteps: 20, Sampler: Euler, Seed: 1", False),
    ],
)
def test_a_file_is_pasted_where_no_field_takes_text(
    page: Page, place: str, files: list[Any], text: str, is_taken: bool
) -> None:
    assert page.evaluate("(asked) => paste(...asked)", [place, files, text]) is is_taken
    assert told(page) == ([["takeFiles", "a.png"]] if is_taken else [])


@pytest.mark.parametrize(
    "text",
    [
        "a hat\nSteps: 20, Sampler: Euler, Seed: 1",
        '{"3": {"class_type": "KSampler", "inputs": {}}}',
        '{\n  "model_id": "pattern",\n  "values": {}\n}',
        '{"nodes": [], "links": []}',
    ],
)
def test_a_text_that_says_how_something_was_made_is_looked_at(page: Page, text: str) -> None:
    assert page.evaluate("(asked) => paste(...asked)", ["body", [], text])
    assert told(page) == [["takeFiles", "The pasted text"]]
    assert not page.evaluate("(asked) => paste(...asked)", ["body", [], "10 Steps: up, then left"])


def test_a_result_that_is_dragged_goes_its_own_way(page: Page) -> None:
    page.evaluate("""() => { window.result = () => {
      const data = new DataTransfer();
      data.items.add(new File(["x"], "a.png", { type: "image/png" }));
      data.setData("application/x-studio-result", "{}");
      const made = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: data });
      return document.querySelector("#beside").dispatchEvent(made);
    }; }""")
    assert page.evaluate("result()")
    assert told(page) == []
