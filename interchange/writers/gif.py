"""GIF: the record as a comment before the first picture."""

from collections.abc import Iterator

from interchange.writers.job_metadata import JobMetadata
from interchange.writers.pieces import Content, Piece, WriteError

_COMMENT, _APPLICATION = 0xFE, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012")
_BLOCK = 255


def pieces(content: Content, metadata: JobMetadata) -> Iterator[Piece]:
    """The file as GIF89a, which alone may have comments; raises WriteError where it is damaged."""
    start = 13 + _table(content[10])
    yield b"GIF89a"
    yield 6, start
    if metadata:
        text = metadata.record.encode()
        blocks = (text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK))
        yield b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"
    yield from _kept(content, start)


def _kept(content: Content, at: int) -> Iterator[tuple[int, int]]:
    """The ranges of all blocks but comments and those application extensions that do not change how it is shown."""
    while (kind := content[at]) != 0x3B:
        if kind == 0x2C:
            end = _end_of_blocks(content, at + 11 + _table(content[at + 9]))
        elif kind == 0x21:
            end = _end_of_blocks(content, at + 2)
        else:
            raise WriteError("The GIF is damaged.")
        is_loop = content[at + 3 : at + 14] in _LOOPS
        if (
            kind == 0x2C
            or content[at + 1] not in (_COMMENT, _APPLICATION)
            or (content[at + 1] == _APPLICATION and is_loop)
        ):
            yield at, end
        at = end
    yield at, at + 1


def _table(flags: int) -> int:
    """The size in bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _end_of_blocks(content: Content, at: int) -> int:
    while length := content[at]:
        at += 1 + length
    return at + 1
