"""The tags of video and audio files, which FFmpeg reads: MP4 and QuickTime, Matroska, Vorbis comments, ID3."""

import io
from collections.abc import Iterator

import av
from av.error import FFmpegError

from interchange.containers import c2pa

FIRST_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # the UUID of its box (C2PA 2.1, A.5)
_MAX_MANIFEST = 500_000
SIGNATURES = (b"\x1aE\xdf\xa3", b"fLaC", b"OggS", b"ID3", b"RIFF", b"\xff\xfb", b"\xff\xf3", b"FORM")


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The tags of the file, those of its streams, where Ogg has them, and the texts of an MP4's C2PA manifest."""
    manifest = content.find(_C2PA) if content[4:8] in FIRST_BOXES else -1
    if manifest >= 0:
        yield from c2pa.texts(content[manifest : manifest + _MAX_MANIFEST])
    options = {"probesize": "200000", "analyzeduration": "1"}
    try:
        with av.open(io.BytesIO(content), metadata_errors="replace", options=options) as container:
            for tags in (container.metadata, *(stream.metadata for stream in container.streams)):
                yield from tags.items()
    except (FFmpegError, ValueError):
        return
