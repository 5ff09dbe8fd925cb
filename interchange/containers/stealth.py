"""Steganographic text in the lowest bits of the pixels, column by column, as NovelAI and A1111's extensions write it.

It is a signature, the length in bits as 32 bits, and the text in UTF-8 or gzip (NovelAI, novelai-image-metadata). The
signature is in the first column, so that a PNG without one is told by its first rows.
"""

import io
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from interchange.containers import png
from interchange.decoding import MAX_TEXT, decode, inflate

_SIGNATURES = {b"stealth_pnginfo": False, b"stealth_pngcomp": True, b"stealth_rgbinfo": False, b"stealth_rgbcomp": True}
_SIGNATURE_LENGTH = 15  # bytes
_ROWS = _SIGNATURE_LENGTH * 8
_MAX_PIXELS = 3_000_000
_MAX_SHORT_PIXELS = 300_000
_MAX_ROW = 100_000  # bytes
_MAX_HEAD = 50_000  # bytes before the pixels: Pillow is slow on many chunks
_GZIP = zlib.MAX_WBITS | 16


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The text of a PNG or WebP as `stealth`.

    A picture has at most three million pixels, or two for each byte of the file: a larger one would take too long.
    """
    if not (_png_may_have_text(content) if content.startswith(b"\x89PNG") else _webp_may_have_text(content)):
        return
    try:
        with Image.open(io.BytesIO(content)) as picture:
            most = max(_MAX_PIXELS, 2 * len(content))
            if picture.mode not in ("RGB", "RGBA") or picture.width * picture.height > most:
                return
            pixels = np.asarray(picture)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return
    columns = pixels.transpose(1, 0, 2)
    for channels in (columns[:, :, 3:].reshape(-1), columns[:, :, :3].reshape(-1)):
        if (text := _hidden_text(channels)) is not None:
            yield "stealth", text
            return


def _png_may_have_text(content: bytes) -> bool:
    """Whether its first column begins with a signature; a picture of fewer rows may have text where it is small."""
    if b"IDAT" not in content[:_MAX_HEAD] or content[12:16] != b"IHDR" or len(content) < 33:
        return False
    width, height, depth, kind, _, _, is_interlaced = struct.unpack_from(">2I5B", content, 16)
    channels = {2: 3, 6: 4}.get(kind)
    row = 1 + width * (channels or 0)
    if depth != 8 or channels is None or is_interlaced or row > _MAX_ROW:
        return False
    if height < _ROWS:
        return bool(width * height <= _MAX_SHORT_PIXELS)
    first = _first_pixels(content, row, channels)
    return any(
        _low_bits(values, 0, _SIGNATURE_LENGTH) in _SIGNATURES
        for values in (first[:, 3:].reshape(-1), first[:, :3].reshape(-1))
    )


def _first_pixels(content: bytes, row: int, channels: int) -> NDArray[np.uint8]:
    """The leftmost pixel of each of the first rows, for which PNG's filters need no other than the one above."""
    raw, inflater = bytearray(), zlib.decompressobj()
    try:
        for kind, body in png.chunks(content):
            if kind == b"IDAT":
                raw += inflater.decompress(body, _ROWS * row - len(raw))
            if len(raw) >= _ROWS * row:
                break
    except zlib.error:
        pass
    pixels, above = [], [0] * channels
    for at in range(0, len(raw) - row + 1, row):
        scale = {2: 1.0, 3: 0.5, 4: 1.0}.get(raw[at], 0.0)
        above = [(raw[at + 1 + c] + int(above[c] * scale)) & 0xFF for c in range(channels)]
        pixels.append(above)
    return np.array(pixels, np.uint8).reshape(-1, channels)


def _webp_may_have_text(content: bytes) -> bool:
    """Whether it preserves the lowest bits: it is lossless, or has an alpha channel."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP":
        return False
    has_alpha = content[12:16] == b"VP8X" and len(content) > 20 and bool(content[20] & 0x10)
    return has_alpha or content[12:16] == b"VP8L" or b"VP8L" in content[30:_MAX_HEAD]


def _hidden_text(values: NDArray[np.uint8]) -> str | None:
    is_compressed = _SIGNATURES.get(_low_bits(values, 0, _SIGNATURE_LENGTH))
    if is_compressed is None:
        return None
    length = int.from_bytes(_low_bits(values, _SIGNATURE_LENGTH, 4)) // 8
    raw = _low_bits(values, _SIGNATURE_LENGTH + 4, min(length, MAX_TEXT))
    return decode(inflate(raw, _GZIP) if is_compressed else raw)


def _low_bits(values: NDArray[np.uint8], at: int, length: int) -> bytes:
    return np.packbits(values[at * 8 : (at + length) * 8] & 1).tobytes()
