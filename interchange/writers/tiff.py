"""TIFF: the record in XMP, the infotext as the description; its directories are written anew behind the pictures.

Pictures stay where they are, byte for byte. Where the old directories and what they said stood there are zeros, or the
file ends.
"""

import struct
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.said import SOFTWARE, Said

_ASCII, _BYTE = 2, 1
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1}
_DESCRIPTION, _SOFTWARE, _XMP = 270, 305, 700
_INSIDE = 330  # pictures inside of a page, with tags of their own
_SHOWS = frozenset(
    [*range(254, 260), *range(262, 267), 273, 274, *range(277, 285), 286, 287, *range(290, 294), 296, 297, 301]
) | {*range(317, 329), 332, 334, 336, *range(338, 343), 347, *range(512, 522), *range(529, 533), 34675}
"""What a picture would look different without: tags of TIFF 6.0 and its supplements, and the colour profile."""
_POINTERS = (34665, 34853, 40965)
"""EXIF, GPS and what belongs to EXIF: directories of their own."""
_DATA = ((273, 279), (324, 325), (513, 514))
"""Where strips, tiles and an old kind of JPEG stand, and how long they are."""
_MOST_DIRECTORIES = 5_000
_MOST_PARTS = 200_000
"""Entries of all directories, and strips and tiles of all pages: a file of a megabyte can name billions."""
_MOST = 2**32

_Range = tuple[int, int]


class _Entry(NamedTuple):
    """Of a directory: what `value` says inline, else where it says it."""

    tag: int
    kind: int
    number: int
    at: int
    length: int
    raw: bytes


def pieces(content: Content, said: Said) -> Iterator[Piece]:
    """The file with new directories at its end; raises WriteError where parts overlap or 4 GiB are not enough."""
    order = "<" if content[:2] == b"II" else ">"
    directories = list(_directories(content, order))
    erased = sorted(set(_erased(content, order, directories)))
    parts = (part for _, entries in directories for part in _kept(content, order, entries))
    kept = list(islice(parts, _MOST_PARTS + 1))
    if len(kept) > _MOST_PARTS:
        raise WriteError("The TIFF has too many parts.")
    _check_apart(erased, kept)
    end = len(content)
    for start, stop in reversed(erased):
        end = start if stop == end else end
    new = [[one for one in entries if _stays(one)] for _, entries in directories]
    place = end + end % 2
    written = _written(new, _said(said), place, order)
    if place + len(written) >= _MOST:
        raise WriteError("The TIFF has no room left.")
    yield content[:4] + struct.pack(f"{order}I", place)
    at = 8
    for start, stop in erased:
        if start < end:
            yield at, start
            yield bytes(stop - start)
            at = stop
    yield at, end
    yield bytes(end % 2) + written


def _directories(content: Content, order: str) -> Iterator[tuple[int, list[_Entry]]]:
    """Where each directory of the file's pages stands, and its entries."""
    at, seen, parts = _number(content, order, 4), set[int](), 0
    while at:
        if at in seen or len(seen) >= _MOST_DIRECTORIES:
            raise WriteError("The TIFF is damaged, or has too many pages.")
        seen.add(at)
        entries = _entries(content, order, at)
        parts += len(entries)
        if parts > _MOST_PARTS:
            raise WriteError("The TIFF is damaged, or has too many parts.")
        if any(one.tag == _INSIDE for one in entries):
            raise WriteError("A TIFF with pictures inside of its pages carries no record.")
        yield at, entries
        at = _number(content, order, at + 2 + 12 * len(entries))
    if not seen:
        raise WriteError("The TIFF is damaged.")


def _entries(content: Content, order: str, at: int) -> list[_Entry]:
    (count,) = struct.unpack_from(f"{order}H", content, at)
    found = []
    for place in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, number = struct.unpack_from(f"{order}HHI", content, place)
        if kind not in _SIZES:
            raise WriteError("The TIFF is damaged, or of a newer kind.")
        length = number * _SIZES[kind]
        value = place + 8 if length <= 4 else _number(content, order, place + 8)
        if value + length > len(content):
            raise WriteError("The TIFF is damaged or cut.")
        found.append(_Entry(tag, kind, number, value, length, content[place : place + 12]))
    return found


def _stays(entry: _Entry) -> bool:
    return entry.tag in _SHOWS


def _erased(content: Content, order: str, directories: list[tuple[int, list[_Entry]]]) -> Iterator[_Range]:
    """The old directories, and what they say of the picture."""
    for at, entries in directories:
        yield at, at + 6 + 12 * len(entries)
        yield from _values(content, order, [one for one in entries if not _stays(one)], len(_POINTERS))


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
    """Where the picture and what shows it stand."""
    by_tag = {one.tag: one for one in entries if _stays(one)}
    yield from ((one.at, one.at + one.length) for one in by_tag.values() if one.length > 4)
    for places, lengths in _DATA:
        if places in by_tag:
            if lengths not in by_tag:
                raise WriteError("The TIFF does not say how long its parts are.")
            starts, sizes = (_numbers(content, order, by_tag[tag]) for tag in (places, lengths))
            yield from ((start, start + size) for start, size in zip(starts, sizes, strict=False))


def _check_apart(erased: list[_Range], kept: list[_Range]) -> None:
    """Nothing that shows may go: parts that share bytes are only in a damaged file."""
    ranges = sorted([(*one, False) for one in kept if one[0] < one[1]] + [(*one, True) for one in erased])
    end, is_erased = 8, False
    for start, stop, goes in ranges:
        if start < end and (goes or is_erased):
            raise WriteError("The TIFF is damaged: its parts share bytes.")
        if stop > end:
            end, is_erased = stop, goes


def _said(said: Said) -> list[tuple[int, int, bytes]]:
    """Each filled up to an even length, for values stand at even places."""
    if not said:
        return []
    texts = {_DESCRIPTION: said.infotext, _SOFTWARE: SOFTWARE}
    bodies = [(tag, _ASCII, text.encode() + b"\0") for tag, text in texts.items() if text]
    bodies.append((_XMP, _BYTE, said.xmp(said.record)))
    return [(tag, kind, body + (b"\0" if kind == _ASCII else b"\n") * (len(body) % 2)) for tag, kind, body in bodies]


def _written(directories: list[list[_Entry]], said: list[tuple[int, int, bytes]], place: int, order: str) -> bytes:
    """The directories from `place` on, one behind the other, and then what the first of them says."""
    entries = [{one.tag: one.raw for one in directory} for directory in directories]
    entries[0] |= {tag: b"" for tag, _, _ in said}
    places = [place]
    for directory in entries:
        places.append(places[-1] + 6 + 12 * len(directory))
    data = b""
    for tag, kind, body in said:
        entries[0][tag] = struct.pack(f"{order}HHII", tag, kind, len(body), places[-1] + len(data))
        data += body
    following = [following for _, following in pairwise(places)]
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
    if entry.kind not in (3, 4) or entry.number > _MOST_PARTS:
        raise WriteError("The TIFF is damaged.")
    return struct.unpack_from(f"{order}{entry.number}{'H' if entry.kind == 3 else 'I'}", content, entry.at)
