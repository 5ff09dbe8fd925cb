"""A result with its record: the same picture, film or sound, and the job whole."""

import io
import random
import re
import struct
import zlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageSequence, PngImagePlugin

from interchange.containers import texts
from interchange.fields import Fields
from interchange.metadata import Metadata
from interchange.read import read
from interchange.record import KEYS, JobRecord, read_record
from interchange.tools import fields_of, studio
from interchange.writers import WriteError, write
from interchange.writers.infotext import infotext
from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, probe
from tests import media_samples as samples
from tests.interchange import made_files as made
from tests.interchange.test_record import records

RECORD = JobRecord(
    model_id="dream",
    model_name="Dream, a model",
    type="image",
    options={"prompt": "a cat <b>\n& 猫", "negative_prompt": "dog", "steps": 20, "cfg": 7.5, "seed": None},
    seed=2**64 - 1,
    source_type="trainedAlgorithmicMedia",
)
SECRET = "secret-camera-4711"


def camera() -> bytes:
    """EXIF as a camera writes it: a serial number, a place, and that the picture lies on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = SECRET
    exif.get_ifd(0x8769)[0xA431] = SECRET
    exif.get_ifd(0x8825)[29] = SECRET
    return exif.tobytes()


def still(path: Path, mode: str = "RGB", frames: int = 1, **save: Any) -> Path:
    first, *others = [samples.picture(shift=3 * at).convert(mode) for at in range(frames)]
    more = {"save_all": True, "append_images": others, "duration": 80, "loop": 0} if frames > 1 else {}
    first.save(path, **more, **save)
    return path


def film(path: Path, sound: bool = False, **options: str) -> Path:
    plain = samples.video(path, sound=sound) if not options else samples.video(path.with_stem("plain"), sound=sound)
    if options:
        with av.open(str(plain)) as old, av.open(str(path), "w", options=options) as new:
            copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
            for packet in old.demux():
                if packet.size:
                    packet.stream = copies[packet.stream.index]
                    new.mux(packet)
    return path


def grey_tiff(path: Path) -> Path:
    """One of 16 bits in Motorola's order, its directory behind the picture, as libtiff writes it."""
    pixels = (np.arange(64 * 48, dtype=">u2") * 20).tobytes()
    artist, end = SECRET.encode() + b"\0", 8 + len(pixels)
    numbers = {256: 64, 257: 48, 258: 16, 259: 1, 262: 1, 273: 8, 277: 1, 278: 48, 279: len(pixels)}
    entries = [struct.pack(">HHII", tag, 4, 1, value) for tag, value in numbers.items()]
    entries.append(struct.pack(">HHII", 315, 2, len(artist), end + 6 + 12 * 10))
    directory = struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4)
    path.write_bytes(b"MM\0*" + struct.pack(">I", end) + pixels + directory + artist)
    return path


