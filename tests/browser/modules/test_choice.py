"""Which model is chosen in each tab, and which tab is open."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.modules.module_page import module_page, stand_in

PAGE = """() => {
  document.body.innerHTML = `<div class="model-tabs">
    <div class="visually-hidden"><button>Image</button><button>Video</button><button>Audio</button></div>
    <button role="tab" data-tab-id="image">Image</button><button role="tab" data-tab-id="video">Video</button>
    <div class="overflow-dropdown"><button>Audio</button></div>
    ${["i", "j", "v"].map((id) => `<div class="model-group" id="group-${id}">${id}</div>`).join("")}</div>`;
  answers.bring = async () => {};
  answers.isThere = () => true;
  const models = [["i", "image", "I"], ["j", "image", "J"], ["v", "video", "V"], ["a", "audio", "A"]];
  const tabs = ["image", "video", "audio"], types = ["image", "audio"]; // of films there is none in the menu's test
  layout.setLayout({ models, tabs, types, chosen: { image: "i", video: "v", audio: "a" }, tab: "image" }, () => {});
  choice.picked.listen((model) => calls.push(["picked", model]));
}"""
SHOW = {"__type__": "update", "visible": True}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {
        "form/clicks.js": stand_in("interacted"),
        "form/lazy_groups.js": stand_in("bring", "isThere"),
        "kit/say.js": stand_in("say") + "\nexport const unsay = () => {};",
        "form/transport.js": "export const NO_ANSWER = 'No answer.';",
    }
    with module_page(chromium, "form/layout.js", "form/choice.js", stand_ins=stand_ins) as page:
        page.evaluate(PAGE)
        yield page


def told(page: Page) -> list[list[str]]:
    return list(page.evaluate("calls.splice(0).filter(([name]) => name !== 'isThere')"))


def test_a_click_on_a_tab_selects_its_model(page: Page) -> None:
    page.get_by_role("tab", name="Video").click()
    assert page.evaluate("choice.selected()") == "v"
    assert told(page) == [["interacted"], ["bring", "v"], ["picked", "v"]]
    page.locator(".overflow-dropdown button").click()
    assert page.evaluate("choice.selected()") == "a"
    assert told(page) == [["interacted"], ["bring", "a"], ["picked", "a"]]


@pytest.mark.parametrize(("type_", "name"), [("video", "Video"), ("audio", "Audio")])
def test_the_tab_that_is_open_is_pressed_wherever_its_button_is(page: Page, type_: str, name: str) -> None:
    page.evaluate("addEventListener('click', ({ target }) => calls.push(['clicked', target.textContent]))")
    page.evaluate(f"choice.select('{type_}', '{type_[0]}')")
    page.evaluate("choice.pressTab()")
    assert ["clicked", name] in told(page)


def test_a_model_is_opened_the_first_time_and_shown_by_the_stylesheet_after_that(page: Page) -> None:
    assert page.evaluate("choice.pick('image', 'j').map((one) => one ?? null)") == [None, SHOW]
    assert told(page) == [["interacted"], ["bring", "j"], ["picked", "j"]]
    expect(page.locator("#group-i")).to_be_hidden()
    expect(page.locator("#group-j")).to_be_visible()
    assert page.evaluate("choice.pick('image', 'i').map((one) => one ?? null)") == [None, None]
    expect(page.locator("#group-i")).to_be_visible()
    expect(page.locator("#group-j")).to_be_hidden()


def test_what_a_restore_selects_is_no_doing_of_the_user(page: Page) -> None:
    page.evaluate("choice.select('video', 'v')")
    assert (told(page), page.evaluate("choice.selected()")) == ([], "v")
    page.evaluate("choice.select('image', 'j')")
    assert (told(page), page.evaluate("choice.selected()")) == ([["bring", "j"]], "j")
    page.evaluate("choice.pick('image', 'j')")  # as Gradio says it then
    assert told(page) == [["picked", "j"]]


def test_a_model_whose_fields_do_not_come_is_said(page: Page) -> None:
    page.evaluate("() => { answers.bring = async () => { throw new Error(); }; choice.pick('image', 'j'); }")
    page.wait_for_function("calls.some(([name]) => name === 'say')")
    assert ["say", {"text": "No answer.", "tone": "bad"}] in told(page)
