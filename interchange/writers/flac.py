"""FLAC: Vorbis comments after STREAMINFO; frames, seek table and cue sheet stay."""

import struct
from collections.abc import Iterator

from interchange.writers.job_metadata import SOFTWARE, JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_LAST, _COMMENTS = 0x80, 4
_KEPT = (0, 3, 5)
"""STREAMINFO, SEEKTABLE and CUESHEET: no padding, comments, pictures or blocks of applications."""


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with the record as a Vorbis comment; WriteError where it is damaged, or the record has 16 MiB."""
    blocks = list(_blocks(content))
    frames = blocks[-1][2]
    kept = [(kind, content[at + 4 : end]) for kind, at, end in blocks if kind in _KEPT]
    kept.insert(1, (_COMMENTS, _comments(metadata.tags)))
    yield b"fLaC"
    for number, (kind, body) in enumerate(kept, start=1):
        if len(body) >= 2**24:
            raise WriteError("The job's record is too long for a FLAC.")
        yield bytes([kind | _LAST * (number == len(kept))]) + len(body).to_bytes(3) + body
    yield frames, len(content)


def _comments(tags: dict[str, str]) -> bytes:
    lines = [SOFTWARE.encode() if tags else b"", *(f"{key}={text}".encode() for key, text in tags.items())]
    vendor, *texts = [struct.pack("<I", len(line)) + line for line in lines]
    return vendor + struct.pack("<I", len(texts)) + b"".join(texts)


def _blocks(content: Content) -> Iterator[tuple[int, int, int]]:
    """The type, begin and end of each metadata block."""
    at, is_last = 4, False
    while not is_last:
        is_last, kind = bool(content[at] & _LAST), content[at] & 0x7F
        end = at + 4 + int.from_bytes(content[at + 1 : at + 4])
        if end >= len(content) or (at == 4) != (kind == 0):
            raise WriteError("The FLAC is damaged.")
        yield kind, at, end
        at = end
