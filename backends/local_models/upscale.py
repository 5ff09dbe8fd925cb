"""Enlarges a picture with Pillow or a film with FFmpeg's filters."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

from av import VideoFrame
from av.container import InputContainer
from PIL import Image, ImageFilter

from backends.base import BackendError, Context, Request
from backends.local_models import decoding, films, images, on_cpu
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
    rate = (stream.average_rate or Fraction(25)) * _frame_factor(values)
    decoded = decoding.pictures(container, stream)
    first = next(decoded, None)
    if first is None:
        raise BackendError("The video has no frame that can be read: choose another one.")
    turn = round(first.rotation) % 360
    size = _size((first.width, first.height), turn, values["factor"])
    pictures = filtered(_in_order(chain([first], decoded)), _filters(size, turn, rate, values))
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


def _filters(size: tuple[int, int], turn: int, rate: Fraction, values: Mapping[str, Any]) -> list[Filter]:
    flags = f"{_SWSCALE[values['filter']]}+accurate_rnd+full_chroma_int"
    steps = list(_UPRIGHT.get(turn, ()))
    if values.get("frame_interpolation"):  # before scaling: fewer pixels to follow
        steps.append(("tpad", "stop_mode=clone:stop=1"))  # else the frames after the last one are missing
        steps.append(("minterpolate", f"fps={rate}:{_INTERPOLATION[values['interpolation_method']]}"))
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
