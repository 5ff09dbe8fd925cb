"""The formats that the store keeps: kind, MIME type and extension of each.

A file is named after what it was decoded as, so that its ending says afterwards what it is.
"""

from dataclasses import dataclass

from media_kinds import MediaKind


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `others` are further extensions that are in use for it."""

    kind: MediaKind
    mime: str
    extension: str
    others: tuple[str, ...] = ()


_JPEG = Format("image", "image/jpeg", "jpg", ("jpeg", "jpe", "jfif"))
_M4A = Format("audio", "audio/mp4", "m4a", ("m4b", "mp4"))

# MPO is Pillow's name for the JPEG of a phone or camera that carries a second picture.
OF_PILLOW = {
    "PNG": Format("image", "image/png", "png", ("apng",)),
    "JPEG": _JPEG,
    "MPO": _JPEG,
    "WEBP": Format("image", "image/webp", "webp"),
    "GIF": Format("image", "image/gif", "gif"),
    "AVIF": Format("image", "image/avif", "avif"),
    "BMP": Format("image", "image/bmp", "bmp", ("dib",)),
    "TIFF": Format("image", "image/tiff", "tiff", ("tif",)),
}
"""By Pillow's name of the format."""

OF_FFMPEG: dict[tuple[str, MediaKind], Format] = {
    ("mov", "video"): Format("video", "video/mp4", "mp4", ("m4v",)),
    ("mov", "audio"): _M4A,
    ("quicktime", "video"): Format("video", "video/quicktime", "mov", ("qt",)),
    ("quicktime", "audio"): _M4A,
    ("webm", "video"): Format("video", "video/webm", "webm"),
    ("webm", "audio"): Format("audio", "audio/webm", "weba", ("webm",)),
    ("matroska", "video"): Format("video", "video/x-matroska", "mkv"),
    ("matroska", "audio"): Format("audio", "audio/x-matroska", "mka", ("mkv",)),
    ("wav", "audio"): Format("audio", "audio/wav", "wav", ("wave",)),
    ("flac", "audio"): Format("audio", "audio/flac", "flac"),
    ("mp3", "audio"): Format("audio", "audio/mpeg", "mp3"),
    ("ogg", "audio"): Format("audio", "audio/ogg", "ogg", ("oga", "opus")),
}
"""By the family of FFmpeg's demuxer, and whether there are moving pictures in the file."""

OF_EXTENSION = {one.extension: one for one in (*OF_PILLOW.values(), *OF_FFMPEG.values())}
"""By the extension that the store gives."""

EXTENSIONS = frozenset(
    extension for one in (*OF_PILLOW.values(), *OF_FFMPEG.values()) for extension in (one.extension, *one.others)
)
"""Every extension, in lower case and without its dot, that files of these formats have."""


def kind_of(key: str) -> MediaKind:
    """What the stored file of that key is; one of an extension that the store never gives counts as an image."""
    found = OF_EXTENSION.get(key.rpartition(".")[2])
    return found.kind if found else "image"
