"""WebP: EXIF, XMP and C2PA in RIFF chunks."""

from collections.abc import Iterator

from interchange.containers import c2pa, riff, tiff, xmp
from interchange.decoding import decode

_MAX_CHUNKS = 20_000


def texts(content: bytes) -> Iterator[tuple[str, str]]:
    """The texts of the chunks EXIF, XMP and C2PA, in the order of the file."""
    for kind, begin, length in riff.chunks(content, _MAX_CHUNKS):
        body = content[begin : begin + length] if kind in (b"EXIF", b"XMP ", b"C2PA") else b""
        if kind == b"EXIF":
            yield from tiff.texts(body)
        elif kind == b"XMP ":
            yield from xmp.texts(decode(body))
        elif kind == b"C2PA":
            yield from c2pa.texts(body)
