"""On a screen that is touched, where nothing comes with a hover."""

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage


@pytest.fixture
def touched(chromium: Browser, studio: Studio) -> Iterator[StudioPage]:
    """The page on a phone."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    with page_of(context, studio, f"w {uuid.uuid4().hex[:8]}") as page:
        yield page
    context.close()


def test_reuse_shows_on_a_card_and_a_tap_brings_the_job_back(touched: StudioPage) -> None:
    touched.fill("pattern", {"prompt": "a hat", "style": "mandala", "petals": 31, "width": 256, "height": 256})
    job = touched.generate("pattern").get_attribute("data-job")
    assert job is not None
    shown = touched.read_all("pattern")
    touched.fill("pattern", {"prompt": "something else", "style": "silk"})
    touched.page.evaluate("document.querySelector('.cards').scrollIntoView()")
    button = touched.card(job).locator(".reuse")
    expect(touched.card(job).locator(".card-foot")).to_have_css("opacity", "1")
    button.tap()
    expect(touched.notice).to_contain_text("Restored all")
    assert {**touched.read_all("pattern"), "seed": None} == {**shown, "seed": None}
