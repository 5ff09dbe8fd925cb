"""When a model's fields are at rest."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page, stand_in

STAND_INS = {
    "form/choice.js": stand_in("isOpened", "openTab"),
    "form/lazy_groups.js": stand_in("isThere"),
    "form/layout.js": stand_in("typeOf", "unfoldedOf"),
    "form/shown_fields.js": stand_in("isSettling", "isShowing", "settled"),
}
PAGE = """() => {
  document.body.innerHTML = '<div id="field-m-prompt"></div>';
  window.answers = { isOpened: () => true, openTab: () => "image", isThere: () => true, typeOf: () => "image" };
  Object.assign(answers, { unfoldedOf: () => ["prompt"], isSettling: () => false, isShowing: () => true });
  window.begin = () => {
    window.isAtRest = window.isAwaited = false;
    return () => void at_rest.atRest("m", () => isAwaited).then(() => { window.isAtRest = true; });
  };
  window.frames = async () => { for (let left = 6; left > 0; left--) await new Promise(requestAnimationFrame); };
}"""
WAITS = {
    "a field that shows is not in the page yet": "answers.unfoldedOf = () => ['prompt', 'later']",
    "Gradio is still showing some": "answers.isSettling = () => true",
    "something else is on its way": "window.isAwaited = true",
}
DOES_NOT = {
    "a field that is missing is hidden": "answers.unfoldedOf = () => ['later']; answers.isShowing = () => false",
    "the fields have not come at all": "answers.isThere = () => false; answers.isSettling = () => true",
    "the tab is not open": "answers.openTab = () => 'video'; answers.unfoldedOf = () => ['later']",
    "the group has never been opened": "answers.isOpened = () => false; answers.unfoldedOf = () => ['later']",
}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/at_rest.js", stand_ins=STAND_INS, before=PAGE) as page:
        yield page


@pytest.mark.parametrize("hindrance", WAITS.values(), ids=WAITS.keys())
def test_it_waits_until_that_is_over(page: Page, hindrance: str) -> None:
    page.evaluate(f"() => {{ const start = begin(); {hindrance}; start(); }}")
    page.evaluate("frames()")
    assert page.evaluate("isAtRest") is False
    page.evaluate("""() => {
      document.body.append(Object.assign(document.createElement("div"), { id: "field-m-later" }));
      answers.isSettling = () => false;
      window.isAwaited = false;
    }""")
    page.wait_for_function("isAtRest")


@pytest.mark.parametrize("state", DOES_NOT.values(), ids=DOES_NOT.keys())
def test_what_does_not_come_anyway_is_not_waited_for(page: Page, state: str) -> None:
    page.evaluate(f"() => {{ const start = begin(); {state}; start(); }}")
    page.evaluate("frames()")
    assert page.evaluate("isAtRest") is True


def test_a_field_that_never_comes_does_not_end_all_restores(page: Page) -> None:
    page.evaluate("() => { const start = begin(); answers.unfoldedOf = () => ['never']; start(); }")
    page.wait_for_function("isAtRest")
