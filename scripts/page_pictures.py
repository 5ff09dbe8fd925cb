"""Takes the pictures of docs/: the main page, the marks of changes, the report of a reuse and the page on a phone.

Run it from the repository's root: PYTHONPATH=. .venv/bin/python scripts/page_pictures.py [light|dark [FOLDER]]
"""

import shutil
import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage

DOCS = Path(__file__).parents[1] / "docs"
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
QUALITY = 85  # of WebP: letters stay sharp, and a picture has some 60 kB
JOBS: list[dict[str, Any]] = [
    {"prompt": "calm ocean", "style": "hills", "seed": 42},
    {"prompt": "desert at noon", "style": "flow", "seed": 7},
    {"prompt": "a rose window", "style": "mandala", "petals": 16, "seed": 3},
    {"prompt": "northern lights", "style": "silk", "seed": 11},
    {"prompt": "harbour in the rain", "style": "bokeh", "seed": 5},
    {"prompt": "autumn leaves", "style": "mandala", "petals": 9, "seed": 8},
    {"prompt": "city at night", "style": "mosaic", "seed": 21},
    {"prompt": "a field of flax", "style": "silk", "seed": 34},
]


def take(data_dir: Path, scheme: Literal["light", "dark"], docs: Path) -> None:
    """Write each picture into `docs`, of a studio on an empty data folder."""
    studio = Studio(data_dir)
    studio.start()
    chromium = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium)
            desk = StudioPage(browser.new_page(viewport=DESK, color_scheme=scheme), studio.url, data_dir)
            desk.open()
            for values in JOBS:
                desk.fill("pattern", values)
                made = desk.generate("pattern")
            desk.reuse(made)
            expect(desk.notice).to_contain_text("Restored")
            write(desk.page, docs / "main-page.webp")
            desk.notice.get_by_role("button", name="Report").click()
            write(desk.page, docs / "report.webp")
            desk.page.keyboard.press("Escape")
            desk.fill("pattern", {"prompt": "a field of flax at dusk", "style": "mandala"})
            line = desk.page.locator(".changes-line:visible")
            expect(line).to_contain_text("2 changes")
            line.click()
            write(desk.page, docs / "marks.webp")
            phone = browser.new_page(viewport=PHONE, color_scheme=scheme, has_touch=True, is_mobile=True)
            phone.goto(studio.url)
            expect(phone.locator(".changes-line:visible")).to_be_attached(timeout=60_000)  # the draft has come
            write(phone, docs / "phone.webp")
            browser.close()
    finally:
        studio.stop()


def write(page: Page, path: Path) -> None:
    """Write what the window shows."""
    page.mouse.move(0, 0)
    page.wait_for_load_state("networkidle")
    Image.open(BytesIO(page.screenshot(animations="disabled"))).convert("RGB").save(path, quality=QUALITY, method=6)


if __name__ == "__main__":
    chosen, *others = [*sys.argv[1:], "light"]
    with TemporaryDirectory() as made:
        take(Path(made) / "data", "dark" if chosen == "dark" else "light", Path(others[0]) if sys.argv[2:] else DOCS)
