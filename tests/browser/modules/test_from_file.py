"""What becomes of a file of the user's, by what the server says of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "kit/requests.js": stand_in("nativeFetch"),
    "library/reuse_click.js": stand_in("reuseClick", "reuseDone"),
    "library/seed_mode.js": stand_in("seedMode"),
    "form/choice.js": stand_in("selected"),
    "form/choose.js": stand_in("choose"),
    "form/clicks.js": stand_in("isLast"),
    "form/file_panel.js": stand_in("showFound"),
    "form/import_files.js": stand_in("endImport", "isZip", "takeSeveral", "takeZip"),
    "form/layout.js": stand_in("models"),
    "form/plan.js": stand_in("askForPlan", "formFor", "refuse"),
    "form/shown_fields.js": stand_in("isShowing"),
    "form/transport.js": stand_in("ask")
    + "\nexport class Refusal extends Error {}\nexport const errorText = ({ message }) => message;",
}
PAGE = """() => {
  answers.reuseClick = () => 5;
  answers.seedMode = () => "exact";
  answers.selected = () => "m";
  answers.models = () => [{ id: "m", name: "Model" }];
  answers.isLast = () => true;
  answers.isShowing = (model, name) => !name.startsWith("hidden");
  answers.formFor = async () => ({ prompt: "held" });
  window.gradio_config = { root: location.origin, api_prefix: "" };
  answers.nativeFetch = async () => new Response(JSON.stringify(["/tmp/a.png"]));
  window.fetch = answers.nativeFetch;
  answers.ask = async () => found;
  window.take = (more) => {
    const nothing = { file: null, kind: null, refusal: "", says: null, words: "", inputs: [], elsewhere: [] };
    window.found = { ...nothing, model_id: "m", ...more };
    return from_file.takeFiles([new File(["x"], "a.png", { type: "image/png" })]);
  };
  window.told = (name) => calls.filter(([one]) => one === name).map((one) => one.slice(1));
}"""
SENT = {"file": "/tmp/a.png", "name": "a.png"}
ABOUT = {"job_id": "a file", "click": 5}
PHOTO, MASK = {"parameter": "photo", "label": "Photo"}, {"parameter": "mask", "label": "Mask"}
HIDDEN = {"parameter": "hidden_photo", "label": "Picture to follow"}
SAYS = {"tool": "A1111", "prompt": "a hat", "model": None, "facts": [], "rest": []}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/from_file.js", stand_ins=STAND_INS, before=PAGE) as page:
        yield page


def take(page: Page, **found: Any) -> None:
    page.evaluate("(found) => take(found)", found)


def told(page: Page, name: str) -> list[list[Any]]:
    return list(page.evaluate("told", name))


def used(parameter: str, shows: bool, file: Any = SENT) -> list[Any]:
    asked = {"job_id": "a file", "file": file, "model_id": "m", "parameter": parameter, "shows": shows}
    return ["use_file", asked, {"click": 5, "model": "m", "longest": 120000}]


def test_the_server_is_asked_about_the_file_and_the_form_that_shows(page: Page) -> None:
    take(page, kind="image", file={"file": "aa/a.png"}, inputs=[PHOTO])
    assert told(page, "ask") == [["read_file", {"file": SENT, "model_id": "m"}, 120000]]
    assert told(page, "askForPlan") == [used("photo", True, {"file": "aa/a.png"})]


def test_where_the_open_tab_has_no_model_the_server_is_asked_about_the_first_one(page: Page) -> None:
    page.evaluate("() => { answers.selected = () => undefined; }")
    take(page, kind="image", inputs=[PHOTO])
    assert told(page, "ask") == [["read_file", {"file": SENT, "model_id": "m"}, 120000]]
    assert told(page, "askForPlan") == [used("photo", True)]


@pytest.mark.parametrize(
    ("inputs", "shown"),
    [([PHOTO], used("photo", True)), ([HIDDEN], used("hidden_photo", False)), ([HIDDEN, PHOTO], used("photo", True))],
    ids=["the one input", "one that can be made to show", "one that shows before one that does not"],
)
def test_a_file_without_a_word_goes_into_the_one_input(page: Page, inputs: list[Any], shown: list[Any]) -> None:
    take(page, kind="image", inputs=inputs)
    assert told(page, "askForPlan") == [shown]
    assert told(page, "showFound") == []


@pytest.mark.parametrize("says", [None, SAYS])
def test_where_there_is_a_choice_it_is_the_users(page: Page, says: Any) -> None:
    take(page, kind="image", inputs=[PHOTO] if says else [PHOTO, MASK, HIDDEN], says=says)
    ((offered,),) = told(page, "showFound")
    assert offered["places"] == ([PHOTO] if says else [PHOTO, MASK])
    assert told(page, "reuseDone") == [["a file", None]]
    assert told(page, "askForPlan") == []


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ({"kind": "image"}, "Model takes no picture."),
        ({"kind": "video", "elsewhere": ["Upscale"]}, "Model takes no film. Upscale does."),
        ({"kind": "audio", "elsewhere": ["A", "B"]}, "Model takes no sound. A, B do."),
        (
            {"refusal": "It is damaged."},
            "a.png says nothing of how something was made, and is no input: It is damaged.",
        ),
    ],
)
def test_a_file_that_has_no_place_is_refused_in_words(page: Page, found: dict[str, Any], words: str) -> None:
    take(page, **found)
    assert told(page, "refuse") == [[ABOUT, words]]


def test_of_a_file_that_says_how_it_was_made_all_or_a_part_is_asked_for(page: Page) -> None:
    keep = "() => { answers.showFound = (offer) => { window.offer = offer; };"
    keep += " answers.ask = async (name) => (name === 'read_file' ? found : { rows: [] }); }"
    page.evaluate(keep)
    take(page, says=SAYS)
    page.evaluate("offer.fill('other')")
    asked = {"job_id": "a file", "file": SENT, "model_id": "other", "seed": "exact", "now": {"prompt": "held"}}
    assert told(page, "formFor") == [["other", ABOUT]]
    assert told(page, "askForPlan") == [["reuse_file", asked, {"click": 5, "model": "other"}]]
    page.evaluate("offer.pick('other')")
    assert told(page, "ask")[1:] == [["compare_file", asked]]
    assert told(page, "choose") == [[asked, {"rows": []}, {"endpoint": "reuse_file", "then": "In the file"}]]


def test_the_text_beside_a_file_goes_along_wherever_the_file_is_asked_about(page: Page) -> None:
    keep = "() => { answers.showFound = (offer) => { window.offer = offer; };"
    page.evaluate(keep + " answers.takeSeveral = (files, lookAt) => lookAt(files[0], 'a hat'); }")
    page.evaluate("""async () => {
      window.found = { file: { file: "aa/a.png" }, kind: "image", says: {}, inputs: [], elsewhere: [] };
      await from_file.takeFiles([new File(["x"], "a.png", { type: "image/png" }), new File(["a hat"], "a.txt")]);
      await offer.fill("m");
      await offer.pick("m");
    }""")
    asked = {"job_id": "a file", "file": {"file": "aa/a.png"}, "beside": "a hat", "model_id": "m", "seed": "exact"}
    asked["now"] = {"prompt": "held"}
    assert told(page, "ask") == [
        ["read_file", {"file": SENT, "beside": "a hat", "model_id": "m"}, 120000],
        ["compare_file", asked],
    ]
    assert told(page, "askForPlan") == [["reuse_file", asked, {"click": 5, "model": "m"}]]


def test_another_click_meanwhile_wins(page: Page) -> None:
    page.evaluate("() => { answers.isLast = () => false; }")
    take(page, kind="image", inputs=[PHOTO], says=SAYS)
    assert told(page, "showFound") == told(page, "askForPlan") == []


def test_a_file_that_does_not_arrive_is_said(page: Page) -> None:
    text = "new Response('Too large.', { status: 413, headers: { 'content-type': 'text/plain; charset=utf-8' } })"
    page_of_a_proxy = text.replace("plain", "html").replace("Too large.", "<html>")
    for answer, words in {
        text: "Too large.",
        page_of_a_proxy: "a.png did not arrive. Try it again.",
    }.items():
        page.evaluate(f"() => {{ answers.nativeFetch = async () => {answer}; calls.length = 0; }}")
        take(page)
        assert told(page, "refuse") == [[ABOUT, words]]
    page.evaluate("() => { window.fetch = async () => new Response('[]'); calls.length = 0; }")
    page.evaluate("() => from_file.takeInto(new File(['x'], 'a.png'), { model: 'm', name: 'photo' })")
    assert told(page, "refuse") == [[ABOUT, "a.png did not arrive. Try it again."]]


def test_a_file_for_one_input_goes_there_at_once(page: Page) -> None:
    page.evaluate("() => from_file.takeInto(new File(['x'], 'a.png'), { model: 'm', name: 'photo' })")
    assert told(page, "askForPlan") == [used("photo", True)]
    assert told(page, "nativeFetch") == []  # the field waits for it as for its own uploads
