"""Files that are text as they are: a workflow's JSON, or the text that a tool laid beside a picture."""

from collections.abc import Iterator

from interchange.decoding import MOST_TEXT, decode


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The first `MOST_TEXT` bytes under `text`; nothing of a file with zero bytes, which is no text."""
    text = decode(content[:MOST_TEXT])
    if "\0" not in text[:2000]:
        yield "text", text
