"""The tags of films and sounds: MP4's and QuickTime's atoms, Matroska's, Vorbis comments, ID3, all read by FFmpeg."""

import io
from collections.abc import Iterator

import av
from av.error import FFmpegError

from interchange.containers import c2pa

BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")  # the kind of a uuid box (C2PA 2.1, A.5)
_MOST_MANIFEST = 500_000
STARTS = (b"\x1aE\xdf\xa3", b"fLaC", b"OggS", b"ID3", b"RIFF", b"\xff\xfb", b"\xff\xf3", b"FORM")


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Those of the file, of its streams, where Ogg keeps them, and of the C2PA manifest that an MP4 may have."""
    manifest = content.find(_C2PA) if content[4:8] in BOXES else -1
    if manifest >= 0:
        yield from c2pa.texts(content[manifest : manifest + _MOST_MANIFEST])
    options = {"probesize": "200000", "analyzeduration": "1"}
    try:
        with av.open(io.BytesIO(content), metadata_errors="replace", options=options) as container:
            for tags in (container.metadata, *(stream.metadata for stream in container.streams)):
                yield from tags.items()
    except (FFmpegError, ValueError):
        return
