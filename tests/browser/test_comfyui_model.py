"""The form that a ComfyUI workflow brings, in the page: a name that is not on the server's list stays as typed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from backends.comfyui import ComfyUIBackend
from studio.models import add_model
from tests.backends.comfyui import peer as peers
from tests.backends.comfyui.test_comfyui import PAINT
from tests.browser import studio_page
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage


@pytest.fixture
def page(window: BrowserContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StudioPage]:
    with peers.running(tmp_path / "peer") as peer:
        monkeypatch.setenv("STUDIO_COMFYUI_URL", peer.url)
        source = tmp_path / "fox_api.json"
        source.write_text(json.dumps(PAINT), encoding="utf-8")
        _, config = add_model(str(source), tmp_path / "data" / "models", {"comfyui": ComfyUIBackend({})})
        monkeypatch.setattr(studio_page, "MODELS", {**studio_page.MODELS, "fox": config})
        studio = Studio(tmp_path / "data", STUDIO_COMFYUI_URL=peer.url)
        studio.start()
        try:
            with page_of(window, studio, "workflows") as shown:
                yield shown
        finally:
            studio.stop()


def test_a_workflow_runs_and_its_job_brings_back_a_name_that_is_not_on_the_list(page: StudioPage) -> None:
    page.choose("fox")
    page.fill("fox", {"prompt": "a crow", "steps": 3, "checkpoint": "real.safetensors"})
    card = page.card(page.generate("fox").get_attribute("data-job") or "")
    box = page.field("fox", "checkpoint").locator("input")
    box.fill("gone.safetensors")
    box.blur()
    failed = page.generate("fox", "failed")
    page.reuse(card)
    expect(box).to_have_value("real.safetensors")
    assert page.read_all("fox") == page.job(card)["options"] | {"seed": page.job(card)["seed"]}
    page.reuse(failed)
    expect(box).to_have_value("gone.safetensors")
    assert page.job(failed)["options"]["checkpoint"] == "gone.safetensors"
