"""Takes the pictures of docs/models/: the form that each backend's model has, with its peer beside it.

Run it from the repository's root: PYTHONPATH=. .venv/bin/python scripts/form_pictures.py
"""

import re
import shutil
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.backend_peers import running
from tests.browser.studio_page import StudioPage

DOCS = Path(__file__).parents[1] / "docs" / "models"
PICTURES = {"painter": "function", "fox": "comfyui", "app": "gradio", "flux-krea": "runpod"}
PHONE = {"width": 420, "height": 1400}
MOST_HEIGHT = 900  # pixels
COLOURS = 64  # of a palette: such a picture has few, and is small then


def take(folder: Path) -> None:
    """Write a picture for each backend."""
    code = re.findall(r"```python\n(.*?)```", (DOCS / "function.md").read_text(encoding="utf-8"), re.DOTALL)[0]
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    with running(folder, code) as peers, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = StudioPage(browser.new_page(viewport=PHONE), peers.studio.url, peers.studio.data_dir)  # type: ignore[arg-type]
        page.open()
        for model_id, name in PICTURES.items():
            page.choose(model_id)
            shown = Image.open(BytesIO(page.group(model_id).screenshot(animations="disabled")))
            cut = shown.convert("RGB").crop((0, 0, shown.width, min(shown.height, MOST_HEIGHT)))
            cut.quantize(COLOURS).save(DOCS / f"{name}.png", optimize=True)
        browser.close()


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        take(Path(made))
