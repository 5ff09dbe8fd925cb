"""What the page's scripts and styles take for granted of Gradio's page, each in a test of its own."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from components.assets import FOLDER, read
from components.theme import STYLES, WORDS
from tests import media_samples
from tests.components.gradio_ext.conftest import LARGEST

EVENT = re.compile(r"/gradio_api/(run|queue/join)")


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()


def asked(page: Page, pattern: str) -> list[dict[str, str]]:
    page.wait_for_function("(pattern) => asked.some(({ address }) => RegExp(pattern).test(address))", arg=pattern)
    return list(page.evaluate("asked.splice(0)"))


def names(page: Page, function: str, elem_id: str) -> str:
    """The text of what a function of elements.js finds in the component."""
    found = "([name, id]) => elements[name](document.getElementById(id)).textContent.trim()"
    return str(page.evaluate(found, [function, elem_id]))


# What it is told, and how it asks


def test_gradio_tells_its_page_where_the_server_is_and_how_large_an_upload_may_be(
    gradios_page: Page, specimens: str
) -> None:
    told = gradios_page.evaluate("[server.studioAddress(), server.rootPath(), server.largestUpload()]")
    assert told == [specimens.rstrip("/"), "", LARGEST]


def test_gradio_answers_with_the_number_of_the_start_that_its_page_was_told(gradios_page: Page) -> None:
    """reconnect.js"""
    ask = "async () => (await (await fetch(server.addressOf('/app_id'))).json()).app_id === gradio_config.app_id"
    assert gradios_page.evaluate(ask) is True


@pytest.mark.parametrize(("button", "way"), [("Ask", "queue/join"), ("Draw", "run/predict")])
def test_gradios_page_asks_by_fetch_without_a_limit_and_says_which_event_of_the_config_it_is(
    gradios_page: Page, button: str, way: str
) -> None:
    """requests.js, reconnect.js"""
    gradios_page.evaluate("asked.splice(0)")
    press(gradios_page, button)
    (question,) = (one for one in asked(gradios_page, EVENT.pattern) if EVENT.search(one["address"]))
    assert f"/gradio_api/{way}" in question["address"]
    assert question["signal"] is False
    event = "(body) => gradio_config.dependencies.find(({ id }) => id === JSON.parse(body).fn_index).targets[0][1]"
    assert gradios_page.evaluate(event, question["body"]) == "click"


# What its components hold and take


def test_gradios_page_sends_a_file_by_fetch_and_its_field_holds_it_as_the_scripts_make_one(
    fresh_page: Page, tmp_path: Path
) -> None:
    fresh_page.locator("#taken input[type=file]").set_input_files(media_samples.image(tmp_path / "a photo.png"))
    expect(fresh_page.locator("#taken img")).to_be_visible()
    sent = asked(fresh_page, "/upload")
    assert [one for one in sent if fresh_page.evaluate("(address) => server.isUpload(address)", one["address"])]
    press(fresh_page, "Read")
    fresh_page.wait_for_function("window.held")
    held, number = fresh_page.evaluate("held")
    assert number == 2
    assert fresh_page.evaluate("fields.isFieldFile(held[0])") is True
    ours = fresh_page.evaluate("(file) => fields.fieldFile(file)", dict.fromkeys(("path", "url", "name", "type"), ""))
    assert ours.keys() - {"size"} <= held.keys()
    assert (held["orig_name"], held["meta"]) == ("a photo.png", ours["meta"])


def test_gradio_takes_an_update_that_an_event_in_the_page_answers(gradios_page: Page) -> None:
    press(gradios_page, "Hide")
    expect(gradios_page.get_by_label("Words")).to_be_hidden()
    press(gradios_page, "Show")
    expect(gradios_page.get_by_label("Words")).to_be_visible()
    press(gradios_page, "Turn")
    expect(gradios_page.get_by_role("tab", selected=True)).to_have_text("Video" * 4)


def test_gradio_has_shown_a_field_for_the_first_time_after_a_few_ticks(fresh_page: Page) -> None:
    expect(fresh_page.locator("#hidden")).to_have_count(0)
    press(fresh_page, "Reveal")
    fresh_page.wait_for_function("window.revealed !== undefined")
    assert fresh_page.evaluate("revealed") is True


@pytest.mark.parametrize(("elem_id", "kind"), [("photo", "image"), ("film", "video"), ("sound", "audio")])
def test_gradio_takes_the_words_of_an_empty_field_by_their_names(gradios_page: Page, elem_id: str, kind: str) -> None:
    """theme.py"""
    shown = gradios_page.locator(f"#{elem_id} [data-testid=upload-text]")
    expect(shown).to_contain_text(WORDS[f"upload_text.drop_{kind}"])
    expect(shown).to_contain_text(WORDS["upload_text.click_to_upload"])


def test_gradio_runs_a_components_script_with_its_element_and_value_and_never_takes_the_value_for_code(
    gradios_page: Page,
) -> None:
    """js_component.py"""
    drawn = gradios_page.evaluate("drawn")
    assert (drawn["host"], drawn["value"]) == ("", {"text": "${1 + 1} {{1 + 1}}"})
    assert (drawn["upload"], drawn["trigger"]) == ("function", "function")
    press(gradios_page, "Draw")
    gradios_page.wait_for_function("drawn.watched")
    assert gradios_page.evaluate("drawn.watched") == {"text": "another"}


def test_gradios_page_takes_in_what_an_answer_brings_and_it_can_be_edited_and_read(fresh_page: Page) -> None:
    """lazy_blocks.py"""
    brought = fresh_page.locator("#brought textarea")
    expect(brought).to_have_count(0)
    fresh_page.evaluate("bring()")
    brought.fill("typed")
    press(fresh_page, "Read more")
    fresh_page.wait_for_function("window.held.length === 1")
    assert fresh_page.evaluate("held") == ["typed"]


# Where it draws what


def test_gradio_repeats_a_stylesheet_below_the_contents_of_its_page(gradios_page: Page) -> None:
    inside = """() => {
      const node = Object.assign(document.createElement("p"), { className: "specimen" });
      elements.pageContents().append(node);
      const { color } = getComputedStyle(node);
      node.remove();
      return [elements.pageContents() === document.body, color];
    }"""
    assert gradios_page.evaluate(inside) == [False, "rgb(1, 2, 3)"]


@pytest.mark.parametrize(("elem_id", "label"), [("photo", "Photo"), ("film", "Film"), ("sound", "Sound")])
def test_a_field_of_files_has_its_name_in_a_block_label(gradios_page: Page, elem_id: str, label: str) -> None:
    assert names(gradios_page, "fileLabelOf", elem_id) == label


def test_a_text_has_its_name_alone_in_an_element_of_its_label(gradios_page: Page) -> None:
    assert names(gradios_page, "nameOf", "text") == "Words"


@pytest.mark.parametrize(
    ("elem_id", "controls"),
    [
        ("text", ["TEXTAREA"]),
        ("number", ["INPUT"]),
        ("slider", ["INPUT", "INPUT"]),
        ("dropdown", ["INPUT"]),
        ("radio", ["FIELDSET"]),
        ("checkbox", ["INPUT"]),
        ("group", ["FIELDSET"]),
        ("film", ["BUTTON"]),
    ],
)
def test_what_people_use_of_a_field_is_found(gradios_page: Page, elem_id: str, controls: list[str]) -> None:
    found = "(id) => [...elements.controlsOf(document.getElementById(id))].map(({ tagName }) => tagName)"
    assert gradios_page.evaluate(found, elem_id) == controls


def test_an_accordion_has_a_button_that_is_called_open_when_it_is(fresh_page: Page) -> None:
    is_closed = "elements.closedFold(document.getElementById('fold')) !== null"
    assert fresh_page.evaluate(is_closed) is True
    fresh_page.evaluate("elements.closedFold(document.getElementById('fold')).click()")
    expect(fresh_page.locator("#folded")).to_be_visible()
    assert fresh_page.evaluate(is_closed) is False


@pytest.mark.parametrize("width", [1280, 320])
def test_a_tab_is_known_by_its_button_also_by_one_in_the_menu_of_those_that_have_no_place(
    gradios_page: Page, width: int
) -> None:
    gradios_page.set_viewport_size({"width": width, "height": 800})
    menu = gradios_page.locator("#tabs .overflow-dropdown > button")
    expect(menu).to_have_count(0) if width == 1280 else expect(menu).not_to_have_count(0)
    ids = ["image", "video", "audio"]
    found = """(ids) => {
      const tabs = document.getElementById("tabs");
      return elements.tabButtons(tabs).map((button) => [elements.tabOf(tabs, button, ids), button.textContent.trim()]);
    }"""
    assert sorted(gradios_page.evaluate(found, ids)) == sorted([id_, id_.capitalize() * 4] for id_ in ids)
    gradios_page.set_viewport_size({"width": 1280, "height": 800})


def test_a_choice_in_an_open_list_is_an_option_called_by_its_words(gradios_page: Page) -> None:
    gradios_page.locator("#dropdown input").click()
    selector = gradios_page.evaluate("""elements.optionOf('two "words"')""")
    expect(gradios_page.locator(f"#dropdown {selector}")).to_be_visible()
    gradios_page.keyboard.press("Escape")


def test_the_number_of_a_slider_is_typed_into_an_input_for_numbers(gradios_page: Page) -> None:
    """number_boxes.js"""
    (selector,) = re.findall(r'const BOXES = "(.+)";', read("gradio_ext/number_boxes.js"))
    expect(gradios_page.locator(f"#slider {selector}")).to_have_count(1)


# What is wrong with it, without gradio_fixes.js


def test_a_list_opens_at_the_key_that_leaves_it(gradios_page: Page) -> None:
    box = gradios_page.locator("#dropdown input")
    box.focus()
    gradios_page.keyboard.press("Escape")
    gradios_page.keyboard.press("Tab")
    expect(box).not_to_be_focused()
    expect(gradios_page.locator("#dropdown [role=option]")).not_to_have_count(0)
    gradios_page.mouse.click(1, 1)


def test_the_button_that_takes_a_file_is_called_otherwise_than_its_words_say(gradios_page: Page) -> None:
    button = gradios_page.locator("#film button.upload-container")
    name = button.get_attribute("aria-label")
    assert name
    assert name not in button.inner_text()


# What the stylesheets name


def test_every_name_of_gradios_in_a_stylesheet_is_in_its_page(gradios_page: Page) -> None:
    """Whatever no script and no component of the studio has given."""
    press(gradios_page, "Inform")
    gradios_page.wait_for_function("names.has('.toast-body')")
    there = set(gradios_page.evaluate("[...names]"))
    missing = sorted(_named() - _given() - there)
    assert not missing, ", ".join(missing)


def _named() -> set[str]:
    styles = re.sub(r"/\*.*?\*/", "", "\n".join(map(read, STYLES)), flags=re.DOTALL)
    selectors = "\n".join(re.findall(r"([^{};]+)\{", styles))
    return {
        *re.findall(r"\.[a-zA-Z_][\w-]*", selectors),
        *re.findall(r'\[data-testid="[^"]+"\]', selectors),
        *re.findall(r'\[aria-label="[^"]+"\]', selectors),
    }


def _given() -> set[str]:
    """What of that the studio's own scripts and components give as a class, which may be put together of two parts."""
    texts = "\n".join(path.read_text() for path in FOLDER.rglob("*.[jp][sy]") if path.parent.name != "gradio_ext")
    places = re.findall(r'(?:class: |"class", |elem_classes=|classList|className|backButton\().*|"\w+-[\w-]+"', texts)
    words = {f".{word}" for place in places for word in re.findall(r"[a-zA-Z][\w-]*", place)}
    begins = tuple(word for word in words if word.endswith("-"))
    return words | {name for name in _named() if name.startswith(begins)}
