"""Colour ramps from dark to light, mixed in OKLab so that the way between two colours stays clear and even."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

Plane = NDArray[np.floating[Any]]
"""Numbers for every pixel: (height, width), or (height, width, 3) for colours from 0 to 1."""

PALETTES: Mapping[str, tuple[str, ...]] = {
    "sunset": ("#1a1038", "#5b1a5e", "#b8336a", "#f26b5b", "#ffa552", "#ffe2a8"),
    "ocean": ("#04142b", "#0a3a5e", "#11698e", "#23a6b5", "#86dcd2", "#f0fbf6"),
    "forest": ("#0b1a12", "#17402a", "#2f6b3c", "#6f9c4a", "#b9c66b", "#f3efc6"),
    "neon": ("#0a0618", "#35128a", "#8a1fd6", "#f222a5", "#29c5f6", "#d9fff8"),
    "candy": ("#4b2d73", "#a24fb0", "#ff7eb6", "#ffb3a7", "#ffe3b3", "#f1fff8"),
    "desert": ("#2b1410", "#6e2f1f", "#b5552b", "#dd8f4a", "#f0c585", "#fbf0d9"),
    "aurora": ("#070720", "#2a1a5e", "#1b5e86", "#1fb88f", "#8df5a6", "#f4ffe0"),
    "gold": ("#14100a", "#3d2a10", "#7f5717", "#c08a2a", "#ecc76b", "#fff4d6"),
    "mono": ("#0b0b0d", "#34353a", "#6d6f76", "#a6a8ae", "#dadbdf", "#fafafa"),
    "fire": ("#140404", "#5c0a0a", "#b8200e", "#f25c19", "#ffab2e", "#fff2b8"),
    "ice": ("#0a1a2f", "#284b73", "#5d8fb8", "#9cc6de", "#d4ebf4", "#ffffff"),
    "lavender": ("#1d1436", "#46337a", "#7b63b5", "#ac97dc", "#d9cbf4", "#faf6ff"),
}

_LENGTH = 2048
_TO_LMS = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
_TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


class Ramp:
    """Colours for numbers from 0 (darkest) to 1 (lightest)."""

    def __init__(self, stops: Sequence[str], hue_turn: float = 0.0) -> None:
        """`hue_turn` in radians turns all colours around the colour circle."""
        lab = _to_oklab(np.array([ImageColor.getrgb(stop) for stop in stops]) / 255)
        sine, cosine = np.sin(hue_turn), np.cos(hue_turn)
        lab[:, 1:] = lab[:, 1:] @ np.array([[cosine, sine], [-sine, cosine]])
        places = np.linspace(0, 1, len(stops))
        steps = np.linspace(0, 1, _LENGTH)
        mixed = np.stack([np.interp(steps, places, lab[:, axis]) for axis in range(3)], axis=-1)
        self._table: Plane = _from_oklab(mixed).astype(np.float32)

    def __call__(self, number: Any) -> Plane:
        """The colours of a number or of a whole plane of them, red, green and blue from 0 to 1."""
        index = (np.clip(number, 0, 1) * (_LENGTH - 1)).astype(np.int32)
        return np.asarray(self._table[index])


def to_linear(rgb: Any) -> Any:
    """Light as it adds up, from colours as they are stored."""
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def from_linear(light: Any) -> Any:
    """Colours as they are stored, from light as it adds up."""
    light = np.clip(light, 0, 1)
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def _to_oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    lab: NDArray[np.float64] = np.cbrt(to_linear(rgb) @ _TO_LMS.T) @ _TO_LAB.T
    return lab


def _from_oklab(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    light = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    return np.asarray(from_linear(light), dtype=np.float64)
