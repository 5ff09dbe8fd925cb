"""What a file is, decided by decoding it: neither its name nor its first bytes are believed."""

import ctypes
import math
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import av
from av.audio.layout import AudioLayout
from av.container import InputContainer
from av.stream import Disposition, Stream
from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile

from media_kinds import DEMUXERS, MediaKind
from storage.errors import MediaRefusedError
from storage.media.containers import (
    check_end,
    check_flac,
    declared_frames,
    declared_size,
    matroska_is_sized,
    wav_says_its_end,
)
from storage.media.formats import OF_FFMPEG, OF_PILLOW

_DEMUXERS = {"format_whitelist": DEMUXERS}
_STILL_BRANDS = ("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis")  # of pictures
_FRAMES_TO_DECODE = 3  # of a video or sound
_MOST_FAULTS = 10_000  # places at which reading goes on behind damage; more are a trick
_MOST_CHANNELS = 64  # of a sound; FFmpeg converts no more
_PACKETS_A_SECOND = 500  # of the longest that is allowed: its pictures and its sound
_MOST_FRAMES = 1000  # that are decoded of an animation, however small they are

_UNREADABLE: dict[MediaKind | None, str] = {
    None: "This is not a file that can be used here, or it is damaged: images may be PNG, JPEG, WebP, GIF, AVIF, BMP "
    "or TIFF, videos MP4, MOV, WebM or MKV, sounds WAV, FLAC, MP3, OGG or M4A.",
    "image": "This is no picture that can be read, or it is damaged. PNG, JPEG, WebP, GIF, AVIF, BMP and TIFF can be.",
    "video": "This is no video that can be read, or it is damaged. MP4, MOV, WebM and MKV can be.",
    "audio": "This is no sound that can be read, or it is damaged. WAV, FLAC, MP3, OGG and M4A can be.",
}
"""By the kind of file that is asked for."""

MOST_PIXELS = 2 * 89_478_485
"""Pillow refuses a picture with more of them, whatever the limits say."""

_Stream = av.VideoStream | av.AudioStream


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """`max_pixels` holds for one picture or video frame; of pictures, more than `MOST_PIXELS` have no effect."""

    max_bytes: int = 1_000_000_000
    max_pixels: int = 64_000_000
    max_seconds: float = 3600.0


@dataclass(frozen=True, slots=True)
class Probe:
    """Width and height in pixels as stored, before any rotation by EXIF; duration in seconds."""

    kind: MediaKind
    mime: str
    extension: str
    width: int | None = None
    height: int | None = None
    duration: float | None = None


def probe(path: Path, limits: MediaLimits, kind: MediaKind | None = None) -> Probe:
    """What the file at `path` is; raises `MediaRefusedError` for all that is not whole and allowed.

    Of what cannot be read it is said which formats can be, for the `kind` that is asked for alone.

    Images are decoded, animations up to `max_pixels` in all; of a video or sound the first frames are, and the
    rest is only walked through, about a second for an hour of video. MP3 and OGG that end early cannot always be told.
    """
    _check_size(path, limits)
    # Opened by a descriptor, the file has no name by which FFmpeg could guess what it is.
    with os.fdopen(os.open(path, os.O_RDONLY), "rb") as file:
        return _probe_image(file, limits) or _probe_stream(file, limits, _UNREADABLE[kind])


def _check_size(path: Path, limits: MediaLimits) -> None:
    try:
        found = path.lstat()
    except (OSError, ValueError) as error:
        raise MediaRefusedError("The file is not there.") from error
    if not stat.S_ISREG(found.st_mode):
        raise MediaRefusedError("This is not a file.")
    if found.st_size == 0:
        raise MediaRefusedError("The file is empty.")
    if found.st_size > limits.max_bytes:
        raise MediaRefusedError(f"The file has {_mb(found.st_size)} MB; at most {_mb(limits.max_bytes)} are allowed.")


def _mb(size: int) -> str:
    return f"{size / 1e6:.4g}"


def _check_pixels(width: int, height: int, limits: MediaLimits) -> None:
    if width * height > limits.max_pixels:
        most = f"{limits.max_pixels / 1e6:.4g} megapixels"
        raise MediaRefusedError(f"The picture has {width} × {height} pixels; at most {most} are allowed.")


@contextmanager
def _refusing(message: str) -> Iterator[None]:
    try:
        yield
    except MediaRefusedError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise MediaRefusedError(f"The picture has too many pixels. {error}") from error
    except Exception as error:  # a damaged file makes decoders raise nearly anything
        raise MediaRefusedError(message) from error


