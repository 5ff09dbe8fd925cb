"""Pictures one after the other, as a film of so many frames."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from PIL import Image, ImageColor, ImageOps

from backends.base import Context, Request
from backends.local_models import films, images, on_cpu


def run(request: Request, context: Context) -> Path:
    """Write the film a frame at a time."""
    on_cpu(context, "av", "pillow")
    values = request.values
    total, rate = values["frames"], Fraction(values["fps"])
    size = (values["size"]["width"], values["size"]["height"])
    path = request.folder / "result.mp4"
    context.progress(0, "Reading")
    with films.writing(path, size, rate, values["quality"]) as film:
        for number, picture in enumerate(_pictures(values, size, total)):
            film.show(_frame(picture, number, rate))
            context.progress(0.99 * (number + 1) / total, "Drawing frames", number + 1, total)
    context.progress(1, "Done")
    return path


def _pictures(values: Mapping[str, Any], size: tuple[int, int], total: int) -> Iterator[Image.Image]:
    """What each frame shows; two pictures at most are in memory."""
    paths: Sequence[Path] = values["pictures"]
    ground, fade = values["background"], values["fade"] / 100
    shown, after = _fitted(paths[0], size, ground), None
    place = 0
    for number in range(total):
        position = number * len(paths) / total
        if int(position) != place:
            place = int(position)
            shown, after = after or _fitted(paths[place], size, ground), None
        mixed = 1 - (1 - position % 1) / fade if fade else 0.0
        if mixed > 0 and place + 1 < len(paths):
            after = after or _fitted(paths[place + 1], size, ground)
            yield Image.blend(shown, after, mixed)
        else:
            yield shown


def _fitted(path: Path, size: tuple[int, int], ground: str) -> Image.Image:
    """The whole picture on the ground; what is transparent shows it too."""
    pixels = images.flat(images.read(path).in_srgb().pixels, ground)
    return ImageOps.pad(pixels, size, Image.Resampling.LANCZOS, color=ImageColor.getrgb(ground))


def _frame(picture: Image.Image, number: int, rate: Fraction) -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.asarray(picture), format="rgb24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    frame.pts, frame.time_base = number, 1 / rate
    return frame
