"""Decode the texts of files: their declared encoding is often wrong, so the content decides."""

import json
import unicodedata
import zlib
from typing import Any

MAX_TEXT = 4 * 2**20
"""Bytes of a text that are read; no tool writes more about a picture."""

_ASCII = frozenset(b"\t\n\r") | frozenset(range(32, 127))


def decode(raw: bytes) -> str:
    """Decode UTF-16 of either byte order, with or without a BOM, else UTF-8, else Latin-1."""
    raw = raw[:MAX_TEXT]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace").rstrip("\0")
    if order := _utf16_order(raw):
        return raw.decode(order, "replace").rstrip("\0")
    raw = raw.rstrip(b"\0")
    try:
        return unswap_bytes(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def decode_user_comment(raw: bytes) -> str:
    """The text of EXIF's UserComment, whose first eight bytes should name the encoding, but may be text already."""
    code, body = raw[:8], raw[8:]
    if code == b"UNICODE\0":
        return _decode_utf16(body)
    return decode(body if code in (b"ASCII\0\0\0", b"JIS\0\0\0\0\0", bytes(8)) else raw)


def decode_latin(raw: bytes) -> str:
    """The text of PNG's tEXt, which is Latin-1 by the standard, but often UTF-8."""
    raw = raw[:MAX_TEXT]
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def unswap_bytes(text: str) -> str:
    """The text, with the bytes of its UTF-16 code units swapped where it was decoded in the wrong order."""
    swapped = sum(ord(letter) > 0xFF and ord(letter) & 0xFF == 0 for letter in text[:2000])
    if not text or swapped < 0.9 * min(len(text), 2000):
        return text
    return text.encode("utf-16-le", "replace").decode("utf-16-be", "replace")


def inflate(raw: bytes, wbits: int = zlib.MAX_WBITS) -> bytes:
    """Decompressed data, at most `MAX_TEXT` bytes; empty where they are damaged."""
    try:
        return zlib.decompressobj(wbits).decompress(raw, MAX_TEXT)
    except zlib.error:
        return b""


def parse_json(text: str) -> Any:
    """The value of a JSON text, which may have NaN and control characters; None where it is no JSON."""
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def parse_object(value: object) -> dict[str, Any] | None:
    """A JSON object, given as such or as text; None for anything else."""
    if isinstance(value, str) and value.lstrip()[:1] == "{":
        value = parse_json(value.strip().strip("\0"))
    return value if isinstance(value, dict) else None


def _utf16_order(raw: bytes) -> str | None:
    """The byte order of UTF-16, told by its zero bytes: in Latin text one byte of two is mostly zero."""
    sample = raw[:4000]
    half = len(sample) // 2
    first, second = sample[0::2].count(0), sample[1::2].count(0)
    if half < 4 or max(first, second) < 0.4 * half or min(first, second) > 0.5 * max(first, second):
        return None
    return "utf-16-be" if first > second else "utf-16-le"


def _decode_utf16(raw: bytes) -> str:
    raw = raw[:MAX_TEXT]
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or _utf16_order(raw):
        return decode(raw)
    sample = raw[:4000].rstrip(b"\0")
    if sum(byte in _ASCII for byte in sample) > 0.8 * len(sample):
        return decode(raw)
    both = [raw.decode(order, "replace").rstrip("\0") for order in ("utf-16-be", "utf-16-le")]
    return min(both, key=_oddness)


def _oddness(text: str) -> int:
    """How unlike text it is: unassigned and control characters in the first 2,000 count for it, spaces against it."""
    odd = sum(unicodedata.category(letter) in ("Cn", "Co", "Cs", "Cc") for letter in text[:2000])
    return 2 * odd - 3 * sum(text[:2000].count(letter) for letter in " \n,")
