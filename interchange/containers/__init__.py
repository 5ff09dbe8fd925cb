"""Read the texts in a file's metadata by key; the container is told by the first bytes, not by the file's name.

Keys are lower-case: those of PNG chunks and of films' tags as they are, EXIF's `exif.usercomment`, XMP's
`xmp.creatortool`, a plain file's `text`. No reader raises on a damaged file: it yields what is intact.
"""

from collections.abc import Callable, Iterable

from interchange.containers import gif, heif, jpeg, plain, png, tags, tiff, wav, webp

Texts = Iterable[tuple[str, str]]


def texts(content: bytes) -> dict[str, str]:
    """The texts of a file; of several with the same key the first that is not blank."""
    found: dict[str, str] = {}
    for key, text in _container(content)(content):
        if text.strip():
            found.setdefault(key.lower(), text)
    return found


def _container(content: bytes) -> Callable[[bytes], Texts]:
    start = content[:16]
    if start.startswith(b"\x89PNG"):
        return png.texts
    if start.startswith(b"\xff\xd8"):
        return jpeg.texts
    if start.startswith(b"GIF8"):
        return gif.texts
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return webp.texts
    if start.startswith(b"RIFF") and start[8:12] == b"WAVE":
        return wav.texts
    if start.startswith(b"\0\0\0\x0cJXL ") or (start[4:8] == b"ftyp" and start[8:12] in heif.BRANDS):
        return heif.texts
    if start[:4] in tiff.SIGNATURES:
        return tiff.texts
    if start[4:8] in tags.FIRST_BOXES or start.startswith(tags.SIGNATURES):
        return tags.texts
    return plain.texts
