"""Abstract pictures from a few words: the words choose colours and mood, the seed and the style do the rest."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from backends.base import Context, Request
from backends.local_models import images, on_cpu
from backends.local_models.patterns import bokeh, flow, hills, mandala, mosaic, silk, words
from backends.local_models.patterns.palettes import Plane
from backends.local_models.patterns.scene import Scene, Style, scene, smooth

STYLES: Mapping[str, Style] = {
    "bokeh": bokeh.draw,
    "flow": flow.draw,
    "hills": hills.draw,
    "mandala": mandala.draw,
    "mosaic": mosaic.draw,
    "silk": silk.draw,
}
"""Every style by its value in the model config."""


def run(request: Request, context: Context) -> Path:
    """Draw and save as PNG."""
    on_cpu(context, "numpy", "pillow")
    values = request.values
    sketch = _scene(values, lambda done: context.progress(0.05 + 0.75 * done, "Drawing"))
    picture = STYLES[values["style"]](sketch)
    context.progress(0.85, "Finishing")
    context.preview(Image.fromarray((picture.clip(0, 1) * 255).astype(np.uint8)))
    picture = _finished(sketch, picture)
    context.progress(0.9, "Saving")
    return images.write(images.Picture(_to_image(picture, sketch.random)), request.folder)


def _scene(values: Mapping[str, Any], progress: Any) -> Scene:
    reading = words.read(values["prompt"])
    random = np.random.default_rng([values["seed"], reading.chance])
    return scene(
        values["width"],
        values["height"],
        colours=words.ramp(reading, values["palette"], random),
        mood=reading.mood,
        random=random,
        values=values,
        progress=progress,
    )


# --- finish ----------------------------------------------------------------------------------------------------------


def _finished(sketch: Scene, picture: Plane) -> Plane:
    for name, finish in _FINISHES.items():  # in this order, whatever the order they were picked in
        if name in sketch.values["finish"]:
            picture = finish(sketch, picture, sketch.part("finish_strength"))
    return picture


def _vignette(sketch: Scene, picture: Plane, strength: float) -> Plane:
    distance = np.hypot(sketch.x / np.abs(sketch.x).max(), sketch.y / np.abs(sketch.y).max())
    dark = 1 - 0.8 * strength * smooth((distance - 0.55) / 0.9)
    return np.asarray(picture * dark[..., None], dtype=np.float32)


def _grain(sketch: Scene, picture: Plane, strength: float) -> Plane:
    grain = sketch.random.standard_normal(picture.shape[:2], dtype=np.float32)
    return np.asarray(picture + (0.055 * strength * grain)[..., None], dtype=np.float32)


def _border(sketch: Scene, picture: Plane, strength: float) -> Plane:
    edge = max(1, round(0.12 * strength * min(picture.shape[:2])))
    framed = np.full_like(picture, 0.985)
    framed[edge:-edge, edge:-edge] = picture[edge:-edge, edge:-edge]
    return framed


_FINISHES = {"vignette": _vignette, "grain": _grain, "border": _border}


def _to_image(picture: Plane, random: np.random.Generator) -> Image.Image:
    """Eight bits a colour, with noise of half a step: smooth slopes would show bands otherwise."""
    noise = random.uniform(-0.5, 0.5, picture.shape[:2]).astype(np.float32)
    return Image.fromarray(np.clip(picture * 255 + noise[..., None] + 0.5, 0, 255).astype(np.uint8))