PICTURES: dict[str, Callable[[Path], Path]] = {
    "a.png": lambda path: still(path),
    "grey.png": samples.png16,
    "alpha.png": samples.png_alpha,
    "profile.png": samples.with_profile,
    "camera.png": lambda path: still(path, exif=camera(), dpi=(72, 72)),
    "animated.png": lambda path: still(path, frames=3),
    "a.jpg": lambda path: still(path),
    "camera.jpg": lambda path: still(path, exif=camera(), comment=SECRET.encode(), progressive=True),
    "cmyk.jpg": samples.jpeg_cmyk,
    "a.webp": lambda path: still(path),
    "lossless.webp": lambda path: still(path, lossless=True),
    "alpha.webp": lambda path: still(path, "RGBA", lossless=True),
    "camera.webp": lambda path: still(path, exif=camera(), xmp=f"<x>{SECRET}</x>".encode()),
    "animated.webp": lambda path: still(path, frames=3),
    "a.gif": lambda path: still(path),
    "animated.gif": lambda path: still(path, frames=3, comment=SECRET.encode()),
    "a.avif": lambda path: still(path),
    "alpha.avif": lambda path: still(path, "RGBA"),
    "camera.avif": lambda path: still(path, exif=camera(), xmp=f"<x>{SECRET}</x>".encode()),
    "animated.avif": lambda path: still(path, frames=3),
    "a.tiff": lambda path: still(path),
    "packed.tiff": lambda path: still(path, "CMYK", compression="tiff_lzw"),
    "camera.tiff": lambda path: still(path, exif=camera(), description=SECRET, software=SECRET),
    "pages.tiff": lambda path: still(path, frames=3, compression="tiff_deflate", artist=SECRET),
    "grey.tiff": lambda path: grey_tiff(path),
}
STREAMS: dict[str, Callable[[Path], Path]] = {
    "a.mp4": film,
    "sound.mp4": lambda path: film(path, sound=True),
    "fast.mp4": lambda path: film(path, sound=True, movflags="faststart"),
    "a.mov": lambda path: film(path, sound=True),
    "fragmented.mp4": lambda path: film(path, sound=True, movflags="frag_keyframe+empty_moov"),
    "parts.mp4": lambda path: film(path, sound=True, movflags="empty_moov", frag_size="1000"),
    "dash.mp4": lambda path: film(path, sound=True, movflags="dash", frag_duration="100000"),
    "a.webm": lambda path: film(path, sound=True),
    "a.mkv": lambda path: film(path, sound=True),
    "live.webm": samples.recording,
    "a.m4a": samples.audio,
    "a.flac": samples.audio,
    "a.mp3": samples.audio,
    "a.ogg": samples.audio,
    "a.wav": samples.audio,
}
SAMPLES = PICTURES | STREAMS


@cache
def sample(name: str) -> bytes:
    with TemporaryDirectory() as folder:
        return SAMPLES[name](Path(folder) / name).read_bytes()


def written(content: bytes, record: JobRecord | None = RECORD) -> bytes:
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        source.write_bytes(content)
        try:
            write(source, target, record)
        except WriteError:
            assert not target.exists()
            raise
        return target.read_bytes()


def seen(content: bytes) -> list[Any]:
    """A picture's pixels and how they are shown, frame by frame."""
    with Image.open(io.BytesIO(content)) as image:
        shown = [image.format, image.mode, image.size, image.getexif().get(0x0112, 1), image.info.get("icc_profile")]
        frames = [(frame.info.get("duration"), frame.tobytes()) for frame in ImageSequence.Iterator(image)]
        dpi = image.info.get("dpi") if image.format == "PNG" else None  # of a JPEG with EXIF Pillow guesses 72
        return [*shown, image.info.get("loop"), dpi, *frames]


def packets(content: bytes) -> list[Any]:
    """Everything that the streams of a film or sound hold, as it is stored and as it is decoded."""
    with av.open(io.BytesIO(content)) as container:
        stored = [
            (packet.stream.index, packet.pts, packet.dts, packet.duration, packet.time_base, bytes(packet))
            for packet in container.demux()
        ]
    with av.open(io.BytesIO(content)) as container:
        decoded = [(frame.pts, hash(frame.to_ndarray().tobytes())) for frame in container.decode(0)]
        streams = [(one.type, one.codec_context.name, one.duration, one.start_time) for one in container.streams]
        return [container.format.name, container.duration, streams, decoded, stored]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_written_file_shows_the_same_and_has_the_record(name: str, tmp_path: Path) -> None:
    plain = sample(name)
    content = written(plain)
    assert read_record(content) == RECORD
    look = seen if name in PICTURES else packets
    assert look(content) == look(plain)
    assert SECRET.encode() not in content
    before, after = tmp_path / f"before-{name}", tmp_path / name
    before.write_bytes(plain)
    after.write_bytes(content)
    assert probe(after, MediaLimits()) == probe(before, MediaLimits())


