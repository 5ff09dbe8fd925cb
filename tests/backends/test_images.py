"""Pictures are read upright: as Pillow would turn them, but for what is damaged, which hinders nobody."""

import io
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError

from backends.local_models import images
from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, probe
from studio.jobs.previews import preview
from tests import media_samples

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

ORIENTATION = 0x0112
ODD = {  # entries that are written again only with an error
    "the place of other entries is a text": (0xA005, 2, 4, b"\x1a\0\0\0"),
    "the place of the thumbnail is bytes": (0x0201, 7, 4, b"\x1a\0\0\0"),
    "the length of the thumbnail is a fraction": (0x0202, 5, 1, b"\x1a\0\0\0"),
}


def _xmp(orientation: int) -> str:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{orientation}"/></x:xmpmeta>'


def _encoded(kind: str, picture: Image.Image, orientation: int) -> bytes:
    """The picture as a file that says by EXIF or XMP how it is turned."""
    suffix, _, says = kind.partition(" ")
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options: dict[str, object] = {"exif": exif.tobytes()}
    if says == "XMP" and suffix == "png":
        options = {"pnginfo": (notes := PngImagePlugin.PngInfo())}
        notes.add_itxt("XML:com.adobe.xmp", _xmp(orientation))
    elif says == "XMP":
        options = {"xmp": _xmp(orientation).encode()}
    elif suffix == "mpo":
        options |= {"save_all": True, "append_images": [picture]}
    content = io.BytesIO()
    picture.save(content, {"jpg": "JPEG"}.get(suffix, suffix.upper()), **options)
    return content.getvalue()


@one_folder
@given(
    kind=st.sampled_from(
        ["jpg EXIF", "jpg XMP", "mpo EXIF", "png EXIF", "png XMP", "webp EXIF", "webp XMP", "avif EXIF", "tiff EXIF"]
    ),
    mode=st.sampled_from(["RGB", "L"]),
    size=st.tuples(st.integers(1, 24), st.integers(1, 24)),
    orientation=st.integers(0, 9),
)
def test_a_picture_stands_as_pillow_would_turn_it(
    kind: str, mode: str, size: tuple[int, int], orientation: int, tmp_path: Path
) -> None:
    content = _encoded(kind, media_samples.picture(size).convert(mode), orientation)
    with Image.open(io.BytesIO(content)) as opened:
        expected = ImageOps.exif_transpose(opened).convert("RGB")
    (tmp_path / "a").write_bytes(content)
    found = images.read(tmp_path / "a").pixels
    assert found.size == expected.size == (size[::-1] if orientation in (5, 6, 7, 8) else size)
    assert found.tobytes() == expected.tobytes()


def _exif(*entries: tuple[int, int, int, bytes]) -> bytes:
    """These entries as they are, however wrong: tag, type, count, and four bytes of the value or of its place."""
    packed = b"".join(struct.pack("<HHI4s", *entry) for entry in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + packed + bytes(16)


@pytest.mark.parametrize("odd", ODD)
def test_a_photo_with_an_odd_entry_in_its_exif_is_turned_all_the_same(odd: str, tmp_path: Path) -> None:
    exif = _exif((ORIENTATION, 3, 1, b"\6\0\0\0"), ODD[odd])
    photo = media_samples.image(tmp_path / "a.jpg", exif=exif)
    assert probe(photo, MediaLimits()).mime == "image/jpeg"
    assert images.read(photo).pixels.size == (48, 64)
    with Image.open(preview(photo, "image", tmp_path / "b.webp")) as rendered:
        assert rendered.size == (48, 64)


ENTRY = st.tuples(
    st.sampled_from([0x0100, 0x010E, ORIENTATION, 0x0201, 0x0202, 0x014A, 0x8769, 0x8825, 0x927C, 0xA005]),
    st.integers(0, 18),
    st.sampled_from([0, 1, 2, 4, 9, 2**16, 2**32 - 1]),
    st.sampled_from([b"\6\0\0\0", b"\x1a\0\0\0", b"\x08\0\0\0", bytes(4), b"\xff\xff\xff\xff"])
    | st.binary(min_size=4, max_size=4),
)


@pytest.mark.filterwarnings("ignore::UserWarning")  # with which Pillow says that an EXIF is damaged
@one_folder
@given(
    suffix=st.sampled_from(["jpg", "png", "webp"]),
    exif=st.lists(ENTRY, max_size=6).map(lambda entries: _exif(*entries)) | st.binary(max_size=60),
)
def test_no_exif_however_damaged_hinders_a_picture_that_was_taken(suffix: str, exif: bytes, tmp_path: Path) -> None:
    photo = tmp_path / f"a.{suffix}"
    try:
        probe(media_samples.image(photo, exif=exif), MediaLimits())
    except MediaRefusedError:
        return
    assert sorted(images.read(photo).pixels.size) == [48, 64]
    preview(photo, "image", tmp_path / "b.webp")


def test_a_picture_whose_exif_cannot_be_read_stays_as_it_is_stored(tmp_path: Path) -> None:
    photo = media_samples.image(tmp_path / "a.png", exif=b"no TIFF at all")
    assert images.read(photo).pixels.size == (64, 48)


def test_a_stored_file_that_is_no_picture_any_more_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(UnidentifiedImageError, match=r"^it is no picture that can be read$"):
        images.read(tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.png", "a.jpg"])
def test_a_picture_that_is_damaged_in_the_middle_is_there_above_it(name: str, tmp_path: Path) -> None:
    whole = images.read(media_samples.image(tmp_path / name, (320, 240))).pixels
    path = media_samples.damaged_still(tmp_path / name)
    with Image.open(path) as image, pytest.raises(OSError, match=r"broken data stream|unrecognized data stream"):
        image.load()
    assert probe(path, MediaLimits()).kind == "image"
    part = images.read(path).pixels
    assert part.size == whole.size
    above = (0, 0, 320, 90)
    assert part.crop(above).tobytes() == whole.crop(above).tobytes()
    assert preview(path, "image", tmp_path / "preview.webp").stat().st_size > 0


def test_a_picture_of_which_nothing_can_be_decoded_is_refused(tmp_path: Path) -> None:
    content = bytearray(media_samples.png(tmp_path / "a.png").read_bytes())
    start = content.index(b"IDAT") + 4
    content[start : start + 40] = b"\xff" * 40
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(MediaRefusedError, match="damaged"):
        probe(tmp_path / "a.png", MediaLimits())
