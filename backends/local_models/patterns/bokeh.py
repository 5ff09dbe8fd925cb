"""Lights out of focus: discs that add up as light does, small ones bright and large ones faint."""

import numpy as np

from backends.local_models.patterns.palettes import Plane, from_linear, to_linear
from backends.local_models.patterns.scene import Scene, smooth, waves


def draw(scene: Scene) -> Plane:
    """A dusky ground, then one disc after another, each only where it is."""
    light = _ground(scene)
    count = scene.some("lights", 400)
    for number in range(count):
        _add_disc(scene, light)
        if number % 8 == 0:
            scene.progress(number / count)
    return np.asarray(from_linear(light), dtype=np.float32)


def _ground(scene: Scene) -> Plane:
    brightness = 0.07 if scene.mood.night else 0.15
    shade = brightness * (1 + 0.8 * waves(scene.random, 0.6)(scene.x, scene.y)) + 0.10 * (scene.y + 0.5)
    return np.asarray(to_linear(scene.colours(shade)), dtype=np.float32)


def _add_disc(scene: Scene, light: Plane) -> None:
    random = scene.random
    smallness = random.uniform() ** 0.8
    radius = scene.part("light_size") / 2 * (1 - 0.9 * smallness)
    # Energy scatters the lights, calm gathers them along a band.
    across = random.uniform(scene.x.min(), scene.x.max())
    down = float(np.clip(random.normal(0.05, 0.24 * scene.mood.energy), scene.y.min(), scene.y.max()))
    colour = to_linear(scene.colours(random.uniform(0.35, 1.0)))
    strength = random.uniform(0.12, 0.42) * (0.55 + 0.9 * smallness)
    soft = max(1.5 * scene.pixel, radius * scene.part("softness") * random.uniform(0.5, 1.5))
    rows = _within(scene.y[:, 0], down, radius + soft)
    columns = _within(scene.x[0], across, radius + soft)
    distance = np.hypot(scene.x[:, columns] - across, scene.y[rows] - down)
    disc = smooth((radius + soft / 2 - distance) / soft) * (0.72 + 0.28 * np.minimum(1, distance / radius) ** 5)
    # Screen instead of plus, so that light on light never burns out.
    light[rows, columns] += (1 - light[rows, columns]) * (strength * disc)[..., None] * colour


def _within(places: Plane, middle: float, reach: float) -> slice:
    first, last = np.searchsorted(places, [middle - reach, middle + reach])
    return slice(int(first), int(last))
