"""Lays several pictures out on one ground: in a grid, in a row, in a column, or in boxes of one's own."""

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageColor, ImageOps

from backends.base import BackendError, Context, Request
from backends.local_models import images, on_cpu

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels."""

_BOXES = "Boxes must be a list of [left, top, width, height] in percent, such as [[0, 0, 50, 100], [50, 0, 50, 100]]."


def run(request: Request, context: Context) -> Path:
    """One picture after the other onto the ground, cut to its box."""
    on_cpu(context, "pillow")
    values = request.values
    pictures: Sequence[Path] = values["pictures"]
    size = (values["size"]["width"], values["size"]["height"])
    images.check_size(*size)
    context.progress(0, "Laying out")
    boxes = list(_boxes(values, len(pictures), size))
    ground = Image.new("RGBA", size, ImageColor.getrgb(values["background"]))
    for number, (path, box) in enumerate(zip(pictures, boxes, strict=False), start=1):
        _paste(ground, path, box)
        context.progress(0.9 * number / len(pictures), "Pasting pictures", number, len(pictures))
    context.progress(0.95, "Saving")
    opaque = ground.getchannel("A").getextrema() == (255, 255)
    result = images.write(images.Picture(ground.convert("RGB") if opaque else ground), request.folder)
    context.progress(1, "Done")
    return result


def _paste(ground: Image.Image, path: Path, box: Box) -> None:
    width, height = box[2] - box[0], box[3] - box[1]
    if width > 0 and height > 0:
        pixels = images.read(path).in_srgb().pixels.convert("RGBA")
        ground.alpha_composite(ImageOps.fit(pixels, (width, height), Image.Resampling.LANCZOS), box[:2])


def _boxes(values: Mapping[str, Any], count: int, size: tuple[int, int]) -> Iterator[Box]:
    if values["layout"] == "boxes":
        boxes = list(_own(values["boxes"], size))
        if len(boxes) < count:
            said = f"Boxes has {len(boxes)} for {count} pictures: each picture needs one."
            raise BackendError(said, {"boxes": said})
        yield from boxes
        return
    columns = {"row": count, "column": 1}.get(values["layout"]) or math.ceil(math.sqrt(count * size[0] / size[1]))
    columns = max(1, min(columns, count))
    rows = math.ceil(count / columns)
    gap = min(values["gap"], size[0] // (columns + 1), size[1] // (rows + 1))
    for place in range(count):
        row, column = divmod(place, columns)
        in_row = columns if row < rows - 1 else count - columns * (rows - 1)  # the last row is as wide as the others
        yield (
            gap + column * (size[0] - gap) // in_row,
            gap + row * (size[1] - gap) // rows,
            (column + 1) * (size[0] - gap) // in_row,
            (row + 1) * (size[1] - gap) // rows,
        )


def _own(boxes: Any, size: tuple[int, int]) -> Iterator[Box]:
    """The user's boxes in pixels; BackendError at the input where they are none."""
    try:
        for left, top, width, height in boxes:
            across, down = (left, left + width), (top, top + height)
            if not all(0 <= edge <= 100 for edge in (*across, *down)) or min(width, height) < 0:
                raise ValueError
            left, right = (round(edge * size[0] / 100) for edge in across)
            top, bottom = (round(edge * size[1] / 100) for edge in down)
            yield left, top, right, bottom
    except (TypeError, ValueError) as error:
        raise BackendError(_BOXES, {"boxes": _BOXES}) from error
