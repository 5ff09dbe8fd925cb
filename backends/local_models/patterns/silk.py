"""Folds of cloth: waves bent by waves, lit from the upper left."""

import numpy as np

from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, waves

_LIGHT = np.array([-0.45, -0.55, 0.70], dtype=np.float32)


def draw(scene: Scene) -> Plane:
    """Height, then light on it."""
    x, y, random = scene.x, scene.y, scene.random
    folds = scene.values["folds"] * scene.mood.density
    angle = random.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    first, second, third = (waves(random, frequency) for frequency in (0.9, 1.3, 0.8))
    bent = first(x, y)
    scene.progress(0.3)
    bend = 0.28 * scene.mood.energy
    twice = second(x + bend * bent, y - bend * bent)
    scene.progress(0.6)
    height = np.sin(2 * np.pi * folds * (along + bend * twice) / 1.6).astype(np.float32)
    shade = 0.5 + 0.30 * third(x + 0.3 * twice, y + 0.3 * bent) + 0.16 * height
    scene.progress(0.8)
    return _lit(scene, (shade * (0.72 if scene.mood.night else 1)).astype(np.float32), height, folds)


def _lit(scene: Scene, shade: Plane, height: Plane, folds: float) -> Plane:
    down, across = np.gradient(height, scene.pixel)
    relief = 0.16 / max(1.0, folds)
    flat = 1 / np.sqrt(1 + (relief * across) ** 2 + (relief * down) ** 2)
    facing = (-relief * across * _LIGHT[0] - relief * down * _LIGHT[1] + _LIGHT[2]) * flat
    shine = np.clip(2 * facing * flat - _LIGHT[2], 0, 1) ** 24  # the mirrored light, seen from above
    body = scene.colours(shade) * (0.42 + 0.72 * np.clip(facing, 0, 1))[..., None]
    return np.asarray(body + (0.75 * scene.part("sheen") * shine)[..., None] * scene.colours(0.97), dtype=np.float32)
