"""What the fields of a model hold."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

LAY_OUT = """() => {
  answers.bring = async () => {};
  const parts = { models: [["m", "image", "M"]], fields: { m: ["prompt", "picture"] } };
  layout.setLayout({ ...parts, later: [] }, (event) => calls.push([event]));
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {"form/lazy_groups.js": stand_in("bring")}
    with module_page(chromium, "form/layout.js", "form/reading.js", stand_ins=stand_ins) as page:
        page.evaluate(LAY_OUT)
        yield page


def test_those_who_look_at_once_share_one_event_and_hear_by_name(page: Page) -> None:
    page.evaluate("() => { window.looks = Promise.all([reading.look('m'), reading.present('m')]); }")
    page.wait_for_function("calls.some(([name]) => name === 'present_0')")
    page.evaluate("() => reading.hear('m', ['words', undefined])")
    assert page.evaluate("looks") == [{"prompt": "words", "picture": None}, {"prompt": "words", "picture": None}]
    assert page.evaluate("calls.filter(([name]) => name === 'present_0').length") == 1


def test_a_look_after_a_change_does_not_hear_what_was_there_before(page: Page) -> None:
    """Gradio answers late where a field has taken a file."""
    page.evaluate("() => { window.before = reading.look('m'); }")
    page.wait_for_function("calls.some(([name]) => name === 'present_0')")
    page.evaluate("() => { reading.forget('m'); window.after = reading.lastLook('m'); }")
    page.wait_for_function("calls.filter(([name]) => name === 'present_0').length === 2")
    page.evaluate("() => reading.heard.listen((_, { prompt }) => calls.push(['heard', prompt]))")
    page.evaluate("() => { reading.hear('m', ['old', null]); reading.hear('m', ['new', null]); }")
    assert page.evaluate("calls.filter(([name]) => name === 'heard')") == [["heard", "new"]]
    assert page.evaluate("Promise.all([before, after])") == [
        {"prompt": "old", "picture": None},
        {"prompt": "new", "picture": None},
    ]


def test_a_look_is_kept_until_the_fields_change(page: Page) -> None:
    page.evaluate("() => { window.first = reading.look('m'); }")
    assert page.evaluate("reading.lastLook('m') === first")
    page.evaluate("reading.forget('m')")
    assert page.evaluate("reading.lastLook('m') !== first")


def test_a_look_at_fields_that_do_not_come_is_not_kept(page: Page) -> None:
    page.evaluate("() => { answers.bring = async () => { throw new Error('away'); }; }")
    assert page.evaluate("reading.lastLook('m').catch(({ message }) => message)") == "away"
    page.evaluate("() => { answers.bring = async () => {}; }")
    page.evaluate("() => { reading.lastLook('m'); }")
    page.wait_for_function("calls.some(([name]) => name === 'present_0')")


def test_all_but_files_is_read_while_a_file_is_on_its_way(page: Page) -> None:
    page.evaluate("() => { window.part = reading.present('m', true); }")
    assert page.evaluate("calls") == [["words_0"]]
    page.evaluate("() => reading.hearWords('m', ['prompt'], ['typed'])")
    assert page.evaluate("part") == {"prompt": "typed"}
