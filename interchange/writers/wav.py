"""WAV: the record as INFO's comment, which other programs keep, and in a chunk of its own; also XMP."""

import struct
from collections.abc import Iterator

from interchange.containers.wav import STUDIO_CHUNK
from interchange.writers.job_metadata import SOFTWARE, JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.riff import chunk

_KEPT = (b"fmt ", b"fact", b"data", b"cue ", b"smpl", b"PEAK")
_MAX_SIZE = 2**32


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with its samples; raises WriteError where it is cut, does not say its length, or would have 4 GiB."""
    kept = [(at, end) for kind, at, end in _chunks(content) if kind in _KEPT]
    added = b""
    if metadata:
        text = metadata.record.encode() + b"\0"
        info = b"INFO" + chunk(b"ISFT", SOFTWARE.encode() + b"\0") + chunk(b"ICMT", text)
        added = chunk(b"LIST", info) + chunk(STUDIO_CHUNK, text[:-1]) + chunk(b"_PMX", metadata.xmp())
    size = 4 + sum(end - at + (end - at) % 2 for at, end in kept) + len(added)
    if size >= _MAX_SIZE:
        raise WriteError("The WAV has no room left.")
    yield b"RIFF" + struct.pack("<I", size) + b"WAVE"
    for at, end in kept:
        yield at, end
        yield bytes((end - at) % 2)
    yield added


def _chunks(content: Content) -> Iterator[tuple[bytes, int, int]]:
    """The id, begin and end of each chunk, without its padding byte. Raises WriteError where one is cut."""
    at, stop = 12, min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at + 8 <= stop:
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length
        if end > stop:
            raise WriteError("The WAV is cut, or does not say how long it is.")
        yield kind, at, end
        at = end + length % 2
