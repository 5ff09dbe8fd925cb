"""WAV: the studio's own chunk, WanGP's, and all tags that FFmpeg reads."""

from collections.abc import Iterator

from interchange.containers import riff, tags
from interchange.decoding import MAX_TEXT, decode

STUDIO_CHUNK = b"stud"
_KEYS = {STUDIO_CHUNK: "studio", b"json": "wangp"}
_MAX_CHUNKS = 1_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The studio's record under `studio`, WanGP's JSON under `wangp`, then FFmpeg's tags."""
    for kind, begin, length in riff.chunks(content, _MAX_CHUNKS):
        if kind in _KEYS:
            yield _KEYS[kind], decode(content[begin : begin + min(length, MAX_TEXT)])
    yield from tags.texts(content)
