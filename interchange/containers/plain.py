"""Files that are text themselves: a workflow's JSON, or a sidecar."""

from collections.abc import Iterator

from interchange.decoding import MAX_TEXT, decode


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The first `MAX_TEXT` bytes under `text`; nothing of a file with zero bytes, which is no text."""
    text = decode(content[:MAX_TEXT])
    if "\0" not in text[:2000]:
        yield "text", text
