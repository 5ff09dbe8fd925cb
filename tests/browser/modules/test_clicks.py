"""Of two answers the form follows the one to the later click."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from tests.browser.modules.module_page import module_page

DO = """(steps) => steps.map((step) => {
  if (step === "act") clicks.interacted();
  return [step === "click" ? clicks.nextClick() : null, clicks.interactions()];
})"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    with module_page(chromium, "form/clicks.js") as page:
        page.evaluate("() => clicks.clicked.listen(() => calls.push('clicked'))")
        yield page


@given(steps=st.lists(st.sampled_from(["act", "click"]), max_size=12))
def test_the_last_click_alone_is_wanted_and_no_doing_goes_unnoticed(page: Page, steps: list[str]) -> None:
    before = page.evaluate("clicks.interactions()")
    done = page.evaluate(DO, steps)
    numbers = [number for number, _ in done if number is not None]
    assert [interactions - before for _, interactions in done] == list(range(1, len(steps) + 1))
    assert page.evaluate("(numbers) => numbers.filter(clicks.isLast)", numbers) == numbers[-1:]
    assert page.evaluate("calls.splice(0).length") == len(numbers)
