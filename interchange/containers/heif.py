"""AVIF and HEIC, whose EXIF is an item in the `meta` box, and JPEG XL, whose EXIF is a box of its own."""

import struct
from collections.abc import Iterator

from interchange.containers import tiff, xmp
from interchange.decoding import decode

BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc")
_MAX_BOXES = 5_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of EXIF and XMP, whether they are boxes of their own or items that `meta` lists."""
    for kind, body in _boxes(content):
        if kind == b"Exif":
            yield from tiff.texts(body)
        elif kind == b"xml ":
            yield from xmp.texts(decode(body))
        elif kind == b"meta":
            inner = dict(_boxes(body[4:]))
            kinds = _item_types(inner.get(b"iinf", b""))
            for item, at, length in _item_extents(inner.get(b"iloc", b"")):
                if kinds.get(item) == b"Exif":
                    yield from tiff.texts(content[at : at + length])
                elif kinds.get(item) == b"mime":
                    yield from xmp.texts(decode(content[at : at + length]))


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(_MAX_BOXES):
        if at + 8 > len(content):
            return
        size, kind = struct.unpack_from(">I4s", content, at)
        head = 8
        if size == 1 and at + 16 <= len(content):
            (size,) = struct.unpack_from(">Q", content, at + 8)
            head = 16
        end = at + size if size >= head else len(content)
        yield kind, content[at + head : end]
        at = end


def _item_types(iinf: bytes) -> dict[int, bytes]:
    """The types of items by their ids (ISO 14496-12, `infe` of version 2 and 3)."""
    found = {}
    for kind, infe in _boxes(iinf[6 if iinf[:1] == b"\0" else 8 :]):
        if kind == b"infe" and infe[:1] in (b"\2", b"\3"):
            width = 2 if infe[0] == 2 else 4
            found[int.from_bytes(infe[4 : 4 + width])] = infe[6 + width : 10 + width]
    return found


def _item_extents(iloc: bytes) -> Iterator[tuple[int, int, int]]:
    """Each item's id, and the offset in the file and the length of its first extent."""
    if len(iloc) < 8:
        return
    version = iloc[0]
    offset_width, length_width = iloc[4] >> 4, iloc[4] & 15
    base_width, index_width = iloc[5] >> 4, iloc[5] & 15 if version else 0
    id_width = 2 if version < 2 else 4
    at = 6 + id_width
    for _ in range(min(int.from_bytes(iloc[6:at]), _MAX_BOXES)):
        item = int.from_bytes(iloc[at : at + id_width])
        at += id_width + (2 if version else 0) + 2
        base = int.from_bytes(iloc[at : at + base_width])
        extents = int.from_bytes(iloc[at + base_width : at + base_width + 2])
        at += base_width + 2
        extent = at + index_width
        offset = int.from_bytes(iloc[extent : extent + offset_width])
        yield item, base + offset, int.from_bytes(iloc[extent + offset_width : extent + offset_width + length_width])
        at += extents * (index_width + offset_width + length_width)
