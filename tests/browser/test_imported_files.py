"""Results of other tools, made jobs of by the command line beside a studio that runs, are found and reused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Studio
from tests.browser.studio_page import StudioPage
from tests.interchange import made_files as made

pytestmark = pytest.mark.slow
INFOTEXT = (
    "a red fox {in|out} the snow\nNegative prompt: blurry\n"
    "Steps: 21, Sampler: Euler a, CFG scale: 6.5, Seed: 987654321, Size: 512x768, Model: dream"
)


def test_an_imported_picture_is_found_and_fills_the_form_of_another_model(
    page: StudioPage, studio: Studio, tmp_path: Path
) -> None:
    (tmp_path / "fox.png").write_bytes(made.png({"parameters": INFOTEXT}, (96, 64)))
    graph = json.dumps({"1": {"class_type": "KSampler", "inputs": {"seed": 5, "steps": 9, "model": "x"}}})
    (tmp_path / "other.png").write_bytes(made.png({"prompt": graph}, (97, 65)))
    command = [sys.executable, "studio_ui.py", "import", "--from", "auto", str(tmp_path)]
    command += ["--data-dir", str(studio.data_dir), "--workspace", page.workspace]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said == "Imported: 2 jobs.\n"

    page.reload()
    expect(page.cards).to_have_count(2)
    page.page.locator(".filter-bar [name=search]").fill("RED FOX")
    expect(page.cards).to_have_count(1)
    card = page.cards.first
    expect(card).to_contain_text("A1111 (imported)")
    assert page.result(card) == (tmp_path / "fox.png").read_bytes()

    page.ask(card, "Z-Image", in_another=True)
    expect(page.notice).to_contain_text("made elsewhere, by A1111 (imported)")
    shown = page.read_all("z-image")
    assert (shown["negative_prompt"], shown["seed"], shown["steps"], shown["cfg"]) == ("blurry", 987654321, 21, 6.5)
    assert (shown["width"], shown["height"]) == (512, 768)
    assert shown["prompt"] == r"a red fox \{in\|out\} the snow"
