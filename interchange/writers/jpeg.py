"""JPEG: the infotext in EXIF, the record in XMP; all scans and tables stay byte for byte."""

import re
import struct
from collections.abc import Iterator

from interchange.containers.jpeg import XMP_HEADER
from interchange.writers.job_metadata import JobMetadata, orientation_of
from interchange.writers.pieces import Content, Piece, WriteError

_EXIF = b"Exif\0\0"
_MAX_SEGMENT = 65_533
_APP0, _APP1, _APP2, _SCAN, _END = 0xE0, 0xE1, 0xE2, 0xDA, 0xD9
_DROPPED = (_APP1, 0xEB, 0xED, 0xFE)
"""APP1 (EXIF and XMP), APP11 (C2PA), APP13 (IPTC) and comments; other APP segments define the colours."""
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with EXIF and XMP in a segment each, which has 64 KiB: a longer infotext is left out, a longer record
    deflated; raises WriteError where that is too long too, or the file is damaged.
    """
    segments = list(_segments(content))
    orientations = [
        orientation_of(content[at + 4 + len(_EXIF) : end])
        for marker, at, end in segments
        if marker == _APP1 and content[at + 4 : at + 4 + len(_EXIF)] == _EXIF
    ]
    first = 1 if segments[0][0] == _APP0 else 0  # JFIF comes before EXIF
    yield 0, segments[first - 1][2] if first else 2
    yield from _metadata_segments(metadata, orientations[0] if orientations else 1)
    for marker, at, end in segments[first:]:
        if marker not in _DROPPED and not (marker == _APP2 and content[at + 4 : at + 8] == b"MPF\0"):
            yield at, end


def _metadata_segments(metadata: JobMetadata, orientation: int) -> Iterator[bytes]:
    exif = metadata.exif(orientation)
    if len(exif) + len(_EXIF) > _MAX_SEGMENT:
        exif = metadata.exif(orientation, with_infotext=False)
    if exif:
        yield _app1(_EXIF + exif)
    if metadata:
        packets = (XMP_HEADER + metadata.xmp(record) for record in (metadata.record, metadata.compressed))
        xmp = next((packet for packet in packets if len(packet) <= _MAX_SEGMENT), None)
        if xmp is None:
            raise WriteError("The job's record is too long for a JPEG.")
        yield _app1(xmp)


def _app1(body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body


def _segments(content: Content) -> Iterator[tuple[int, int, int]]:
    """The marker, begin and end of each segment, a scan with its entropy-coded data; the last one is EOI."""
    at = 2
    while at + 2 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _END:
            yield marker, at, at + 2
            return
        end = at + 2 + struct.unpack_from(">H", content, at + 2)[0]
        if marker == _SCAN:
            found = _MARKER.search(content, end)
            end = found.start() if found else len(content)
        yield marker, at, end
        at = end
    raise WriteError("The JPEG is damaged or incomplete.")
