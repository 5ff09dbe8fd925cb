"""What a model's author may import to say more in a signature; a file does well without."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backends.base import Context

Picture = Image.Image | NDArray[Any]
"""A picture as Pillow or as NumPy has it: height × width × 3 bytes, or numbers from 0 to 1."""

Seed = Annotated[int, {"kind": "seed"}]
Video = Annotated[Path, "video"]
Audio = Annotated[Path, "audio"]
Frames = Annotated[Iterator[Picture], "video"]
"""What a generator of pictures returns that are to be a film, `fps` of them a second where there is such an input."""


Colour = Annotated[str, {"kind": "colour"}]
"""A colour as `#rrggbb`."""

Json = Annotated[Any, {"kind": "json"}]
"""What some JSON says; `None` where nothing was given."""


class Size(NamedTuple):
    """The width and height of a picture, in pixels."""

    width: int
    height: int


class Lora(TypedDict):
    """One adapter of a `list[Lora]`."""

    path: str
    weight: float


def mask(of: str) -> dict[str, Any]:
    """Which part of another input's picture is meant: `Annotated[Image.Image, mask(of="photo")]`, white where it is."""
    return {"kind": "mask", "of": of}


def frame_count(rule: str = "n", fps: float | str | None = None) -> dict[str, Any]:
    """How many frames a film gets: `Annotated[int, frame_count("4n+1", fps=16)]`; `fps` may name another parameter."""
    return {"kind": "frames", "rule": rule} | ({} if fps is None else {"fps": fps})


def weights(folder: str, *suffixes: str) -> dict[str, Any]:
    """A file of a folder of STUDIO_WEIGHTS_DIR: `Annotated[Path, weights("checkpoints")] = Path("base.safetensors")`.

    As a `str` it is the path within that folder; a `list[Lora]` takes its paths from there too.
    """
    return {"choices_from": {"folder": folder, **({"suffixes": list(suffixes)} if suffixes else {})}}


def depends_on(**rule: Any) -> dict[str, Any]:
    """When an input shows: `Annotated[float, depends_on(mode="fine")]`, in the language of model files."""
    return {"depends_on": rule}


class Run:
    """What a function may tell while it runs, when it has a parameter of this type, or one called `run`."""

    def __init__(self, context: Context, folder: Path) -> None:
        self._context = context
        self._done = 0.0
        self.folder = folder
        """An empty folder for files to return; it goes away after the run."""

    def progress(self, step: float, of: int | None = None, words: str = "") -> None:
        """Tell the step of how many, or without `of` a fraction from 0 to 1; stops the run when it is cancelled."""
        fraction = step / of if of else step
        self._done = max(self._done, min(1.0, float(fraction)))  # a second round of steps begins at the first again
        steps = (min(round(step), of), of) if of else (None, None)
        self._context.progress(self._done, words, *steps)

    def preview(self, picture: Picture) -> None:
        """Show a live preview; it is never kept."""
        self._context.preview(as_image(picture))

    def check(self) -> None:
        """Stop here when the job was cancelled."""
        self._context.check()

    @property
    def cancelled(self) -> bool:
        """Whether the job was cancelled."""
        return self._context.cancelled


def as_image(picture: Picture) -> Image.Image:
    """The picture as Pillow's; ValueError for an array that is none."""
    if isinstance(picture, Image.Image):
        return picture
    pixels = np.asarray(picture)
    if pixels.ndim == 3 and pixels.shape[2] == 1:
        pixels = pixels[..., 0]
    if pixels.ndim not in (2, 3) or 0 in pixels.shape or (pixels.ndim == 3 and pixels.shape[2] not in (3, 4)):
        raise ValueError(f"an array of shape {pixels.shape} is no picture: give height × width × 3")
    if pixels.dtype == bool:
        pixels = pixels.astype(np.float32)
    if np.issubdtype(pixels.dtype, np.floating):
        pixels = np.nan_to_num(pixels).clip(0, 1) * 255 + 0.5
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
