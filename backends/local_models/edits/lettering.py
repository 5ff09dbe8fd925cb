"""Words on a picture, in the font that Pillow brings along, so that nothing needs to be installed."""

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from backends.local_models import images
from backends.local_models.edits import Values

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

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
_ALIGN: Mapping[float, str] = {0: "left", 0.5: "center", 1: "right"}


def text(image: Image.Image, values: Values) -> Image.Image:
    """The picture with the text on it, wrapped to its width."""
    place = _PLACES[values["text_position"]]
    size = max(1.0, image.height * values["text_size"] / 100)
    font = ImageFont.load_default(size)
    layer = Image.new("RGBA", image.size, (*_fill(values), 0))
    draw = ImageDraw.Draw(layer)
    margin = min(size * 0.6, min(image.size) / 10)
    outline = max(1, round(size * values["outline_width"] / 100)) if values["text_outline"] else 0
    words = _wrapped(draw, values["text"], font, image.width - 2 * margin - 2 * outline)
    style: dict[str, Any] = {"font": font, "stroke_width": outline, "align": _ALIGN[place[0]], "spacing": size * 0.25}
    box = draw.multiline_textbbox((0, 0), words, **style)
    x, y = (
        margin + (side - 2 * margin - (box[2 + axis] - box[axis])) * place[axis] - box[axis]
        for axis, side in enumerate(image.size)
    )
    if values["text_backdrop"]:
        _draw_band(draw, image.width, y + box[1], y + box[3], margin)
    stroke = images.colour(values["outline_colour"], "Outline colour") if outline else None
    draw.multiline_text((x, y), words, fill=_fill(values), stroke_fill=stroke, **style)
    layer.putalpha(layer.getchannel("A").point(lambda level: level * values["text_opacity"] / 100))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert(image.mode)


def _fill(values: Values) -> tuple[int, int, int]:
    return images.colour(values["text_colour"], "Colour")


def _draw_band(draw: ImageDraw.ImageDraw, width: int, top: float, bottom: float, margin: float) -> None:
    draw.rectangle((0, top - margin * 0.7, width, bottom + margin * 0.7), fill=(0, 0, 0, 150))


def _wrapped(draw: ImageDraw.ImageDraw, words: str, font: Font, width: float) -> str:
    """The text with line breaks added between words where a line would be wider than `width`."""
    return "\n".join("\n".join(_lines(draw, line.split(" "), font, width)) for line in words.splitlines())


def _lines(draw: ImageDraw.ImageDraw, words: list[str], font: Font, width: float) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        longer = f"{lines[-1]} {word}"
        if draw.textlength(longer, font) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
