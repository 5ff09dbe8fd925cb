"""What a field does not take, said below it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.modules.module_page import module_page, stand_in

PAGE = """() => {
  document.body.innerHTML = `<div class="model-group" id="group-m">
    <div class="field" id="field-m-prompt"><textarea></textarea></div>
    <div class="field" id="field-m-steps"><input></div><button class="generate">Generate</button></div>`;
  const held = { prompt: "words", steps: 3 };
  window.refuse = (sentence) => field_errors.replaceErrors("m", sentence ? { steps: sentence } : {}, held);
}"""
SENTENCE = "Steps must be at most 2 <b>here</b>."


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {
        "kit/say.js": stand_in("say"),
        "form/reading.js": stand_in("look", signals=("heard",)),
    }
    with module_page(chromium, "form/field_errors.js", stand_ins=stand_ins, before=PAGE) as page:
        yield page


def line(page: Page) -> Locator:
    return page.locator("#field-m-steps .refusal")


def test_what_is_refused_is_said_at_the_field(page: Page) -> None:
    page.evaluate("refuse", SENTENCE)
    expect(line(page)).to_have_text(SENTENCE)
    expect(page.locator("#field-m-steps input")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#field-m-prompt .refusal")).to_have_count(0)


def test_the_next_answer_takes_its_place(page: Page) -> None:
    page.evaluate("refuse", SENTENCE)
    page.evaluate("refuse", None)
    expect(line(page)).to_have_count(0)


def test_it_stands_until_the_field_holds_something_else(page: Page) -> None:
    page.evaluate("refuse", SENTENCE)
    page.evaluate("heard.emit('m', { prompt: 'other', steps: 3 })")
    expect(line(page)).to_be_visible()
    page.evaluate("heard.emit('m', { prompt: 'other', steps: 2 })")
    expect(line(page)).to_have_count(0)
    expect(page.locator("#field-m-steps input")).not_to_have_attribute("aria-invalid", "true")


def test_it_goes_as_soon_as_the_user_types_there_and_not_elsewhere(page: Page) -> None:
    page.evaluate("refuse", SENTENCE)
    page.locator("textarea").fill("a")
    expect(line(page)).to_be_visible()
    page.locator("#field-m-steps input").fill("1")
    expect(line(page)).to_have_count(0)


def test_a_field_that_is_not_in_the_page_has_its_sentence_said(page: Page) -> None:
    page.evaluate("document.querySelector('#field-m-steps').remove()")
    page.evaluate("refuse", SENTENCE)
    page.wait_for_function("calls.some(([name]) => name === 'say')")
    assert page.evaluate("calls[0][1].text") == SENTENCE
