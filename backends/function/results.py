"""What a function returns or yields as files in the folder of its run."""

import itertools
import math
import shutil
import wave
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray
from PIL import Image

from backends.base import BackendError, Outputs
from backends.function.hints import Run, as_image
from backends.local_models import films

_PNG_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"})


@dataclass
class Results:
    """Writes what a run made, each thing by what it is: a picture, a sound, the frames of a film, a file, a text.

    `makes` is the kind of the model. Of a generator's values all but the last are only shown; when the model makes
    films, its pictures are the frames of one, `fps` a second. A whole number by which a mapping has a file is its seed.
    """

    run: Run
    makes: str
    fps: float
    files: list[Path] = field(default_factory=list)
    texts: dict[str, str | int | float] = field(default_factory=dict)
    seeds: dict[Path, int] = field(default_factory=dict)

    def outputs(self, made: Any) -> Outputs:
        """All of it; BackendError when there is no file among it."""
        try:
            self._keep(made)
        except _NotOfThatKindError as error:
            raise BackendError(f"The function gave something that cannot be kept: {error}.") from error
        if not self.files:
            texts = (
                "nothing but text: a file is a pathlib.Path" if self.texts else "nothing: let it return what it made"
            )
            raise BackendError(f"The function gave {texts}.")
        return Outputs(tuple(self.files), self.texts, self.seeds)

    def _keep(self, made: Any, name: str = "") -> None:
        if isinstance(made, np.generic):
            made = made.item()
        if isinstance(made, Mapping):
            for key, one in made.items():
                there = len(self.files)
                self._keep(one, str(key))
                if _is_whole(key):
                    self.seeds |= dict.fromkeys(self.files[there:], int(key))
        elif _is_sound(made):
            self._write_sound(int(made[0]), np.asarray(made[1]))
        elif isinstance(made, Image.Image) or (_is_array(made) and np.ndim(made) < 4):
            self._write_picture(made)
        elif isinstance(made, Iterator | list | tuple) or _is_array(made):
            self._keep_several(made)
        elif isinstance(made, Path):
            self._take(made)
        elif isinstance(made, str | int | float):
            self.texts[name or f"text {len(self.texts) + 1}"] = _storable(made)
        elif made is not None:
            raise _NotOfThatKindError(f"{type(made).__name__} is no picture, sound, path or text")

    def _keep_several(self, made: Iterable[Any]) -> None:
        """A film of its frames, the last that a generator gives, or one result after the other."""
        values = iter(made)
        first = list(itertools.islice(values, 1))
        rest = itertools.chain(first, values)
        if self.makes == "video" and first and _is_picture(first[0]):
            self._write_film(rest)
        elif isinstance(made, Iterator):
            self._keep(self._last(rest))
        else:
            for one in rest:
                self._keep(one)

    def _last(self, values: Iterable[Any]) -> Any:
        last = None
        for last in values:
            shown = last[0] if isinstance(last, list | tuple) and last else last
            if _is_picture(shown):
                self.run.preview(shown)
            self.run.check()
        return last

    def _fresh(self, suffix: str) -> Path:
        numbers = itertools.count(len(self.files) + 1)
        return next(path for n in numbers if not (path := self.run.folder / f"result-{n}{suffix}").exists())

    def _write_picture(self, picture: Any) -> None:
        image = _as_image(picture)
        path = self._fresh(".png")
        (image if image.mode in _PNG_MODES else image.convert("RGB")).save(path, format="PNG")
        self.files.append(path)

    def _write_sound(self, rate: int, samples: NDArray[Any]) -> None:
        """A WAV of 16 bits."""
        if samples.ndim > 2 or not samples.size or (samples.ndim == 2 and samples.shape[1] > 64) or rate < 1:
            raise _NotOfThatKindError(f"an array of shape {samples.shape} at {rate} samples a second is no sound")
        path = self._fresh(".wav")
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1 if samples.ndim < 2 else samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate)
            file.writeframes(_as_16_bits(samples).tobytes())
        self.files.append(path)

    def _write_film(self, frames: Iterable[Any]) -> None:
        path = self._fresh(".mp4")
        pictures = (_as_image(one).convert("RGB") for one in frames)
        first = next(iter(pictures))
        size = films.even(first.width - 0.5), films.even(first.height - 0.5)  # a row or column less, never one more
        if max(size) > films.LARGEST_SIDE:
            raise _NotOfThatKindError(f"a film's sides have {films.LARGEST_SIDE} pixels at most, not {max(size)}")
        rate = Fraction(self.fps).limit_denominator(1001)
        with films.writing(path, size, rate, "high") as film:
            for number, picture in enumerate(itertools.chain([first], pictures)):
                if picture.size != first.size:
                    raise _NotOfThatKindError(f"frame {number + 1} is {picture.size}, the first one {first.size}")
                self.run.preview(picture)
                self.run.check()
                film.show(_frame(picture, size, number, rate))
        self.files.append(path)

    def _take(self, path: Path) -> None:
        """A file of the run's folder stays as it is, one from elsewhere is copied."""
        if not path.is_file():
            raise _NotOfThatKindError(f"there is no file {path}")
        if path in self.files:
            return
        if path.is_symlink() or path.parent.resolve() != self.run.folder.resolve():
            path = Path(shutil.copyfile(path, self._fresh(path.suffix)))
        self.files.append(path)


class _NotOfThatKindError(Exception):
    """A result that cannot be written."""


def _is_array(made: Any) -> bool:
    """NumPy's, or what turns into one, such as a tensor."""
    return hasattr(made, "__array__") and not isinstance(made, Image.Image | np.generic)


def _is_picture(made: Any) -> bool:
    return isinstance(made, Image.Image) or (_is_array(made) and np.ndim(made) in (2, 3))


def _is_sound(made: Any) -> bool:
    return isinstance(made, tuple) and len(made) == 2 and _is_whole(made[0]) and _is_array(made[1])


def _is_whole(made: Any) -> bool:
    return isinstance(made, int | np.integer) and not isinstance(made, bool)


def _as_image(picture: Any) -> Image.Image:
    try:
        return as_image(picture)
    except ValueError as error:
        raise _NotOfThatKindError(str(error)) from error


def _as_16_bits(samples: NDArray[Any]) -> NDArray[np.int16]:
    if np.issubdtype(samples.dtype, np.floating):
        samples = (np.nan_to_num(samples).clip(-1, 1) * 32767).round()
    elif samples.dtype == np.int32:
        samples = samples >> 16
    return samples.astype("<i2")


def _frame(picture: Image.Image, size: tuple[int, int], number: int, rate: Fraction) -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.asarray(picture.crop((0, 0, *size))), format="rgb24")
    frame = frame.reformat(format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG)
    frame.pts, frame.time_base = number, 1 / rate
    return frame


def _storable(made: str | int | float) -> str | int | float:
    if isinstance(made, str):
        return str(made)
    return made if math.isfinite(made) else str(made)
