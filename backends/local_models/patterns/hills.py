"""Ridges behind each other in the mist, under a sky with a sun, or a moon and stars."""

import numpy as np

from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, cover, over, smooth

_HORIZON = 0.08
"""Where the farthest ridge stands: a little below the middle."""


def draw(scene: Scene) -> Plane:
    """From the sky to the nearest ridge, each over the one before."""
    night = _is_night(scene)
    picture = _sky(scene, night)
    count = scene.some("layers", 20)
    for number in range(count):
        nearness = (number + 0.5) / count
        ridge, slope = _ridge(scene, nearness, count)
        picture = _lay(scene, picture, ridge, slope, nearness, night)
        scene.progress((number + 1) / count)
    return picture


def _is_night(scene: Scene) -> bool:
    sky = scene.values["sky"]
    return sky == "moon" or (sky != "sun" and scene.mood.night)


def _sky(scene: Scene, night: bool) -> Plane:
    height = smooth((scene.y - scene.y.min()) / (_HORIZON + 0.05 - scene.y.min()))
    bottom, top = (0.34, 0.02) if night else (0.97, 0.60)
    shade = top + (bottom - top) * height + 0 * scene.x
    picture = scene.colours(shade)
    if night:
        picture = _with_stars(scene, picture)
    return picture if scene.values["sky"] == "empty" else _with_light(scene, picture, night)


def _with_stars(scene: Scene, picture: Plane) -> Plane:
    """Points one to two pixels wide, fainter towards the horizon."""
    rows, columns = picture.shape[:2]
    picture = picture.copy()
    for _ in range(round(220 * scene.mood.density)):
        row, column = scene.random.uniform(0, rows * 0.6), scene.random.uniform(0, columns)
        brightness = scene.random.uniform(0.15, 1) ** 2 * (1 - row / rows)
        top, left = int(row), int(column)
        box = slice(max(0, top - 2), top + 4), slice(max(0, left - 2), left + 4)
        y = np.arange(rows)[box[0]][:, None] - row
        x = np.arange(columns)[box[1]][None, :] - column
        spot = brightness * np.exp(-(x * x + y * y) / (0.5 + brightness))
        picture[box] = over(picture[box], 1.0, spot.astype(np.float32))
    return picture


def _with_light(scene: Scene, picture: Plane, night: bool) -> Plane:
    radius = scene.values.get("sun_size", 14) / 200
    across = scene.random.uniform(-0.28, 0.28)
    down = _HORIZON - radius * scene.random.uniform(0.6, 1.6) - (0.22 if night else 0.04)
    distance = np.hypot(scene.x - across, scene.y - down)
    glow = np.exp(-np.maximum(distance - radius, 0) / (radius * 1.6)) * (0.35 if night else 0.6)
    picture = over(picture, scene.colours(1.0), glow.astype(np.float32))
    disc = cover((radius - distance).astype(np.float32), scene.pixel)
    return over(picture, 0.25 * scene.colours(1.0) + 0.75, disc)


def _ridge(scene: Scene, nearness: float, count: int) -> tuple[Plane, Plane]:
    """The height of a ridge for every column, and how steep it is there."""
    rugged = min(1.0, scene.part("ruggedness") * scene.mood.energy)
    x = scene.x[0]
    height = np.zeros_like(x)
    frequency, strength = 1.3 + 1.2 * nearness, 1.0
    for _ in range(3 + round(5 * rugged)):
        height += strength * _hilly(scene.random, x, frequency, rugged)
        frequency, strength = frequency * 2.07, strength * (0.30 + 0.22 * rugged)
    room = float(scene.y.max()) - _HORIZON
    base = _HORIZON + room * (nearness - 0.5 / count) ** 1.15
    ridge = (base - (0.05 + 0.10 * rugged) * (0.7 + 0.6 * nearness) * height).astype(np.float32)
    return ridge, np.gradient(ridge) / scene.pixel


def _hilly(random: np.random.Generator, x: Plane, frequency: float, rugged: float) -> Plane:
    """Noise along a line, -1 to 1: round for dunes, with sharp crests for mountains."""
    heights = random.uniform(-1, 1, int(frequency * (np.ptp(x) + 1)) + 4)
    place = (x - x.min()) * frequency + random.uniform(0, 1)
    left = place.astype(int)
    between = smooth(place - left)
    noise = heights[left] * (1 - between) + heights[left + 1] * between
    crests = 1 - 2 * np.abs(noise)
    return np.asarray((1 - rugged) * noise + rugged * crests, dtype=np.float32)


def _lay(scene: Scene, picture: Plane, ridge: Plane, slope: Plane, nearness: float, night: bool) -> Plane:
    """Far ridges are pale, near ones dark; mist gathers below each crest."""
    shade = 0.30 * (1 - nearness) if night else 0.74 * (1 - nearness) ** 1.25 + 0.02
    depth = scene.y - ridge[None, :]
    mist = 0.65 * (1 - nearness) ** 0.5 * smooth(depth / 0.26)
    colour = over(scene.colours(shade)[None, None, :], scene.colours(shade + 0.16), mist.astype(np.float32))
    return over(picture, colour, cover(depth, scene.pixel * np.sqrt(1 + slope * slope)[None, :]))
