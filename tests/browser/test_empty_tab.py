"""A tab whose type no model makes, while another one has the forms."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.conftest import ROOT, Studio, page_of
from tests.browser.studio_page import StudioPage
from tests.browser.test_from_file import MADE, drop, panel


@pytest.fixture
def page(window: BrowserContext, tmp_path: Path) -> Iterator[StudioPage]:
    (tmp_path / "configs").mkdir()
    shutil.copy(ROOT / "model_configs" / "pattern.yaml", tmp_path / "configs")
    server = Studio(tmp_path / "data", STUDIO_MODELS_DIR=str(tmp_path / "configs"))
    server.start()
    with page_of(window, server, "one type") as page:
        yield page
    server.stop()


def test_a_file_fills_the_first_form_from_a_tab_without_any_and_reset_says_nothing_there(page: StudioPage) -> None:
    page.page.get_by_role("tab", name="Video").click()
    expect(page.page.get_by_text("No model makes video yet.")).to_be_visible()
    page.page.get_by_role("button", name="Reset to defaults").click()
    expect(page.page.locator(".notice")).not_to_have_attribute("data-said", "")
    drop(page, ".studio-gallery", "00042.png", MADE)
    panel(page).get_by_role("button", name="Fill the form").click()
    expect(page.notice).to_contain_text("of Pattern")
    assert page.read("pattern", "seed") == 4242
    expect(page.page.get_by_role("tab", name="Image")).to_have_attribute("aria-selected", "true")
