"""TIFF, and EXIF, which is a TIFF in another file: the texts of the first directory and of the EXIF directory."""

import struct
from collections.abc import Iterator

from interchange.containers import xmp
from interchange.decoding import decode, decode_user_comment

SIGNATURES = (b"II*\0", b"MM\0*")
_USER_COMMENT = 0x9286
_EXIF_DIRECTORY = 0x8769
_XMP = 0x02BC
_TAGS = {
    0x010E: "imagedescription",
    0x010F: "make",
    0x0110: "model",
    0x0131: "software",
    0x013B: "artist",
    0x8298: "copyright",
    _USER_COMMENT: "usercomment",
    0x927C: "makernote",
    0x9003: "datetimeoriginal",
    0x9C9C: "xpcomment",
    0x9C9E: "xpkeywords",
    0x9C9B: "xptitle",
}
_TEXT_TYPES = (1, 2, 7, 129)
"""The types of values that may be texts: BYTE, ASCII, UNDEFINED, UTF-8."""


def texts(body: bytes) -> Iterator[tuple[str, str]]:
    """The texts of a TIFF as `exif.…` and `xmp.…`; an `Exif` header before it is skipped."""
    start = next((at for mark in SIGNATURES if (at := body.find(mark, 0, 64)) >= 0), None)
    if start is None:
        return
    body = body[start:]
    order = "<" if body[:2] == b"II" else ">"
    pointers = [_uint32(body, 4, order)]
    seen: set[tuple[int, int]] = set()
    for pointer in pointers:
        for tag, kind, count, at in _entries(body, pointer, order):
            if tag == _EXIF_DIRECTORY and len(pointers) == 1:
                pointers.append(_uint32(body, at, order))
            elif (tag in _TAGS or tag == _XMP) and kind in _TEXT_TYPES and (pointer, tag) not in seen:
                seen.add((pointer, tag))
                raw = body[at : at + 4] if count <= 4 else body[(offset := _uint32(body, at, order)) : offset + count]
                if tag == _XMP:
                    yield from xmp.texts(decode(raw))
                    continue
                yield f"exif.{_TAGS[tag]}", (decode_user_comment if tag == _USER_COMMENT else decode)(raw[:count])


def _entries(body: bytes, at: int, order: str) -> Iterator[tuple[int, int, int, int]]:
    """The tag, type and count of each entry, and where its value, or the value's offset, is."""
    if at + 2 > len(body):
        return
    (count,) = struct.unpack_from(f"{order}H", body, at)
    for entry in range(at + 2, min(at + 2 + 12 * count, len(body) - 11), 12):
        yield *struct.unpack_from(f"{order}HHI", body, entry), entry + 8


def _uint32(body: bytes, at: int, order: str) -> int:
    found: int = struct.unpack(f"{order}I", body[at : at + 4].ljust(4, b"\xff"))[0]
    return found
