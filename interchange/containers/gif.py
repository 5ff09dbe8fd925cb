"""GIF: comment extensions."""

from collections.abc import Iterator

from interchange.decoding import decode

_COMMENT = b"\x21\xfe"
_MAX_COMMENTS = 20
_MAX_BLOCKS = 20_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Comments are found by their first bytes, without parsing blocks: a false match in pixel data is no known text."""
    at = content.find(_COMMENT)
    for _ in range(_MAX_COMMENTS):
        if at < 0:
            return
        blocks: list[bytes] = []
        at += 2
        while at < len(content) and content[at] and len(blocks) < _MAX_BLOCKS:
            blocks.append(content[at + 1 : at + 1 + content[at]])
            at += 1 + content[at]
        yield "comment", decode(b"".join(blocks))
        at = content.find(_COMMENT, at)
