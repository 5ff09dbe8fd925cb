"""The whole way, seen from the page: entered, generated, reused from elsewhere, and generated again untouched."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests import media_samples
from tests.browser.studio_page import MODELS, StudioPage

Values = dict[str, Any]


def pattern(folder: Path) -> Values:
    return {
        "prompt": "${alert(1)} {{7*7}} <b>gold</b>\nsecond line",
        "style": "mosaic",
        "pieces": 24,
        "arrangement": "spiral",
        "leading": True,
        "leading_width": 1.2,
        "palette": "neon",
        "seed": 2**53 - 1,
        "width": 192,
        "height": 128,
        "finish": ["vignette", "border"],
        "finish_strength": 77,
    }


def image_edit(folder: Path) -> Values:
    return {
        "image": media_samples.png16(folder / "sixteen bits.png"),
        "operation": "text",
        "text": "C:\\users <img src=x onerror=alert(1)>",
        "text_position": "top-left",
        "text_size": 12.5,
        "text_colour": "#ff8800",
        "text_backdrop": True,
        "text_outline": True,
        "outline_width": 9,
        "outline_colour": "navy",
        "text_opacity": 80,
        "format": "webp",
        "quality": 61,
    }


def upscale(folder: Path) -> Values:
    return {
        "media_type": "video",
        "video": media_samples.video(folder / "clip.mp4", seconds=0.5),
        "factor": 1.5,
        "filter": "bicubic",
        "frame_interpolation": True,
        "interpolation_method": "blend",
        "frame_factor": 3,
        "sharpen": True,
        "sharpen_amount": 25,
        "video_quality": "low",
    }


def ken_burns(folder: Path) -> Values:
    return {
        "image": media_samples.jpeg_exif(folder / "turned.jpg"),
        "zoom_from": 1.5,
        "zoom_to": 1.1,
        "pan": "none",
        "focus_x": 0,
        "focus_y": 100,
        "duration": 0.5,
        "easing": "linear",
        "size": "custom",
        "width": 96,
        "height": 64,
        "add_audio": True,
        "audio": media_samples.audio(folder / "sound.wav"),
        "audio_volume": 0,
        "audio_repeat": True,
        "audio_fade": 0.1,
        "fps": 24,
        "fade": 0.1,
        "quality": "low",
    }


def audio_edit(folder: Path) -> Values:
    return {
        "audio": media_samples.audio(folder / "tone.flac", seconds=1.0),
        "trim": True,
        "trim_start": 0.25,
        "trim_end": 0.75,
        "fade_in": 0.1,
        "fade_out": 0.2,
        "volume": "gain",
        "gain": -6.0,
        "speed": 1.25,
        "keep_pitch": False,
        "format": "mp3",
        "bitrate": 64,
        "channels": "mono",
    }


def pattern_hills(folder: Path) -> Values:
    return {
        "prompt": "",
        "style": "hills",
        "layers": 3,
        "ruggedness": 0,
        "sky": "moon",
        "sun_size": 31,
        "palette": "mono",
        "seed": 0,
        "width": 128,
        "height": 192,
        "finish": [],
    }


def image_edit_grain(folder: Path) -> Values:
    return {
        "image": media_samples.png_alpha(folder / "glass.png"),
        "operation": "grain",
        "grain_amount": 80,
        "grain_size": 3.5,
        "grain_colour": True,
        "seed": 2**32,
        "format": "png",
    }


def image_edit_crop(folder: Path) -> Values:
    return {
        "image": media_samples.animation(folder / "loop.gif"),
        "operation": "crop",
        "crop_by": "box",
        "crop_left": 7,
        "crop_top": 0,
        "crop_width": 20,
        "crop_height": None,
        "format": "jpeg",
        "quality": 1,
    }


def upscale_picture(folder: Path) -> Values:
    return {
        "media_type": "image",
        "image": media_samples.image(folder / "small.webp", lossless=True),
        "factor": 3,
        "filter": "nearest",
        "format": "png",
    }


def ken_burns_silent(folder: Path) -> Values:
    return {
        "image": media_samples.png(folder / "photo.png"),
        "zoom_from": 1.2,
        "zoom_to": 2,
        "pan": "up-left",
        "pan_amount": 95,
        "duration": 0.5,
        "easing": "out",
        "size": "custom",
        "width": 64,
        "height": 96,
        "add_audio": False,
        "fps": 25,
        "fade": 0,
        "quality": "medium",
    }


def audio_edit_lossless(folder: Path) -> Values:
    return {
        "audio": media_samples.audio(folder / "tone.mp3", seconds=0.5, seed=3),
        "trim": True,
        "trim_start": 0.1,
        "trim_end": None,
        "fade_in": 0,
        "fade_out": 0.1,
        "volume": "normalize",
        "peak": -3.5,
        "speed": 1,
        "format": "flac",
        "bit_depth": 24,
        "channels": "keep",
    }


def collage(folder: Path) -> Values:
    return {
        "pictures": [
            media_samples.png16(folder / "sixteen bits.png"),
            media_samples.jpeg_exif(folder / "turned.jpg"),
            media_samples.png(folder / "photo.png", seed=3),
        ],
        "layout": "boxes",
        "boxes": "[[0, 0, 50.0, 1e2],\n [50, 0, 50, 50], [50, 50, 50, 50]]",
        "size": {"width": 96, "height": 200},
        "background": "#12345680",
    }


def collage_grid(folder: Path) -> Values:
    return {
        "pictures": [media_samples.png_alpha(folder / "glass.png"), media_samples.png(folder / "photo.png")] * 2,
        "layout": "grid",
        "gap": 0,
        "size": {"width": 4096, "height": 64},
        "background": "#000000",
    }


def fill(folder: Path) -> Values:
    return {
        "image": media_samples.jpeg_exif(folder / "turned.jpg"),
        "mask": media_samples.png(folder / "mask.png"),
        "fill": "colour",
        "colour": "#ff8800",
        "feather": 3,
    }


def slideshow(folder: Path) -> Values:
    return {
        "pictures": [media_samples.png_alpha(folder / "glass.png"), media_samples.jpeg_exif(folder / "turned.jpg")],
        "frames": 17,
        "fps": 12,
        "size": {"width": 96, "height": 64},
        "background": "#ff8800",
        "fade": 0,
        "quality": "low",
    }


def image_edit_print(folder: Path) -> Values:
    return {**image_edit_grain(folder), "image": media_samples.jpeg_cmyk(folder / "print.jpg")}


def upscale_film(folder: Path) -> Values:
    return {**upscale(folder), "video": media_samples.video(folder / "phone.mov", seconds=0.25)}


def audio_edit_opus(folder: Path) -> Values:
    return {**audio_edit_lossless(folder), "audio": media_samples.audio(folder / "voice.opus")}


def bytes_of(entered: Any) -> Any:
    return [*map(bytes_of, entered)] if isinstance(entered, list) else entered.read_bytes()


CASES: list[tuple[str, str, Callable[[Path], Values]]] = [
    ("pattern", "audio-edit", pattern),
    ("pattern", "image-edit", pattern_hills),
    ("image-edit", "ken-burns", image_edit),
    ("image-edit", "audio-edit", image_edit_grain),
    ("image-edit", "qwen-image-edit", image_edit_crop),
    ("upscale", "pattern", upscale),
    ("upscale", "wan-animate", upscale_picture),
    ("ken-burns", "upscale", ken_burns),
    ("ken-burns", "audio-edit", ken_burns_silent),
    ("audio-edit", "flux-krea", audio_edit),
    ("audio-edit", "pattern", audio_edit_lossless),
    ("image-edit", "pattern", image_edit_print),
    ("collage", "pattern", collage),
    ("collage", "fill", collage_grid),
    ("fill", "audio-edit", fill),
    ("slideshow", "collage", slideshow),
    ("upscale", "audio-edit", upscale_film),
    ("audio-edit", "upscale", audio_edit_opus),
]


def test_every_shipped_model_of_this_machine_is_gone_through() -> None:
    local = {id_ for id_, config in MODELS.items() if config.backend.kind == "function"}
    assert {model_id for model_id, _, _ in CASES} == local


@pytest.mark.parametrize(("model_id", "elsewhere", "enter"), CASES)
def test_a_job_comes_back_whole_and_makes_the_same_again(
    page: StudioPage, tmp_path: Path, model_id: str, elsewhere: str, enter: Callable[[Path], Values]
) -> None:
    """**Feature: job-input-reuse, Property 1: For any job with stored input parameters, when reuse is triggered, all
    input values (text, numeric, boolean) should be correctly populated in the generation form**

    **Feature: job-input-reuse, Property 2: For any job using a different model than currently selected, when reuse
    is triggered, the system should switch to the correct model**

    **Feature: job-input-reuse, Property 3: For any job with media inputs (image, video, or audio), when reuse is
    triggered, all media files should be loaded into their appropriate form input fields**

    **Feature: job-input-reuse, Property 4: For any job created with media inputs, the system should store the file
    paths in the job record's options field**

    **Feature: job-input-reuse, Property 5: For any reuse action, the system should dispatch a custom event
    containing the complete job data including modelId, prompt, type, options, and media paths**

    **Feature: job-input-reuse, Property 8: For any job using a model with conditional inputs, all conditional input
    values should be stored in the job record's options field**
    """
    entered = enter(tmp_path)
    page.choose(model_id)
    page.fill(model_id, entered)
    shown = page.read_all(model_id)
    first = page.generate(model_id)
    made, options = page.made(first), page.job(first)["options"]

    page.reload()
    page.choose(elsewhere)
    page.reuse(page.cards.first)
    expect(page.notice).to_contain_text("Restored all")
    expect(page.group(model_id)).to_be_visible()

    files = MODELS[model_id].media()
    expected = {name: bytes_of(value) if name in files else value for name, value in entered.items()}
    assert page.read_all(model_id) == shown == expected

    again = page.generate(model_id)
    assert page.job(again)["options"] == options
    assert page.made(again) == made