@pytest.mark.parametrize("name", SAMPLES)
def test_a_plain_copy_shows_the_same_and_says_nothing(name: str) -> None:
    content = written(written(sample(name)), None)
    assert read(content) is None
    assert b"studio" not in content.lower()
    assert b"digitalsource" not in content.lower()
    assert SECRET.encode() not in content
    look = seen if name in PICTURES else packets
    assert look(content) == look(sample(name))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_second_record_takes_the_place_of_the_first(name: str) -> None:
    other = RECORD.model_copy(update={"seed": 5})
    assert written(written(sample(name), other)) == written(sample(name))


@given(records(), st.sampled_from(sorted(SAMPLES)))
def test_any_job_of_any_model_comes_back_from_a_file_of_any_format(record: JobRecord, name: str) -> None:
    assert read_record(written(sample(name), record)) == record


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in ("a.gif", "animated.gif")])
def test_other_tools_read_the_line_of_a1111(name: str) -> None:
    """Without the record, as they do not know it."""
    found = fields_of(Metadata({key: text for key, text in texts(written(sample(name))).items() if key not in KEYS}))
    assert found is not None
    own = studio.fields(RECORD)
    assert found.tool == "Studio"
    for name in ("prompt", "negative_prompt", "seed", "steps", "guidance", "width", "height", "model"):
        assert getattr(found, name) == getattr(own, name), name


PROMPTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).filter(
    lambda text: not re.search(r"steps: |prompt:|template:|^\s*$|<|^[{\[]", text, re.IGNORECASE)
)


@given(
    PROMPTS,
    PROMPTS,
    st.integers(0, 2**64 - 1),
    st.integers(1, 200),
    st.floats(0, 100),
    st.integers(1, 9999),
    st.sampled_from(["Dream", 'a, "b": c', "猫 XL"]),
)
def test_the_line_of_a1111_says_what_the_fields_say(
    prompt: str, negative: str, seed: int, steps: int, guidance: float, width: int, model: str
) -> None:
    own = Fields.of(
        "Studio",
        prompt=prompt,
        negative_prompt=negative,
        seed=seed,
        steps=steps,
        guidance=guidance,
        width=width,
        height=width,
        model=model,
    )
    found = fields_of(Metadata({"parameters": infotext(own)}))
    assert found is not None
    assert replace(found, rest={}) == own


@pytest.mark.parametrize("name", [name for name in PICTURES if not name.endswith("gif")])
def test_a_picture_says_in_xmp_that_a_model_made_it(name: str) -> None:
    assert texts(written(sample(name)))["xmp.digitalsourcetype"].endswith("/trainedAlgorithmicMedia")


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith("png")])
def test_the_chunks_of_a_png_stay_byte_for_byte(name: str) -> None:
    kept = [one for one in chunks(sample(name)) if one[0] not in (b"eXIf", b"IEND")]
    assert [one for one in chunks(written(sample(name))) if one[0] not in (b"eXIf", b"iTXt", b"tEXt", b"IEND")] == kept


def chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 8
    while at < len(content):
        length = int.from_bytes(content[at : at + 4])
        found.append((content[at + 4 : at + 8], content[at + 8 : at + 12 + length]))
        assert zlib.crc32(content[at + 4 : at + 8 + length]).to_bytes(4) == content[at + 8 + length : at + 12 + length]
        at += 12 + length
    return found


@pytest.mark.parametrize("name", [name for name in PICTURES if name.endswith("tiff")])
def test_the_strips_of_a_tiff_stay_byte_for_byte_where_they_are(name: str) -> None:
    plain, content = sample(name), written(sample(name))
    assert strips(content) == strips(plain)
    assert all(content[at : at + size] == plain[at : at + size] for page in strips(plain) for at, size in page)


