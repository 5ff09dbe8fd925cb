"""Edits a picture with Pillow: the operations stand in `edits`."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from backends.base import Context, Request
from backends.local_models import images, on_cpu
from backends.local_models.edits import Operation, colour, focus, lettering, shape
from backends.local_models.images import Picture

OPERATIONS: Mapping[str, Operation] = {
    "adjust": colour.adjust,
    "tone": colour.tone,
    "posterize": colour.posterize,
    "grain": colour.grain,
    "blur": focus.blur,
    "sharpen": focus.sharpen,
    "crop": shape.crop,
    "rotate": shape.rotate,
    "frame": shape.frame,
    "text": lettering.text,
}
"""Every operation by its value in the model config."""

_DRAWS_COLOURS = {"tone", "frame", "text"}  # that a person chose: a profile would make them others


def run(request: Request, context: Context) -> Path:
    """Read, edit, save."""
    on_cpu(context, "pillow")
    values = request.values
    picture = images.read(values["image"])
    if values["operation"] in _DRAWS_COLOURS:
        picture = picture.in_srgb()
    context.progress(0.3, "Editing")
    edited = OPERATIONS[values["operation"]](picture.pixels, values)
    context.progress(0.7, "Saving")
    images.check_size(*edited.size)
    quality = values.get("quality", 92)
    return images.write(_fitting(picture, edited), request.folder, values["format"], quality)


def _fitting(picture: Picture, edited: Image.Image) -> Picture:
    """A JPEG that became transparent is a PNG from then on, unless the form says otherwise."""
    became_transparent = edited.mode == "RGBA" and picture.pixels.mode == "RGB"
    file_format = "PNG" if became_transparent and picture.format == "JPEG" else picture.format
    return Picture(edited, file_format, picture.icc_profile)
