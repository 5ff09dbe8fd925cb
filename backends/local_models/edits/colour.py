"""Light and colour; transparency stays as it is."""

import math
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageChops, ImageEnhance, ImageOps

from backends.local_models import images
from backends.local_models.edits import Operation, Values, keeping_alpha


@keeping_alpha
def adjust(image: Image.Image, values: Values) -> Image.Image:
    """Contrast stretch, then brightness, contrast, saturation and warmth, each where it is not 0."""
    if values["auto_contrast"]:
        image = ImageOps.autocontrast(image, cutoff=0.5, preserve_tone=True)
    for name, enhancer in _ENHANCERS.items():
        if values[name]:
            image = enhancer(image).enhance(1 + values[name] / 100)
    return _warmed(image, values["warmth"] / 100) if values["warmth"] else image


_ENHANCERS = {
    "brightness": ImageEnhance.Brightness,
    "contrast": ImageEnhance.Contrast,
    "saturation": ImageEnhance.Color,
}


def _warmed(image: Image.Image, warmth: float) -> Image.Image:
    """Bend the curves of red and blue against each other; black and white stay what they are."""
    red, green, blue = (_curve(2 ** (bend * warmth)) for bend in (-0.5, -0.06, 0.5))
    return image.point(red + green + blue)


def _curve(gamma: float) -> list[int]:
    return [round(255 * (level / 255) ** gamma) for level in range(256)]


@keeping_alpha
def tone(image: Image.Image, values: Values) -> Image.Image:
    """Black and white, sepia, two colours or negative, mixed with the original."""
    return Image.blend(image, _TONES[values["tone"]](image, values), values["tone_strength"] / 100)


def _duotone(image: Image.Image, values: Values) -> Image.Image:
    shadows = images.colour(values["duotone_shadows"], "Colour of the shadows")
    lights = images.colour(values["duotone_lights"], "Colour of the lights")
    return ImageOps.colorize(ImageOps.autocontrast(image.convert("L"), cutoff=0.5), shadows, lights)


_TONES: Mapping[str, Operation] = {
    "mono": lambda image, values: image.convert("L").convert("RGB"),
    "sepia": lambda image, values: ImageOps.colorize(image.convert("L"), "#1a0f05", "#fff6e0", mid="#a08050"),
    "duotone": _duotone,
    "negative": lambda image, values: ImageOps.invert(image),
}


@keeping_alpha
def posterize(image: Image.Image, values: Values) -> Image.Image:
    """Fewer colours."""
    return _REDUCTIONS[values["posterize_by"]](image, values)


def _to_palette(image: Image.Image, values: Values) -> Image.Image:
    small = image.copy()
    small.thumbnail((160, 160), Image.Resampling.BOX)  # k-means over every pixel would take a minute
    palette = small.quantize(values["colours"], Image.Quantize.MEDIANCUT, kmeans=1)
    dither = Image.Dither.FLOYDSTEINBERG if values["dither"] else Image.Dither.NONE
    return image.quantize(palette=palette, dither=dither).convert("RGB")


def _to_levels(image: Image.Image, values: Values) -> Image.Image:
    steps = values["levels"] - 1
    return image.point([round(round(level / 255 * steps) / steps * 255) for level in range(256)] * 3)


_REDUCTIONS: Mapping[str, Operation] = {"palette": _to_palette, "levels": _to_levels}


@keeping_alpha
def grain(image: Image.Image, values: Values) -> Image.Image:
    """Film grain, the same for the same seed."""
    random = np.random.default_rng(values["seed"])
    size = tuple(max(1, math.ceil(side / values["grain_size"])) for side in image.size)
    bands = 3 if values["grain_colour"] else 1
    noise = random.normal(128, 0.45 * values["grain_amount"], (size[1], size[0], bands)).clip(0, 255).astype(np.uint8)
    grain = Image.fromarray(noise if bands == 3 else noise[:, :, 0]).convert("RGB")
    # Soft light lets black and white be, where film has no grain either.
    return ImageChops.soft_light(image, grain.resize(image.size, Image.Resampling.BICUBIC))