def strips(content: bytes) -> list[list[tuple[int, int]]]:
    """Of each page where its strips stand and how long they are."""
    order, pages = "<" if content[:2] == b"II" else ">", []
    (at,) = struct.unpack_from(f"{order}I", content, 4)
    while at:
        (count,) = struct.unpack_from(f"{order}H", content, at)
        entries = [
            struct.unpack_from(f"{order}HHII", content, place) for place in range(at + 2, at + 2 + 12 * count, 12)
        ]
        assert [tag for tag, *_ in entries] == sorted(tag for tag, *_ in entries)
        found = {
            tag: [value >> (16 if kind == 3 and order == ">" else 0)]
            if number == 1
            else [*struct.unpack_from(f"{order}{number}{'H' if kind == 3 else 'I'}", content, value)]
            for tag, kind, number, value in entries
            if tag in (273, 279)
        }
        pages.append([*zip(found[273], found[279], strict=True)])
        (at,) = struct.unpack_from(f"{order}I", content, at + 2 + 12 * count)
    return pages


def test_a_film_whose_index_counts_what_goes_is_left_alone() -> None:
    content = sample("dash.mp4")
    at = content.index(b"moof", content.index(b"moof") + 4) - 4
    free = (8).to_bytes(4) + b"free"
    with pytest.raises(WriteError):
        written(content[:at] + free + content[at:])


def test_a_fragment_whose_samples_would_move_is_left_alone() -> None:
    """Its header says how far they are from itself."""
    content = sample("fragmented.mp4")
    at = content.index(b"mdat", content.index(b"moof")) - 4
    with pytest.raises(WriteError):
        written(content[:at] + (8).to_bytes(4) + b"free" + content[at:])


def tiff(entries: list[bytes], pages: int = 1) -> bytes:
    """A picture of one strip, whose further pages stand so close that each is a part of the one before."""
    numbers = {256: 2, 257: 2, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 2, 279: 4}
    known = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in numbers.items()]
    both = sorted([*known, *entries])
    directory = struct.pack("<H", len(both)) + b"".join(both)
    return b"II*\0" + struct.pack("<I", 12) + bytes(4) + directory + bytes(4) + bytes(pages)


def test_what_no_picture_needs_goes_from_a_tiff_and_pictures_inside_of_a_page_are_left_alone() -> None:
    rating = struct.pack("<HHII", 18246, 3, 1, 0x5A5A)
    assert rating in tiff([rating])
    assert rating[:2] + rating[8:] not in written(tiff([rating]), None)
    assert b"ZZ" not in written(tiff([rating]), None)
    with pytest.raises(WriteError, match="inside"):
        written(tiff([struct.pack("<HHII", 330, 4, 1, 8)]))


def test_a_tiff_that_names_more_parts_than_fit_into_memory_is_left_alone() -> None:
    """Each of its directories is as long as can be, and begins a little behind the one before."""
    most, step, pages = 65_535, 12, 8
    body = bytearray(b"II*\0" + struct.pack("<I", 8) + bytes(12 * (most + pages + 2)))
    for page in range(pages):
        at = 8 + step * page
        struct.pack_into("<H", body, at, most)
    entry = struct.pack("<HHII", 256, 1, 1, 0)
    for place in range(8 + step * pages, len(body) - 12, 12):
        body[place + 2 : place + 14] = entry
    with pytest.raises(WriteError):
        written(bytes(body))


def test_a_tiff_whose_parts_share_bytes_is_left_alone() -> None:
    content = bytearray(sample("grey.tiff"))
    at = content.index(struct.pack(">HH", 315, 2))
    struct.pack_into(">I", content, at + 8, 8)  # the artist's name is where the picture is
    with pytest.raises(WriteError):
        written(bytes(content))


GRAPH = '{"1": {"class_type": "SaveImage", "inputs": {}}}'


@pytest.mark.parametrize("name", ["png", "a.mp4", "a.webm"])
def test_what_comfyui_wrote_to_be_opened_again_stays(name: str) -> None:
    plain = made.png({"prompt": GRAPH, "parameters": "old", "Comment": SECRET}) if name == "png" else tagged(name)
    found = texts(written(plain))
    assert found["prompt"] == GRAPH
    assert SECRET not in str(found)
    assert read_record(written(plain)) == RECORD
    assert "prompt" not in texts(written(plain, None))


