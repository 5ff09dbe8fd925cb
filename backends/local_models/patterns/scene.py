"""What every style draws with: the scene it is given, smooth noise, and edges without steps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from backends.local_models.patterns.palettes import Plane, Ramp
from backends.local_models.patterns.words import Mood


@dataclass(frozen=True, slots=True)
class Scene:
    """One picture to draw. Lengths are in shorter sides: x and y run from the middle, a square from -0.5 to 0.5."""

    x: Plane
    """(1, width), from left to right."""
    y: Plane
    """(height, 1), downwards."""
    pixel: float
    """How large a pixel is."""
    colours: Ramp
    mood: Mood
    random: np.random.Generator
    values: Mapping[str, Any]
    progress: Callable[[float], None]
    """To be called with 0 to 1 between longer steps; it is also how a run is cancelled."""

    def part(self, name: str) -> float:
        """A value in percent as a part of 1."""
        return float(self.values[name] / 100)

    def some(self, name: str, most: int = 100_000) -> int:
        """A number of things, more or fewer as the mood has it."""
        return max(1, min(most, round(float(self.values[name]) * self.mood.density)))


Style = Callable[[Scene], Plane]
"""Draws a scene as colours, (height, width, 3) from 0 to 1."""


def scene(width: int, height: int, **given: Any) -> Scene:
    """A scene of so many pixels."""
    short = min(width, height)
    x = ((np.arange(width, dtype=np.float32) + 0.5 - width / 2) / short)[None, :]
    y = ((np.arange(height, dtype=np.float32) + 0.5 - height / 2) / short)[:, None]
    return Scene(x=x, y=y, pixel=1 / short, **given)


def waves(random: np.random.Generator, frequency: float, count: int = 6) -> Callable[[Any, Any], Plane]:
    """Smooth noise, about -1 to 1 everywhere, as a sum of plane waves in all directions.

    `frequency` says how many hills lie along a shorter side.
    """
    angles = (np.arange(count) + random.uniform(0, 1, count)) * np.pi / count
    lengths = 2 * np.pi * frequency * random.uniform(0.5, 1.15, count)
    across, down = (lengths * np.cos(angles)).astype(np.float32), (lengths * np.sin(angles)).astype(np.float32)
    phases = random.uniform(0, 2 * np.pi, count).astype(np.float32)
    strength = np.float32(1.4 / np.sqrt(2 * count))

    def noise(x: Any, y: Any) -> Plane:
        total = sum(np.sin(a * x + d * y + phase) for a, d, phase in zip(across, down, phases, strict=True))
        return np.asarray(total * strength, dtype=np.float32)

    return noise


def steepness(plane: Plane) -> Plane:
    """How much the plane changes from one pixel to the next."""
    down, across = np.gradient(plane)
    return np.asarray(np.maximum(np.hypot(down, across), 1e-6), dtype=np.float32)


def cover(inside: Plane, per_pixel: Any) -> Plane:
    """How much of each pixel a shape covers, where `inside` is above 0 in the shape: an edge one pixel soft."""
    return np.asarray(np.clip(inside / per_pixel + 0.5, 0, 1), dtype=np.float32)


def smooth(number: Any) -> Any:
    """An S-shaped way from 0 to 1."""
    number = np.clip(number, 0, 1)
    return number * number * (3 - 2 * number)


def over(below: Plane, above: Any, opacity: Plane) -> Plane:
    """Lay colours over colours."""
    mixed = below + (above - below) * opacity[..., None]
    return np.asarray(mixed, dtype=np.float32)
