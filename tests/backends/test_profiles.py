"""Pictures look as their colour profile and their bits say: kept, or turned into sRGB, and in previews likewise."""

import struct
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from studio.jobs.previews import preview
from tests.backends.local_runs import LOCAL_MODELS, filled, run

SIZE = (48, 32)


def profile(space: bytes, *tags: tuple[bytes, bytes]) -> bytes:
    """An ICC profile of version 2 for a screen."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    text = b"desc\0\0\0\0\0\0\0\5test\0" + bytes(79)
    entries = [(b"wtpt", white), (b"desc", text), (b"cprt", b"text\0\0\0\0none\0"), *tags]
    place, table, body = 132 + 12 * len(entries), b"", b""
    for name, content in entries:
        table += name + struct.pack(">2I", place + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    d50 = struct.pack(">3i", 63190, 65536, 54061)
    head = b"test\2\x40\0\0mntr" + space + b"XYZ " + bytes(12) + b"acsp" + bytes(28) + d50 + bytes(48)
    return struct.pack(">I", place + len(body)) + head + struct.pack(">I", len(entries)) + table + body


def gamma(power: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(power * 256)) + b"\0\0"


def column(*xyz: float) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(65536 * one) for one in xyz))


LINEAR_GREY = profile(b"GRAY", (b"kTRC", gamma(1)))
WIDE = profile(
    b"RGB ",
    (b"rXYZ", column(0.5151, 0.2412, -0.0011)),
    (b"gXYZ", column(0.2920, 0.6922, 0.0419)),
    (b"bXYZ", column(0.1571, 0.0666, 0.7841)),
    *((name, gamma(2.2)) for name in (b"rTRC", b"gTRC", b"bTRC")),
)
"""About Display P3, as phones write it."""


def seen(path: Path) -> tuple[int, ...]:
    """The colour in the middle as a viewer that heeds profiles shows it in sRGB."""
    with Image.open(path) as image:
        image.load()
        found = image.info.get("icc_profile")
        if found:
            srgb = ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image.convert("RGB"), BytesIO(found), srgb)  # type: ignore[assignment]
        return tuple(image.convert("RGB").getpixel((image.width // 2, image.height // 2)))  # type: ignore[arg-type]


def results(path: Path, folder: Path) -> list[Path]:
    edit, upscale = LOCAL_MODELS["image-edit"], LOCAL_MODELS["upscale"]
    turned = {"operation": "rotate", "format": "png"}
    larger = {"media_type": "image", "factor": 2, "filter": "nearest", "sharpen": False, "format": "png"}
    return [
        run(edit, filled(edit, {"image": path}, turned), folder),
        run(upscale, filled(upscale, {"image": path, "video": path}, larger), folder),
        preview(path, "image", folder / "preview.webp"),
    ]


@pytest.mark.parametrize(
    ("mode", "suffix"), [("L", "png"), ("L", "jpg"), ("LA", "png"), ("I;16", "png"), ("L", "tiff")]
)
def test_grey_with_a_profile_of_its_own_looks_as_it_says(mode: str, suffix: str, tmp_path: Path) -> None:
    """Half of the light is level 188 of sRGB, not 128."""
    level = 128 * 257 if mode == "I;16" else (128, 255) if mode == "LA" else 128
    path = tmp_path / f"grey.{suffix}"
    Image.new(mode, SIZE, level).save(path, icc_profile=LINEAR_GREY)
    for result in results(path, tmp_path):
        assert np.abs(np.subtract(seen(result), 188)).max() <= 3, result


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff"])
def test_colours_of_a_wide_profile_are_seen_as_before(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"wide.{suffix}"
    Image.new("RGB", SIZE, (180, 90, 60)).save(path, icc_profile=WIDE, **({"quality": 100} if suffix != "png" else {}))
    for result in results(path, tmp_path):
        assert np.abs(np.subtract(seen(result), seen(path))).max() <= 4, result


def test_a_film_of_a_picture_with_a_wide_profile_has_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (64, 64), (180, 90, 60)).save(path, icc_profile=WIDE)
    config = LOCAL_MODELS["ken-burns"]
    made = run(config, filled(config, {"image": path, "audio": path}, {"add_audio": False}), tmp_path)
    with Image.open(preview(made, "video", tmp_path / "film.webp")) as film:
        found = film.convert("RGB").getpixel((film.width // 2, film.height // 2))
    assert np.abs(np.subtract(found, seen(path))).max() <= 6  # type: ignore[arg-type]


def test_a_chosen_colour_is_that_colour_on_a_picture_with_a_wide_profile(tmp_path: Path) -> None:
    path = tmp_path / "wide.png"
    Image.new("RGB", (64, 64), (180, 90, 60)).save(path, icc_profile=WIDE)
    config = LOCAL_MODELS["image-edit"]
    given = {"operation": "frame", "frame_colour": "#ff8800", "format": "png"}
    made = run(config, filled(config, {"image": path}, given), tmp_path)
    with Image.open(made) as image:
        assert not image.info.get("icc_profile")
        assert image.convert("RGB").getpixel((0, 0)) == (255, 136, 0)
    assert np.abs(np.subtract(seen(made), seen(path))).max() <= 2


@pytest.mark.parametrize(
    ("mode", "broken"),
    [
        *(("RGB", one) for one in (b"no profile", LINEAR_GREY, WIDE[:20])),
        *(("L", one) for one in (b"no profile", WIDE, LINEAR_GREY[:140])),
        *(("CMYK", one) for one in (b"no profile", WIDE, LINEAR_GREY)),
    ],
)
def test_a_profile_that_does_not_fit_changes_nothing(mode: str, broken: bytes, tmp_path: Path) -> None:
    path, plain = tmp_path / "a.jpg", tmp_path / "b.jpg"
    colour = {"RGB": (180, 90, 60), "L": 120, "CMYK": (0, 90, 160, 30)}[mode]
    Image.new(mode, SIZE, colour).save(path, icc_profile=broken, quality=100)
    Image.new(mode, SIZE, colour).save(plain, quality=100)
    for result in results(path, tmp_path):
        with Image.open(result) as image:
            assert not image.info.get("icc_profile"), result
        assert np.abs(np.subtract(seen(result), seen(plain))).max() <= 4, result


@given(levels=st.lists(st.integers(0, 65535), min_size=4, max_size=4), suffix=st.sampled_from(["png", "tiff"]))
def test_grey_of_sixteen_bits_is_as_bright_in_results_and_previews(levels: list[int], suffix: str) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / f"deep.{suffix}"
        Image.fromarray(np.array(levels, np.uint16).reshape(2, 2).repeat(8, 0).repeat(8, 1)).save(path)
        for result in results(path, folder):
            with Image.open(result) as image:
                shown = np.asarray(image.convert("L").resize((2, 2), Image.Resampling.BOX)).ravel()
            turned = sorted(shown) if result.parent.name == "run-0" else list(shown)
            expected = [level / 257 for level in (sorted(levels) if result.parent.name == "run-0" else levels)]
            assert np.abs(np.subtract(turned, expected)).max() <= 4
