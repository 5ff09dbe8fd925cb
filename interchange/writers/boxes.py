"""The boxes of MP4, QuickTime and AVIF (ISO 14496-12), and the file offsets that some of them have."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator
from typing import NamedTuple

from interchange.writers.pieces import Content, WriteError

XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The UUID of the `uuid` box for XMP (ISO 16684-3)."""

_PATH = {b"moov": b"trak", b"trak": b"mdia", b"mdia": b"minf", b"minf": b"stbl"}
_HAS_BASE = 1  # base-data-offset-present: a track fragment's header has an offset from the beginning of the file
_MAX_BOXES = 10_000


class Box(NamedTuple):
    """The offsets of a box: where it begins, where its body begins, and where both end."""

    kind: bytes
    at: int
    body: int
    end: int


def boxes(content: Content | bytearray, at: int = 0, stop: int | None = None) -> Iterator[Box]:
    """The boxes from `at` to `stop`, without those inside them; raises WriteError where one does not fit in there."""
    stop = len(content) if stop is None else stop
    for _ in range(_MAX_BOXES):
        if at + 8 > stop:  # QuickTime may end a list by four zero bytes
            return
        size, kind = struct.unpack_from(">I4s", content, at)
        body = at + 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, body)
            body += 8
        end = stop if size == 0 else at + size
        if not body <= end <= stop:
            raise WriteError("The file is damaged or cut.")
        yield Box(kind, at, body, end)
        at = end
    raise WriteError("The file has too many parts.")


def box(kind: bytes, body: bytes) -> bytes:
    """The bytes of a box; its size has 32 bits, so that it must be smaller than 4 GiB."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full_box(kind: bytes, body: bytes, version: int = 0, flags: int = 0) -> bytes:
    """The bytes of a box whose content begins with a version and 24 flags (ISO 14496-12)."""
    return box(kind, struct.pack(">I", version << 24 | flags) + body)


def without(content: Content, parent: Box, dropped: Container[bytes], within: bytes = b"") -> bytes:
    """The body of a box without the boxes of the `dropped` kinds, in it and in its children of the kind `within`."""
    return b"".join(
        box(one.kind, without(content, one, dropped)) if one.kind == within else content[one.at : one.end]
        for one in boxes(content, parent.body, parent.end)
        if one.kind not in dropped
    )


class Moves:
    """From an offset in the old file to that of the same byte in the new one."""

    def __init__(self, kept: list[tuple[Box, int]]) -> None:
        """`kept` are the boxes that stay, in the order of the file, each with its new offset."""
        self._kept = kept

    def __call__(self, offset: int) -> int:
        index = bisect_right(self._kept, offset, key=lambda one: one[0].at) - 1
        if index < 0 or offset > self._kept[index][0].end:
            raise WriteError("The file is damaged: it has an offset outside of its data.")
        old, new = self._kept[index]
        return offset - old.at + new


def move_chunks(moov: bytearray, move: Callable[[int], int]) -> None:
    """Update the offsets of the chunks of samples in a `moov` box."""
    _move_chunks(moov, next(boxes(moov)), move)


def _move_chunks(moov: bytearray, parent: Box, move: Callable[[int], int]) -> None:
    for one in boxes(moov, parent.body, parent.end):
        if one.kind == _PATH.get(parent.kind):
            _move_chunks(moov, one, move)
        elif one.kind in (b"stco", b"co64"):
            (count,) = struct.unpack_from(">I", moov, one.body + 4)
            layout = f">{count}{'I' if one.kind == b'stco' else 'Q'}"
            offsets = struct.unpack_from(layout, moov, one.body + 8)
            struct.pack_into(layout, moov, one.body + 8, *map(move, offsets))
        elif one.kind == b"saio":
            raise WriteError("An encrypted file carries no record.")


def move_fragments(fragment: bytearray, move: Callable[[int], int]) -> bytes:
    """A `moof` or `mfra` box with the offsets of its samples or fragments updated."""
    for one in boxes(fragment, next(boxes(fragment)).body):
        if one.kind == b"tfra":
            _move_entries(fragment, one, move)
            continue
        for inner in boxes(fragment, one.body, one.end) if one.kind == b"traf" else ():
            if inner.kind == b"saio":
                raise WriteError("An encrypted file carries no record.")
            if inner.kind == b"tfhd" and fragment[inner.body + 3] & _HAS_BASE:
                _move_number(fragment, inner.body + 8, ">Q", move)
    return bytes(fragment)


def _move_entries(fragment: bytearray, index: Box, move: Callable[[int], int]) -> None:
    """Update the fragment's offset, which follows its time, in each entry of a `tfra` index."""
    layout, width = (">Q", 8) if fragment[index.body] == 1 else (">I", 4)
    lengths, count = struct.unpack_from(">II", fragment, index.body + 8)
    step = 2 * width + sum((lengths >> shift & 3) + 1 for shift in (0, 2, 4))
    if index.body + 16 + step * count > index.end:
        raise WriteError("The film is damaged: its index is cut.")
    for entry in range(count):
        _move_number(fragment, index.body + 16 + step * entry + width, layout, move)


def _move_number(content: bytearray, at: int, layout: str, move: Callable[[int], int]) -> None:
    struct.pack_into(layout, content, at, move(*struct.unpack_from(layout, content, at)))
