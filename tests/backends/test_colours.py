"""Colours, shape and length of films stay, whatever their tags say and however short they are."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from studio.jobs.previews import preview
from tests.backends.local_runs import LOCAL_MODELS, filled, run

RED = (63, 102, 240)
"""Pure red in BT.709, by Y, U, V of 8 bits."""


def film(
    path: Path,
    yuv: tuple[int, int, int] = RED,
    *,
    size: tuple[int, int] = (1280, 720),
    count: int = 4,
    rate: int = 16,
    tags: tuple[int, int, int] | None = None,
    deep: bool = False,
    shape: Fraction | None = None,
) -> Path:
    """A film of one colour; `tags` are matrix, primaries and transfer, `deep` has 10 bits."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265" if deep else "libx264", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p10le" if deep else "yuv420p"
        stream.options = {"x265-params": "log-level=none"} if deep else {"qp": "0"}
        context = stream.codec_context
        if shape:
            context.sample_aspect_ratio = shape
        if tags:
            context.colorspace, context.color_primaries, context.color_trc = tags
        for number in range(count):
            frame = av.VideoFrame(*size, stream.pix_fmt)
            for plane, level in zip(frame.planes, yuv, strict=True):
                width = plane.line_size // (2 if deep else 1)
                plane.update(np.full((plane.height, width), level, np.uint16 if deep else np.uint8))
            if tags:
                frame.colorspace, frame.color_primaries, frame.color_trc = tags
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def upscaled(path: Path, folder: Path, **values: object) -> Path:
    config = LOCAL_MODELS["upscale"]
    given = {"media_type": "video", "factor": 1, "filter": "nearest", "sharpen": False, **values}
    return run(config, filled(config, {"video": path, "image": path}, given), folder)


