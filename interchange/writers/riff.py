"""The chunks of RIFF, of which WAV and WebP files consist."""

import struct


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its four-letter `kind`, padded to an even length."""
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
