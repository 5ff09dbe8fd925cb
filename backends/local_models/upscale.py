"""Enlarges a picture with Pillow or a film with FFmpeg's filters."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from av import VideoFrame
from av.container import InputContainer
from PIL import Image, ImageFilter

from backends.base import BackendError, Context, Request
from backends.local_models import colours, decoding, films, images, on_cpu
from backends.local_models.filters import Filter, filtered

_PILLOW: Mapping[str, Image.Resampling] = {
    "lanczos": Image.Resampling.LANCZOS,
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "nearest": Image.Resampling.NEAREST,
}
_SWSCALE: Mapping[str, str] = {
    "lanczos": "lanczos",
    "bicubic": "bicubic",
    "bilinear": "bilinear",
    "nearest": "neighbor",
}
_INTERPOLATION: Mapping[str, str] = {"blend": "mi_mode=blend", "motion": "mi_mode=mci:mc_mode=aobmc:me_mode=bidir"}
_SMALLEST_TO_FOLLOW = 32  # pixels: smaller films have no blocks whose movement FFmpeg could follow
_FOLLOWERS = 4  # pictures that FFmpeg wants to have seen after the one that it gives
# A phone films lying on its side and notes the turn that a player makes; the result is stored upright.
_UPRIGHT: Mapping[int, tuple[Filter, ...]] = {
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}


def run(request: Request, context: Context) -> Path:
    """Write the larger picture or film."""
    on_cpu(context, "av", "pillow")
    return _MEDIA[request.values["media_type"]](request, context)


def _image(request: Request, context: Context) -> Path:
    values = request.values
    picture = images.read(values["image"])
    width, height = (round(side * values["factor"]) for side in picture.pixels.size)
    images.check_size(width, height)
    context.progress(0.1, f"Enlarging to {width} × {height}")
    pixels = picture.pixels.resize((width, height), _PILLOW[values["filter"]])
    context.progress(0.6, "Sharpening")
    if values.get("sharpen"):
        radius = max(1.0, values["factor"] * 0.75)
        pixels = pixels.filter(ImageFilter.UnsharpMask(radius, values["sharpen_amount"], 2))
    context.progress(0.8, "Saving")
    return images.write(picture.with_pixels(pixels), request.folder, values["format"])


def _video(request: Request, context: Context) -> Path:
    values = request.values
    path = request.folder / "result.mp4"
    with films.opened(values["video"]) as container, films.opened(values["video"]) as for_sound:
        if not container.streams.video:
            raise BackendError("The file holds no moving picture: choose another one.")
        _write(path, container, for_sound, values, context)
    return path


def _write(
    path: Path, container: InputContainer, for_sound: InputContainer, values: Mapping[str, Any], context: Context
) -> None:
    stream = container.streams.video[0]
    decoded = _in_order(decoding.pictures(container, stream))
    first, second = next(decoded, None), next(decoded, None)
    if first is None:
        raise BackendError("The video has no frame that can be read: choose another one.")
    turn = round(first.rotation) % 360
    shape = colours.pixel_shape(stream)
    size = _size((round(first.width * shape), first.height), turn, values["factor"])
    factor = _frame_factor(values) if second else 1  # there is nothing between one picture and no other
    rate = stream.average_rate or Fraction(25)
    frames = map(colours.as_shown, chain([first], [second] if second else [], decoded))
    source = _Timed(frames, 1 / rate, _FOLLOWERS if factor > 1 else 0)
    steps = _filters(size, turn, _more_pictures(first, rate * factor, values) if factor > 1 else [], values)
    pictures = takewhile(source.lasts, filtered(source, steps))
    rate *= factor
    sounds = decoding.stereo(for_sound)
    heard = next(sounds, None)
    duration = films.seconds(container)
    with films.writing(path, size, rate, values["video_quality"], stream.time_base, sound=heard is not None) as film:
        sounds = chain([heard], sounds) if heard else sounds
        for number, picture in enumerate(films.in_step(film, pictures, sounds), start=1):
            done = min(1.0, (picture.time or 0.0) / duration) if duration else 0.5
            context.progress(0.99 * done, f"Frame {number}")


def _frame_factor(values: Mapping[str, Any]) -> int:
    return values["frame_factor"] if values.get("frame_interpolation") else 1


def _size(stored: tuple[int, int], turn: int, factor: float) -> tuple[int, int]:
    width, height = stored if turn % 180 == 0 else stored[::-1]
    size = films.even(width * factor), films.even(height * factor)
    if max(size) > films.LARGEST_SIDE:
        most = films.LARGEST_SIDE / max(width, height)
        raise BackendError(
            f"The film would have {size[0]} × {size[1]} pixels, and its sides end at {films.LARGEST_SIDE}: "
            f"choose a factor of at most {int(most * 2) / 2:g}."
        )
    return size


class _Timed:
    """Pictures, and how long the last one lasts: those that come between them must not go on for longer."""

    def __init__(self, frames: Iterable[VideoFrame], each: Fraction, followers: int) -> None:
        """`each` is how long a picture lasts; the last one comes again as often as there are to be followers."""
        self._frames, self._each, self._followers = frames, each, followers
        self._end = Fraction(0)

    def __iter__(self) -> Iterator[VideoFrame]:
        for frame in self._frames:
            self._end = (frame.pts or 0) * (frame.time_base or self._each) + self._each
            yield frame
        for _ in range(self._followers):
            frame.pts = (frame.pts or 0) + max(1, round(self._each / (frame.time_base or self._each)))
            yield frame

    def lasts(self, frame: VideoFrame) -> bool:
        """Whether a picture begins before the last one that was given ends."""
        return (frame.pts or 0) * (frame.time_base or self._each) < self._end


def _more_pictures(first: VideoFrame, rate: Fraction, values: Mapping[str, Any]) -> list[Filter]:
    """New pictures between those that are there, and behind the last one, which has a share of them, too."""
    way = values["interpolation_method"]
    if min(first.width, first.height) < _SMALLEST_TO_FOLLOW:
        way = "blend"
    return [("minterpolate", f"fps={rate}:{_INTERPOLATION[way]}")]


def _filters(size: tuple[int, int], turn: int, more: list[Filter], values: Mapping[str, Any]) -> list[Filter]:
    flags = f"{_SWSCALE[values['filter']]}+accurate_rnd+full_chroma_int"
    steps = [*_UPRIGHT.get(turn, ()), *more]  # before scaling: fewer pixels to follow
    steps += [("scale", f"w={size[0]}:h={size[1]}:flags={flags}:out_color_matrix=bt709:out_range=tv"), ("setsar", "1")]
    if values.get("sharpen"):
        steps.append(("unsharp", f"5:5:{values['sharpen_amount'] / 100:.2f}:5:5:0"))
    return [*steps, ("format", "yuv420p")]


def _in_order(frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
    """The frames but those whose time does not come after the last one's: an encoder refuses them."""
    last: int | None = None
    for frame in frames:
        if frame.pts is not None and (last is None or frame.pts > last):
            last = frame.pts
            yield frame


_MEDIA = {"image": _image, "video": _video}
