"""Edits a picture with Pillow: one function an operation, each from RGB or RGBA to RGB or RGBA."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from backends.base import BackendError, Report, Request
from backends.local_models import images, lettering
from backends.local_models.images import Picture

Values = Mapping[str, Any]
Operation = Callable[[Image.Image, Values], Image.Image]


def run(request: Request, report: Report) -> Path:
    """Read, edit, save."""
    values = request.values
    picture = images.read(values["image"])
    report(0.3, "Editing")
    edited = OPERATIONS[values["operation"]](picture.pixels, values)
    report(0.7, "Saving")
    images.check_size(*edited.size)
    quality = values.get("quality", 92)
    return images.write(_fitting(picture, edited), request.folder, values["format"], quality)


def _fitting(picture: Picture, edited: Image.Image) -> Picture:
    """A JPEG that became transparent is a PNG from then on, unless the form says otherwise."""
    became_transparent = edited.mode == "RGBA" and picture.pixels.mode == "RGB"
    file_format = "PNG" if became_transparent and picture.format == "JPEG" else picture.format
    return Picture(edited, file_format, picture.icc_profile)


def _keeping_alpha(operation: Operation) -> Operation:
    """Work on the colours alone and put the transparency back as it was."""

    def on_colours(image: Image.Image, values: Values) -> Image.Image:
        edited = operation(image.convert("RGB"), values)
        if image.mode == "RGBA":
            edited.putalpha(image.getchannel("A"))
        return edited

    return on_colours


# --- light and colour ------------------------------------------------------------------------------------------------


@_keeping_alpha
def _adjust(image: Image.Image, values: Values) -> Image.Image:
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


@_keeping_alpha
def _tone(image: Image.Image, values: Values) -> Image.Image:
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


@_keeping_alpha
def _posterize(image: Image.Image, values: Values) -> Image.Image:
    return _REDUCTIONS[values["posterize_by"]](image, values)


def _to_palette(image: Image.Image, values: Values) -> Image.Image:
    palette = image.quantize(values["colours"], Image.Quantize.MEDIANCUT, kmeans=1)
    dither = Image.Dither.FLOYDSTEINBERG if values["dither"] else Image.Dither.NONE
    return image.quantize(palette=palette, dither=dither).convert("RGB")


def _to_levels(image: Image.Image, values: Values) -> Image.Image:
    steps = values["levels"] - 1
    return image.point([round(round(level / 255 * steps) / steps * 255) for level in range(256)] * 3)


_REDUCTIONS: Mapping[str, Operation] = {"palette": _to_palette, "levels": _to_levels}


@_keeping_alpha
def _grain(image: Image.Image, values: Values) -> Image.Image:
    random = np.random.default_rng(values["seed"])
    size = tuple(max(1, math.ceil(side / values["grain_size"])) for side in image.size)
    bands = 3 if values["grain_colour"] else 1
    noise = random.normal(128, 0.45 * values["grain_amount"], (size[1], size[0], bands)).clip(0, 255).astype(np.uint8)
    grain = Image.fromarray(noise if bands == 3 else noise[:, :, 0]).convert("RGB")
    # Soft light lets black and white be, where film has no grain either.
    return ImageChops.soft_light(image, grain.resize(image.size, Image.Resampling.BICUBIC))


# --- sharpness -------------------------------------------------------------------------------------------------------


def _blur(image: Image.Image, values: Values) -> Image.Image:
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


@_keeping_alpha
def _sharpen(image: Image.Image, values: Values) -> Image.Image:
    amount, threshold = values["sharpen_amount"], values["sharpen_threshold"]
    return image.filter(ImageFilter.UnsharpMask(values["sharpen_radius"], amount, threshold))


# --- shape -----------------------------------------------------------------------------------------------------------


def _crop(image: Image.Image, values: Values) -> Image.Image:
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


def _rotate(image: Image.Image, values: Values) -> Image.Image:
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
    expand = corners != "cut"
    turned = image.convert("RGBa" if image.mode == "RGBA" else "RGBA").convert("RGBA")
    turned = image.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=expand)
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


def _frame(image: Image.Image, values: Values) -> Image.Image:
    short = min(image.size)
    border = max(1, round(short * values["frame_width"] / 100))
    framed = image.convert("RGBA")
    if values["rounded"]:
        framed.putalpha(
            ImageChops.multiply(framed.getchannel("A"), _rounded(image.size, values["corner_radius"] / 100))
        )
    colour = images.colour(values["frame_colour"], "Colour")
    ground = Image.new("RGBA", (image.width + 2 * border, image.height + 2 * border), colour)
    ground.alpha_composite(framed, (border, border))
    return ground.convert("RGB")


def _rounded(size: tuple[int, int], radius: float) -> Image.Image:
    """A mask with round corners, drawn four times as large for smooth edges."""
    large = size[0] * 4, size[1] * 4
    mask = Image.new("L", large)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, large[0] - 1, large[1] - 1), radius * min(large), fill=255)
    return mask.resize(size, Image.Resampling.BOX)


OPERATIONS: Mapping[str, Operation] = {
    "adjust": _adjust,
    "tone": _tone,
    "blur": _blur,
    "sharpen": _sharpen,
    "posterize": _posterize,
    "grain": _grain,
    "crop": _crop,
    "rotate": _rotate,
    "frame": _frame,
    "text": lettering.text,
}
"""Every operation by its value in the model config."""
