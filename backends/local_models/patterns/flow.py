"""Bands that run beside each other and never cross: the contour lines of a smooth landscape."""

import numpy as np

from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, cover, over, steepness, waves

_BANDS = 1024
"""Colours before they come again; a picture shows fewer."""


def draw(scene: Scene) -> Plane:
    """Each band with a colour of its own, swelling and thinning along its way."""
    x, y, random = scene.x, scene.y, scene.random
    lines = scene.some("lines", 260)
    swirl = 0.55 * scene.part("swirl") * scene.mood.energy
    angle = random.uniform(0, np.pi)
    along = x * np.cos(angle) + y * np.sin(angle)
    broad, fine = waves(random, 0.8), waves(random, 1.7)
    bent = broad(x, y)
    scene.progress(0.3)
    level = (lines * (along + swirl * (0.8 * bent + 0.25 * fine(x + 0.2 * bent, y)) + 3)).astype(np.float32)
    scene.progress(0.6)
    band = np.floor(level)
    away = np.abs(level - band - 0.5)
    half = 0.5 * scene.part("line_width") * (0.75 + 0.25 * waves(random, 1.2)(x, y))
    scene.progress(0.8)
    colours = _band_colours(scene)[band.astype(int) % _BANDS]
    colours = colours * (1 - 0.30 * np.minimum(1, away / half) ** 2)[..., None]
    ground = scene.colours(0.02 if scene.mood.night or _is_dark(scene) else 0.98)
    below = np.broadcast_to(ground, (*level.shape, 3))
    return over(below, colours, cover((half - away).astype(np.float32), steepness(level)))


def _is_dark(scene: Scene) -> bool:
    """Two pictures of three stand on dark ground."""
    return bool(scene.random.uniform() < 0.66)


def _band_colours(scene: Scene) -> Plane:
    """Neighbours are alike, with a surprise now and then."""
    random = scene.random
    steps = np.arange(_BANDS)
    drift = (
        0.5 + 0.27 * np.sin(steps * 0.11 + random.uniform(0, 6)) + 0.13 * np.sin(steps * 0.37 + random.uniform(0, 6))
    )
    shade = drift + random.normal(0, 0.07, _BANDS)
    surprises = random.uniform(size=_BANDS) < 0.12
    shade[surprises] = random.uniform(0.1, 1, surprises.sum())
    return scene.colours(0.12 + 0.88 * np.clip(shade, 0, 1))
