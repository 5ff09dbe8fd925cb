"""WAV: the record as INFO's comment, which other programs keep, and in a chunk of its own; XMP beside it."""

import struct
from collections.abc import Iterator

from interchange.containers.wav import OWN
from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.said import SOFTWARE, Said

_KEPT = (b"fmt ", b"fact", b"data", b"cue ", b"smpl", b"PEAK")
_MOST = 2**32


def pieces(content: Content, said: Said) -> Iterator[Piece]:
    """The file with its samples; raises WriteError where it is cut, does not say its length, or would have 4 GiB."""
    kept = [(at, end) for kind, at, end in _chunks(content) if kind in _KEPT]
    added = b""
    if said:
        text = said.record.encode() + b"\0"
        info = b"INFO" + _chunk(b"ISFT", SOFTWARE.encode() + b"\0") + _chunk(b"ICMT", text)
        added = _chunk(b"LIST", info) + _chunk(OWN, text[:-1]) + _chunk(b"_PMX", said.xmp())
    size = 4 + sum(end - at + (end - at) % 2 for at, end in kept) + len(added)
    if size >= _MOST:
        raise WriteError("The WAV has no room left.")
    yield b"RIFF" + struct.pack("<I", size) + b"WAVE"
    for at, end in kept:
        yield at, end
        yield bytes((end - at) % 2)
    yield added


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _chunks(content: Content) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's kind, where it begins and where it ends, without the byte that fills it up."""
    at, stop = 12, min(len(content), 8 + struct.unpack_from("<I", content, 4)[0])
    while at + 8 <= stop:
        kind, length = struct.unpack_from("<4sI", content, at)
        end = at + 8 + length
        if end > stop:
            raise WriteError("The WAV is cut, or does not say how long it is.")
        yield kind, at, end
        at = end + length % 2
