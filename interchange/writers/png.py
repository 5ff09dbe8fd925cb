"""PNG: the record, the infotext and XMP as text chunks before the picture, whose chunks stay byte for byte."""

import struct
import zlib
from collections.abc import Iterator

from interchange.record import KEY
from interchange.writers.job_metadata import COMFYUI_KEYS, JobMetadata, orientation_of
from interchange.writers.pieces import Content, Piece, WriteError

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_DROPPED = (b"eXIf", b"caBX", b"tIME")
_OF_COMFYUI = tuple(f"{key}\0".encode() for key in COMFYUI_KEYS)
_DEFLATED_FROM = 1000  # bytes


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file up to IEND, what stands behind it is left out; raises WriteError where a chunk is cut."""
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise WriteError("The PNG is damaged or incomplete.")
    orientations = [orientation_of(content[at + 8 : end - 4]) for kind, at, end in chunks if kind == b"eXIf"]
    yield 0, chunks[0][2]
    yield from _metadata_chunks(metadata, orientations[0] if orientations else 1)
    for kind, at, end in chunks[1:]:
        if kind not in _DROPPED and (
            kind not in _TEXTS or (metadata and content[at + 8 : at + 17].startswith(_OF_COMFYUI))
        ):
            yield at, end


def _metadata_chunks(metadata: JobMetadata, orientation: int) -> Iterator[bytes]:
    if metadata:
        yield _text(KEY, metadata.record.encode())
        yield _text("XML:com.adobe.xmp", metadata.xmp(), deflated=False)
    if metadata.infotext:
        try:
            yield _chunk(b"tEXt", b"parameters\0" + metadata.infotext.encode("latin-1"))
        except UnicodeEncodeError:
            yield _text("parameters", metadata.infotext.encode(), deflated=False)
    if orientation != 1:
        yield _chunk(b"eXIf", JobMetadata().exif(orientation))


def _text(key: str, text: bytes, deflated: bool = True) -> bytes:
    """An iTXt chunk, deflated where that is worth it; XMP never, for not every tool reads deflated XMP."""
    deflated = deflated and len(text) > _DEFLATED_FROM
    body = zlib.compress(text, 9) if deflated else text
    return _chunk(b"iTXt", key.encode() + (b"\0\1\0" if deflated else b"\0\0\0") + b"\0\0" + body)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(content: Content) -> Iterator[tuple[bytes, int, int]]:
    """The type, begin and end of each chunk up to IEND. Raises WriteError where one is cut."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at) if at + 12 <= len(content) else (len(content), b"")
        end = at + 12 + length
        if end > len(content):
            raise WriteError("The PNG is cut.")
        yield kind, at, end
        at = end
