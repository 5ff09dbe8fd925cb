"""MP4 and QuickTime: tags in `moov` and XMP in a `uuid` box; the samples stay byte for byte.

The record is the comment, the one tag that FFmpeg's stream copy keeps by default.
"""

import struct
from collections.abc import Iterator

from interchange.containers import tags
from interchange.writers.boxes import XMP, Box, Moves, box, boxes, full_box, move_chunks, move_fragments, without
from interchange.writers.job_metadata import COMFYUI_KEYS, JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_DROPPED = (b"free", b"skip", b"uuid", b"meta", b"udta")
_UTF_8 = 1
_OF_FRAGMENTS = (b"moof", b"mfra")


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with its samples moved as one; raises WriteError where an index would count over what is taken out."""
    found = list(boxes(content))
    movies = [one for one in found if one.kind == b"moov"]
    if len(movies) != 1:
        raise WriteError("A film without a header carries no record.")
    if _has_offsets_across_dropped(found):
        raise WriteError("A film whose index has offsets across what has to be removed carries no record.")
    moov = bytearray(_movie(content, movies[0], metadata))
    kept, offset = list[tuple[Box, int]](), 0
    for one in found:
        if one.kind not in _DROPPED:
            kept.append((one, offset))
            offset += len(moov) if one.kind == b"moov" else one.end - one.at
    move = Moves(kept)
    move_chunks(moov, move)
    is_open = struct.unpack_from(">I", content, kept[-1][0].at)[0] == 0  # the last box goes on to the file's end
    xmp = box(b"uuid", XMP + metadata.xmp()) if metadata and not is_open else b""
    for one, _ in kept:
        if one.kind == b"mfra" and one is kept[-1][0]:  # players look for it at the very end
            yield xmp
            xmp = b""
        if one.kind in _OF_FRAGMENTS:
            yield move_fragments(bytearray(content[one.at : one.end]), move)
        else:
            yield bytes(moov) if one.kind == b"moov" else (one.at, one.end)
    yield xmp


def _has_offsets_across_dropped(found: list[Box]) -> bool:
    """Whether a dropped box lies between a box with relative offsets and the samples that these point to.

    Those of an index (`sidx`) reach to the last samples, those of a fragment's header to the samples after it.
    """
    in_fragment = False
    for one in found:
        in_fragment = one.kind == b"moof" or (in_fragment and one.kind != b"mdat")
        if in_fragment and one.kind in _DROPPED:
            return True
    indexes, samples = ([one.at for one in found if one.kind == kind] for kind in (b"sidx", b"mdat"))
    return bool(indexes and samples) and any(
        one.kind in _DROPPED and indexes[0] < one.at < samples[-1] for one in found
    )


def _movie(content: Content, movie: Box, metadata: JobMetadata) -> bytes:
    bare = without(content, movie, _DROPPED, within=b"trak")
    if not metadata:
        return box(b"moov", bare)
    old = dict(tags.texts(box(b"ftyp", b"isom\0\0\2\0isom") + content[movie.at : movie.end]))
    kept = {key: old[key] for key in COMFYUI_KEYS if key in old}
    source = {key: text for key, text in metadata.tags.items() if text != metadata.record}
    return box(b"moov", bare + box(b"udta", _meta({"comment": metadata.record, **source, **kept})))


def _meta(texts: dict[str, str]) -> bytes:
    """A `meta` box of tags with names of any kind, as FFmpeg writes them with `use_metadata_tags`."""
    handler = full_box(b"hdlr", bytes(4) + b"mdta" + bytes(13))
    names = b"".join(box(b"mdta", key.encode()) for key in texts)
    values = (box(b"data", struct.pack(">II", _UTF_8, 0) + text.encode()) for text in texts.values())
    items = b"".join(box(struct.pack(">I", number), value) for number, value in enumerate(values, start=1))
    return full_box(b"meta", handler + full_box(b"keys", struct.pack(">I", len(texts)) + names) + box(b"ilst", items))
