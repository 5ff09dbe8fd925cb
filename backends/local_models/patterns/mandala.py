"""A flower of rings: petals of one ring lie over those of the next larger one."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, cover, over, smooth, steepness

# How far a petal reaches, from 1 at its middle (0) to 0 at its side (1).
_SHAPES: Mapping[str, Callable[[Any], Any]] = {
    "round": lambda side: np.sqrt(np.maximum(0, 1 - side * side)),
    "lotus": lambda side: (1 - side) ** 0.75 * (1 + 0.9 * side),
    "scallop": lambda side: np.cos(side * np.pi / 2),
    "spike": lambda side: 1 - side,
    "heart": lambda side: np.cos(side * np.pi / 2) ** 0.6 * (1 - 0.22 * np.cos(side * np.pi) ** 2),
}


def draw(scene: Scene) -> Plane:
    """From the largest ring to the centre."""
    radius = np.hypot(scene.x, scene.y).astype(np.float32)
    angle = np.arctan2(scene.y, scene.x).astype(np.float32)
    rings = scene.some("rings", 20)
    night = scene.mood.night or scene.random.uniform() < 0.5
    picture = scene.colours(_ground(radius, night))
    reach = np.linspace(0.47, 0.07, rings) if rings > 1 else np.array([0.4])
    for number, outer in enumerate(reach):
        picture = _ring(scene, picture, radius, angle, float(outer), number / rings, night)
        scene.progress((number + 1) / rings)
    return _disc(scene, picture, radius, float(reach[-1]) * 0.42)


def _ground(radius: Plane, night: bool) -> Plane:
    fall = smooth(radius / 0.75)
    return np.asarray(0.16 - 0.14 * fall if night else 0.98 - 0.12 * fall, dtype=np.float32)


def _ring(
    scene: Scene, picture: Plane, radius: Plane, angle: Plane, outer: float, inwards: float, night: bool
) -> Plane:
    random = scene.random
    shape = _SHAPES[sorted(_SHAPES)[random.integers(len(_SHAPES))]]
    petals = scene.values["petals"] * (2 if random.uniform() < 0.25 * scene.mood.density and outer > 0.25 else 1)
    notch = random.uniform(0.45, 0.8) ** scene.mood.energy
    turned = random.integers(2) * 0.5
    lean = 0.0 if scene.values["mirrored"] else random.uniform(0.6, 1.4) * scene.mood.energy / outer
    place = angle * petals / (2 * np.pi) + turned + lean * radius
    side = 2 * np.abs(place - np.round(place))
    inside = (outer * (notch + (1 - notch) * shape(side)) - radius).astype(np.float32)
    colour = _petal_colour(scene, inside / outer, side, inwards, night)
    shadow = 0.42 * np.exp(np.minimum(inside, 0) / 0.012)
    picture = picture * (1 - shadow[..., None])
    slope = steepness(inside)
    picture = over(picture, colour, cover(inside, slope))
    picture = over(picture, scene.colours(0.97), 0.75 * _line(inside - 0.10 * outer, scene.pixel * 1.1, slope))
    return _with_dots(scene, picture, radius, side, outer, petals)


def _petal_colour(scene: Scene, depth: Plane, side: Plane, inwards: float, night: bool) -> Plane:
    """Light at the rim and in the middle of a petal, deeper towards the flower's heart."""
    base = 0.24 + 0.60 * (inwards if night else 1 - inwards) + scene.random.normal(0, 0.08)
    return scene.colours(np.clip(base, 0.12, 0.85) + 0.10 * (1 - side) - 0.28 * smooth(depth * 1.6))


def _line(inside: Plane, half: float, slope: Plane) -> Plane:
    """A thin line where `inside` is 0."""
    return cover(np.asarray(half / slope.mean() - np.abs(inside) / slope), 1)


def _with_dots(scene: Scene, picture: Plane, radius: Plane, side: Plane, outer: float, petals: int) -> Plane:
    """A pearl in every petal of some rings."""
    if scene.random.uniform() > 0.6:
        return picture
    place, size = outer * scene.random.uniform(0.78, 0.86), outer * min(0.05, 1.2 / petals)
    turn = side * np.pi / petals
    distance = np.hypot(radius * np.cos(turn) - place, radius * np.sin(turn))
    return over(picture, scene.colours(0.99), cover((size - distance).astype(np.float32), scene.pixel))


def _disc(scene: Scene, picture: Plane, radius: Plane, size: float) -> Plane:
    picture = over(picture, scene.colours(0.98), cover(size - radius, scene.pixel))
    return over(picture, scene.colours(0.30), cover(size * 0.72 - radius, scene.pixel))
