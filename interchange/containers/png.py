"""PNG: texts in tEXt, zTXt and iTXt chunks before or after the picture, EXIF in eXIf, C2PA in caBX.

The chunks are parsed here because Pillow refuses a picture with a wrong checksum, which metadata edited in place may
have, and every text above 1 MiB.
"""

import re
import struct
from collections.abc import Iterator

from interchange.containers import c2pa, tiff, xmp
from interchange.decoding import MAX_TEXT, decode, decode_latin, inflate

_MAX_CHUNKS = 20_000
_MAX_TEXTS = 500


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of all chunks, up to `MAX_TEXT` characters and 500 texts: a few bytes can inflate to gigabytes."""
    budget = MAX_TEXT
    count = 0
    for kind, body in chunks(content):
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            key, text = _text(kind, body)
            budget -= len(text)
            count += 1
            if budget < 0 or count > _MAX_TEXTS:
                return
            yield from _expanded(key, text)
        elif kind == b"eXIf":
            yield from tiff.texts(body)
        elif kind == b"caBX":
            yield from c2pa.texts(body)


def chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The type and body of each chunk; the last body may be cut."""
    at = 8
    for _ in range(_MAX_CHUNKS):
        if at + 8 > len(content):
            return
        length, kind = struct.unpack_from(">I4s", content, at)
        yield kind, content[at + 8 : at + 8 + length]
        at += 12 + length


def _text(kind: bytes, body: bytes) -> tuple[str, str]:
    key, _, rest = body.partition(b"\0")
    if kind == b"tEXt":
        return key.decode("latin-1"), decode_latin(rest)
    if kind == b"zTXt":
        return key.decode("latin-1"), decode_latin(inflate(rest[1:]))
    _, _, after_language = rest[2:].partition(b"\0")
    _, _, text = after_language.partition(b"\0")
    return key.decode("latin-1"), decode(inflate(text) if rest[:1] == b"\1" else text)


def _expanded(key: str, text: str) -> Iterator[tuple[str, str]]:
    if key == "XML:com.adobe.xmp":
        yield from xmp.texts(text)
    elif key.startswith("Raw profile type ") and (profile := _raw_profile(text)):
        yield from tiff.texts(profile)
    else:
        yield key, text


def _raw_profile(text: str) -> bytes:
    """EXIF in ImageMagick's raw profile: a name, a length, then hexadecimal digits."""
    digits = re.sub(r"\s+", "", text.strip().partition("\n")[2].strip().partition("\n")[2])
    profile = bytes.fromhex(digits) if re.fullmatch(r"(?:[0-9a-fA-F]{2})*", digits) else b""
    return profile if profile.startswith(b"Exif") else b""
