"""Crop, turn, flip and frame."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image, ImageChops, ImageOps

from backends.base import BackendError
from backends.local_models import images
from backends.local_models.edits import Operation, Values


def crop(image: Image.Image, values: Values) -> Image.Image:
    """A part of the picture."""
    return _CROPS[values["crop_by"]](image, values)


def _crop_ratio(image: Image.Image, values: Values) -> Image.Image:
    across, down = map(int, values["ratio"].split(":"))
    size = image.size
    width = max(1, min(size[0], round(size[1] * across / down)))
    height = max(1, min(size[1], round(size[0] * down / across)))
    place = _ANCHORS[values["anchor"]]
    left, top = round((size[0] - width) * place), round((size[1] - height) * place)
    return image.crop((left, top, left + width, top + height))


_ANCHORS: Mapping[str, float] = {"start": 0.0, "centre": 0.5, "end": 1.0}


def _crop_box(image: Image.Image, values: Values) -> Image.Image:
    left, top = values["crop_left"], values["crop_top"]
    right = image.width if values["crop_width"] is None else left + values["crop_width"]
    bottom = image.height if values["crop_height"] is None else top + values["crop_height"]
    if left >= image.width or top >= image.height or right > image.width or bottom > image.height:
        raise BackendError(
            f"The area from {left}, {top} to {right}, {bottom} does not lie in the picture, "
            f"which has {image.width} × {image.height} pixels."
        )
    return image.crop((left, top, right, bottom))


_CROPS: Mapping[str, Operation] = {"ratio": _crop_ratio, "box": _crop_box}


def rotate(image: Image.Image, values: Values) -> Image.Image:
    """Turned, then flipped."""
    turned = _freely(image, values) if values["turn"] == "free" else _TURNS[values["turn"]](image)
    return _FLIPS[values["flip"]](turned)


_TURNS: Mapping[int, Callable[[Image.Image], Image.Image]] = {
    0: lambda image: image,
    90: lambda image: image.transpose(Image.Transpose.ROTATE_270),
    180: lambda image: image.transpose(Image.Transpose.ROTATE_180),
    270: lambda image: image.transpose(Image.Transpose.ROTATE_90),
}
_FLIPS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "none": lambda image: image,
    "horizontal": ImageOps.mirror,
    "vertical": ImageOps.flip,
}


def _freely(image: Image.Image, values: Values) -> Image.Image:
    corners, angle = values["corners"], -values["angle"]
    turned = image.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=corners != "cut")
    if corners == "cut":
        return turned.crop(_inner_box(image.size, values["angle"])).convert(image.mode)
    return turned if corners == "transparent" else images.flat(turned, corners)


def _inner_box(size: tuple[int, int], degrees: float) -> tuple[int, int, int, int]:
    """The largest upright box in the turned picture that has no empty corner; it lies in the picture's middle."""
    width, height = size
    sine, cosine = abs(math.sin(math.radians(degrees))), abs(math.cos(math.radians(degrees)))
    long, short = max(size), min(size)
    if short <= 2 * sine * cosine * long or abs(sine - cosine) < 1e-9:  # two corners touch the long sides
        half = 0.5 * short
        inner = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        double = cosine * cosine - sine * sine
        inner = (width * cosine - height * sine) / double, (height * cosine - width * sine) / double
    inner_width, inner_height = (max(1, min(side, int(edge))) for side, edge in zip(size, inner, strict=True))
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    return left, top, left + inner_width, top + inner_height


def frame(image: Image.Image, values: Values) -> Image.Image:
    """A border of one colour."""
    short = min(image.size)
    border = max(1, round(short * values["frame_width"] / 100))
    framed = image.convert("RGBA")
    if values["rounded"]:
        framed.putalpha(
            ImageChops.multiply(framed.getchannel("A"), _rounded(image.size, values["corner_radius"] / 100))
        )
    colour = images.colour(values["frame_colour"], "Colour")
    size = image.width + 2 * border, image.height + 2 * border
    images.check_size(*size)
    ground = Image.new("RGBA", size, colour)
    ground.alpha_composite(framed, (border, border))
    return ground.convert("RGB")


def _rounded(size: tuple[int, int], part: float) -> Image.Image:
    """A mask with round corners; `part` of the shorter side is their radius."""
    radius = max(1, min(round(min(size) * part), min(size) // 2))
    place = np.arange(radius, dtype=np.float32) + 0.5
    outside = np.hypot(radius - place[:, None], radius - place[None, :]) - radius
    corner = Image.fromarray((255 * np.clip(0.5 - outside, 0, 1)).astype(np.uint8))
    mask = Image.new("L", size, 255)
    right, bottom = size[0] - radius, size[1] - radius
    mask.paste(corner, (0, 0))
    mask.paste(ImageOps.mirror(corner), (right, 0))
    mask.paste(ImageOps.flip(corner), (0, bottom))
    mask.paste(ImageOps.flip(ImageOps.mirror(corner)), (right, bottom))
    return mask
