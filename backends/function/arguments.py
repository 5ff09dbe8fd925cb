"""A job's values as the arguments that a function's types ask for."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from backends.base import BackendError
from backends.function.hints import Run, Size
from backends.function.signature import Hint, Input
from backends.local_models import films, images

_UNREADABLE = "The file of {} cannot be read: choose another one."


def arguments(
    inputs: Iterable[Input], values: Mapping[str, Any], run: Run, weights: Path | None = None
) -> dict[str, Any]:
    """What the function is called with by name; an input that is hidden is left to its default.

    `weights` is the folder that files of models are chosen from.

    Raises BackendError for a file that is not of its kind, and for an input that the job does not have and the
    function has by now.
    """
    given: dict[str, Any] = {}
    for one in inputs:
        if one.is_run:
            given[one.name] = run
        elif one.name in values and one.hint.type is Path and one.folder is not None:
            given[one.name] = _chosen(one.name, one.folder, values[one.name], weights)
        elif one.name in values:
            given[one.name] = _readable(one, values[one.name])
        elif one.is_needed:
            raise BackendError(f"The function has a new input, {one.name}: start the studio again to see it.")
    return given


def _chosen(name: str, folder: str, choice: str, weights: Path | None) -> Path:
    """The file of a choice, which may also be a text that was typed: never one outside the folder of weights."""
    sentence = f"There is no file {choice} in the folder {folder} of STUDIO_WEIGHTS_DIR: choose another one."
    if weights is None:
        sentence = "A file can be chosen where STUDIO_WEIGHTS_DIR names the folder of weights: set it."
    else:
        with suppress(OSError, RuntimeError, ValueError):
            file = (weights / folder / choice).resolve(strict=True)
            if file.is_file() and file.is_relative_to(weights.resolve()):
                return file
    raise BackendError(sentence, {name: sentence})


def _readable(one: Input, value: Any) -> Any:
    try:
        return _argument(one, value)
    except (UnidentifiedImageError, Image.DecompressionBombError, av.FFmpegError, LookupError) as error:
        sentence = _UNREADABLE.format(one.name)
        raise BackendError(sentence, {one.name: sentence}, detail=repr(error)) from error
    except ValueError as error:  # a choice that is no member of its Enum any more
        sentence = f"The function knows no {value!r} for {one.name} any more: start the studio again."
        raise BackendError(sentence, {one.name: sentence}) from error


def _argument(one: Input, value: Any) -> Any:
    if value is None or (value == "" and one.default is None):
        return None
    asked = _as_asked(one.hint, value)
    return asked.convert("L") if one.is_mask and isinstance(asked, Image.Image) else asked


def _as_asked(hint: Hint, value: Any) -> Any:
    """The value as the type has it; what says nothing of it gets it as it is."""
    if hint.is_image:
        return images.read(value).in_srgb().pixels
    if hint.is_array:
        return np.asarray(images.flat(images.read(value).in_srgb().pixels))
    if hint.is_sound:
        return _sound(value)
    if hint.is_enum:
        return hint.type(value)
    if hint.type is Size:
        return Size(**value)
    if isinstance(value, list) and hint.items is not None:
        return [_as_asked(hint.items, each) for each in value]
    return value


def _sound(path: Path) -> tuple[int, NDArray[Any]]:
    """(samples a second, samples): floats from -1 to 1, one column a channel; LookupError for a file without sound."""
    with films.opened(path) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        frames = [frame for decoded in container.decode(stream) for frame in resampler.resample(decoded)]
        samples = [frame.to_ndarray() for frame in (*frames, *resampler.resample(None))]
        return stream.rate, np.concatenate(samples, axis=1).T
