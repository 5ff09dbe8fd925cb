"""Fields for pictures in order, masks, sizes, colours and JSON, as a user has them."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests import media_samples
from tests.browser.studio_page import StudioPage, has


@pytest.fixture
def pictures(page: StudioPage, tmp_path: Path) -> list[Path]:
    """Three pictures in the form of Collage."""
    paths = [media_samples.png(tmp_path / f"{name}.png", seed=seed) for seed, name in enumerate("abc")]
    page.choose("collage")
    page.fill("collage", {"pictures": paths})
    return paths


def order(page: StudioPage) -> list[str | None]:
    return [tile.get_attribute("title") for tile in page.field("collage", "pictures").locator("li").all()]


def test_pictures_are_put_in_order_with_keys_buttons_and_the_mouse(page: StudioPage, pictures: list[Path]) -> None:
    tiles = page.field("collage", "pictures").locator("li")
    tiles.first.focus()
    page.page.keyboard.press("ArrowRight")
    assert order(page) == ["b.png", "a.png", "c.png"]
    expect(tiles.nth(1)).to_be_focused()
    tiles.nth(2).hover()
    tiles.nth(2).locator("[data-do=earlier]").click()
    assert order(page) == ["b.png", "c.png", "a.png"]
    tiles.nth(2).drag_to(tiles.nth(0), source_position={"x": 40, "y": 20}, target_position={"x": 40, "y": 20})
    assert order(page) == ["a.png", "b.png", "c.png"]
    assert page.read("collage", "pictures") == [path.read_bytes() for path in pictures]


def test_a_picture_is_removed_and_replaced_and_one_too_many_is_left_out(
    page: StudioPage, pictures: list[Path], tmp_path: Path
) -> None:
    field = page.field("collage", "pictures")
    other = media_samples.png(tmp_path / "d.png", seed=4)
    field.locator("li").nth(1).focus()
    page.page.keyboard.press("Delete")
    assert order(page) == ["a.png", "c.png"]
    field.locator("li").first.hover()
    with page.page.expect_file_chooser() as asked:
        field.locator("li").first.locator("[data-do=replace]").click()
    asked.value.set_files(other)
    expect(field.locator("li[title='d.png']")).to_be_visible()
    assert order(page) == ["d.png", "c.png"]
    field.locator("input[type=file]").set_input_files([other] * 11)
    expect(field.locator("li[data-file]")).to_have_count(12)
    expect(field.get_by_role("status")).to_have_text("1 left out: at most 12")
    expect(field.locator("[data-do=add]")).to_be_disabled()


def test_files_that_are_no_pictures_are_named_at_their_field_and_the_others_stay(
    page: StudioPage, pictures: list[Path], tmp_path: Path
) -> None:
    names = ["list.png", "notes.png"]
    for name in names:
        (tmp_path / name).write_text("no picture")
    page.field("collage", "pictures").locator("input[type=file]").set_input_files([tmp_path / name for name in names])
    one = "This is no picture that can be read, or it is damaged. PNG, JPEG, WebP, GIF, AVIF, BMP and TIFF can be"
    expect(page.refusal("collage", "pictures")).to_have_text(f"Pictures: list.png: {one}. notes.png: {one}")
    assert order(page) == ["a.png", "b.png", "c.png", *names]


def test_a_job_whose_picture_is_gone_brings_the_others_and_says_which_is_missing(
    page: StudioPage, pictures: list[Path]
) -> None:
    page.fill("collage", {"size": {"width": 64, "height": 64}})
    card = page.generate("collage")
    key = page.job(card)["options"]["pictures"][1]
    (page.data_dir / "media" / key).unlink()
    page.fill("collage", {"pictures": []})
    page.reuse(card)
    assert order(page) == ["a.png", "c.png"]
    expect(page.notice).to_contain_text("Pictures: 2 of 3: the file is missing")


def test_a_result_is_sent_on_behind_the_pictures_that_are_there(page: StudioPage, pictures: list[Path]) -> None:
    page.fill("collage", {"size": {"width": 64, "height": 64}})
    card = page.generate("collage")
    card.locator(".open").drag_to(page.field("collage", "pictures").locator(".picture-row"))
    expect(page.field("collage", "pictures").locator("li[data-file]")).to_have_count(4)
    assert page.read("collage", "pictures") == [*(path.read_bytes() for path in pictures), page.result(card)]


# --- masks -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def mask(page: StudioPage, tmp_path: Path) -> Locator:
    """The mask's field over a picture of 200 × 100 pixels."""
    page.choose("fill")
    page.fill("fill", {"image": media_samples.png(tmp_path / "photo.png", (200, 100))})
    field = page.field("fill", "mask")
    expect(field.locator("canvas")).to_be_visible()
    return field


