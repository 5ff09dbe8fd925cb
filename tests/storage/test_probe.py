import logging
import re
import struct
import time
import wave
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import av
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, Probe, probe
from tests import media_samples

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
LIMITS = MediaLimits()

SAMPLES: dict[str, Callable[[Path], Path]] = {
    **dict.fromkeys(("still.png", "still.jpg", "still.webp", "still.avif", "still.bmp"), media_samples.image),
    **dict.fromkeys(("still.gif", "still.tiff"), media_samples.image),
    "deep.png": media_samples.png16,
    "alpha.png": media_samples.png_alpha,
    "exif.jpg": media_samples.jpeg_exif,
    **dict.fromkeys(("moving.gif", "moving.webp", "moving.png"), media_samples.animation),
    **dict.fromkeys(("clip.mp4", "clip.mov", "clip.mkv", "clip.webm"), media_samples.video),
    **dict.fromkeys(("tone.wav", "tone.flac", "tone.mp3", "tone.ogg", "tone.m4a"), media_samples.audio),
}
KINDS = {"still": "image", "deep": "image", "alpha": "image", "exif": "image", "moving": "image"}
KINDS |= {"clip": "video", "tone": "audio"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    return {name: make(folder / name).read_bytes() for name, make in SAMPLES.items()}


def refusal(path: Path, limits: MediaLimits = LIMITS) -> str:
    with pytest.raises(MediaRefusedError) as refused:
        probe(path, limits)
    return str(refused.value)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_content_decides_not_the_name(name: str, samples: dict[str, bytes], tmp_path: Path) -> None:
    stem, _, extension = name.partition(".")
    found = set()
    for other_name in (name, "nameless", "lying.png", "lying.mp3", "lying.html"):
        (tmp_path / other_name).write_bytes(samples[name])
        found.add(probe(tmp_path / other_name, LIMITS))
    (only,) = found
    assert (only.kind, only.extension) == (KINDS[stem], extension)
    assert only.mime.startswith(f"{only.kind}/")


def test_pictures_and_videos_have_a_size_and_what_moves_or_sounds_a_duration(tmp_path: Path) -> None:
    still = probe(media_samples.png(tmp_path / "a.png", (30, 20)), LIMITS)
    assert still == Probe("image", "image/png", "png", 30, 20, None)
    clip = probe(media_samples.video(tmp_path / "a.mp4", 2, (40, 30), sound=True), LIMITS)
    assert replace(clip, duration=None) == Probe("video", "video/mp4", "mp4", 40, 30)
    assert clip.duration == pytest.approx(2, abs=0.05)
    tone = probe(media_samples.audio(tmp_path / "a.wav", 0.75), LIMITS)
    assert tone == Probe("audio", "audio/wav", "wav", None, None, 0.75)


@pytest.mark.parametrize("kept", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("name", [name for name in SAMPLES if name != "tone.mp3"])  # a shorter MP3 is an MP3
def test_a_truncated_file_is_refused(name: str, kept: float, samples: dict[str, bytes], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(samples[name][: int(kept * len(samples[name]))])
    assert "damaged" in refusal(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("note.png", b"This is a text, whatever its name says."),
        ("page.png", b"<!doctype html><script>alert(1)</script>"),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("program.mp4", b"\x7fELF" + bytes(4000)),
        ("zeros.wav", bytes(100_000)),
        ("document.jpg", b"%PDF-1.7\n" * 100),
        ("archive.webp", b"PK\x03\x04" + bytes(2000)),
        ("head.png", b"\x89PNG\r\n\x1a\n"),
        ("head.jpg", b"\xff\xd8\xff\xe0" + bytes(200)),
        ("head.wav", b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x80\xbb\0\0\0\x77\1\0\2\0\x10\0data\0\0\0\0"),
    ],
)
def test_what_is_no_media_is_refused_whatever_its_name(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    assert "damaged" in refusal(tmp_path / name)


@pytest.mark.parametrize(
    "playlist",
    ["#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{}'\n", "[playlist]\nFile1={}\n"],
)
@pytest.mark.parametrize("name", ["list.m3u8", "list.mp4"])
def test_a_playlist_that_names_a_file_of_the_machine_is_refused_before_that_is_opened(
    playlist: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(playlist.format(media_samples.video(Path("target.mp4"))))
    with pytest.raises(MediaRefusedError, match="damaged") as refused:
        probe(tmp_path / name, LIMITS)
    assert isinstance(refused.value.__cause__, av.error.FFmpegError), "FFmpeg opened it, only its format was refused"


def test_what_is_not_a_file_with_content_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "link.png").symlink_to(media_samples.png(tmp_path / "a.png"))
    assert refusal(tmp_path / "empty.png") == "The file is empty."
    assert refusal(tmp_path / "missing.png") == refusal(tmp_path / "\0.png") == "The file is not there."
    assert refusal(tmp_path / "link.png") == refusal(tmp_path) == refusal(Path("/dev/zero")) == "This is not a file."


def png_bomb(path: Path, side: int) -> Path:
    """A PNG of some kilobytes that decodes to `side` × `side` black pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((side // 8 + 1) * side), 9)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b""))
    return path


@pytest.mark.parametrize("side", [9_000, 10_000, 20_000])  # below, at and above what Pillow warns and raises for
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side: int, tmp_path: Path) -> None:
    bomb = png_bomb(tmp_path / "bomb.png", side)
    assert bomb.stat().st_size < 100_000
    assert "pixels" in refusal(bomb)


def test_a_bomb_in_a_later_frame_is_refused(tmp_path: Path) -> None:
    small, large = Image.new("1", (8, 8)), Image.new("1", (2_000, 2_000))
    small.save(tmp_path / "a.tiff", save_all=True, append_images=[large], compression="group4")
    assert "2000 × 2000" in refusal(tmp_path / "a.tiff", MediaLimits(max_pixels=1_000_000))


@pytest.mark.parametrize(("number", "refused"), [(500, True), (1_200, False)])
def test_of_very_many_tiny_frames_only_the_first_thousand_are_decoded(
    number: int, refused: bool, tmp_path: Path
) -> None:
    frames = [Image.new("L", (1, 1), index % 256) for index in range(1_300)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    content = bytearray((tmp_path / "a.gif").read_bytes())
    frame = [found.end() for found in re.finditer(rb",\x00{4}\x01\x00\x01\x00\x81.{12}", content, re.DOTALL)][number]
    content[frame] = 99  # bits that no code has
    (tmp_path / "a.gif").write_bytes(content)
    with pytest.raises(MediaRefusedError) if refused else nullcontext():
        probe(tmp_path / "a.gif", LIMITS)


def test_the_limits_are_named(tmp_path: Path) -> None:
    clip = media_samples.video(tmp_path / "a.mp4", 2)
    assert "at most 0.001 are" in refusal(clip, MediaLimits(max_bytes=1000))
    assert "64 × 48" in refusal(clip, MediaLimits(max_pixels=1000))
    assert "at most 1 are allowed" in refusal(clip, MediaLimits(max_seconds=1))


def test_a_wav_that_was_streamed_without_a_size_is_whole(tmp_path: Path) -> None:
    media_samples.wav_of_no_size(tmp_path / "a.wav")
    assert probe(tmp_path / "a.wav", LIMITS).duration == pytest.approx(0.5)


@pytest.mark.parametrize("samples", [96_004, 200_000, 100_000_000])
def test_a_wav_with_a_likely_length_and_fewer_bytes_is_cut(samples: int, tmp_path: Path) -> None:
    media_samples.wav_that_says(tmp_path / "a.wav", samples + 36, samples)
    assert "incomplete" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize(("sounds", "late"), [([2.0, 4.0], 0), ([2.0], 10), ([], 0)])
@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_matroska_that_ends_in_the_middle_is_refused(
    kept: float, suffix: str, sounds: list[float], late: int, tmp_path: Path
) -> None:
    whole = media_samples.film_of_tracks(tmp_path / f"a{suffix}", sounds, late).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(kept * len(whole))])
    assert "damaged" in refusal(tmp_path / "cut")


def test_a_matroska_that_ends_in_the_middle_and_has_no_size_is_refused(tmp_path: Path) -> None:
    whole = bytearray(media_samples.film_of_tracks(tmp_path / "a.mkv", [2.0]).read_bytes())
    size = whole.index(bytes.fromhex("18538067")) + 4
    whole[size : size + 8] = b"\x01" + b"\xff" * 7
    (tmp_path / "open").write_bytes(whole)
    assert probe(tmp_path / "open", LIMITS).duration == pytest.approx(2, abs=0.1)
    (tmp_path / "cut").write_bytes(whole[: len(whole) * 6 // 10])
    assert "damaged" in refusal(tmp_path / "cut")


def test_joined_oggs_last_as_long_as_their_parts(tmp_path: Path) -> None:
    part = media_samples.audio(tmp_path / "a.ogg", 1.0)
    media_samples.joined(tmp_path / "b.ogg", part, part, part)
    assert probe(tmp_path / "b.ogg", LIMITS).duration == pytest.approx(3, abs=0.05)
    assert "at most 2 are allowed" in refusal(tmp_path / "b.ogg", MediaLimits(max_seconds=2))


def test_more_channels_than_ffmpeg_converts_are_refused(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((65, 2, 8_000, 0, "NONE", ""))
        file.writeframes(bytes(65 * 2 * 800))
    assert "65 channels; at most 64" in refusal(tmp_path / "a.wav")


def test_a_sound_of_ten_minutes_costs_little_more_to_probe_than_one_of_six_seconds(tmp_path: Path) -> None:
    """A hundred times as long, it is read but not decoded: four times the work, in processor time."""

    def processor_seconds(seconds: int) -> float:
        with wave.open(str(tmp_path / "a.wav"), "wb") as file:
            file.setparams((2, 2, 48_000, 0, "NONE", ""))
            file.writeframes(bytes(48_000 * 4 * seconds))
        took = []
        for _ in range(3):
            start = time.process_time()
            assert probe(tmp_path / "a.wav", LIMITS).duration == seconds
            took.append(time.process_time() - start)
        return min(took)

    assert processor_seconds(600) < 20 * processor_seconds(6)


@one_folder
@given(data=st.data())
def test_any_damage_ends_in_an_answer_or_a_refusal(
    data: st.DataObject, samples: dict[str, bytes], tmp_path: Path
) -> None:
    content = bytearray(samples[data.draw(st.sampled_from(sorted(samples)))])
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=20)):
        content[at] ^= data.draw(st.integers(1, 255))
    (tmp_path / "damaged").write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert probe(tmp_path / "damaged", LIMITS).kind in ("image", "video", "audio")
    except MediaRefusedError as refused:
        logging.debug("%s", refused)


@one_folder
@given(content=st.binary(max_size=5000))
@example(content=b"\xff\xfb\x90\x00" * 500)
def test_noise_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "noise.mp3").write_bytes(content)
    refusal(tmp_path / "noise.mp3")
