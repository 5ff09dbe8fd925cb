"""TIFF: the record in XMP, the infotext as the description; its directories are rewritten after the pictures.

Pictures keep their offsets, byte for byte. The old directories and the values removed with them are zeroed, or cut off
where they end the file.
"""

import struct
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from interchange.writers.job_metadata import SOFTWARE, JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_ASCII, _BYTE = 2, 1
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_DESCRIPTION, _SOFTWARE, _XMP = 270, 305, 700
_SUB_IFDS = 330
_KEPT_TAGS = frozenset(
    [*range(254, 260), *range(262, 267), 273, 274, *range(277, 285), 286, 287, *range(290, 294), 296, 297, 301]
) | {*range(317, 329), 332, 334, 336, *range(338, 343), 347, *range(512, 522), *range(529, 533), 34675}
"""What a picture would look different without: tags of TIFF 6.0 and its supplements, and the colour profile."""
_POINTERS = (34665, 34853, 40965)
"""The directories of EXIF, GPS and interoperability."""
_DATA = ((273, 279), (324, 325), (513, 514))
"""The offsets and the lengths of strips, of tiles, and of TIFF 6.0's JPEG."""
_MAX_DIRECTORIES = 5_000
_MAX_PARTS = 200_000
"""Entries of all directories, and strips and tiles of all pages: a file of a megabyte can name billions."""
_MAX_SIZE = 2**32

_Range = tuple[int, int]


class _Entry(NamedTuple):
    """An entry of a directory: its value's offset `at`, inline or not, its `length` in bytes, and the `raw` entry."""

    tag: int
    kind: int
    number: int
    at: int
    length: int
    raw: bytes


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with new directories at its end; raises WriteError where parts overlap or 4 GiB are not enough."""
    order = "<" if content[:2] == b"II" else ">"
    directories = list(_directories(content, order))
    erased = sorted(set(_erased(content, order, directories)))
    parts = (part for _, entries in directories for part in _kept(content, order, entries))
    kept = list(islice(parts, _MAX_PARTS + 1))
    if len(kept) > _MAX_PARTS:
        raise WriteError("The TIFF has too many parts.")
    _check_apart(erased, kept)
    end = len(content)
    for start, stop in reversed(erased):
        end = start if stop == end else end
    new = [[one for one in entries if one.tag in _KEPT_TAGS] for _, entries in directories]
    offset = end + end % 2
    written = _serialize(new, _metadata_entries(metadata), offset, order)
    if offset + len(written) >= _MAX_SIZE:
        raise WriteError("The TIFF has no room left.")
    yield content[:4] + struct.pack(f"{order}I", offset)
    at = 8
    for start, stop in erased:
        if start < end:
            yield at, start
            yield bytes(stop - start)
            at = stop
    yield at, end
    yield bytes(end % 2) + written


def _directories(content: Content, order: str) -> Iterator[tuple[int, list[_Entry]]]:
    """The offset and the entries of each page's directory."""
    at, seen, parts = _number(content, order, 4), set[int](), 0
    while at:
        if at in seen or len(seen) >= _MAX_DIRECTORIES:
            raise WriteError("The TIFF is damaged, or has too many pages.")
        seen.add(at)
        entries = _entries(content, order, at)
        parts += len(entries)
        if parts > _MAX_PARTS:
            raise WriteError("The TIFF is damaged, or has too many parts.")
        if any(one.tag == _SUB_IFDS for one in entries):
            raise WriteError("A TIFF with pictures inside of its pages carries no record.")
        yield at, entries
        at = _number(content, order, at + 2 + 12 * len(entries))
    if not seen:
        raise WriteError("The TIFF is damaged.")


def _entries(content: Content, order: str, at: int) -> list[_Entry]:
    (count,) = struct.unpack_from(f"{order}H", content, at)
    found = []
    for offset in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", content, offset)
        if kind not in _SIZES:
            raise WriteError("The TIFF is damaged, or of a newer kind.")
        length = number * _SIZES[kind]
        value = offset + 8 if length <= 4 else _number(content, order, offset + 8)
        if value + length > len(content):
            raise WriteError("The TIFF is damaged or cut.")
        found.append(_Entry(tag, kind, number, value, length, content[offset : offset + 12]))
    return found


