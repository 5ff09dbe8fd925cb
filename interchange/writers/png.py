"""PNG: the record, the infotext and XMP as texts before the picture, whose chunks stay byte for byte."""

import struct
import zlib
from collections.abc import Iterator

from interchange.record import KEY
from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.said import Said, orientation_of

_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_DROPPED = (b"eXIf", b"caBX", b"tIME")
_OF_COMFYUI = (b"prompt\0", b"workflow\0")
_LARGE = 1000


def pieces(content: Content, said: Said) -> Iterator[Piece]:
    """The file up to IEND, what stands behind it is left out; raises WriteError where a chunk is cut."""
    chunks = list(_chunks(content))
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise WriteError("The PNG is damaged or incomplete.")
    turned = [orientation_of(content[at + 8 : end - 4]) for kind, at, end in chunks if kind == b"eXIf"]
    yield 0, chunks[0][2]
    yield from _said(said, turned[0] if turned else 1)
    for kind, at, end in chunks[1:]:
        if kind not in _DROPPED and (
            kind not in _TEXTS or (said and content[at + 8 : at + 17].startswith(_OF_COMFYUI))
        ):
            yield at, end


def _said(said: Said, orientation: int) -> Iterator[bytes]:
    if said:
        yield _text(KEY, said.record.encode())
        yield _text("XML:com.adobe.xmp", said.xmp(), packed=False)
    if said.infotext:
        try:
            yield _chunk(b"tEXt", b"parameters\0" + said.infotext.encode("latin-1"))
        except UnicodeEncodeError:
            yield _text("parameters", said.infotext.encode(), packed=False)
    if orientation != 1:
        yield _chunk(b"eXIf", Said().exif(orientation))


def _text(key: str, text: bytes, packed: bool = True) -> bytes:
    """An iTXt chunk, deflated where that is worth it; XMP never is, and not every tool reads one that is."""
    packed = packed and len(text) > _LARGE
    body = zlib.compress(text, 9) if packed else text
    return _chunk(b"iTXt", key.encode() + (b"\0\1\0" if packed else b"\0\0\0") + b"\0\0" + body)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(content: Content) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk's kind, where it begins and where it ends, up to the last one of the picture."""
    at, kind = 8, b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at) if at + 12 <= len(content) else (len(content), b"")
        end = at + 12 + length
        if end > len(content):
            raise WriteError("The PNG is cut.")
        yield kind, at, end
        at = end
