"""WAV: the studio's own chunk, and all that FFmpeg reads."""

from collections.abc import Iterator

from interchange.containers import riff, tags
from interchange.decoding import decode

OWN = b"stud"
_MOST_CHUNKS = 1_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    for kind, begin, length in riff.chunks(content, _MOST_CHUNKS):
        if kind == OWN:
            yield "studio", decode(content[begin : begin + length])
    yield from tags.texts(content)
