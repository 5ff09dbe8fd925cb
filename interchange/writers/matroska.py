"""Matroska and WebM: tags after everything else, so that no cluster moves; the SeekHead gets their position.

The segment of a live recording has no known size: there the tags come before the first cluster.
"""

from collections.abc import Iterator
from typing import NamedTuple

from interchange.containers import tags
from interchange.writers.job_metadata import COMFYUI_KEYS, JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_SEGMENT, _SEEK_HEAD, _CLUSTER, _TAGS = 0x18538067, 0x114D9B74, 0x1F43B675, 0x1254C367
_SEEK, _SEEK_ID, _SEEK_POSITION = 0x4DBB, 0x53AB, 0x53AC
_VOID, _CUES = 0xEC, 0x1C53BB6B
_TAG, _TARGETS, _SIMPLE_TAG, _NAME, _TEXT = 0x7373, 0x63C0, 0x67C8, 0x45A3, 0x4487
_MAX_HEAD = 2**20  # bytes that are searched for the tags of the old file
_MAX_ELEMENTS = 200_000


class _Element(NamedTuple):
    """The offsets of an element: where it begins, where its body begins, and where both end, None where unknown."""

    kind: int
    at: int
    body: int
    end: int | None


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with new tags; WriteError where it is damaged, or recorded live with an index before its clusters."""
    segment = next((one for one in _elements(content, 0, len(content)) if one.kind == _SEGMENT), None)
    if segment is None:
        raise WriteError("The file is damaged.")
    made = _tags(content, metadata) if metadata else b""
    yield from (_live if segment.end is None else _whole)(content, segment, made)


def _live(content: Content, segment: _Element, made: bytes) -> Iterator[Piece]:
    """The tags before the first cluster: a live recording has no positions that would change."""
    children = list(_elements(content, segment.body, len(content)))
    first = next((index for index, one in enumerate(children) if one.kind == _CLUSTER), 0)
    head = children[:first]
    if not head or any(one.kind == _CUES for one in head):
        raise WriteError("A film of unknown length that has an index carries no record.")
    if head[-1].kind == _TAGS:
        head.pop()
    yield 0, segment.body
    for one in head:
        yield _void(_end(one) - one.at) if one.kind == _TAGS else (one.at, _end(one))
    yield made
    yield children[first].at, len(content)


def _whole(content: Content, segment: _Element, made: bytes) -> Iterator[Piece]:
    end = _end(segment)
    children = list(_elements(content, segment.body, end))
    while children and children[-1].kind in (_TAGS, _VOID):
        end = children.pop().at
    size = end - segment.body + len(made)
    yield 0, segment.at + 4
    yield _size(size, width=segment.body - segment.at - 4)
    if (made or any(one.kind == _TAGS for one in children)) and not (children and children[0].kind == _SEEK_HEAD):
        raise WriteError("A film without a seek head carries no record.")
    at = segment.body
    if children[0].kind == _SEEK_HEAD:
        at = _end(children[1] if children[1].kind == _VOID else children[0])
        yield _seek_head(content, children[0], end - segment.body if made else None, at - segment.body)
    for one in children:
        if one.kind == _TAGS and one.at >= at:
            yield at, one.at
            at = _end(one)
            yield _void(at - one.at)
    yield at, end
    yield made


def _seek_head(content: Content, old: _Element, tags_position: int | None, room: int) -> bytes:
    """The SeekHead with the position of the new tags, padded to `room` bytes."""
    kept = []
    for seek in _elements(content, old.body, _end(old)):
        if seek.kind == _SEEK:
            entry = {one.kind: content[one.body : _end(one)] for one in _elements(content, seek.body, _end(seek))}
            if entry.get(_SEEK_ID) != _id(_TAGS):
                kept.append(content[seek.at : _end(seek)])
    if tags_position is not None:
        position = tags_position.to_bytes(max(1, (tags_position.bit_length() + 7) // 8))
        kept.append(_element(_SEEK, _element(_SEEK_ID, _id(_TAGS)) + _element(_SEEK_POSITION, position)))
    made = _element(_SEEK_HEAD, b"".join(kept))
    if len(made) > room or room - len(made) == 1:
        raise WriteError("The film's seek head has no room for another entry.")
    return made + (_void(room - len(made)) if len(made) < room else b"")


def _tags(content: Content, metadata: JobMetadata) -> bytes:
    old: dict[str, str] = {}
    for key, text in tags.texts(content[:_MAX_HEAD]):
        old.setdefault(key.lower(), text)
    texts = {key: old[key] for key in COMFYUI_KEYS if key in old} | metadata.tags
    simple = (
        _element(_SIMPLE_TAG, _element(_NAME, key.upper().encode()) + _element(_TEXT, text.encode()))
        for key, text in texts.items()
    )
    return _element(_TAGS, _element(_TAG, _element(_TARGETS, b"") + b"".join(simple)))


def _void(size: int) -> bytes:
    """A Void element of `size` bytes in all, at least two."""
    width = min(8, size - 1)
    return _id(_VOID) + _size(size - 1 - width, width) + bytes(size - 1 - width)


def _element(kind: int, body: bytes) -> bytes:
    return _id(kind) + _size(len(body), width=4 if len(body) >= 127 else 1) + body


def _id(kind: int) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8)


def _size(size: int, width: int) -> bytes:
    if size >= 2 ** (7 * width) - 1:  # all ones mean unknown
        raise WriteError("The film has no room left.")
    return (size | 1 << 7 * width).to_bytes(width)


def _elements(content: Content, at: int, stop: int) -> Iterator[_Element]:
    """The elements of one level; the last may have no known end."""
    for _ in range(_MAX_ELEMENTS):
        if at >= stop:
            return
        kind, size_at, _ = _read(content, at)
        size, body, is_known = _read(content, size_at)
        end = body + size - (1 << 7 * (body - size_at)) if is_known else None
        yield _Element(kind, at, body, end)
        if end is None:
            return
        if end > stop:
            raise WriteError("The film is cut.")
        at = end
    raise WriteError("The film has too many parts.")


def _read(content: Content, at: int) -> tuple[int, int, bool]:
    """A variable-length integer with its marker bit, its end, and whether it is known: all ones mean unknown."""
    width = 9 - content[at].bit_length()
    raw = int.from_bytes(content[at : at + width])
    if width > 8:
        raise WriteError("The film is damaged.")
    return raw, at + width, raw != (1 << 7 * width + 1) - 1


def _end(one: _Element) -> int:
    if one.end is None:
        raise WriteError("A part of the film does not say how long it is.")
    return one.end