def tagged(name: str) -> bytes:
    return made.film(Path(name).suffix[1:], {"prompt": GRAPH, "location": SECRET}, movflags="use_metadata_tags")


@pytest.mark.parametrize("name", STREAMS)
def test_a_stream_copy_of_ffmpeg_keeps_the_record(name: str, tmp_path: Path) -> None:
    """With all that FFmpeg does without being told to: of MP4 it keeps the comment alone."""
    copy = tmp_path / name
    with av.open(io.BytesIO(written(sample(name)))) as old, av.open(str(copy), "w") as new:
        new.metadata.update(old.metadata)
        copies = {stream.index: new.add_stream_from_template(stream) for stream in old.streams}
        for stream in old.streams:
            copies[stream.index].metadata.update(stream.metadata)
        for packet in old.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                new.mux(packet)
    assert read_record(copy.read_bytes()) == RECORD


# Of an animated AVIF Pillow reads what its track says of itself, and that is nothing.
@pytest.mark.parametrize("name", [name for name in PICTURES if name != "animated.avif"])
def test_pillow_keeps_the_record_when_it_is_handed_on(name: str) -> None:
    file = io.BytesIO()
    with Image.open(io.BytesIO(written(sample(name)))) as image:
        kind, said = str(image.format), {key: image.info[key] for key in ("exif", "xmp") if key in image.info}
        if kind == "PNG":
            info = PngImagePlugin.PngInfo()
            for key, text in image.text.items():
                info.add_itxt(key, text)
            said["pnginfo"] = info
        image.save(file, kind, **said)
    assert read_record(file.getvalue()) == RECORD


DAMAGE = st.tuples(
    st.sampled_from(["cut", "overwrite", "insert", "remove"]), st.floats(0, 1, exclude_max=True), st.binary(max_size=24)
)


@given(st.sampled_from(sorted(SAMPLES)), st.lists(DAMAGE, min_size=1, max_size=3), st.booleans())
def test_a_damaged_file_is_refused_or_written_with_the_same_damage(
    name: str, damages: list[tuple[str, float, bytes]], with_record: bool
) -> None:
    content = sample(name)
    for kind, where, extra in damages:
        at = int(where * len(content))
        rest = {"cut": b"", "insert": content[at:], "remove": content[at + len(extra) + 1 :]}
        content = content[:at] + (extra if kind != "cut" else b"") + rest.get(kind, content[at + len(extra) :])
    try:
        after = written(content, RECORD if with_record else None)
    except WriteError:
        return
    if is_whole(content):
        assert is_whole(after)


def is_whole(content: bytes) -> bool:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(content)
        try:
            probe(path, MediaLimits())
        except MediaRefusedError:
            return False
        return True


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n", b"BM123", b"RIFF\x04\0\0\0AVI ", b"ID3\4"])
def test_what_is_no_file_that_carries_a_record_is_refused(content: bytes) -> None:
    with pytest.raises(WriteError):
        written(content)


def test_a_long_record_is_packed_into_a_jpeg_and_refused_when_that_is_too_long_too() -> None:
    long = RECORD.model_copy(update={"options": {"prompt": "cat " * 30_000}})
    assert read_record(written(sample("a.jpg"), long)) == long
    noise = b64encode(bytes(random.Random(1).randbytes(90_000))).decode()
    with pytest.raises(WriteError):
        written(sample("a.jpg"), RECORD.model_copy(update={"options": {"prompt": noise}}))
    for name in ("a.png", "a.webp", "a.avif", "a.mp4", "a.webm", "a.mp3", "a.flac", "a.ogg", "a.wav", "a.gif"):
        large = RECORD.model_copy(update={"options": {"prompt": noise * 5}})
        assert read_record(written(sample(name), large)) == large, name
