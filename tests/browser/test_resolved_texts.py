"""Texts with wildcards beside the prompt: both are shown, and the form takes either."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from studio.settings import Settings
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage

SECOND = """
  negative_prompt: {kind: text, wildcards: true}
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio whose patterns take a second text."""
    folder = tmp_path_factory.mktemp("resolved")
    (folder / "models").mkdir()
    shipped = (Settings().models_dir / "pattern.yaml").read_text(encoding="utf-8")
    (folder / "models" / "pattern.yaml").write_text(shipped.rstrip() + SECOND, encoding="utf-8")
    server = Studio(folder / "data", STUDIO_MODELS_DIR=str(folder / "models"))
    server.start()
    yield server
    server.stop()


def test_a_second_text_is_shown_and_reused_as_resolved(page: StudioPage) -> None:
    written = r"{red|red} \{x|y|z|w|v\} fox"
    negative = page.page.locator("#field-pattern-negative_prompt textarea, #field-pattern-negative_prompt input")
    page.choose("pattern")
    page.fill("pattern", {"prompt": "a hat", "style": "hills", "width": 128, "height": 128})
    negative.fill(written)
    job = page.card(str(page.generate("pattern").get_attribute("data-job")))
    assert json.loads(page.job(job)["resolved"]) == {"negative_prompt": "red {x|y|z|w|v} fox"}

    inputs = page.details(job).locator("section:first-of-type")
    expect(inputs).to_contain_text(f"Negative prompt{written}Negative prompt, as resolvedred {{x|y|z|w|v}} fox")
    page.page.keyboard.press("Escape")

    negative.fill("typed since")
    job.locator(".reuse-more").click()
    expect(page.page.get_by_role("menuitem", name="Prompt only")).to_have_count(1)
    page.page.keyboard.press("Escape")
    page.ask(job, "Everything, as resolved")
    expect(page.notice).to_contain_text("Restored all")
    expect(negative).to_have_value(r"red \{x\|y\|z\|w\|v\} fox")
    page.fill("pattern", {"seed": 12})
    assert page.job(page.generate("pattern"))["resolved"] == page.job(job)["resolved"]
