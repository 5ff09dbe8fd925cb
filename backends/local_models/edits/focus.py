"""Blur and sharpness."""

import math
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageFilter

from backends.local_models.edits import Operation, Values, keeping_alpha


def blur(image: Image.Image, values: Values) -> Image.Image:
    """Soft, boxed, moved or in large pixels, all over or but for the centre."""
    # Colours under transparent pixels must not bleed into visible ones: blur with the colours weighted by alpha.
    blurred = _BLURS[values["blur_kind"]](image.convert("RGBa") if image.mode == "RGBA" else image, values)
    blurred = blurred.convert(image.mode)
    if values["keep_centre"]:
        blurred.paste(image, mask=_centre(image.size, values["focus_size"] / 100))
    return blurred


def _motion(image: Image.Image, values: Values) -> Image.Image:
    """The mean of the picture at places along a line, in as many halving steps as that takes."""
    angle = math.radians(values["motion_angle"])
    length = float(values["motion_length"])
    while length >= 1:
        # Mean of two copies `length / 2` apart, then of two of those half as far: 2^n copies evenly along the line.
        away = length / 4
        across, down = away * math.cos(angle), -away * math.sin(angle)
        image = Image.blend(_moved(image, across, down), _moved(image, -across, -down), 0.5)
        length /= 2
    return image


def _moved(image: Image.Image, across: float, down: float) -> Image.Image:
    margin = math.ceil(max(abs(across), abs(down))) + 2
    wide = _stretched_edges(image, margin)
    box = (margin + across, margin + down, margin + across + image.width, margin + down + image.height)
    return wide.transform(image.size, Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)


def _stretched_edges(image: Image.Image, margin: int) -> Image.Image:
    pixels = np.pad(np.asarray(image), ((margin, margin), (margin, margin), (0, 0)), mode="edge")
    return Image.frombytes(image.mode, (pixels.shape[1], pixels.shape[0]), pixels.tobytes())


def _pixelate(image: Image.Image, values: Values) -> Image.Image:
    block = values["block_size"]
    cells = math.ceil(image.width / block), math.ceil(image.height / block)
    whole = _stretched_edges(image, block).crop((block, block, block + cells[0] * block, block + cells[1] * block))
    large = whole.resize(cells, Image.Resampling.BOX).resize(whole.size, Image.Resampling.NEAREST)
    return large.crop((0, 0, *image.size))


_BLURS: Mapping[str, Operation] = {
    "gaussian": lambda image, values: image.filter(ImageFilter.GaussianBlur(values["blur_radius"])),
    "box": lambda image, values: image.filter(ImageFilter.BoxBlur(values["blur_radius"])),
    "motion": _motion,
    "pixelate": _pixelate,
}


def _centre(size: tuple[int, int], part: float) -> Image.Image:
    """A mask of an oval in the middle, `part` of the picture wide, that fades out softly."""
    x = np.linspace(-1, 1, size[0], dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, size[1], dtype=np.float32)[:, None]
    distance = np.sqrt(x * x + y * y) / part
    fade = np.clip((1.25 - distance) / 0.5, 0, 1)
    return Image.fromarray((255 * fade * fade * (3 - 2 * fade)).astype(np.uint8))


@keeping_alpha
def sharpen(image: Image.Image, values: Values) -> Image.Image:
    """An unsharp mask."""
    amount, threshold = values["sharpen_amount"], values["sharpen_threshold"]
    return image.filter(ImageFilter.UnsharpMask(values["sharpen_radius"], amount, threshold))