def _erased(content: Content, order: str, directories: list[tuple[int, list[_Entry]]]) -> Iterator[_Range]:
    """The ranges of the old directories, and of the values of the tags that are dropped."""
    for at, entries in directories:
        yield at, at + 6 + 12 * len(entries)
        yield from _values(content, order, [one for one in entries if one.tag not in _KEPT_TAGS], len(_POINTERS))


def _values(content: Content, order: str, entries: list[_Entry], deepest: int) -> Iterator[_Range]:
    for one in entries:
        if one.length > 4:
            yield one.at, one.at + one.length
        if one.tag in _POINTERS and one.length == 4 and deepest:
            at = _number(content, order, one.at)
            inner = _entries(content, order, at)
            yield at, at + 2 + 12 * len(inner) + 4
            yield from _values(content, order, inner, deepest - 1)


def _kept(content: Content, order: str, entries: list[_Entry]) -> Iterator[_Range]:
    """The ranges of the picture's data and of the values of the tags that stay."""
    by_tag = {one.tag: one for one in entries if one.tag in _KEPT_TAGS}
    yield from ((one.at, one.at + one.length) for one in by_tag.values() if one.length > 4)
    for offsets, lengths in _DATA:
        if offsets in by_tag:
            if lengths not in by_tag:
                raise WriteError("The TIFF does not say how long its parts are.")
            starts, sizes = (_numbers(content, order, by_tag[tag]) for tag in (offsets, lengths))
            yield from ((start, start + size) for start, size in zip(starts, sizes, strict=False))


def _check_apart(erased: list[_Range], kept: list[_Range]) -> None:
    """Raises WriteError where an erased range overlaps another one, as happens in a damaged file alone."""
    ranges = sorted([(*one, False) for one in kept if one[0] < one[1]] + [(*one, True) for one in erased])
    end, was_erased = 8, False
    for start, stop, is_erased in ranges:
        if start < end and (is_erased or was_erased):
            raise WriteError("The TIFF is damaged: its parts share bytes.")
        if stop > end:
            end, was_erased = stop, is_erased


def _metadata_entries(metadata: JobMetadata) -> list[tuple[int, int, bytes]]:
    """The tag, type and value of each added entry, padded to an even length, for values begin at even offsets."""
    if not metadata:
        return []
    texts = {_DESCRIPTION: metadata.infotext, _SOFTWARE: SOFTWARE}
    bodies = [(tag, _ASCII, text.encode() + b"\0") for tag, text in texts.items() if text]
    bodies.append((_XMP, _BYTE, metadata.xmp(metadata.record)))
    return [(tag, kind, body + (b"\0" if kind == _ASCII else b"\n") * (len(body) % 2)) for tag, kind, body in bodies]


def _serialize(directories: list[list[_Entry]], added: list[tuple[int, int, bytes]], offset: int, order: str) -> bytes:
    """The directories one after the other, the first at `offset`, and then the values added to the first."""
    entries = [{one.tag: one.raw for one in directory} for directory in directories]
    entries[0] |= {tag: b"" for tag, _, _ in added}
    offsets = [offset]
    for directory in entries:
        offsets.append(offsets[-1] + 6 + 12 * len(directory))
    data = b""
    for tag, kind, body in added:
        entries[0][tag] = struct.pack(f"{order}HHII", tag, kind, len(body), offsets[-1] + len(data))
        data += body
    following = [following for _, following in pairwise(offsets)]
    following[-1] = 0
    written = (
        struct.pack(f"{order}H", len(directory))
        + b"".join(directory[tag] for tag in sorted(directory))
        + struct.pack(f"{order}I", after)
        for directory, after in zip(entries, following, strict=True)
    )
    return b"".join(written) + data


def _number(content: Content, order: str, at: int) -> int:
    found: int = struct.unpack_from(f"{order}I", content, at)[0]
    return found


def _numbers(content: Content, order: str, entry: _Entry) -> tuple[int, ...]:
    if entry.kind not in (3, 4) or entry.number > _MAX_PARTS:
        raise WriteError("The TIFF is damaged.")
    return struct.unpack_from(f"{order}{entry.number}{'H' if entry.kind == 3 else 'I'}", content, entry.at)
