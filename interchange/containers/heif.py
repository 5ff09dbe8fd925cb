"""AVIF and HEIC, whose EXIF is an item that the `meta` box places, and JPEG XL, whose EXIF is a box."""

import struct
from collections.abc import Iterator

from interchange.containers import tiff, xmp
from interchange.decoding import decode

BRANDS = (b"avif", b"avis", b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc")
_MOST_BOXES = 5_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of EXIF and XMP, whether they are boxes of their own or items that `meta` lists."""
    for kind, body in _boxes(content):
        if kind == b"Exif":
            yield from tiff.texts(body)
        elif kind == b"xml ":
            yield from xmp.texts(decode(body))
        elif kind == b"meta":
            inner = dict(_boxes(body[4:]))
            kinds = _item_kinds(inner.get(b"iinf", b""))
            for item, at, length in _item_places(inner.get(b"iloc", b"")):
                if kinds.get(item) == b"Exif":
                    yield from tiff.texts(content[at : at + length])
                elif kinds.get(item) == b"mime":
                    yield from xmp.texts(decode(content[at : at + length]))


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(_MOST_BOXES):
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


def _item_kinds(iinf: bytes) -> dict[int, bytes]:
    """The kinds of items by their ids (ISO 14496-12, `infe` of version 2 and 3)."""
    found = {}
    for kind, infe in _boxes(iinf[6 if iinf[:1] == b"\0" else 8 :]):
        if kind == b"infe" and infe[:1] in (b"\2", b"\3"):
            width = 2 if infe[0] == 2 else 4
            found[int.from_bytes(infe[4 : 4 + width])] = infe[6 + width : 10 + width]
    return found


def _item_places(iloc: bytes) -> Iterator[tuple[int, int, int]]:
    """Each item's id, place in the file and length, by its first extent."""
    if len(iloc) < 8:
        return
    version = iloc[0]
    offset_width, length_width = iloc[4] >> 4, iloc[4] & 15
    base_width, index_width = iloc[5] >> 4, iloc[5] & 15 if version else 0
    id_width = 2 if version < 2 else 4
    at = 6 + id_width
    for _ in range(min(int.from_bytes(iloc[6:at]), _MOST_BOXES)):
        item = int.from_bytes(iloc[at : at + id_width])
        at += id_width + (2 if version else 0) + 2
        base = int.from_bytes(iloc[at : at + base_width])
        extents = int.from_bytes(iloc[at + base_width : at + base_width + 2])
        at += base_width + 2
        place = at + index_width
        offset = int.from_bytes(iloc[place : place + offset_width])
        yield item, base + offset, int.from_bytes(iloc[place + offset_width : place + offset_width + length_width])
        at += extents * (index_width + offset_width + length_width)
