"""RIFF, which WAV and WebP are made of: chunks, each with its kind and its length before it."""

import struct
from collections.abc import Iterator


def chunks(content: bytes, most: int) -> Iterator[tuple[bytes, int, int]]:
    """The kind of each chunk, where its body begins, and its length in bytes as written; at most so many."""
    at = 12
    for _ in range(most):
        if at + 8 > len(content):
            return
        kind, length = struct.unpack_from("<4sI", content, at)
        yield kind, at + 8, length
        at += 8 + length + length % 2
