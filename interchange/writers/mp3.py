"""MP3: an ID3v2.4 tag in place of the old tags; the audio frames stay."""

from collections.abc import Iterator

from interchange.writers.job_metadata import JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_UTF_8 = b"\3"
_ID3V1 = 128  # bytes, at the end of the file


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file with ID3v2.4 before its frames in place of any ID3 that it had; WriteError where it is damaged."""
    start, stop = 0, len(content)
    while content[start : start + 3] == b"ID3":
        has_footer = content[start + 5] & 0x10
        start += 10 + _size(content[start + 6 : start + 10]) + (10 if has_footer else 0)
    if content[stop - _ID3V1 : stop - _ID3V1 + 3] == b"TAG":
        stop -= _ID3V1
    if start + 4 > stop:
        raise WriteError("The MP3 is damaged.")
    frames = b"".join(_frame(key, text) for key, text in metadata.tags.items())
    if frames:
        yield b"ID3\4\0\0" + _synchsafe(len(frames)) + frames
    yield start, stop


def _frame(key: str, text: str) -> bytes:
    body = _UTF_8 + key.encode() + b"\0" + text.encode()
    return b"TXXX" + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(size: int) -> bytes:
    """Four bytes of seven bits each, so that no player takes them for the sync word of an audio frame."""
    if size >= 2**28:
        raise WriteError("The job's record is too long for an MP3.")
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _size(raw: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(raw, (21, 14, 7, 0), strict=True))
