"""What the operations of the image editor do to real pictures."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from backends.base import BackendError
from backends.local_models import images
from backends.local_models.edits.shape import _inner_box
from tests import media_samples
from tests.backends.local_runs import LOCAL_MODELS, filled, run

CONFIG = LOCAL_MODELS["image-edit"]
NEUTRAL = {"operation": "adjust", "contrast": 0, "saturation": 0}


def edit(path: Path, **values: Any) -> Image.Image:
    result = run(CONFIG, filled(CONFIG, {"image": path}, values), path.parent)
    with Image.open(result) as opened:
        opened.load()
        return opened


def test_a_photo_stands_upright_and_has_no_turn_left_in_its_exif(tmp_path: Path) -> None:
    photo = media_samples.jpeg_exif(tmp_path / "photo.jpg", size=(64, 48), orientation=6)
    edited = edit(photo, **NEUTRAL)
    assert edited.size == (48, 64)
    assert edited.format == "JPEG"
    assert 0x0112 not in edited.getexif()


@pytest.mark.parametrize("operation", ["adjust", "tone", "posterize", "grain", "sharpen", "text"])
def test_transparency_stays_where_only_colours_change(operation: str, tmp_path: Path) -> None:
    source = media_samples.png_alpha(tmp_path / "source.png")
    edited = edit(source, operation=operation, text_position="top", text_outline=False, text_size=1.0)
    with Image.open(source) as original:
        before, after = np.asarray(original.getchannel("A")), np.asarray(edited.getchannel("A"))
    assert (after[24:] == before[24:]).all()


def test_sixteen_bits_of_grey_become_eight_without_burning_out(tmp_path: Path) -> None:
    source = media_samples.png16(tmp_path / "grey.png")
    with Image.open(source) as original:
        expected = np.asarray(original).astype(int) >> 8
    assert (np.asarray(edit(source, **NEUTRAL).convert("L")) == expected).all()


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_of_an_animation_the_first_frame_is_edited(suffix: str, tmp_path: Path) -> None:
    source = media_samples.animation(tmp_path / f"moving{suffix}")
    assert edit(source, **NEUTRAL).size == (64, 48)


def test_a_jpeg_that_becomes_transparent_is_saved_as_png(tmp_path: Path) -> None:
    source = media_samples.image(tmp_path / "photo.jpg")
    turned = edit(source, operation="rotate", turn="free", angle=10.0, corners="transparent")
    assert (turned.format, turned.mode) == ("PNG", "RGBA")
    assert turned.getpixel((0, 0))[3] == 0


def test_transparency_becomes_white_in_a_jpeg(tmp_path: Path) -> None:
    source = tmp_path / "empty.png"
    Image.new("RGBA", (8, 8), (200, 0, 0, 0)).save(source)
    edited = edit(source, **NEUTRAL, format="jpeg")
    assert edited.getpixel((4, 4)) == (255, 255, 255)


def test_blur_lets_no_colour_out_of_transparent_pixels(tmp_path: Path) -> None:
    source = tmp_path / "half.png"
    picture = Image.new("RGBA", (40, 40), (255, 0, 0, 0))
    picture.paste((0, 0, 255, 255), (20, 0, 40, 40))
    picture.save(source)
    red, _, _, alpha = edit(source, operation="blur", blur_radius=4.0).getpixel((18, 20))
    assert alpha > 0
    assert red < 20


def test_the_centre_stays_sharp_in_a_blurred_picture(tmp_path: Path) -> None:
    source = media_samples.png(tmp_path / "source.png")
    edited = np.asarray(edit(source, operation="blur", keep_centre=True))
    with Image.open(source) as original:
        before = np.asarray(original)
    assert (edited[24, 32] == before[24, 32]).all()
    assert (edited[0, 0] != before[0, 0]).any()


@given(
    size=st.tuples(st.integers(1, 90), st.integers(1, 90)),
    ratio=st.sampled_from([option.value for option in CONFIG.parameters["ratio"].choices]),
    anchor=st.sampled_from(["start", "centre", "end"]),
)
def test_a_crop_to_a_shape_keeps_one_side_whole(
    size: tuple[int, int], ratio: str, anchor: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = media_samples.png(tmp_path_factory.mktemp("crop") / "source.png", size)
    cropped = edit(source, operation="crop", ratio=ratio, anchor=anchor)
    across, down = map(int, ratio.split(":"))
    assert cropped.width == size[0] or cropped.height == size[1]
    assert abs(cropped.width - cropped.height * across / down) <= max(1, across / down)


def test_a_crop_to_an_area_keeps_exactly_its_pixels(tmp_path: Path) -> None:
    source = media_samples.png(tmp_path / "source.png")
    cropped = edit(source, operation="crop", crop_by="box", crop_left=3, crop_top=5, crop_width=10, crop_height=None)
    with Image.open(source) as original:
        assert (np.asarray(cropped) == np.asarray(original.crop((3, 5, 13, 48)))).all()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"operation": "crop", "crop_by": "box", "crop_left": 60, "crop_width": 9},
            "does not lie in the picture, which",
        ),
        ({"operation": "crop", "crop_by": "box", "crop_top": 48}, "which has 64 × 48 pixels"),
        ({"operation": "frame", "frame_colour": "blurple"}, "Colour must be a colour such as #ff8800"),
        ({"operation": "text", "outline_colour": "<b>"}, "Outline colour must be a colour"),
        ({"operation": "tone", "tone": "duotone", "duotone_lights": ""}, "Colour of the lights must be"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence_and_leaves_no_file(
    values: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(BackendError, match=message):
        edit(media_samples.png(tmp_path / "source.png"), **values)
    assert not list(tmp_path.glob("run-*/*"))


@pytest.mark.parametrize(
    ("turn", "corner"), [(90, (47, 0)), (180, (63, 47)), (270, (0, 63)), (0, (0, 0))], ids=lambda value: str(value)
)
def test_quarter_turns_move_pixels_without_changing_them(turn: int, corner: tuple[int, int], tmp_path: Path) -> None:
    source = media_samples.png(tmp_path / "source.png")
    with Image.open(source) as original:
        assert edit(source, operation="rotate", turn=turn).getpixel(corner) == original.getpixel((0, 0))


@given(size=st.tuples(st.integers(20, 400), st.integers(20, 400)), degrees=st.floats(-180, 180))
def test_the_inner_box_of_a_turned_picture_holds_no_empty_corner(size: tuple[int, int], degrees: float) -> None:
    left, top, right, bottom = _inner_box(size, degrees)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    angle = np.radians(-degrees)
    for x, y in ((left, top), (right, top), (left, bottom), (right, bottom)):
        across, down = x - size[0] / 2, y - size[1] / 2
        back = across * np.cos(angle) - down * np.sin(angle), across * np.sin(angle) + down * np.cos(angle)
        assert abs(back[0]) <= size[0] / 2 + 1
        assert abs(back[1]) <= size[1] / 2 + 1


@given(levels=st.integers(2, 8))
def test_posterized_colours_are_no_more_than_asked_for(levels: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    source = media_samples.png(tmp_path_factory.mktemp("posterize") / "source.png")
    by_levels = np.asarray(edit(source, operation="posterize", posterize_by="levels", levels=levels))
    assert len(np.unique(by_levels)) <= levels
    by_palette = np.asarray(edit(source, operation="posterize", colours=levels, dither=True))
    assert len(np.unique(by_palette.reshape(-1, 3), axis=0)) <= levels


def test_another_seed_gives_other_grain(tmp_path: Path) -> None:
    source = media_samples.png(tmp_path / "source.png")
    first, second = (edit(source, operation="grain", seed=seed) for seed in (1, 2))
    assert (np.asarray(first) != np.asarray(second)).any()


def test_a_long_text_is_wrapped_inside_the_picture(tmp_path: Path) -> None:
    source = tmp_path / "dark.png"
    Image.new("RGB", (400, 300), "black").save(source)
    words = "the quick brown fox jumps over the lazy dog again and again"
    lit = np.asarray(edit(source, operation="text", text=words, text_outline=False).convert("L")) > 60
    assert lit.any()
    assert not lit[:, :3].any()
    assert not lit[:, -3:].any()
    assert not lit[:2].any()
    assert not lit[-2:].any()


def test_a_result_that_is_too_large_is_refused() -> None:
    with pytest.raises(BackendError, match="10000 × 8000 pixels"):
        images.check_size(10_000, 8_000)
