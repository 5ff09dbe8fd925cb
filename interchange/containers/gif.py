"""GIF: comment extensions."""

from collections.abc import Iterator

from interchange.decoding import decode

_COMMENT = b"\x21\xfe"
_MOST_COMMENTS = 20
_MOST_BLOCKS = 20_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Comments are searched for, not walked to: what a picture's data has of that look is no text that a tool knows."""
    at = content.find(_COMMENT)
    for _ in range(_MOST_COMMENTS):
        if at < 0:
            return
        blocks: list[bytes] = []
        at += 2
        while at < len(content) and content[at] and len(blocks) < _MOST_BLOCKS:
            blocks.append(content[at + 1 : at + 1 + content[at]])
            at += 1 + content[at]
        yield "comment", decode(b"".join(blocks))
        at = content.find(_COMMENT, at)
