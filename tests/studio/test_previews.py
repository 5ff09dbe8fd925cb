"""Previews of real media: small, upright, and telling."""

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from storage.database import open_database
from storage.errors import MediaStoreError
from storage.media.store import MediaInfo, MediaStore
from studio.jobs.previews import LARGE, SIDE, PreviewError, Previews, large_preview, preview
from tests import media_samples
from tests.studio.runner_studio import wait_for


def _rendered(path: Path, kind: str) -> Image.Image:
    with Image.open(preview(path, kind, path.with_name("preview.webp"))) as picture:
        picture.load()
        assert picture.format == "WEBP"
        assert max(picture.size) <= SIDE
        return picture


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".avif", ".tiff"])
def test_an_image_is_scaled_down_and_keeps_its_shape(tmp_path: Path, suffix: str) -> None:
    picture = _rendered(media_samples.image(tmp_path / f"a{suffix}", size=(1200, 600)), "image")
    assert picture.size == (SIDE, SIDE // 2)


def test_a_small_image_is_not_blown_up(tmp_path: Path) -> None:
    assert _rendered(media_samples.png(tmp_path / "a.png", size=(64, 48)), "image").size == (64, 48)


def test_a_photo_is_turned_as_its_camera_was_held(tmp_path: Path) -> None:
    photo = media_samples.jpeg_exif(tmp_path / "a.jpg", size=(64, 48), orientation=6)
    assert _rendered(photo, "image").size == (48, 64)


def test_transparency_is_kept(tmp_path: Path) -> None:
    assert _rendered(media_samples.png_alpha(tmp_path / "a.png"), "image").mode == "RGBA"


def test_grey_of_16_bits_is_scaled_and_not_cut_off(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    Image.fromarray(levels).save(tmp_path / "a.png")
    assert 110 < np.asarray(_rendered(tmp_path / "a.png", "image").convert("L")).mean() < 145


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv"])
def test_a_video_shows_a_frame(tmp_path: Path, suffix: str) -> None:
    assert _rendered(media_samples.video(tmp_path / f"a{suffix}"), "video").size == (64, 48)


def test_a_video_that_fades_in_shows_its_first_frame_that_is_not_black(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in [0] * 12 + [200] * 12:
            pixels = np.full((48, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode(None))
    assert np.asarray(_rendered(path, "video")).mean() > 150


@pytest.mark.parametrize("suffix", [".wav", ".mp3", ".flac", ".ogg", ".m4a"])
def test_a_sound_shows_its_swell_on_a_clear_ground(tmp_path: Path, suffix: str) -> None:
    picture = _rendered(media_samples.audio(tmp_path / f"a{suffix}", seconds=2), "audio")
    opacity = np.asarray(picture.getchannel("A"))
    assert opacity[0].max() == 0
    assert 0.05 < (opacity > 128).mean() < 0.8


@given(
    seconds=st.floats(0.3, 12),
    rate=st.sampled_from([8_000, 11_025, 16_000, 22_050, 44_100, 48_000]),
    channels=st.sampled_from([1, 2]),
    loud=st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).filter(lambda part: part[1] - part[0] > 0.2),
)
@example(seconds=0.3, rate=11_025, channels=1, loud=[0.0, 0.91015625])
@example(seconds=0.30078125, rate=11_025, channels=1, loud=[0.5625, 1.0])
def test_the_swell_of_a_sound_of_any_length_is_where_it_is_heard(
    tmp_path_factory: pytest.TempPathFactory, seconds: float, rate: int, channels: int, loud: list[float]
) -> None:
    moments = np.arange(int(seconds * rate)) / rate
    tone = np.where(np.sin(2 * np.pi * 500 * moments) > 0, 20_000, -20_000)
    is_loud = (moments >= loud[0] * seconds) & (moments < loud[1] * seconds)
    samples = np.where(is_loud, tone, tone // 10).astype("<i2")
    path = tmp_path_factory.mktemp("sound") / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.repeat(samples, channels).tobytes())

    opacity = np.asarray(_rendered(path, "audio").getchannel("A")) > 128
    heights = opacity.reshape(len(opacity), 64, -1).any(axis=2).sum(axis=0) / opacity.sum(axis=0).max()
    middles = (np.arange(64) + 0.5) / 64
    inside = (middles > loud[0] + 0.04) & (middles < loud[1] - 0.04)
    outside = (middles < loud[0] - 0.04) | (middles > loud[1] + 0.04)
    assert heights[inside].min(initial=1) > 0.6
    assert heights[outside].max(initial=0) < 0.3


def test_silence_is_a_line(tmp_path: Path) -> None:
    with av.open(tmp_path / "a.wav", "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    assert np.asarray(_rendered(tmp_path / "a.wav", "audio").getchannel("A")).max() == 255


@pytest.mark.parametrize("kind", ["image", "video", "audio"])
def test_a_broken_file_is_refused(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.bin").write_bytes(b"not a file of any kind")
    with pytest.raises(PreviewError, match=r"a\.bin"):
        preview(tmp_path / "a.bin", kind, tmp_path / "b.webp")


# In the background


@pytest.fixture
def media(tmp_path: Path) -> Iterator[MediaStore]:
    database = open_database(f"sqlite:///{tmp_path}/studio.db")
    yield MediaStore(database, tmp_path / "media")
    database.dispose()


def _wait(previews: Previews, info: MediaInfo) -> Image.Image:
    wait_for(lambda: previews.get(info) is not None)
    return Image.open(io.BytesIO(previews.get(info) or b""))


def test_a_preview_is_rendered_when_asked_for_and_again_when_lost(media: MediaStore, tmp_path: Path) -> None:
    info = media.put("ann", media_samples.video(tmp_path / "a.mp4"), "a.mp4")
    previews = Previews(media)
    assert previews.get(info) is None, "nobody waits for it"
    assert _wait(previews, info).size == (64, 48)
    (kept,) = (tmp_path / "media").rglob("*.preview")
    kept.unlink()
    assert _wait(previews, info).format == "WEBP"
    assert media.delete(info.key)
    assert not list((tmp_path / "media").rglob("*.*")), "a preview goes with its file"


def test_a_larger_preview_is_rendered_of_a_large_still_and_goes_with_it(media: MediaStore, tmp_path: Path) -> None:
    """One that is no larger than a small picture has no other, and one that moves none."""
    previews = Previews(media)

    def size(info: MediaInfo) -> tuple[int, int]:
        wait_for(lambda: previews.get(info, large=True) is not None)
        return Image.open(io.BytesIO(previews.get(info, large=True) or b"")).size

    large, small = (
        media.put("ann", media_samples.png(tmp_path / f"{side}.png", size=(side, side // 2)), "a.png")
        for side in (2 * LARGE, SIDE)
    )
    assert size(large) == (LARGE, LARGE // 2)
    assert size(small) == (SIDE, SIDE // 2)
    assert _wait(previews, large).size == (SIDE, SIDE // 2)
    assert media.delete(large.key)
    assert [path.name for path in (tmp_path / "media").rglob("*.preview")] == [f"{Path(small.key).name}.preview"]
    frames = [Image.new("RGB", (600, 600), colour) for colour in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    with pytest.raises(PreviewError, match="it moves"):
        large_preview(tmp_path / "a.gif", tmp_path / "b.webp")


def test_a_preview_of_what_is_deleted_meanwhile_is_not_kept(media: MediaStore, tmp_path: Path) -> None:
    picture = media_samples.png(tmp_path / "a.png")
    info = media.put("ann", picture, "a.png")
    media.delete(info.key)
    media.put_preview(info.key, preview(picture, "image", tmp_path / "b.webp"))
    assert media.read_preview(info.key) is None


def test_a_damaged_file_is_tried_once_and_a_fault_of_the_store_does_no_harm(
    media: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    infos = [media.put("ann", media_samples.png(tmp_path / f"{seed}.png", seed=seed), "a.png") for seed in range(3)]
    damaged, away, good = infos
    media.local_path(damaged.key).write_bytes(b"x" * damaged.size)
    tried: list[str] = []
    fetch = media.fetch

    def watch(key: str, folder: Path) -> Path:
        tried.append(key)
        if tried.count(key) == 1 and key == away.key:
            raise MediaStoreError("just now")
        return fetch(key, folder)

    monkeypatch.setattr(media, "fetch", watch)
    previews = Previews(media)
    for info in (damaged, away, damaged, good):
        previews.get(info)
    for info in (good, away):
        _wait(previews, info)
    assert previews.get(damaged) is None
    assert tried.count(damaged.key) == 1
    assert tried.count(away.key) >= 2, "who asks in the moment in which it is done has it rendered again"
