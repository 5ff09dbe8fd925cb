"""JPEG: EXIF and XMP in APP1, C2PA in APP11, comments in COM, all before the first scan."""

import struct
from collections.abc import Iterator

from interchange.containers import c2pa, tiff, xmp
from interchange.decoding import decode

XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_PARAMETERS = b"parameters\0"  # with which the comment of stable-diffusion.cpp begins
_START_OF_SCAN = 0xDA
_MAX_SEGMENTS = 2_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of all segments before the first scan; a C2PA manifest is put together from its segments."""
    manifest = b""
    for marker, body in _segments(content):
        if marker == 0xE1 and body.startswith(XMP_HEADER):
            yield from xmp.texts(decode(body[len(XMP_HEADER) :]))
        elif marker == 0xE1 and body.startswith(b"Exif"):
            yield from tiff.texts(body)
        elif marker == 0xEB:
            manifest += body
        elif marker == 0xFE and body.startswith(_PARAMETERS):
            yield "parameters", decode(body[len(_PARAMETERS) :])
        elif marker == 0xFE:
            yield "comment", decode(body)
    yield from c2pa.texts(manifest)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 2
    for _ in range(_MAX_SEGMENTS):
        if at + 4 > len(content) or content[at] != 0xFF:
            return
        marker, length = struct.unpack_from(">xBH", content, at)
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _START_OF_SCAN:
            return
        yield marker, content[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)