def draw(field: Locator, *points: tuple[float, float]) -> None:
    """A stroke through points in fractions of the picture."""
    canvas, mouse, (first, *others) = field.locator("canvas"), field.page.mouse, points
    size = canvas.bounding_box()
    assert size is not None
    # The page may still be on its way to a refused field: the pointer goes where the canvas has come to rest.
    canvas.hover(position={"x": first[0] * size["width"], "y": first[1] * size["height"]})
    mouse.down()
    box = canvas.bounding_box()
    assert box is not None
    for across, down in others:
        mouse.move(box["x"] + across * box["width"], box["y"] + down * box["height"], steps=4)
    mouse.up()


def drawn(page: StudioPage, field: Locator, before: str = "") -> np.ndarray:
    """The mask's pixels as its file has them, when there is another than before."""
    expect(field.locator(".mask-box")).to_have_attribute("data-file", has_other(before))
    shown = page.read("fill", "mask")
    with Image.open(io.BytesIO(shown)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("L"))


def has_other(before: str) -> re.Pattern[str]:
    return re.compile(f"^(?!{re.escape(before)}$).+")


def address(field: Locator) -> str:
    return field.locator(".mask-box").get_attribute("data-file") or ""


def test_a_mask_is_white_where_it_was_drawn_and_black_elsewhere(page: StudioPage, mask: Locator) -> None:
    draw(mask, (0.25, 0.5), (0.5, 0.5))
    pixels = drawn(page, mask)
    assert pixels.shape == (100, 200), "as the picture"
    assert set(np.unique(pixels)) == {0, 255}
    assert pixels[50, 60:90].min() == 255
    assert pixels[:20].max() == pixels[:, 150:].max() == 0


def test_a_mask_comes_back_byte_for_byte_and_can_be_drawn_on(page: StudioPage, mask: Locator) -> None:
    draw(mask, (0.25, 0.5), (0.5, 0.5))
    drawn(page, mask)
    kept = page.read("fill", "mask")
    first = page.generate("fill")
    options = page.job(first)["options"]

    page.reload()
    page.choose("collage")
    page.reuse(page.cards.first)
    expect(mask.locator("canvas")).to_be_visible()
    assert page.read("fill", "mask") == kept
    assert page.job(page.generate("fill"))["options"] == options

    before = address(mask)
    draw(mask, (0.75, 0.5))
    pixels = drawn(page, mask, before)
    assert pixels[50, 60:90].min() == pixels[50, 150] == 255, "what was drawn before is still there"
    mask.locator("[data-do=back]").click()
    expect(mask.locator(".mask-box")).to_have_attribute("data-file", before)
    assert page.read("fill", "mask") == kept


def test_a_mask_is_erased_inverted_and_cleared(page: StudioPage, mask: Locator) -> None:
    draw(mask, (0.25, 0.5), (0.75, 0.5))
    drawn(page, mask)
    before = address(mask)
    mask.locator("[data-do=eraser]").click()
    draw(mask, (0.5, 0.5))
    pixels = drawn(page, mask, before)
    assert (pixels[50, 60], pixels[50, 100], pixels[50, 140]) == (255, 0, 255)
    before = address(mask)
    mask.locator("[data-do=invert]").click()
    assert (drawn(page, mask, before) == 255 - pixels).all()
    mask.locator("[data-do=clear]").click()
    expect(mask.locator("[data-file]")).to_have_count(0)
    page.group("fill").locator(".generate").click()
    expect(page.refusal("fill", "mask")).to_have_text("Mask is needed")


def test_a_mask_is_drawn_by_keys_alone(page: StudioPage, mask: Locator) -> None:
    canvas, width = mask.locator("canvas"), mask.get_by_role("slider", name="width of the brush")
    press = page.page.keyboard.press
    canvas.focus()
    press("Tab")
    press("Shift+Tab")
    expect(canvas).to_be_focused()
    expect(mask.get_by_role("status").first).to_contain_text("Space begins and ends a line")
    for _ in range(4):
        press("]")
    expect(width).to_have_value("44")  # 22 of 100 pixels
    press("[")
    expect(width).to_have_value("40")
    press("Space")
    expect(mask.get_by_role("status").first).to_contain_text("Space ends the line")
    for _ in range(4):
        press("ArrowRight")
    press("Space")
    pixels = drawn(page, mask)
    assert pixels[50, 95:145].min() == 255
    assert pixels[50, :85].max() == pixels[50, 155:].max() == pixels[:35].max() == 0

    before = address(mask)
    press("e")
    expect(mask.locator("[data-do=eraser]")).to_have_attribute("aria-pressed", "true")
    press("Space")
    press("Space")
    pixels = drawn(page, mask, before)
    assert (pixels[50, 110], pixels[50, 140]) == (255, 0)
    before = address(mask)
    press("Space")
    press("Shift+ArrowLeft")
    press("Escape")
    press("Control+z")
    assert drawn(page, mask, before)[50, 140] == 255, "neither the dropped nor the undone line is there"
    before = address(mask)
    press("f")
    assert drawn(page, mask, before).min() == 255
    press("i")
    expect(mask.locator("[data-file]")).to_have_count(0)


