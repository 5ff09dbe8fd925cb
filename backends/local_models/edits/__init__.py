"""The operations of the image editor, each a function from picture and values to picture."""

from collections.abc import Callable, Mapping
from typing import Any

from PIL import Image

Values = Mapping[str, Any]
Operation = Callable[[Image.Image, Values], Image.Image]
"""Takes and gives a picture in mode RGB or RGBA; never changes the one it got."""


def keeping_alpha(operation: Operation) -> Operation:
    """Work on the colours alone and put the transparency back as it was."""

    def on_colours(image: Image.Image, values: Values) -> Image.Image:
        edited = operation(image.convert("RGB"), values)
        if image.mode == "RGBA":
            edited.putalpha(image.getchannel("A"))
        return edited

    return on_colours
