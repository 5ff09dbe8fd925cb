"""What a click on Reuse shows at once, and until when."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.modules.module_page import module_page, stand_in

PAGE = """() => {
  document.body.innerHTML = ["a", "b"].map((job) =>
    `<div data-job="${job}" id="${job}"><button data-do="reuse">Reuse</button></div>`).join("");
}"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    stand_ins = {"form/uploads.js": stand_in("isUploading")}
    names = ("form/clicks.js", "library/reuse_click.js")
    with module_page(chromium, *names, stand_ins=stand_ins, before=PAGE, has_own_clock=True) as page:
        yield page


def busy(page: Page) -> list[str]:
    return list(page.locator("[data-reusing]").evaluate_all("(nodes) => nodes.map((node) => node.id)"))


def test_only_the_job_of_the_last_click_is_busy(page: Page) -> None:
    assert page.evaluate("reuse_click.reuseClick('a')") == 1
    assert busy(page) == ["a"]
    assert page.evaluate("reuse_click.reuseClick('b')") == 2
    assert busy(page) == ["b"]
    page.evaluate("reuse_click.reuseDone('a')")
    assert (busy(page), page.evaluate("reuse_click.isReusing()")) == (["b"], True)
    page.evaluate("reuse_click.reuseDone('b')")
    assert (busy(page), page.evaluate("reuse_click.isReusing()")) == ([], False)
    expect(page.locator("#b button")).to_have_attribute("data-end", "done")


def test_another_click_of_the_form_ends_it(page: Page) -> None:
    page.evaluate("() => { reuse_click.reuseClick('a'); clicks.nextClick(); }")
    assert busy(page) == []


def test_a_page_without_an_answer_gives_up_unless_a_file_is_on_its_way(page: Page) -> None:
    page.evaluate("() => { answers.isUploading = () => true; reuse_click.reuseClick('a'); }")
    page.clock.run_for(30_000)
    assert busy(page) == ["a"]
    page.evaluate("() => { answers.isUploading = () => false; }")
    page.clock.run_for(30_000)
    assert busy(page) == []
