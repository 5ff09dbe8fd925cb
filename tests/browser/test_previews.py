"""Small pictures in the page: of results, of inputs, and of both again when they were lost."""

from pathlib import Path

from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.conftest import Studio
from tests.browser.studio_page import StudioPage


def shown(image: Locator) -> None:
    """It is a preview, and it has come."""
    expect(image).to_be_visible()
    assert image.evaluate("(image) => image.src.includes('?preview')")
    image.page.wait_for_function("(image) => image.naturalWidth > 0", arg=image.element_handle())


def test_small_pictures_stand_for_files_and_are_rendered_again_when_lost(
    page: StudioPage, studio: Studio, tmp_path: Path
) -> None:
    page.choose("upscale")
    film = media_samples.video(tmp_path / "clip.mp4", seconds=0.25)
    page.fill("upscale", {"media_type": "video", "video": film, "factor": 1.5})
    card = page.generate("upscale")
    shown(card.locator("img.poster"))

    for preview in (studio.data_dir / "media").rglob("*.preview"):
        preview.unlink()
    page.reload()
    shown(card.locator("img.poster"))

    page.ask(card, "Choose…")
    shown(page.page.locator("dialog.choose [data-name=video] img").first)
    page.page.keyboard.press("Escape")

    details = page.details(card)
    expect(details.locator(".facts video")).to_have_attribute("preload", "none")
    assert details.locator(".facts video").evaluate("(film) => fetch(film.poster).then((got) => got.status)") == 200
    expect(details).to_contain_text("96 × 72 · 0.3 s · ")


def test_a_film_is_as_large_as_the_stage_lets_it_be(page: StudioPage, tmp_path: Path) -> None:
    """Not as small as the picture that stands for it until it has come."""
    page.choose("ken-burns")
    photo = media_samples.png(tmp_path / "photo.png", size=(1280, 720))
    page.fill("ken-burns", {"image": photo, "duration": 0.5, "size": "custom", "width": 1280, "height": 720})
    page.generate("ken-burns")
    page.page.wait_for_function(
        """() => {
          const film = document.querySelector(".scene video"), frame = film?.closest(".frame");
          return film && film.clientWidth > 512 && Math.abs(film.clientWidth - frame.clientWidth) < 2;
        }"""
    )
