"""The chunks of RIFF, of which WAV and WebP files consist."""

import struct
from collections.abc import Iterator


def chunks(content: bytes, most: int) -> Iterator[tuple[bytes, int, int]]:
    """The id of each chunk, the offset of its body, and its declared length in bytes; at most `most` chunks."""
    at = 12
    for _ in range(most):
        if at + 8 > len(content):
            return
        kind, length = struct.unpack_from("<4sI", content, at)
        yield kind, at + 8, length
        at += 8 + length + length % 2
