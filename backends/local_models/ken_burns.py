"""A slow zoom and pan over a photograph, as a film."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av import AudioFrame, VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from backends.base import BackendError, Context, Request
from backends.local_models import decoding, films, images, on_cpu

Box = tuple[float, float, float, float]

_EASINGS: Mapping[str, Callable[[float], float]] = {
    "linear": lambda t: t,
    "in": lambda t: 1 - math.cos(t * math.pi / 2),
    "out": lambda t: math.sin(t * math.pi / 2),
    "in-out": lambda t: (1 - math.cos(t * math.pi)) / 2,
}
_DIRECTIONS: Mapping[str, tuple[int, int]] = {
    "none": (0, 0),
    "left": (-1, 0),
    "right": (1, 0),
    "up": (0, -1),
    "down": (0, 1),
    "up-left": (-1, -1),
    "up-right": (1, -1),
    "down-left": (-1, 1),
    "down-right": (1, 1),
}


def run(request: Request, context: Context) -> Path:
    """Write the film, a picture and its sound at a time."""
    on_cpu(context, "av", "pillow")
    values = request.values
    size = _size(values)
    rate = Fraction(values["fps"])
    total = max(1, round(values["duration"] * rate))
    photo = _fitted(images.flat(images.read(values["image"]).in_srgb().pixels, "black"), size, _closest(values))
    path = request.folder / "result.mp4"
    sounds = _sounds(values, total / float(rate)) if values.get("add_audio") else iter(())
    with films.writing(path, size, rate, values["quality"], sound=values.get("add_audio", False)) as film:
        pictures = _pictures(photo, size, values, total, context)
        for number, _ in enumerate(films.in_step(film, pictures, sounds), start=1):
            context.progress(0.99 * number / total, "Drawing frames", number, total)
    return path


def _size(values: Mapping[str, Any]) -> tuple[int, int]:
    if values["size"] == "custom":
        return values["width"], values["height"]
    width, height = values["size"].split("x")
    return int(width), int(height)


def _closest(values: Mapping[str, Any]) -> float:
    return max(float(values["zoom_from"]), float(values["zoom_to"]))


def _fitted(photo: Image.Image, size: tuple[int, int], zoom: float) -> Image.Image:
    """The photo no larger than the closest view needs: every frame then only shrinks it a little, and quickly."""
    needed = zoom * max(size[0] / photo.width, size[1] / photo.height)
    if needed >= 1:
        return photo
    return photo.resize((math.ceil(photo.width * needed), math.ceil(photo.height * needed)), Image.Resampling.LANCZOS)


@dataclass(frozen=True, slots=True)
class _Path:
    """Where the camera looks: the visible box of the photo for any moment, in fractions of a pixel."""

    photo: tuple[int, int]
    size: tuple[int, int]
    values: Mapping[str, Any]

    def box(self, moment: float) -> Box:
        """What shows at `moment` (0 to 1); it never leaves the photo."""
        eased = _EASINGS[self.values["easing"]](moment)
        zoom = self._zoom(eased)
        scale = min(self.photo[0] / self.size[0], self.photo[1] / self.size[1]) / zoom
        width, height = self.size[0] * scale, self.size[1] * scale
        across, down = self._place(eased)
        # Rounding can leave a box that is wider than the photo by 1e-13.
        left, top = max(0.0, (self.photo[0] - width) * across), max(0.0, (self.photo[1] - height) * down)
        return left, top, min(left + width, self.photo[0]), min(top + height, self.photo[1])

    def _zoom(self, eased: float) -> float:
        """Geometric, so that the zoom seems even: from 1 to 2 takes as long as from 2 to 4."""
        first, last = self.values["zoom_from"], self.values["zoom_to"]
        return float(first * (last / first) ** eased)

    def _place(self, eased: float) -> tuple[float, float]:
        """Where in the room to move the box stands, 0 to 1 across and down."""
        values = self.values
        if values["pan"] == "none":
            return values["focus_x"] / 100, values["focus_y"] / 100
        across, down = _DIRECTIONS[values["pan"]]
        way = (eased - 0.5) * values["pan_amount"] / 100
        return 0.5 + across * way, 0.5 + down * way


def _pictures(
    photo: Image.Image, size: tuple[int, int], values: Mapping[str, Any], total: int, context: Context
) -> Iterator[VideoFrame]:
    camera = _Path(photo.size, size, values)
    fade = values["fade"] * values["fps"]
    time_base = Fraction(1, values["fps"])
    for number in range(total):
        # resize() takes a box in fractions of a pixel, which is what keeps a slow movement from trembling.
        view = photo.resize(size, Image.Resampling.BICUBIC, box=camera.box(number / max(1, total - 1)))
        context.preview(view)
        light = _light(number, total, fade)
        lit = view if light >= 1 else view.point([round(level * light) for level in range(256)] * 3)
        frame = VideoFrame.from_ndarray(np.asarray(lit), format="rgb24")
        frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
        frame.pts, frame.time_base = number, time_base
        yield frame


def _light(number: int, total: int, fade: float) -> float:
    """How bright a frame is: 0 at both ends of a faded film, 1 in between."""
    return min(1.0, number / fade, (total - 1 - number) / fade) if fade >= 1 else 1.0


# --- sound -----------------------------------------------------------------------------------------------------------


def _sounds(values: Mapping[str, Any], duration: float) -> Iterator[AudioFrame]:
    """The sound as long as the film, louder or softer and faded at both ends."""
    end = round(duration * decoding.SAMPLE_RATE)
    fade = min(values.get("audio_fade", 0.0), duration / 2) * decoding.SAMPLE_RATE
    position = 0
    for samples in _chunks(values["audio"], values["audio_repeat"]):
        samples = samples[:, : end - position]
        if not samples.shape[1]:
            return
        places = np.arange(position, position + samples.shape[1])
        loudness = np.minimum(1.0, np.minimum(places, end - places) / fade) if fade >= 1 else 1.0
        yield _frame((samples * loudness * values["audio_volume"] / 100).clip(-1, 1), position)
        position += samples.shape[1]


def _chunks(path: Path, repeat: bool) -> Iterator[NDArray[np.float32]]:
    """Stereo samples, -1 to 1 as (channel, sample), again and again when `repeat`."""
    while True:
        heard = False
        with films.opened(path) as container:
            if not container.streams.audio:
                raise BackendError("The file holds no sound: choose another one.")
            for frame in decoding.stereo(container):
                heard = True
                yield frame.to_ndarray().astype(np.float32, copy=False)
        if not heard:
            raise BackendError("The file holds no sound that can be read: choose another one.")
        if not repeat:
            return


def _frame(samples: NDArray[Any], position: int) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples, dtype=np.float32), format="fltp", layout="stereo")
    frame.sample_rate, frame.pts, frame.time_base = decoding.SAMPLE_RATE, position, Fraction(1, decoding.SAMPLE_RATE)
    return frame
