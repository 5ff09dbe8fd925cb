"""Small pictures of files: a thumbnail, a poster frame or a waveform, all as WebP, and of pictures a larger one too.

A result's is rendered at the end of its job; any other file's, and one that was lost, in the background when it is
asked for. The peaks of a sound are kept as a picture, which shows wherever the picture of any file does.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
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

LARGE = 1600
"""That of the larger one: the stage of most screens, also where a dot on it is several pixels."""

_WAVE_SIZE = (SIDE, 192)
_WAVE_COLOUR = (120, 137, 186, 255)  # has a contrast of about 3 or more on white and on near-black alike
_BARS = 64
_RATE = 8_000  # samples a second are plenty for a picture of loudness
_BLACK = 16  # mean luminance of 255 below which a frame says nothing
_FRAMES = 250  # how far to look for one that does

_Wanted = tuple[str, str, bool]
"""A file's key and kind, and whether the larger picture is wanted."""


class PreviewError(Exception):
    """No picture can be made of the file."""


class Previews:
    """The previews of stored files; missing ones are rendered one after the other, in a thread of its own."""

    def __init__(self, media: MediaStore) -> None:
        self._media = media
        self._asked: set[_Wanted] = set()  # those that are rendered now, and those that cannot be
        self._lock = threading.Lock()
        self._waiting = SimpleQueue[_Wanted]()
        self._thread: threading.Thread | None = None

    def get(self, info: MediaInfo, large: bool = False) -> bytes | None:
        """The preview, or `None` when there is none yet: then it is being rendered, unless that failed before.

        `large` means something for pictures that are larger than a small one.
        """
        wanted = info.key, info.kind, large and info.kind == "image" and max(info.width or 0, info.height or 0) > SIDE
        found = self._media.read_preview(info.key, wanted[2])
        if found is None:
            self._ask(wanted)
        return found

    def _ask(self, wanted: _Wanted) -> None:
        with self._lock:
            if wanted not in self._asked:
                self._asked.add(wanted)
                self._waiting.put(wanted)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="previews", daemon=True)
                self._thread.start()

    def _work(self) -> None:
        while True:
            wanted = self._waiting.get()
            try:
                self._render(*wanted)
            except (PreviewError, StorageError, OSError) as error:
                log.warning("The preview of %s cannot be made: %s", wanted[0], error)
                if isinstance(error, PreviewError):
                    continue  # a damaged file is not tried again
            except Exception:  # whatever a decoder raises must not end the thread
                log.exception("The preview of %s cannot be made", wanted[0])
                continue
            with self._lock:
                self._asked.discard(wanted)

    def _render(self, key: str, kind: str, large: bool) -> None:
        render = large_preview if large else partial(preview, kind=kind)
        with TemporaryDirectory(prefix="studio-preview-") as folder:
            path = self._media.fetch(key, Path(folder))
            self._media.put_preview(key, render(path, target=Path(folder) / "preview.webp"), large)


def preview(path: Path, kind: str, target: Path) -> Path:
    """Render the preview of an image, video or audio file into `target`; PreviewError when it cannot be read."""
    return _saved({"image": _thumbnail, "video": _poster, "audio": _waveform}[kind], path, target, SIDE)


def large_preview(path: Path, target: Path) -> Path:
    """Render a preview as large as a screen into `target`; PreviewError when it cannot be read, or moves."""
    return _saved(_still, path, target, LARGE)


def _saved(render: Callable[[Path], Image.Image], path: Path, target: Path, side: int) -> Path:
    try:
        picture = render(path)
    except FFmpegError as error:
        raise PreviewError(f"{path.name} cannot be rendered: {decoding.in_words(error)}") from error
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise PreviewError(f"{path.name} cannot be rendered: {error}") from error
    picture.thumbnail((side, side))
    picture.save(target, "WEBP", quality=80 if side == SIDE else 90)
    return target


def _thumbnail(path: Path, side: int = SIDE) -> Image.Image:
    with images.opened(path) as image:
        image.draft("RGB", (side, side))  # lets JPEG decode at a fraction of its size
        return images.decoded(image).in_srgb().pixels


def _still(path: Path) -> Image.Image:
    with images.opened(path) as image:
        if getattr(image, "n_frames", 1) > 1 and image.format != "MPO":
            raise ValueError("it moves")
    return _thumbnail(path, LARGE)


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
