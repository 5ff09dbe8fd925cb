"""Stained glass: every point of the picture belongs to the nearest of many seeds."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, cover, over, waves

Points = Plane
"""(number, 2): x and y."""

_TILE = 64
"""Pixels; only the seeds near a tile are compared for its pixels, which keeps hundreds of them fast."""


def draw(scene: Scene) -> Plane:
    """Tile by tile: whose piece it is, and how far away the next one is."""
    extent = np.array([np.abs(scene.x).max(), np.abs(scene.y).max()], dtype=np.float32)
    points = _ARRANGEMENTS[scene.values["arrangement"]](scene, extent).astype(np.float32)
    glass = _glass(scene, points)
    rows, columns = scene.y.shape[0], scene.x.shape[1]
    picture = np.empty((rows, columns, 3), dtype=np.float32)
    for top in range(0, rows, _TILE):
        for left in range(0, columns, _TILE):
            box = slice(top, top + _TILE), slice(left, left + _TILE)
            picture[box] = _tile(scene, points, glass, scene.x[:, box[1]], scene.y[box[0]])
        scene.progress(min(1.0, (top + _TILE) / rows))
    return picture


def _tile(scene: Scene, points: Points, glass: Plane, x: Plane, y: Plane) -> Plane:
    near = _candidates(points, x, y)
    across = x[..., None] - points[near, 0]
    down = y[..., None] - points[near, 1]
    squared = across * across + down * down
    mine = squared.argmin(axis=-1)
    edge = _to_edge(points[near], squared, mine)
    inner = np.sqrt(np.take_along_axis(squared, mine[..., None], axis=-1)[..., 0])
    light = 1.10 - 0.45 * np.clip(inner / (inner + edge + 1e-6), 0, 1)  # thin glass glows in its middle
    colours = glass[near][mine] * light[..., None]
    if not scene.values["leading"]:
        return np.asarray(colours, dtype=np.float32)
    lead = cover((scene.part("leading_width") / 2 - edge).astype(np.float32), scene.pixel)
    return over(colours, 0.45 * scene.colours(0.0), lead)


def _candidates(points: Points, x: Plane, y: Plane) -> NDArray[np.intp]:
    """The seeds that can be first or second for some pixel of the tile, and their neighbours."""
    middle = np.array([x.mean(), y.mean()], dtype=np.float32)
    reach = float(np.hypot(np.ptp(x), np.ptp(y))) / 2
    distance = np.hypot(*(points - middle).T)
    second = np.partition(distance, min(1, len(points) - 1))[min(1, len(points) - 1)]
    return np.flatnonzero(distance <= second + 2 * reach + 1e-6)


def _to_edge(points: Points, squared: Plane, mine: NDArray[np.intp]) -> Plane:
    """The distance to the nearest border between the own seed and another."""
    own = np.take_along_axis(squared, mine[..., None], axis=-1)
    apart = np.hypot(points[:, None, 0] - points[None, :, 0], points[:, None, 1] - points[None, :, 1])[mine]
    with np.errstate(divide="ignore", invalid="ignore"):
        border = np.where(apart > 0, (squared - own) / (2 * apart), np.inf)
    nearest = border.min(axis=-1)
    return np.where(np.isfinite(nearest), nearest, 1.0).astype(np.float32)


def _glass(scene: Scene, points: Points) -> Plane:
    """Colours that drift across the picture, no two pieces quite alike."""
    drift = waves(scene.random, 0.7)(points[:, 0], points[:, 1])
    spread = scene.random.normal(0, 0.13 * scene.mood.energy, len(points))
    base = 0.42 if scene.mood.night else 0.56
    return scene.colours(np.clip(base + 0.30 * drift + spread, 0.06, 0.97))


# --- arrangements ----------------------------------------------------------------------------------------------------


def _even(scene: Scene, extent: Points) -> Points:
    """A honeycomb, a little out of place."""
    width, height = 2 * extent
    step = math.sqrt(width * height / scene.some("pieces", 1000))
    rows, columns = math.ceil(height / step) + 2, math.ceil(width / step) + 2
    row, column = np.mgrid[:rows, :columns]
    places = np.stack([(column + 0.5 * (row % 2) - 1) * step - extent[0], (row - 0.5) * step - extent[1]], axis=-1)
    return (places + scene.random.uniform(-0.26, 0.26, places.shape) * step).reshape(-1, 2)


def _scattered(scene: Scene, extent: Points) -> Points:
    return scene.random.uniform(-1.05, 1.05, (scene.some("pieces", 1000), 2)) * extent


def _spiral(scene: Scene, extent: Points) -> Points:
    """As seeds stand in a sunflower."""
    count = scene.some("pieces", 1000)
    number = np.arange(count)
    radius = np.sqrt((number + 0.5) / count) * float(np.hypot(*extent))
    angle = number * math.pi * (3 - math.sqrt(5)) + scene.random.uniform(0, 2 * math.pi)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


_ARRANGEMENTS: Mapping[str, Callable[[Scene, Points], NDArray[np.floating]]] = {
    "even": _even,
    "scattered": _scattered,
    "spiral": _spiral,
}
