"""What comes out of the models that write films, measured by decoding it again."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from backends.base import BackendError
from backends.local_models.ken_burns import _DIRECTIONS, _EASINGS, _Path
from tests import media_samples
from tests.backends.local_runs import LOCAL_MODELS, filled, run

KEN_BURNS, UPSCALE = LOCAL_MODELS["ken-burns"], LOCAL_MODELS["upscale"]


@dataclass(frozen=True)
class Measured:
    """A film as a player finds it."""

    size: tuple[int, int]
    frames: list[NDArray[np.uint8]]
    seconds: float
    sound: NDArray[np.float32] | None
    codec: str
    format: str


def measure(path: Path) -> Measured:
    with av.open(str(path)) as film:
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
        stream = film.streams.video[0]
        seconds = float(stream.duration * stream.time_base)
        codec, pixels = stream.codec_context.name, stream.codec_context.pix_fmt
        sound = None
        if film.streams.audio:
            film.seek(0)
            sound = np.concatenate([frame.to_ndarray() for frame in film.decode(audio=0)], axis=1)
    height, width = frames[0].shape[:2]
    return Measured((width, height), frames, seconds, sound, codec, pixels)


def ken_burns(folder: Path, size: tuple[int, int] = (160, 120), **values: Any) -> Measured:
    media = {"image": media_samples.png(folder / "photo.png", size), "audio": media_samples.audio(folder / "a.wav")}
    return measure(run(KEN_BURNS, filled(KEN_BURNS, media, values), folder))


def upscale(video: Path, **values: Any) -> Measured:
    media = {"video": video, "image": video}
    return measure(run(UPSCALE, filled(UPSCALE, media, {"media_type": "video", **values}), video.parent))


# --- ken-burns -------------------------------------------------------------------------------------------------------


def test_a_ken_burns_film_has_the_size_length_and_format_asked_for(tmp_path: Path) -> None:
    film = ken_burns(tmp_path, width=128, height=72, duration=1.5, fps=24)
    assert (film.size, len(film.frames), film.seconds) == ((128, 72), 36, 1.5)
    assert (film.codec, film.format, film.sound) == ("h264", "yuv420p", None)


def test_the_index_stands_before_the_pictures_so_that_a_browser_starts_at_once(tmp_path: Path) -> None:
    media = {"image": media_samples.png(tmp_path / "photo.png"), "audio": Path("unused")}
    data = run(KEN_BURNS, filled(KEN_BURNS, media), tmp_path).read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_a_still_camera_shows_the_photo_in_its_own_colours(tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), (200, 120, 40)).save(tmp_path / "photo.png")
    media = {"image": tmp_path / "photo.png", "audio": Path("unused")}
    film = measure(run(KEN_BURNS, filled(KEN_BURNS, media, {"pan": "none", "zoom_to": 1.0}), tmp_path))
    assert np.abs(film.frames[3][32, 32].astype(int) - (200, 120, 40)).max() <= 12


def test_a_fade_begins_and_ends_black(tmp_path: Path) -> None:
    film = ken_burns(tmp_path, duration=1.0, fade=0.3)
    assert film.frames[0].mean() < 6
    assert film.frames[-1].mean() < 6
    assert film.frames[12].mean() > 60


def test_a_short_sound_is_followed_by_silence_or_repeated(tmp_path: Path) -> None:
    once = ken_burns(tmp_path, duration=2.0, add_audio=True, audio_fade=0.0)
    again = ken_burns(tmp_path, duration=2.0, add_audio=True, audio_fade=0.0, audio_repeat=True)
    assert once.sound is not None
    assert again.sound is not None
    assert once.sound.shape[1] < 0.7 * 48_000
    assert abs(again.sound.shape[1] - 2 * 48_000) < 3000
    assert np.abs(again.sound[:, 80_000:90_000]).max() > 0.1


def test_the_volume_scales_the_sound(tmp_path: Path) -> None:
    loud, soft = (
        ken_burns(tmp_path, add_audio=True, audio_volume=volume, audio_fade=0.0).sound for volume in (100, 25)
    )
    assert loud is not None
    assert soft is not None
    assert soft.std() == pytest.approx(loud.std() / 4, rel=0.1)


boxes = st.fixed_dictionaries(
    {
        "zoom_from": st.floats(1, 4),
        "zoom_to": st.floats(1, 4),
        "pan": st.sampled_from(sorted(_DIRECTIONS)),
        "pan_amount": st.integers(5, 100),
        "focus_x": st.integers(0, 100),
        "focus_y": st.integers(0, 100),
        "easing": st.sampled_from(sorted(_EASINGS)),
    }
)
sides = st.tuples(st.integers(2, 3000), st.integers(2, 3000))


@given(photo=sides, size=sides, values=boxes, moment=st.floats(0, 1))
def test_the_camera_never_looks_beyond_the_photo_and_never_distorts_it(
    photo: tuple[int, int], size: tuple[int, int], values: dict[str, Any], moment: float
) -> None:
    left, top, right, bottom = _Path(photo, size, values).box(moment)
    assert 0 <= left < right <= photo[0]
    assert 0 <= top < bottom <= photo[1]
    assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1], rel=1e-6)


@given(values=boxes)
def test_the_camera_moves_without_a_jump(values: dict[str, Any]) -> None:
    camera = _Path((4000, 3000), (1280, 720), values)
    places = np.array([camera.box(number / 149) for number in range(150)])
    steps = np.diff(places, axis=0)
    assert np.abs(np.diff(steps, axis=0)).max() < 6, "a step differs from the next by pixels of the photo at most"


# --- upscale ---------------------------------------------------------------------------------------------------------


def test_an_upscaled_film_is_larger_and_keeps_its_frames_and_its_sound(tmp_path: Path) -> None:
    film = upscale(media_samples.video(tmp_path / "film.mp4", seconds=1, sound=True), factor=2.0)
    assert (film.size, len(film.frames)) == ((128, 96), 12)
    assert film.seconds == pytest.approx(1.0, abs=0.01)
    assert film.sound is not None
    assert film.sound.shape[1] == pytest.approx(48_000, rel=0.05)
    assert np.abs(film.sound).max() > 0.2


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".mov"])
def test_films_of_other_kinds_are_enlarged_too(suffix: str, tmp_path: Path) -> None:
    film = upscale(media_samples.video(tmp_path / f"film{suffix}", seconds=0.5, sound=True), factor=1.5)
    assert (film.size, len(film.frames)) == ((96, 72), 6)
    assert film.sound is not None


@pytest.mark.parametrize("method", ["blend", "motion"])
@pytest.mark.parametrize("times", [2, 3, 4])
def test_interpolation_multiplies_the_frames_and_keeps_the_length(method: str, times: int, tmp_path: Path) -> None:
    source = media_samples.video(tmp_path / "film.mp4", seconds=1)
    film = upscale(source, frame_interpolation=True, interpolation_method=method, frame_factor=times)
    assert abs(len(film.frames) - 12 * times) <= times
    assert film.seconds == pytest.approx(1.0, abs=0.1)


def test_a_film_that_lies_on_its_side_is_stored_upright(tmp_path: Path) -> None:
    flat, lying = media_samples.video(tmp_path / "flat.mp4"), tmp_path / "lying.mp4"
    lie_down(flat, lying)
    with av.open(str(lying)) as film:
        assert abs(round(next(film.decode(video=0)).rotation)) == 90
    assert upscale(lying).size == (96, 128)


def lie_down(source: Path, target: Path) -> None:
    """Copy an MP4 with the matrix of a quarter turn in its track header."""
    data = bytearray(source.read_bytes())
    matrix = data.index(b"tkhd") + 4 + 40  # version and flags, then the fields of a version 0 header
    turned = (0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    data[matrix : matrix + 36] = b"".join(number.to_bytes(4, "big", signed=True) for number in turned)
    target.write_bytes(data)


def test_a_film_whose_sides_would_be_too_large_says_which_factor_fits(tmp_path: Path) -> None:
    source = media_samples.video(tmp_path / "wide.mp4", seconds=0.2, size=(1280, 16))
    with pytest.raises(BackendError, match=r"choose a factor of at most 3\."):
        upscale(source, factor=8.0)


def test_a_picture_is_enlarged_with_its_transparency(tmp_path: Path) -> None:
    source = media_samples.png_alpha(tmp_path / "picture.png")
    result = run(UPSCALE, filled(UPSCALE, {"image": source, "video": source}, {"factor": 3.0}), tmp_path)
    with Image.open(result) as picture:
        assert (picture.size, picture.mode, picture.format) == ((192, 144), "RGBA", "PNG")


def test_pixel_art_keeps_exactly_its_colours(tmp_path: Path) -> None:
    source = media_samples.png(tmp_path / "picture.png", size=(8, 8))
    values = filled(UPSCALE, {"image": source, "video": source}, {"factor": 4.0, "filter": "nearest"})
    with Image.open(run(UPSCALE, values, tmp_path)) as large, Image.open(source) as small:
        assert (np.asarray(large)[::4, ::4] == np.asarray(small)).all()
