"""Files that are two things at once, and files that end too early: what is refused, and what a camera may write."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, probe
from tests import media_samples

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
LIMITS = MediaLimits()
UNTOLD = ("still.tiff", "streamed.wav")
"""Samples of the kinds that do not say where they end."""

SAMPLES: dict[str, Callable[[Path], Path]] = {
    **dict.fromkeys(("still.png", "still.jpg", "still.webp", "still.avif", "still.bmp"), media_samples.image),
    **dict.fromkeys(("still.gif", "still.tiff"), media_samples.image),
    **dict.fromkeys(("moving.gif", "moving.webp", "moving.png"), media_samples.animation),
    "exif.jpg": media_samples.jpeg_exif,
    **dict.fromkeys(("clip.mp4", "clip.mov", "clip.mkv", "clip.webm"), media_samples.video),
    "recorded.webm": media_samples.recording,
    **dict.fromkeys(("tone.wav", "tone.flac", "tone.mp3", "tone.ogg", "tone.m4a"), media_samples.audio),
    "streamed.wav": media_samples.wav_of_no_size,
}


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "hidden")
    return content.getvalue()


APPENDED = {
    "page": b"<!doctype html><script>alert(1)</script>",
    "zip": _zip(),
    "pdf": b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n%%EOF",
    "script": b"*/=1;alert(1)//",
    "playlist": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "one byte": b"a",
}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("samples")
    return {name: make(folder / name).read_bytes() for name, make in SAMPLES.items()}


def extension(folder: Path, content: bytes) -> str:
    (folder / "file").write_bytes(content)
    return probe(folder / "file", LIMITS).extension


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(MediaRefusedError) as refused:
        extension(folder, content)
    return str(refused.value)


@pytest.mark.parametrize("appended", APPENDED)
@pytest.mark.parametrize("name", [name for name in SAMPLES if name not in UNTOLD])
def test_what_stands_behind_the_end_is_refused_in_words(
    name: str, appended: str, samples: dict[str, bytes], tmp_path: Path
) -> None:
    assert "behind" in refusal(tmp_path, samples[name] + APPENDED[appended])


@one_folder
@given(data=st.data())
def test_junk_behind_the_end_is_refused(data: st.DataObject, samples: dict[str, bytes], tmp_path: Path) -> None:
    name = data.draw(st.sampled_from([name for name in samples if name not in UNTOLD]))
    junk = data.draw(st.binary(min_size=1, max_size=300).filter(lambda junk: junk.strip(b"\0\xff")))
    refusal(tmp_path, samples[name] + junk)


@one_folder
@given(data=st.data())
def test_a_file_that_ends_anywhere_earlier_is_refused_or_a_shorter_sound(
    data: st.DataObject, samples: dict[str, bytes], tmp_path: Path
) -> None:
    name = data.draw(st.sampled_from(sorted(samples)))
    cut = samples[name][: data.draw(st.integers(0, len(samples[name]) - 1))]
    try:
        found = extension(tmp_path, cut)
    except MediaRefusedError:
        return
    assert (found, name.partition(".")[0]) in CUT_UNNOTICED


CUT_UNNOTICED = {("mp3", "tone"), ("ogg", "tone"), ("wav", "streamed"), ("webm", "recorded"), ("tiff", "still")}
"""An MP3 between two frames, an Ogg between two pages, a recording between two blocks, a TIFF without its last tag."""


@pytest.mark.parametrize("name", SAMPLES)
def test_zeros_that_fill_up_a_block_are_no_harm(name: str, samples: dict[str, bytes], tmp_path: Path) -> None:
    assert extension(tmp_path, samples[name] + bytes(512)) == name.partition(".")[2]


def samsungs(picture: bytes, record: bytes) -> bytes:
    """What Samsung's phones write: a record, a directory that says how far back it begins, and that one's length."""
    directory = b"SEFH" + struct.pack("<IIHHII", 106, 1, 0, 0x0A30, len(record), len(record))
    return picture + record + directory + struct.pack("<I", len(directory)) + b"SEFT"


def test_a_camera_may_write_more_than_one_picture_into_a_jpeg(samples: dict[str, bytes], tmp_path: Path) -> None:
    first, second, film = samples["exif.jpg"], samples["still.jpg"], samples["clip.mp4"]
    stills = [media_samples.picture(seed=seed) for seed in (1, 2)]
    stills[0].save(tmp_path / "pair.jpg", format="MPO", save_all=True, append_images=stills[1:])
    record = b"\0\0\x30\x0a\x10\0\0\0MotionPhoto_Data" + film
    for content in (
        *((tmp_path / "pair.jpg").read_bytes(), first + second, first + bytes(100) + second, first + b"\xff" * 100),
        *(first + film, first + second + film, samsungs(first, record), samsungs(first + second, record)),
    ):
        assert extension(tmp_path, content) == "jpg"
    for content in (
        *(first + film + b"<p>", first + second + b"<p>", first + b"<p>" + second, first + b"\0\0\0\4ftyp" + film),
        *(samsungs(first + b"<p>", record), samsungs(first, record) + b"<p>", first + b"\0\0\0\4SEFT"),
    ):
        assert "behind" in refusal(tmp_path, content)
    assert "incomplete" in refusal(tmp_path, first + film[:-100])


def test_what_tags_and_comments_say_is_the_users_own(tmp_path: Path) -> None:
    """A page or a script in them never runs: files are sent so that no browser runs anything of them."""
    page = APPENDED["page"].decode()
    notes = PngImagePlugin.PngInfo()
    for name, note in {"parameters": "a red hat", "workflow": page * 100, "zip": _zip().decode("latin-1")}.items():
        notes.add_text(name, note)
    notes.add_itxt("prompt", "ein roter Hut", zip=True)
    picture = media_samples.picture()
    picture.save(tmp_path / "a.png", pnginfo=notes)
    picture.save(tmp_path / "a.jpg", comment=page)
    picture.save(tmp_path / "a.gif", comment=page)
    for name in ("a.png", "a.jpg", "a.gif"):
        assert extension(tmp_path, (tmp_path / name).read_bytes()) == name[2:]


def test_tags_of_sounds_are_a_part_of_them(samples: dict[str, bytes], tmp_path: Path) -> None:
    old, empty = b"TAG" + bytes(125), b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0)
    for content in (samples["tone.mp3"] + old, samples["tone.mp3"] + empty + old, samples["tone.flac"] + old):
        assert extension(tmp_path, content) in ("mp3", "flac")
    assert "behind" in refusal(tmp_path, samples["tone.mp3"] + old + b"<p>")
    refusal(tmp_path, b"<!doctype html><script>alert(1)</script>" + samples["tone.mp3"])


def test_a_picture_that_is_a_script_too_is_kept_only_as_a_picture(samples: dict[str, bytes], tmp_path: Path) -> None:
    gif = samples["still.gif"]
    assert "pixels" in refusal(tmp_path, b"GIF89a/*" + b"\xff\xff" + gif[10:])  # 10799 pixels wide, whatever its height
    assert "behind" in refusal(tmp_path, gif + b"*/=1;alert(1)")


def test_a_gif_with_an_endless_comment_is_refused_at_once(tmp_path: Path) -> None:
    gif = media_samples.image(tmp_path / "a.gif").read_bytes()
    at = 13 + 3 * 256  # behind the colours
    comment = b"!\xfe" + (b"\xff" + b"a" * 255) * 80_000 + b"\0"  # 20 MB, for which Pillow would take minutes
    assert "comments" in refusal(tmp_path, gif[:at] + comment + gif[at:])


def test_texts_and_colour_profiles_that_unpack_to_very_much_are_refused(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("bomb", "a" * 5_000_000, zip=True)
    media_samples.picture().save(tmp_path / "text.png", pnginfo=notes)
    media_samples.picture().save(tmp_path / "profile.png", icc_profile=bytes(5_000_000))
    for name in ("text.png", "profile.png"):
        assert (tmp_path / name).stat().st_size < 100_000
        refusal(tmp_path, (tmp_path / name).read_bytes())


@pytest.mark.parametrize("name", ["bomb.avif", "bomb.tiff", "bomb.webp", "bomb.gif", "bomb.jpg", "bomb.bmp"])
def test_a_picture_of_a_few_bytes_and_very_many_pixels_is_refused(name: str, tmp_path: Path) -> None:
    compression = {"compression": "group4"} if name == "bomb.tiff" else {}
    Image.new("1" if compression else "L", (1_500, 1_500)).save(tmp_path / name, **compression)
    with pytest.raises(MediaRefusedError, match="pixels"):
        probe(tmp_path / name, MediaLimits(max_pixels=2_000_000))


def test_a_film_that_hides_how_large_its_frames_are_is_refused(tmp_path: Path) -> None:
    content = media_samples.video(tmp_path / "a.webm", 0.2, (320, 256)).read_bytes()
    for element, small in ((b"\xb0\x82\x01\x40", b"\xb0\x82\0\x40"), (b"\xba\x82\x01\0", b"\xba\x82\0\x30")):
        assert content.count(element) == 1
        content = content.replace(element, small)
    (tmp_path / "a.webm").write_bytes(content)
    with pytest.raises(MediaRefusedError):
        probe(tmp_path / "a.webm", MediaLimits(max_pixels=20_000))
    assert probe(tmp_path / "a.webm", LIMITS).width == 320


@pytest.mark.parametrize("suffix", [".flac", ".ogg"])
def test_very_much_silence_in_a_small_file_is_refused(suffix: str, tmp_path: Path) -> None:
    sound = media_samples.silence(tmp_path / f"a{suffix}", seconds=400)
    assert sound.stat().st_size < 200_000
    with pytest.raises(MediaRefusedError, match="at most 300"):
        probe(sound, MediaLimits(max_seconds=300))


def test_a_film_of_very_many_frames_is_refused(tmp_path: Path) -> None:
    clip = media_samples.video(tmp_path / "a.mkv", seconds=2, fps=500, size=(2, 2), sound=True)
    with pytest.raises(MediaRefusedError, match="too many"):
        probe(clip, MediaLimits(max_seconds=2.1))


@pytest.mark.parametrize("name", ["a.mp4", "a.mov", "pieces.mp4"])
def test_a_film_that_says_it_has_a_hundred_million_frames_is_refused_before_room_is_made_for_them(
    name: str, tmp_path: Path
) -> None:
    in_pieces = {"movflags": "empty_moov+frag_keyframe"} if name.startswith("pieces") else {}
    content = bytearray(media_samples.video(tmp_path / name, options=in_pieces).read_bytes())
    count = content.index(b"trun") + 8 if in_pieces else content.index(b"stsz") + 12
    assert struct.unpack_from(">I", content, count) == (12,)
    struct.pack_into(">I", content, count, 100_000_000)
    assert "too many" in refusal(tmp_path, content)
