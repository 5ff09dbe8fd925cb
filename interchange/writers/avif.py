"""AVIF: EXIF and XMP as items of their own after the picture, whose data stay byte for byte.

`meta` lists the items: what they are (iinf), where their data are (iloc) and what they describe (iref). An animation
also has a movie header.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from interchange.writers.boxes import Box, Moves, box, boxes, full_box, move_chunks, without
from interchange.writers.job_metadata import JobMetadata, orientation_of
from interchange.writers.pieces import Content, Piece, WriteError

_XMP_TYPE = b"application/rdf+xml"
_DROPPED = (b"free", b"skip", b"uuid", b"udta")
_IN_FILE = 0


class _Extent(NamedTuple):
    at: int
    length: int


class _Item(NamedTuple):
    """Where an item's data are: `method` and `source` say what the extents' offsets count from."""

    method: int
    source: int
    extents: list[_Extent]


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with new items of EXIF and XMP in place of its own; WriteError where it is damaged or fragmented."""
    found = [one for one in boxes(content) if one.kind not in _DROPPED]
    meta = next((one for one in found if one.kind == b"meta"), None)
    if meta is None or any(one.kind == b"moof" for one in found):
        raise WriteError("The AVIF is damaged.")
    inner = {one.kind: one for one in boxes(content, meta.body + 4, meta.end)}
    if not inner.keys() >= {b"iinf", b"iloc", b"pitm"}:
        raise WriteError("The AVIF is damaged.")
    infos, items = dict(_infos(content, inner[b"iinf"])), _items(content, inner[b"iloc"])
    old = {number: kind for number, info in infos.items() if (kind := _metadata_kind(info))}
    exif = [extent for number in old if old[number] == b"Exif" and number in items for extent in items[number].extents]
    erased = [extent for number in old if number in items for extent in items[number].extents]
    infos = {number: info for number, info in infos.items() if number not in old}
    new = _new_items(metadata, _orientation(content, exif), max(infos, default=0) + 1)
    items = {number: item for number, item in items.items() if number not in old}

    found = [one for one in found if one.kind != b"mdat" or not _is_erased(one, erased)]

    def head(move: Moves | None, data: int) -> bytes:
        """The `meta` box for new items whose data begin at offset `data`."""
        offsets = {number: _moved(item, move) for number, item in items.items()}
        for number, (_, body) in new.items():
            offsets[number] = _Item(_IN_FILE, 0, [_Extent(data, len(body))])
            data += len(body)
        rest = b"".join(
            content[one.at : one.end]
            for one in boxes(content, meta.body + 4, meta.end)
            if one.kind not in (b"iinf", b"iloc", b"iref", *_DROPPED)
        )
        listed = _iinf([*infos.values(), *(info for info, _ in new.values())])
        described = _iref(content, inner.get(b"iref"), old, list(new), _primary(content, inner[b"pitm"]))
        return full_box(b"meta", rest + _iloc(offsets) + listed + described)

    movie = next((one for one in found if one.kind == b"moov"), None)
    moov = bytearray(box(b"moov", without(content, movie, _DROPPED, within=b"trak"))) if movie else bytearray()
    sizes = {b"meta": len(head(None, 0)), b"moov": len(moov)}
    kept, offset = list[tuple[Box, int]](), 0
    for one in found:
        kept.append((one, offset))
        offset += sizes.get(one.kind, one.end - one.at)
    move = Moves(kept)
    if moov:
        move_chunks(moov, move)
    made = {b"meta": head(move, offset + 8), b"moov": bytes(moov)}
    for one in found:
        yield from [made[one.kind]] if one.kind in made else _without_extents(one, erased)
    if new:
        yield box(b"mdat", b"".join(body for _, body in new.values()))


def _orientation(content: Content, exif: list[_Extent]) -> int:
    if not exif:
        return 1
    at, length = exif[0]
    return orientation_of(content[at + 4 : at + length].removeprefix(b"Exif\0\0"))


