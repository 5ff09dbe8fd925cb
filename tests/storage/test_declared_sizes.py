"""GIFs and PNGs that say in odd places how large they are: Pillow makes room before anybody can look."""

import io
import struct
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from storage.errors import MediaRefusedError
from storage.media.probe import MediaLimits, probe

SIDES = st.sampled_from([0, 1, 8, 90, 110, 300])
LIMITS = MediaLimits(max_pixels=100 * 100)


@cache
def _gif_frame(across: int, down: int, left: int = 0, top: int = 0) -> bytes:
    content = io.BytesIO()
    Image.new("L", (max(across, 1), max(down, 1))).save(content, "GIF")
    pixels = content.getvalue().partition(b"," + bytes(4))[2]
    return b"," + struct.pack("<4H", left, top, across, down) + pixels[4:-1]


def _gif_extension(label: int, parts: list[bytes]) -> bytes:
    return b"!" + bytes([label]) + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


GIF_FRAME = st.builds(_gif_frame, SIDES, SIDES, SIDES, SIDES)
GIF_PART = (
    st.sampled_from([b"\x08\0\0\0", b"\x09\0\0\0", b"NETSCAPE2.0", b"\1\0\0"])
    | GIF_FRAME.map(lambda frame: (bytes(32) + frame)[:255])
    | st.binary(min_size=1, max_size=40)
)
GIF_BLOCK = GIF_FRAME | st.builds(
    _gif_extension, st.sampled_from([0x01, 0xF9, 0xFE, 0xFF]), st.lists(GIF_PART, max_size=3)
)
HIDDEN = _gif_extension(0xFE, [(bytes(32) + _gif_frame(300, 300))[:255]])
"""A comment whose text begins with a frame, for who takes the first 33 bytes for something else."""


def _gif(blocks: list[bytes]) -> bytes:
    return b"GIF89a" + struct.pack("<2H", 8, 8) + b"\x80\0\0" + bytes(6) + b"".join(blocks) + b";"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(chunks: list[bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks) + _chunk(b"IEND", b"")


def _png_head(across: int, down: int) -> bytes:
    return _chunk(b"IHDR", struct.pack(">2I5B", across, down, 8, 0, 0, 0, 0))


def _png_control(across: int, down: int, left: int, top: int, dispose: int) -> bytes:
    return _chunk(b"fcTL", struct.pack(">5I2H2B", 0, across, down, left, top, 1, 10, dispose, 0))


def _png_pixels(across: int, down: int, kind: bytes) -> bytes:
    number = bytes(4) if kind == b"fdAT" else b""
    return _chunk(kind, number + zlib.compress(bytes((across + 1) * down)))


PNG_CHUNK = (
    st.builds(_png_head, SIDES, SIDES)
    | st.builds(_png_control, SIDES, SIDES, st.just(0), st.just(0), st.integers(0, 2))
    | st.builds(_png_pixels, SIDES, SIDES, st.sampled_from([b"IDAT", b"fdAT"]))
    | st.just(_chunk(b"acTL", struct.pack(">2I", 3, 0)))
)
MOVING = [_png_head(8, 8), _chunk(b"acTL", struct.pack(">2I", 3, 0)), _png_control(8, 8, 0, 0, 0)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(GIF_BLOCK, max_size=6).map(_gif) | st.lists(PNG_CHUNK, min_size=1, max_size=8).map(_png))
@example(content=_gif([_gif_frame(1, 1), _gif_extension(0xF9, [b"\x08\0\0\0"]), _gif_frame(300, 300)]))
@example(content=_gif([_gif_frame(1, 1), _gif_extension(0xF9, []), HIDDEN]))
@example(content=_gif([_gif_extension(0xFF, [b"NETSCAPE2.0"]), HIDDEN, _gif_frame(1, 1)]))
@example(content=_png([_png_head(300, 300), *MOVING[1:]]))
@example(content=_png([*MOVING, _png_pixels(8, 8, b"IDAT"), _png_head(300, 300), _png_control(300, 300, 0, 0, 1)]))
def test_room_is_made_for_no_more_pixels_than_are_allowed_wherever_a_file_says_how_many_it_has(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []  # Pillow asks whether it may before it makes room for a frame of its own accord
    monkeypatch.setattr(Image, "_decompression_bomb_check", asked.append)
    (tmp_path / "a").write_bytes(content)
    with suppress(MediaRefusedError):
        probe(tmp_path / "a", LIMITS)
    assert all(across * down <= LIMITS.max_pixels for across, down in asked)
