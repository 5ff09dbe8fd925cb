"""MP3: an ID3 tag of version 2.4 in place of those that are there; the frames stay."""

from collections.abc import Iterator

from interchange.writers.pieces import Content, Piece, WriteError
from interchange.writers.said import Said

_UTF_8 = b"\3"
_OLD = 128  # bytes of a tag of version 1, at the end


def pieces(content: Content, said: Said) -> Iterator[Piece]:
    """The file with ID3v2.4 before its frames in place of any ID3 that it had; WriteError where it is damaged."""
    start, stop = 0, len(content)
    while content[start : start + 3] == b"ID3":
        has_footer = content[start + 5] & 0x10
        start += 10 + _size(content[start + 6 : start + 10]) + (10 if has_footer else 0)
    if content[stop - _OLD : stop - _OLD + 3] == b"TAG":
        stop -= _OLD
    if start + 4 > stop:
        raise WriteError("The MP3 is damaged.")
    frames = b"".join(_frame(key, text) for key, text in said.tags.items())
    if frames:
        yield b"ID3\4\0\0" + _synchsafe(len(frames)) + frames
    yield start, stop


def _frame(key: str, text: str) -> bytes:
    body = _UTF_8 + key.encode() + b"\0" + text.encode()
    return b"TXXX" + _synchsafe(len(body)) + b"\0\0" + body


def _synchsafe(size: int) -> bytes:
    """Seven bits of it in each byte, so that no player takes it for a frame."""
    if size >= 2**28:
        raise WriteError("The job's record is too long for an MP3.")
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


def _size(raw: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(raw, (21, 14, 7, 0), strict=True))
