"""WebP: the infotext in EXIF, the record in XMP, in the extended file format; the picture's chunks stay."""

import struct
from collections.abc import Iterator

from interchange.writers.job_metadata import JobMetadata, orientation_of
from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.riff import chunk

_ICC, _ALPHA, _HAS_EXIF, _HAS_XMP = 0x20, 0x10, 0x08, 0x04
_DROPPED = (b"VP8X", b"EXIF", b"XMP ", b"C2PA")


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with EXIF and XMP behind the picture; raises WriteError where it is damaged or cut."""
    chunks = list(_chunks(content))
    places = {kind: (at, end) for kind, at, end in reversed(chunks)}
    orientation = 1
    if b"EXIF" in places:
        at, end = places[b"EXIF"]
        orientation = orientation_of(content[at + 8 : end].removeprefix(b"Exif\0\0"))
    exif, xmp = metadata.exif(orientation), metadata.xmp(metadata.record)
    added = [chunk(kind, body) for kind, body in ((b"EXIF", exif), (b"XMP ", xmp)) if body]
    kept = [(at, end) for kind, at, end in chunks if kind not in _DROPPED]
    head = _extended(content, places, bool(exif), bool(xmp))
    size = 4 + len(head) + sum(end - at for at, end in kept) + sum(map(len, added))
    yield b"RIFF" + struct.pack("<I", size) + b"WEBP" + head
    yield from kept
    yield from added


def _extended(content: Content, places: dict[bytes, tuple[int, int]], exif: bool, xmp: bool) -> bytes:
    """The VP8X chunk: the file's own with these flags, or one made from the header of its picture."""
    flags = _HAS_EXIF * exif | _HAS_XMP * xmp
    if b"VP8X" in places:
        at, _ = places[b"VP8X"]
        return chunk(b"VP8X", bytes([content[at + 8] & ~(_HAS_EXIF | _HAS_XMP) | flags]) + content[at + 9 : at + 18])
    if b"VP8L" in places:
        (bits,) = struct.unpack_from("<I", content, places[b"VP8L"][0] + 9)
        width, height = bits & 0x3FFF, bits >> 14 & 0x3FFF  # each less one
        flags |= _ALPHA * (bits >> 28 & 1)
    elif b"VP8 " in places:
        sides = struct.unpack_from("<HH", content, places[b"VP8 "][0] + 14)
        width, height = ((side & 0x3FFF) - 1 for side in sides)
    else:
        raise WriteError("The WebP is damaged.")
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little"))


def _chunks(content: Content) -> Iterator[tuple[bytes, int, int]]:
    """The id, begin and end of each chunk with its padding. Raises WriteError where one is cut."""
    at, stop = 12, 8 + struct.unpack_from("<I", content, 4)[0]
    if stop > len(content):
        raise WriteError("The WebP is cut.")
    while at + 8 <= stop:
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length + length % 2
        if end > stop:
            raise WriteError("The WebP is damaged.")
        yield kind, at, end
        at = end