def _probe_image(file: BinaryIO, limits: MediaLimits) -> Probe | None:
    with _refusing("The image is damaged or incomplete."):
        _check_pixels(*declared_size(file), limits)
        try:
            image = Image.open(file, formats=[name for name in OF_PILLOW if name != "MPO"])
        except UnidentifiedImageError:
            file.seek(0)
            return None
        width, height = image.size
        found = OF_PILLOW[str(image.format)]
        check_end(file, "image", found.extension)
        _decode_frames(image, limits)
        return Probe("image", found.mime, found.extension, width, height)


def _decode_frames(image: ImageFile, limits: MediaLimits) -> None:
    decoded = 0
    for index in count():
        try:
            image.seek(index)
        except EOFError:
            return
        _check_pixels(*image.size, limits)
        decoded += max(image.width * image.height, limits.max_pixels // _MOST_FRAMES)
        if index and decoded > limits.max_pixels:
            return
        try:
            image.load()
        except OSError as error:
            if error.errno is not None or not _is_damaged_still(image):
                raise
            return


def _is_damaged_still(image: ImageFile) -> bool:
    """Whether a part of a single picture is there, above what could not be decoded.

    That it was cut is known before; of an animation all frames must be whole, and of a TIFF, which has no end.
    """
    if image.format not in ("PNG", "JPEG", "MPO") or getattr(image, "is_animated", False):
        return False
    image.tile = []  # there is nothing more to decode
    return image.getbbox(alpha_only=False) is not None


def _probe_stream(file: BinaryIO, limits: MediaLimits, unreadable: str) -> Probe:
    with _refusing(unreadable):
        _check_frames(declared_frames(file), limits)
    most_pixels = {"max_pixels": str(limits.max_pixels)}  # of what is really decoded, whatever the header says
    with _refusing(unreadable), av.open(file, "r", options=_DEMUXERS | most_pixels) as container:
        videos = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
        kind: MediaKind = "video" if videos else "audio"
        family = _family(container, file)
        found = OF_FFMPEG[family, kind]
        width, height = (videos[0].width, videos[0].height) if videos else (None, None)
        _check_pixels(width or 0, height or 0, limits)
        streams: list[_Stream] = [*videos[:1], *container.streams.audio[:1]]
        for stream in videos[:1]:
            stream.codec_context.options = most_pixels
        for sound in container.streams.audio[:1]:
            if sound.codec_context:  # none of a kind that FFmpeg does not know
                _settle_channels(sound)
        duration, last_place = _measure(container, streams, limits, family, file)
        check_end(file, kind, found.extension)
        if family == "flac":
            check_flac(file, last_place)
        return Probe(kind, found.mime, found.extension, width, height, duration)


def _family(container: InputContainer, file: BinaryIO) -> str:
    """FFmpeg's name of the format, told apart where it has one name for two."""
    brand = container.metadata.get("major_brand", "")
    if brand in _STILL_BRANDS:
        raise MediaRefusedError("This is a damaged AVIF picture, or an HEIC one: save it as JPEG or PNG.")
    family = container.format.name.split(",")[0]
    if family == "mov" and brand == "qt  ":
        return "quicktime"
    if family == "matroska" and b"\x42\x82\x84webm" in os.pread(file.fileno(), 64, 0):  # EBML's DocType
        return "webm"
    return family


def _knows_its_end(family: str, file: BinaryIO) -> bool:
    """FFmpeg guesses an MP3's duration from the first bit rate."""
    return family != "mp3" and not (family == "wav" and not wav_says_its_end(file))


_keep_forever = ctypes.pythonapi.Py_IncRef
_keep_forever.argtypes, _keep_forever.restype = [ctypes.py_object], None


def _keep_listed(layout: AudioLayout) -> bool:
    """Whether the channels are listed one by one, and maybe in an order of the file's own.

    PyAV 18 frees such a list although FFmpeg does too, which ends the process: so it must never go.
    """
    listed = "+" in layout.name
    if listed:
        _keep_forever(layout)
    return listed


def _settle_channels(stream: av.AudioStream) -> None:
    layout = stream.codec_context.layout
    if _keep_listed(layout):
        stream.codec_context.options = {"ch_layout": f"{layout.nb_channels} channels"}  # decodes them by their numbers
    if layout.nb_channels > _MOST_CHANNELS:
        raise MediaRefusedError(f"The sound has {layout.nb_channels} channels; at most {_MOST_CHANNELS} are allowed.")


def _measure(
    container: InputContainer, streams: Sequence[_Stream], limits: MediaLimits, family: str, file: BinaryIO
) -> tuple[float, int]:
    """The duration in seconds and the place of the last packet in bytes.

    Where the file says its duration, the last packet must be whole and reach as far, but where `check_end` sees a cut
    by the file's structure: then what is missing is damaged. What Matroska declares may count from 0 or from the first
    picture, and any track, such as subtitles.
    """
    matroska, known = family in ("matroska", "webm"), _knows_its_end(family, file)
    declared = _declared_seconds(container, streams) if known else 0.0
    _check_seconds(0.0 if matroska else declared, limits)
    seen = _walk(container, streams, limits, container.streams if matroska else streams)
    slack = max(0.15, 0.05 * declared, seen.longest_gap)  # the last frame of a slide show may last long
    reached = max(seen.seconds, seen.last_of_all) if matroska or family == "flac" else seen.seconds
    is_short = (known and seen.cut) or reached < declared - slack
    if not seen.frames or (is_short and not (family == "ogg" or (matroska and matroska_is_sized(file)))):
        raise MediaRefusedError("The file is damaged or incomplete.")
    if family == "ogg" and seen.played > declared + slack:  # joined, so that the times begin again on the way
        _check_seconds(seen.played, limits)
        return seen.played, seen.last_place
    believed = declared and not (matroska and abs(declared - seen.seconds) > slack)
    return declared if believed else seen.seconds, seen.last_place


def _declared_seconds(container: InputContainer, streams: Sequence[_Stream]) -> float:
    """As the header has it; 0 where it has nothing, as with a browser's own recordings."""
    own = [float(stream.duration * (stream.time_base or 0)) for stream in streams if stream.duration]
    return max(own, default=(container.duration or 0) / av.time_base)


def _check_seconds(seconds: float, limits: MediaLimits) -> None:
    if seconds > limits.max_seconds:
        raise MediaRefusedError(f"It lasts {seconds:.0f} seconds; at most {limits.max_seconds:.0f} are allowed.")


def _check_frames(frames: int, limits: MediaLimits) -> None:
    most = int(limits.max_seconds * _PACKETS_A_SECOND)
    if frames > most:
        raise MediaRefusedError(f"It has more than {most} frames, which is too many.")


@dataclass(slots=True)
class _Seen:
    """What a walk through the packets found: frames decoded of the first stream, and times in seconds."""

    packets: int = 0
    frames: int = 0
    cut: bool = False  # the last packet
    first: float = math.inf
    last: float = -math.inf
    last_of_all: float = -math.inf  # of any stream, counted from 0
    played: float = 0.0  # of the first stream, however its times run
    longest_gap: float = 0.0
    last_place: int = 0  # in bytes, of the last packet

    @property
    def seconds(self) -> float:
        return max(0.0, self.last - self.first)


def _walk(
    container: InputContainer, streams: Sequence[_Stream], limits: MediaLimits, all_streams: Iterable[Stream]
) -> _Seen:
    """All packets of `all_streams`: what is said of them is of `streams`, but for `last_of_all`."""
    seen, previous = _Seen(), dict[int, float]()
    scale = {stream.index: float(stream.time_base or 0) for stream in all_streams}
    chosen = {stream.index for stream in streams}
    for packet in _packets(container, list(scale)):
        index = packet.stream.index
        seen.packets += 1
        _check_frames(seen.packets, limits)
        if index == streams[0].index and seen.frames < _FRAMES_TO_DECODE:
            seen.frames += _decoded(streams[0], packet)
        if packet.pts is None:
            continue
        start, end = packet.pts * scale[index], (packet.pts + (packet.duration or 0)) * scale[index]
        seen.last_of_all = max(seen.last_of_all, end)
        if index not in chosen:
            continue
        seen.cut = packet.is_corrupt
        seen.played += end - start if index == streams[0].index else 0.0
        seen.first, seen.last = min(seen.first, start), max(seen.last, end)
        seen.longest_gap = max(seen.longest_gap, start - previous.get(index, start))
        seen.last_place = packet.pos or 0
        previous[index] = start
        _check_seconds(seen.seconds, limits)
    return seen


def _packets(container: InputContainer, indices: Sequence[int]) -> Iterator["av.Packet[Stream]"]:
    """All packets; where the file is damaged, reading goes on behind the damage, and there must be more."""
    fault: av.FFmpegError | None = None
    for _ in range(_MOST_FAULTS):
        try:
            for packet in container.demux(list(indices)):
                fault = fault if packet.size == 0 else None
                yield packet
            break
        except av.FFmpegError as error:
            fault = error
    if fault is not None:
        raise fault


def _decoded(stream: _Stream, packet: "av.Packet[Any]") -> int:
    """How many frames the packet gives; none when it is damaged."""
    try:
        frames = stream.decode(packet)
    except av.FFmpegError:
        return 0
    for frame in frames:
        if isinstance(frame, av.AudioFrame):
            _keep_listed(frame.layout)
    return len(frames)
