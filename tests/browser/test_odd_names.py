"""Names and folders with signs that mean something in an address."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests import media_samples
from tests.browser.conftest import Studio, leave
from tests.browser.studio_page import StudioPage
from tests.browser.test_no_clobbering import Gate

ODD = "shot #1 100% a+b?=&;ü"


@pytest.fixture
def page(window: BrowserContext, tmp_path: Path) -> Iterator[StudioPage]:
    """The page of a studio whose data lie in a folder with such a name."""
    server, tab = Studio(tmp_path / f"data {ODD}"), window.new_page()
    server.start()
    try:
        shown = StudioPage(tab, server.url, server.data_dir)
        shown.open()
        yield shown
        leave(shown)
    finally:
        tab.close()
        server.stop()


def has_come(image: Locator, width: int) -> None:
    expect(image).to_have_js_property("naturalWidth", width)


def test_a_file_of_an_odd_name_shows_wherever_it_is(page: StudioPage, tmp_path: Path) -> None:
    first = media_samples.png(tmp_path / "first.png", size=(64, 48))
    odd = media_samples.png(tmp_path / f"{ODD}.png", size=(300, 200))
    page.choose("image-edit")
    page.fill("image-edit", {"image": first})
    card = page.generate("image-edit")
    field = page.field("image-edit", "image").locator("[data-testid=image] img")
    has_come(card.locator("img.poster"), 64)
    page.fill("image-edit", {"image": None})

    gate = Gate(page.page, lambda question: True, "**/gradio_api/upload?*", keeps_answer=True)
    page.field("image-edit", "image").locator("input[type=file]").first.set_input_files(odd)
    gate.wait()
    page.reuse(card)
    has_come(field, 64)
    page.notice.locator("[data-do=undo]").click()
    gate.let_go()
    has_come(field, 300)
    assert page.read("image-edit", "image") == odd.read_bytes()

    was = page.job(card)["options"]["image"]
    page.wait_until(lambda: page.draft("image-edit").get("image") not in (None, was))
    page.open()
    has_come(field, 300)
    page.generate("image-edit")
    has_come(page.cards.first.locator("img.poster"), 300)
    has_come(page.page.locator(".scene img.result"), 300)
