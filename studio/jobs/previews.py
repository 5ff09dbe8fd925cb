"""Small pictures of files: a thumbnail, a poster frame or a waveform, all as WebP.

A result's is drawn at the end of its job; any other file's, and one that was lost, in the background when it is asked
for. The peaks of a sound are kept as a picture, which shows wherever the picture of any file does.
"""

import logging
import threading
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image, ImageDraw, UnidentifiedImageError

from backends.local_models import colours, decoding, films, images
from backends.local_models.filters import filtered
from storage.errors import StorageError
from storage.media.store import MediaInfo, MediaStore

log = logging.getLogger(__name__)

SIDE = 512
"""Longest side of a preview in pixels: a card at twice its size on the page."""

_WAVE_SIZE = (SIDE, 192)
_WAVE_COLOUR = (120, 137, 186, 255)  # has a contrast of about 3 or more on white and on near-black alike
_BARS = 64
_RATE = 8_000  # samples a second are plenty for a picture of loudness
_BLACK = 16  # mean luminance of 255 below which a frame says nothing
_FRAMES = 250  # how far to look for one that does


class PreviewError(Exception):
    """No picture can be made of the file."""


class Previews:
    """The previews of stored files; those that are not there are drawn one after the other, in a thread of its own."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._asked: set[str] = set()  # those that are drawn now, and those that cannot be drawn
        self._lock = threading.Lock()
        self._waiting = SimpleQueue[MediaInfo]()
        self._thread: threading.Thread | None = None

    def get(self, info: MediaInfo) -> bytes | None:
        """The preview, or `None` when there is none yet: then it is being drawn, unless that failed before."""
        found = self._media.read_preview(info.key)
        if found is None:
            self._ask(info)
        return found

    def _ask(self, info: MediaInfo) -> None:
        with self._lock:
            if info.key not in self._asked:
                self._asked.add(info.key)
                self._waiting.put(info)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            info = self._waiting.get()
            try:
                self._draw(info)
            except (PreviewError, StorageError, OSError) as error:
                log.warning("The preview of %s cannot be made: %s", info.key, error)
                if isinstance(error, PreviewError):
                    continue  # a damaged file is not tried again
            except Exception:  # whatever a decoder raises must not end the thread
                log.exception("The preview of %s cannot be made", info.key)
                continue
            with self._lock:
                self._asked.discard(info.key)

    def _draw(self, info: MediaInfo) -> None:
        with TemporaryDirectory(prefix="studio-preview-") as folder:
            path = self._media.fetch(info.key, Path(folder))
            self._media.put_preview(info.key, preview(path, info.kind, Path(folder) / "preview.webp"))


def preview(path: Path, kind: str, target: Path) -> Path:
    """Draw the picture of an image, video or audio file into `target`; PreviewError when it cannot be read."""
    draw = {"image": _thumbnail, "video": _poster, "audio": _waveform}[kind]
    try:
        picture = draw(path)
    except FFmpegError as error:
        raise PreviewError(f"{path.name} cannot be drawn: {decoding.in_words(error)}") from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise PreviewError(f"{path.name} cannot be drawn: {error}") from error
    picture.thumbnail((SIDE, SIDE))
    picture.save(target, "WEBP", quality=80)
    return target


def _thumbnail(path: Path) -> Image.Image:
    with images.opened(path) as image:
        image.draft("RGB", (SIDE, SIDE))  # lets JPEG decode at a fraction of its size
        return images.decoded(image).in_srgb().pixels


def _poster(path: Path) -> Image.Image:
    """The first frame that is not black, else the first of all."""
    first = None
    with films.opened(path) as container:
        stream = container.streams.video[0]
        shape = colours.pixel_shape(stream)
        for frame in islice(decoding.pictures(container, stream), _FRAMES):
            first = frame if first is None else first
            if _is_bright(frame):
                return _upright(frame, shape)
        if first is None:
            raise ValueError("it has no frames")
        return _upright(first, shape)


def _upright(frame: av.VideoFrame, shape: Fraction) -> Image.Image:
    """The frame as a player shows it: phones store films lying down, and the pixels of some are not square."""
    turn, picture = frame.rotation, Image.fromarray(colours.as_shown(frame).to_ndarray(format="rgb24"))
    if shape != 1:
        picture = picture.resize((max(1, round(picture.width * shape)), picture.height))
    return picture.rotate(turn, expand=True)


def _is_bright(frame: av.VideoFrame) -> bool:
    return bool(frame.reformat(width=64, height=36, format="gray").to_ndarray().mean() > _BLACK)


def _waveform(path: Path) -> Image.Image:
    picture = Image.new("RGBA", _WAVE_SIZE)
    pen = ImageDraw.Draw(picture)
    width, height = _WAVE_SIZE
    pitch = width / _BARS
    for index, level in enumerate(_levels(path)):
        half = max(1.0, level * (height / 2 - 4))
        left = index * pitch + pitch * 0.2
        box = (left, height / 2 - half, left + pitch * 0.6, height / 2 + half)
        pen.rounded_rectangle(box, radius=min(pitch * 0.3, half), fill=_WAVE_COLOUR)
    return picture


def _levels(path: Path) -> NDArray[np.float64]:
    """The loudest sample in each of the bars, 0 to 1 of the loudest of all; all 0 for silence."""
    peaks = np.fromiter(_peaks(path), dtype=np.float64)
    if not peaks.size:
        raise ValueError("it has no sound")
    ends = np.linspace(0, peaks.size, _BARS + 1).astype(int)
    bars = np.array([peaks[start : max(end, start + 1)].max() for start, end in pairwise(ends)])
    return bars / bars.max() if bars.max() > 0 else bars


def _peaks(path: Path) -> Iterator[float]:
    """The loudest sample of every 1/400 second: an hour of sound must not be held in memory."""
    with films.opened(path) as container:
        parts = ("asetnsamples", f"n={_RATE}:p=0")  # that divide evenly
        for part in filtered(decoding.mono(container, _RATE), [parts]):
            loudness = np.abs(part.to_ndarray().astype(np.int32)).ravel()
            yield from np.maximum.reduceat(loudness, np.arange(0, loudness.size, _RATE // 400))
