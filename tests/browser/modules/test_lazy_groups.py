"""The fields of a model come when they are wanted."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

LAY_OUT = """() => {
  const models = ["here", "later", "last"].map((id) => [id, "image", id]);
  const fields = { here: [], later: [], last: [] };
  layout.setLayout({ models, fields, later: ["later", "last"] }, (...sent) => calls.push(sent));
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/layout.js", "form/lazy_groups.js") as page:
        page.evaluate(LAY_OUT)
        yield page


def test_fields_are_asked_for_once_however_many_wait(page: Page) -> None:
    page.evaluate("() => { for (const _ of [1, 2]) lazy_groups.bring('later').then(() => calls.push(['there'])); }")
    assert page.evaluate("calls") == [["bring", {"name": "later"}]]
    page.evaluate("() => { lazy_groups.arrived.listen((model) => calls.push([model])); lazy_groups.arrive('later'); }")
    page.wait_for_function("calls.length === 4")
    assert page.evaluate("calls.slice(1)") == [["later"], ["there"], ["there"]]  # those who listen come first
    page.evaluate("lazy_groups.bring('later')")
    assert page.evaluate("calls.length") == 4


def test_fields_that_came_with_the_page_are_not_asked_for(page: Page) -> None:
    page.evaluate("lazy_groups.bring('here')")
    assert page.evaluate("[calls.length, lazy_groups.isThere('here'), lazy_groups.isThere('later')]") == [
        0,
        True,
        False,
    ]


def test_fields_that_stayed_away_are_asked_for_again_by_whoever_wants_them(page: Page) -> None:
    page.evaluate("() => { lazy_groups.bring('later').catch(({ message }) => calls.push([message])); }")
    page.evaluate("() => void lazy_groups.stayedAway()")
    page.wait_for_function("calls.length === 2")
    assert page.evaluate("calls[1]") == ["later"]
    page.evaluate("() => { lazy_groups.bring('later'); }")
    assert page.evaluate("calls[2]") == ["bring", {"name": "later"}]


def test_what_may_be_asked_for_comes_one_after_another_and_a_model_that_is_gone_does_not(page: Page) -> None:
    page.evaluate("() => { lazy_groups.expect(['here', 'gone', 'later', 'last']); }")
    page.wait_for_function("calls.length === 1")
    page.evaluate("() => { lazy_groups.arrive('later'); }")
    page.wait_for_function("calls.length === 2")
    assert page.evaluate("calls.map(([, { name }]) => name)") == ["later", "last"]
