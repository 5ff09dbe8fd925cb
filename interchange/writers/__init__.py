"""From a file and a job's record to the same file with the record in it; pixels and samples stay as they are.

A writer cuts: it gives the pieces of the new file, each new bytes or a range of the old one, so that a film of any size
is copied and not held. What other tools and cameras wrote about a file goes, for it may name a place or a serial
number; what ComfyUI wrote to be opened again stays. Without a record all of it goes.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from mmap import ACCESS_READ, mmap
from pathlib import Path

from interchange.containers import heif, tags
from interchange.record import JobRecord
from interchange.writers import avif, flac, gif, jpeg, matroska, mp3, mp4, ogg, png, tiff, wav, webp
from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.said import Said

__all__ = ["WriteError", "write"]

_Writer = Callable[[Content, Said], Iterable[Piece]]


def write(source: Path, target: Path, record: JobRecord | None) -> None:
    """Make `target` the file at `source` with this record, or without any metadata.

    Raises WriteError where the file is damaged or of a format that cannot carry it; then there is no `target`.
    """
    try:
        with source.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
            writer = _writer(content)
            if writer is None:
                ogg.write(source, target, Said.of(record))
                return
            with target.open("wb") as written, memoryview(content) as whole:
                for piece in _joined(writer(content, Said.of(record))):
                    if isinstance(piece, bytes):
                        written.write(piece)
                    else:
                        with whole[slice(*piece)] as part:
                            written.write(part)
    except BaseException as error:
        target.unlink(missing_ok=True)
        if isinstance(error, ValueError | IndexError | struct.error):  # what is damaged in a way that nobody thought of
            raise WriteError(f"The file is damaged: {error}") from error
        raise


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Ranges of which one begins where the other ends are one, for a picture may have thousands of parts."""
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
    """The one of the file's container; None where FFmpeg is to write it."""
    start = content[:16]
    for mark, writer in _BY_START.items():
        if start.startswith(mark):
            return writer
    if start[:4] == b"RIFF":
        return {b"WEBP": webp.pieces, b"WAVE": wav.pieces}.get(start[8:12])
    if start[4:8] == b"ftyp" and start[8:12] in heif.BRANDS:
        return avif.pieces
    if start[4:8] in tags.BOXES:
        return mp4.pieces
    if start.startswith(b"OggS"):
        return None
    raise WriteError("Files of this format carry no record.")


_BY_START: dict[bytes, _Writer] = {
    b"\x89PNG\r\n\x1a\n": png.pieces,
    b"\xff\xd8\xff": jpeg.pieces,
    **dict.fromkeys((b"II*\0", b"MM\0*"), tiff.pieces),
    b"GIF8": gif.pieces,
    b"\x1aE\xdf\xa3": matroska.pieces,
    b"fLaC": flac.pieces,
    b"ID3": mp3.pieces,
    **dict.fromkeys((b"\xff\xfb", b"\xff\xf3", b"\xff\xfa", b"\xff\xf2"), mp3.pieces),
}