def yuv_of(path: Path) -> tuple[int, ...]:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    assert (frame.colorspace, frame.color_primaries, frame.color_trc) == (1, 1, 1)
    pixels, levels = frame.width * frame.height, frame.to_ndarray(format="yuv420p").ravel()
    return tuple(int(np.median(part)) for part in np.split(levels, [pixels, pixels * 5 // 4]))


def small_picture(path: Path, folder: Path) -> tuple[int, ...]:
    with Image.open(preview(path, "video", folder / "preview.webp")) as picture:
        return tuple(np.median(np.asarray(picture.convert("RGB")).reshape(-1, 3), axis=0).astype(int))


@pytest.mark.parametrize("tags", [None, (1, 1, 1)], ids=["untagged", "tagged"])
def test_a_film_of_720_lines_is_bt709_unless_it_says_otherwise(tmp_path: Path, tags: tuple[int, int, int]) -> None:
    path = film(tmp_path / "red.mp4", tags=tags)
    assert np.abs(np.subtract(yuv_of(upscaled(path, tmp_path)), RED)).max() <= 1
    assert np.abs(np.subtract(small_picture(path, tmp_path), (254, 0, 0))).max() <= 3


@pytest.mark.parametrize("tags", [None, (6, 6, 6)], ids=["untagged", "tagged"])
def test_a_smaller_film_is_bt601_unless_it_says_otherwise(tmp_path: Path, tags: tuple[int, int, int]) -> None:
    path = film(tmp_path / "red.mp4", (81, 90, 240), size=(320, 240), tags=tags)
    assert np.abs(np.subtract(small_picture(path, tmp_path), (254, 0, 0))).max() <= 3
    assert np.abs(np.subtract(yuv_of(upscaled(path, tmp_path)), RED)).max() <= 2


@pytest.mark.parametrize(("transfer", "level", "near"), [(16, 180, 8), (18, 130, 8)], ids=["PQ", "HLG"])
def test_a_grey_of_hdr_looks_as_it_should_in_bt709(tmp_path: Path, transfer: int, level: int, near: int) -> None:
    path = film(tmp_path / "grey.mp4", (500, 512, 512), size=(64, 64), tags=(9, 9, transfer), deep=True)
    red, green, blue = small_picture(path, tmp_path)
    assert max(red, green, blue) - min(red, green, blue) <= 2
    assert abs(green - level) <= near
    luma, *colour = yuv_of(upscaled(path, tmp_path))
    assert abs(luma - (16 + 219 * green / 255)) <= 2
    assert np.abs(np.subtract(colour, 128)).max() <= 1


def test_colours_of_hdr_are_those_of_bt709(tmp_path: Path) -> None:
    """The red of BT.709 at the reference white's level, as PQ in BT.2020 writes it."""
    linear = np.array([0.6274, 0.0691, 0.0164]) * 203 / 10_000
    power = linear ** (1305 / 8192)
    red, green, blue = ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    levels = (64 + 876 * luma, 512 + 896 * (blue - luma) / 1.8814, 512 + 896 * (red - luma) / 1.4746)
    path = film(tmp_path / "red.mp4", tuple(round(one) for one in levels), size=(64, 64), tags=(9, 9, 16), deep=True)
    red, green, blue = small_picture(path, tmp_path)
    assert red > 230
    assert max(green, blue) < 30


@pytest.mark.parametrize("transfer", [1, 2, 14, 15])
@pytest.mark.parametrize(
    ("red", "luma", "tags"),
    [((0.6274, 0.0691, 0.0164), (0.2627, 0.0593), (9, 9)), ((0.8225, 0.0332, 0.0171), (0.2126, 0.0722), (1, 12))],
    ids=["BT.2020", "Display P3"],
)
def test_wide_colours_without_hdr_are_those_of_bt709(
    red: tuple[float, ...], luma: tuple[float, float], tags: tuple[int, int], transfer: int, tmp_path: Path
) -> None:
    """The red of BT.709, as films with wider primaries write it."""
    r, g, b = np.array(red) ** (1 / 2.2)
    y = luma[0] * r + (1 - sum(luma)) * g + luma[1] * b
    levels = (64 + 876 * y, 512 + 448 * (b - y) / (1 - luma[1]), 512 + 448 * (r - y) / (1 - luma[0]))
    yuv = tuple(round(one) for one in levels)
    path = film(tmp_path / "red.mp4", yuv, size=(64, 64), tags=(*tags, transfer), deep=True)
    red_shown, *others = small_picture(path, tmp_path)
    assert red_shown > 250
    assert max(others) < 20
    assert np.abs(np.subtract(yuv_of(upscaled(path, tmp_path)), RED)).max() <= 6


def test_a_film_that_names_only_primaries_of_bt2020_has_its_matrix_too(tmp_path: Path) -> None:
    yuv = (450, 440, 640)
    named, bare = (
        small_picture(film(tmp_path / f"{matrix}.mp4", yuv, size=(64, 64), tags=(matrix, 9, 16), deep=True), tmp_path)
        for matrix in (9, 2)
    )
    assert np.abs(np.subtract(named, bare)).max() <= 1


@pytest.mark.parametrize("level", [64, 200, 500, 800, 940])
@pytest.mark.parametrize("tags", [(9, 9, 14), (1, 12, 1), (1, 1, 1)], ids=["BT.2020", "Display P3", "BT.709"])
def test_grey_without_hdr_stays(level: int, tags: tuple[int, int, int], tmp_path: Path) -> None:
    path = film(tmp_path / "grey.mp4", (level, 512, 512), size=(64, 64), tags=tags, deep=True)
    assert np.abs(np.subtract(small_picture(path, tmp_path), (level - 64) / 876 * 255)).max() <= 3
    assert np.abs(np.subtract(yuv_of(upscaled(path, tmp_path)), (level / 4, 128, 128))).max() <= 2


def test_pixels_that_are_not_square_become_square(tmp_path: Path) -> None:
    path = film(tmp_path / "wide.mp4", size=(64, 64), shape=Fraction(2))
    with Image.open(preview(path, "video", tmp_path / "preview.webp")) as picture:
        assert picture.size == (128, 64)
    with av.open(str(upscaled(path, tmp_path))) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.sample_aspect_ratio or 1) == (128, 64, 1)


@given(
    count=st.integers(1, 6),
    side=st.sampled_from([2, 8, 16, 30, 34]),
    rate=st.sampled_from([1, 10, 16, 25]),
    factor=st.sampled_from([2, 3, 4]),
    way=st.sampled_from(["blend", "motion"]),
)
def test_a_film_of_any_length_has_so_many_times_its_pictures_and_lasts_as_long(
    count: int, side: int, rate: int, factor: int, way: str
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = film(folder / "short.mp4", (80, 120, 130), size=(side, side), count=count, rate=rate)
        more = {"frame_interpolation": True, "interpolation_method": way, "frame_factor": factor}
        made = upscaled(path, folder, **more)
        with av.open(str(made)) as container:
            stream = container.streams.video[0]
            lasts = float((stream.duration or 0) * (stream.time_base or 0))
            assert sum(1 for _ in container.decode(stream)) == (count * factor if count > 1 else 1)
    assert lasts == pytest.approx(count / rate, abs=0.01)