def test_a_mask_of_another_size_is_said_and_refused_and_can_be_drawn_anew(
    page: StudioPage, mask: Locator, tmp_path: Path
) -> None:
    draw(mask, (0.25, 0.5))
    drawn(page, mask)
    page.fill("fill", {"image": media_samples.png(tmp_path / "other.png", (64, 48))})
    expect(mask.get_by_role("status").first).to_contain_text("This mask is for a picture of 200 × 100 pixels")
    page.group("fill").locator(".generate").click()
    expect(page.refusal("fill", "mask")).to_contain_text("Mask is of another size than Image, 200 × 100 pixels")
    mask.locator("[data-do=clear]").click()
    draw(mask, (0.5, 0.5))
    assert drawn(page, mask).shape == (48, 64)
    expect(page.generate("fill")).to_have_class(has("is-completed"))


# --- sizes, colours, JSON --------------------------------------------------------------------------------------------


def test_a_size_is_entered_by_aspect_area_and_swap(page: StudioPage) -> None:
    page.choose("collage")
    size = page.field("collage", "size")

    def aspect(ratio: str) -> Locator:
        return size.get_by_role("group", name="Size: aspect").get_by_role("button", name=ratio, exact=True)

    aspect("16:9").click()
    assert page.read("collage", "size") == {"width": 1366, "height": 768}
    size.get_by_role("button", name="0.25 MP").click()
    assert page.read("collage", "size") == {"width": 682, "height": 384}
    size.locator("[data-do=swap]").click()
    assert page.read("collage", "size") == {"width": 384, "height": 682}
    expect(aspect("9:16")).to_have_attribute("aria-pressed", "true")
    page.fill("collage", {"size": {"width": 100, "height": 300}})
    expect(size.locator(".chip[aria-pressed=true]")).to_have_count(0)
    page.fill("collage", {"size": {"width": 1280, "height": 720}})
    expect(aspect("16:9")).to_have_attribute("aria-pressed", "true")


def test_a_film_takes_the_size_of_its_first_picture(page: StudioPage, tmp_path: Path) -> None:
    page.choose("slideshow")
    size = page.field("slideshow", "size")
    like = size.get_by_role("button", name="As the first picture")
    expect(like).to_be_disabled()
    wide = media_samples.png(tmp_path / "wide.png", (301, 120))
    large = media_samples.png(tmp_path / "large.png", (400, 3000))
    page.fill("slideshow", {"pictures": [wide, large]})
    like.click()
    expect(size.locator("[data-side=width]")).to_have_value("302")
    assert page.read("slideshow", "size") == {"width": 302, "height": 120}
    first = page.generate("slideshow")
    assert page.job(first)["options"]["size"] == {"width": 302, "height": 120}

    page.field("slideshow", "pictures").locator("li").nth(1).focus()
    page.page.keyboard.press("ArrowLeft")
    like.click()
    expect(size.locator("[data-side=height]")).to_have_value("2560")
    assert page.read("slideshow", "size") == {"width": 342, "height": 2560}

    page.reload()
    page.reuse(page.cards.first)
    assert page.read("slideshow", "size") == {"width": 302, "height": 120}
    expect(like).to_be_enabled()
    page.fill("slideshow", {"pictures": []})
    expect(like).to_be_disabled()


def test_a_number_of_frames_says_how_long_the_film_is_at_its_rate(page: StudioPage) -> None:
    page.choose("slideshow")
    frames = page.field("slideshow", "frames")
    expect(frames.locator("output")).to_have_text("Of the form 8n+1 · 5.04 s at 24 frames a second")
    page.fill("slideshow", {"fps": 30, "frames": 97})
    expect(frames.locator("output")).to_have_text("Of the form 8n+1 · 3.23 s at 30 frames a second")
    frames.locator("input:not([type=range])").press("ArrowUp")
    assert page.read("slideshow", "frames") == 105
    page.fill("slideshow", {"frames": 100})
    page.group("slideshow").locator(".generate").click()
    expect(page.refusal("slideshow", "frames")).to_contain_text("of the form 8n+1 between 9 and 1441")


def test_a_colour_is_entered_in_any_notation_and_wrong_values_are_said_at_their_fields(
    page: StudioPage, pictures: list[Path]
) -> None:
    box = page.field("collage", "background").locator("input[type=text]")
    for written, read in [("Navy", "#000080"), ("rgb(255 136 0 / 50%)", "#ff880080"), ("no colour", "no colour")]:
        box.fill(written)
        box.blur()
        assert page.read("collage", "background") == read
    page.fill("collage", {"layout": "boxes", "boxes": "[[1, 2,]]", "size": {"width": 65, "height": None}})
    page.group("collage").locator(".generate").click()
    expect(page.refusal("collage", "background")).to_contain_text("Background must be a colour such as #ff8800")
    expect(page.refusal("collage", "boxes")).to_contain_text("Boxes is not JSON: line 1, column 8")
    expect(page.refusal("collage", "size")).to_contain_text("Size must be a width and a height")
    page.reload()
    assert page.read("collage", "boxes") == "[[1, 2,]]", "what was typed stays, right or wrong"
    assert page.read("collage", "size") == {"width": 65, "height": None}
    assert page.read("collage", "background") == "no colour"
