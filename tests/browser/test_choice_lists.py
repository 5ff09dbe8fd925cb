"""Checkpoints and LoRAs from a folder of weights: found by a part of their names, with the pictures that lie beside."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from backends.registry import load_backends
from studio.models import add_model
from tests import media_samples
from tests.browser import studio_page
from tests.browser.conftest import Studio, page_of
from tests.browser.studio_page import StudioPage

HOSTILE = "<img src=x onerror=alert(1)>.safetensors"
PAINTER = """
from pathlib import Path
from typing import Annotated

from PIL import Image

from backends.function import Lora, weights

def paint(
    checkpoint: Annotated[Path, weights("checkpoints")] = Path("base.safetensors"),
    loras: Annotated[list[Lora], weights("loras")] = [],
) -> Image.Image:
    return Image.new("RGB", (64, 64), (len(checkpoint.read_bytes()), len(loras), 0))
"""


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    for name in ("checkpoints/base.safetensors", "checkpoints/sdxl/Film Grain.ckpt", "loras/ink.safetensors"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    (folder / "checkpoints" / HOSTILE).write_bytes(b"")
    media_samples.png(folder / "checkpoints" / "sdxl" / "Film Grain.preview.png")
    return folder


@pytest.fixture(scope="module")
def own_studio(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "painter.py").write_text(PAINTER)
    _, painter = add_model(str(folder / "painter.py"), folder / "data" / "models", load_backends({}), "painter")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(studio_page, "MODELS", {**studio_page.MODELS, "painter": painter})
        server = Studio(folder / "data", STUDIO_WEIGHTS_DIR=str(weights))
        server.start()
        yield server
        server.stop()


@pytest.fixture
def page(window: BrowserContext, own_studio: Studio) -> Iterator[StudioPage]:
    with page_of(window, own_studio, f"w {uuid4().hex[:8]}") as shown:
        yield shown


def test_a_file_is_found_seen_and_chosen_and_its_job_brings_it_back(page: StudioPage, weights: Path) -> None:
    page.choose("painter")
    box = page.field("painter", "checkpoint").locator("input")
    options = page.page.get_by_role("option")
    expect(box).to_have_value("base.safetensors")
    box.click()
    expect(options).to_have_text([HOSTILE, "base.safetensors", "sdxl/Film Grain.ckpt"])
    picture = options.nth(2).locator("img")
    page.wait_until(lambda: picture.evaluate("(image) => image.naturalWidth") > 0)
    box.fill("grain")
    options.first.click()
    expect(box).to_have_value("sdxl/Film Grain.ckpt")
    (weights / "loras" / "new.pt").write_bytes(b"")
    page.field("painter", "loras").locator("[data-do=add]").click()
    lora = page.field("painter", "loras").get_by_label("LoRA 1", exact=True)
    expect(options).to_have_text(["ink.safetensors", "new.pt"])
    lora.press("ArrowUp")
    lora.press("Enter")
    expect(lora).to_have_value("new.pt")
    card = page.generate("painter")
    entered = page.job(card)["options"]
    assert entered == {"checkpoint": "sdxl/Film Grain.ckpt", "loras": [{"path": "new.pt", "weight": 1}]}

    (weights / "loras" / "new.pt").unlink()
    page.reload()
    page.choose("pattern")
    page.reuse(page.cards.first)
    expect(page.notice).to_contain_text("Restored all")
    assert page.read_all("painter") == entered
    assert page.job(page.generate("painter"))["options"] == entered
