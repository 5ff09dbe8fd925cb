"""Fills the masked part of a picture: with a colour, a blur, or coarse pixels."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor, ImageFilter

from backends.base import Context, Request
from backends.local_models import images, on_cpu


def run(request: Request, context: Context) -> Path:
    """Read both, change what is white in the mask, save."""
    on_cpu(context, "pillow")
    values = request.values
    context.progress(0, "Reading")
    picture = images.read(values["image"]).in_srgb()
    mask = images.read(values["mask"]).pixels.convert("L").resize(picture.pixels.size)
    context.progress(0.3, "Filling")
    if values["feather"]:
        mask = mask.filter(ImageFilter.GaussianBlur(values["feather"]))
    filled = _filled(picture.pixels, values)
    context.progress(0.7, "Putting together")
    result = images.write(picture.with_pixels(Image.composite(filled, picture.pixels, mask)), request.folder)
    context.progress(1, "Done")
    return result


def _filled(pixels: Image.Image, values: Mapping[str, Any]) -> Image.Image:
    """The whole picture as its masked part is to be."""
    if values["fill"] == "colour":
        return Image.new(pixels.mode, pixels.size, ImageColor.getrgb(values["colour"]))
    if values["fill"] == "blur":
        return pixels.filter(ImageFilter.GaussianBlur(values["radius"]))
    coarse = tuple(max(1, side // values["radius"]) for side in pixels.size)
    return pixels.resize(coarse, Image.Resampling.BOX).resize(pixels.size, Image.Resampling.NEAREST)