def _new_items(metadata: JobMetadata, orientation: int, number: int) -> dict[int, tuple[bytes, bytes]]:
    """The items to be added by their ids, which count from `number`: their `infe` box and their data."""
    exif, xmp = metadata.exif(orientation), metadata.xmp(metadata.record)
    added = [(b"Exif\0", bytes(4) + exif)] if exif else []
    if xmp:
        added.append((b"mime\0" + _XMP_TYPE + b"\0", xmp))
    return {
        one: (full_box(b"infe", struct.pack(">HH", one, 0) + kind, version=2, flags=1), body)
        for one, (kind, body) in enumerate(added, start=number)
    }


def _infos(content: Content, iinf: Box) -> Iterator[tuple[int, bytes]]:
    """Each item's id and its `infe` box."""
    for one in boxes(content, iinf.body + (6 if content[iinf.body] == 0 else 8), iinf.end):
        wide = content[one.body] >= 3
        number = int.from_bytes(content[one.body + 4 : one.body + (8 if wide else 6)])
        yield number, content[one.at : one.end]


def _metadata_kind(info: bytes) -> bytes:
    """`Exif` or `mime` for an item of EXIF or XMP, else nothing."""
    kind = info[18:22] if info[8] >= 3 else info[16:20]
    return kind if kind == b"Exif" or (kind == b"mime" and _XMP_TYPE in info) else b""


def _iinf(infos: list[bytes]) -> bytes:
    return full_box(b"iinf", struct.pack(">H", len(infos)) + b"".join(infos))


def _items(content: Content, iloc: Box) -> dict[int, _Item]:
    version, sizes = content[iloc.body], content[iloc.body + 4 : iloc.body + 6]
    offset_width, length_width = sizes[0] >> 4, sizes[0] & 15
    base_width, index_width = sizes[1] >> 4, sizes[1] & 15 if version else 0
    at, id_width = iloc.body + 6, 4 if version == 2 else 2

    def take(width: int) -> int:
        nonlocal at
        at += width
        if at > iloc.end:
            raise WriteError("The AVIF is damaged.")
        return int.from_bytes(content[at - width : at])

    found = {}
    for _ in range(take(id_width)):
        number, method, source = take(id_width), take(2) & 15 if version else 0, take(2)
        base = take(base_width)
        extents = []
        for _ in range(take(2)):
            take(index_width)
            extents.append(_Extent(base + take(offset_width), take(length_width)))
        found[number] = _Item(method, source, extents)
    return found


def _moved(item: _Item, move: Moves | None) -> _Item:
    if item.method != _IN_FILE or move is None:
        return item
    return item._replace(extents=[_Extent(move(one.at), one.length) for one in item.extents])


def _iloc(items: dict[int, _Item]) -> bytes:
    listed = b"".join(
        struct.pack(">HHHH", number, item.method, item.source, len(item.extents))
        + b"".join(struct.pack(">II", *extent) for extent in item.extents)
        for number, item in items.items()
    )
    return full_box(b"iloc", struct.pack(">HH", 0x4400, len(items)) + listed, version=1)


def _iref(content: Content, iref: Box | None, old: dict[int, bytes], new: list[int], primary: int) -> bytes:
    """What each item refers to; the new ones describe the primary picture."""
    kept = b""
    if iref is not None:
        if content[iref.body] != 0:
            raise WriteError("The AVIF has too many items.")
        kept = b"".join(
            content[one.at : one.end]
            for one in boxes(content, iref.body + 4, iref.end)
            if int.from_bytes(content[one.body : one.body + 2]) not in old
        )
    described = b"".join(box(b"cdsc", struct.pack(">HHH", number, 1, primary)) for number in new)
    return full_box(b"iref", kept + described) if kept or described else b""


def _primary(content: Content, pitm: Box) -> int:
    return int.from_bytes(content[pitm.body + 4 : pitm.end])


def _is_erased(one: Box, erased: list[_Extent]) -> bool:
    """Whether the box has nothing but what is erased."""
    return one.end - one.body == sum(length for at, length in set(erased) if one.body <= at and at + length <= one.end)


def _without_extents(one: Box, erased: list[_Extent]) -> Iterator[Piece]:
    """The box with zeros in place of what is erased, for all else must keep its offset."""
    at = one.at
    for offset, length in sorted(erased):
        if one.body <= offset and offset + length <= one.end and at <= offset:
            yield at, offset
            yield bytes(length)
            at = offset + length
    yield at, one.end
