"""Write a job's record into a file, whose pixels and samples stay as they are.

A writer yields the pieces of the new file, each new bytes or a range of the old file, so that even a long film is never
read into memory. The metadata of other tools and cameras is removed, for it may name a place or a serial number; the
workflow that ComfyUI embeds stays. Without a record all metadata is removed.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

from interchange.containers import heif, tags
from interchange.containers.tiff import SIGNATURES as TIFF_SIGNATURES
from interchange.record import JobRecord
from interchange.writers import avif, flac, gif, jpeg, matroska, mp3, mp4, ogg, png, tiff, wav, webp
from interchange.writers.job_metadata import JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

__all__ = ["WriteError", "write"]

_Writer = Callable[[Content, JobMetadata], Iterable[Piece]]


def write(source: Path, target: Path, record: JobRecord | None) -> None:
    """Make `target` the file at `source` with this record, or without any metadata.

    Raises WriteError where the file is damaged or of a format that cannot carry it; then there is no `target`.
    """
    try:
        with source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            writer = _writer(content)
            if writer is None:
                ogg.write(source, target, JobMetadata.of(record))
                return
            with target.open("wb") as written, memoryview(content) as whole:
                for piece in _merged(writer(content, JobMetadata.of(record))):
                    if isinstance(piece, bytes):
                        written.write(piece)
                    else:
                        with whole[slice(*piece)] as part:
                            written.write(part)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, ValueError | IndexError | struct.error):  # damage that no writer checks for
            raise WriteError(f"The file is damaged: {error}") from error
        raise


def _merged(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The pieces with adjacent ranges merged into one, for a picture may have thousands of parts."""
    last: tuple[int, int] | None = None
    for piece in pieces:
        if isinstance(piece, tuple) and last is not None and piece[0] == last[1]:
            last = (last[0], piece[1])
            continue
        if last is not None:
            yield last
        last = piece if isinstance(piece, tuple) else None
        if isinstance(piece, bytes):
            yield piece
    if last is not None:
        yield last


def _writer(content: Content) -> _Writer | None:
    """The writer of the file's container; None for Ogg, which FFmpeg writes."""
    start = content[:16]
    for signature, writer in _BY_SIGNATURE.items():
        if start.startswith(signature):
            return writer
    if start[:4] == b"RIFF":
        return {b"WEBP": webp.pieces, b"WAVE": wav.pieces}.get(start[8:12])
    if start[4:8] == b"ftyp" and start[8:12] in heif.BRANDS:
        return avif.pieces
    if start[4:8] in tags.FIRST_BOXES:
        return mp4.pieces
    if start.startswith(b"OggS"):
        return None
    raise WriteError("Files of this format carry no record.")


_BY_SIGNATURE: dict[bytes, _Writer] = {
    b"\x89PNG\r\n\x1a\n": png.pieces,
    b"\xff\xd8\xff": jpeg.pieces,
    **dict.fromkeys(TIFF_SIGNATURES, tiff.pieces),
    b"GIF8": gif.pieces,
    b"\x1aE\xdf\xa3": matroska.pieces,
    b"fLaC": flac.pieces,
    b"ID3": mp3.pieces,
    **dict.fromkeys((b"\xff\xfb", b"\xff\xf3", b"\xff\xfa", b"\xff\xf2"), mp3.pieces),
}
