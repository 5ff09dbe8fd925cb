"""Words on a picture, in any script: what is typed is drawn as it is written, or refused with its letters named."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from backends.base import BackendError
from backends.local_models import images
from backends.local_models.edits import Values, fonts, typesetting
from backends.local_models.edits.fonts import UndrawableTextError
from backends.local_models.edits.typesetting import Block

_PLACES: Mapping[str, tuple[float, float]] = {
    "top-left": (0, 0),
    "top": (0.5, 0),
    "top-right": (1, 0),
    "left": (0, 0.5),
    "centre": (0.5, 0.5),
    "right": (1, 0.5),
    "bottom-left": (0, 1),
    "bottom": (0.5, 1),
    "bottom-right": (1, 1),
}
"""How far to the right and down in the room that the text leaves."""
_SMALLER = 0.9
_LEAST_MARGIN = 1.5  # pixels: the outermost stay free


def text(image: Image.Image, values: Values) -> Image.Image:
    """The picture with the text on it, in lines that fit; smaller where it would not stay within the picture."""
    place = _PLACES[values["text_position"]]
    try:
        setting = _fitted(image, values, place[0])
    except UndrawableTextError as error:
        raise BackendError(str(error), fields={"text": str(error)}) from error
    block, margin = setting.block, setting.margin
    x, y = (
        margin + (side - 2 * margin - (block.box[2 + axis] - block.box[axis])) * place[axis] - block.box[axis]
        for axis, side in enumerate(image.size)
    )
    layer = Image.new("RGBA", image.size, (*_fill(values), 0))
    draw = ImageDraw.Draw(layer)
    if values["text_backdrop"]:
        _draw_band(draw, image.width, y + block.box[1], y + block.box[3], margin)
    if setting.outline:
        stroke = images.colour(values["outline_colour"], "Outline colour")
        _draw(draw, setting, (x, y), fill=stroke, stroke_fill=stroke, stroke_width=setting.outline)
    _draw(draw, setting, (x, y), fill=_fill(values))
    layer.putalpha(layer.getchannel("A").point(lambda level: level * values["text_opacity"] / 100))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert(image.mode)


@dataclass(frozen=True, slots=True)
class _Setting:
    """A text as it fits into the picture; all lengths in pixels."""

    block: Block
    size: float
    margin: float
    outline: int


def _fitted(image: Image.Image, values: Values, align: float) -> _Setting:
    """The text in the size that is asked for, or the first smaller one in which it stays within the picture."""
    words = unicodedata.normalize("NFC", values["text"]).replace("\t", "    ")
    fonts.choose("".join(words.splitlines()))
    size = max(1.0, image.height * values["text_size"] / 100)
    while True:
        setting = _set(image, values, words, size, align)
        left, top, right, bottom = setting.block.box
        if right - left <= image.width - 2 * setting.margin and bottom - top <= image.height - 2 * setting.margin:
            return setting
        if size == 1:
            raise UndrawableTextError("The text cannot be drawn: it is too long for this picture. Shorten it.")
        size = max(1.0, size * _SMALLER)


def _set(image: Image.Image, values: Values, words: str, size: float, align: float) -> _Setting:
    margin = max(_LEAST_MARGIN, min(size * 0.6, min(image.size) / 10))
    outline = max(1, round(size * values["outline_width"] / 100)) if values["text_outline"] else 0
    width = image.width - 2 * margin - 2 * outline
    return _Setting(typesetting.block(words, size, width, outline, align), size, margin, outline)


def _draw(draw: ImageDraw.ImageDraw, setting: _Setting, at: tuple[float, float], **style: Any) -> None:
    for one in setting.block.placed:
        piece, start = one.piece, (at[0] + one.x, at[1] + one.y)
        font, words = piece.font.at(setting.size), fonts.shown(piece.text)
        draw.text(start, words, font=font, anchor="ls", direction=piece.direction(), **style)


def _fill(values: Values) -> tuple[int, int, int]:
    return images.colour(values["text_colour"], "Colour")


def _draw_band(draw: ImageDraw.ImageDraw, width: int, top: float, bottom: float, margin: float) -> None:
    draw.rectangle((0, top - margin * 0.7, width, bottom + margin * 0.7), fill=(0, 0, 0, 150))
