"""Models that are a Python function of this machine.

A function in a file is called by its signature: `def generate(prompt: str, steps: int = 20) -> Image`. One of an
installed package, named `package.module:function`, is called with the request and the context as they are.
"""

import importlib.util
import platform
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

import av
from PIL import Image, UnidentifiedImageError
from pydantic import Field

from backends.base import MACHINE, BackendError, Cancelled, Context, Outputs, Request, Spec, empty_unless_done
from backends.describing import DescribeError
from backends.function import failures, source
from backends.function.arguments import arguments
from backends.function.hints import (
    Audio,
    Colour,
    Frames,
    Json,
    Lora,
    Run,
    Seed,
    Size,
    Video,
    depends_on,
    frame_count,
    mask,
    weights,
)
from backends.function.results import Results
from backends.function.signature import inputs, result_type
from backends.local_models.decoding import in_words

__all__ = [
    "Audio",
    "Colour",
    "Frames",
    "FunctionBackend",
    "FunctionSpec",
    "Json",
    "Lora",
    "Run",
    "Seed",
    "Size",
    "Video",
    "depends_on",
    "frame_count",
    "mask",
    "weights",
]

_FPS = 24
"""Frames a second of a film whose function has no input `fps`."""


class FunctionSpec(Spec):
    """Where the function is: `package.module:function`, or `/folder/file.py:function`."""

    function: Annotated[str, Field(pattern=r"^([A-Za-z_]\w*(\.[A-Za-z_]\w*)*|/.*\.py):[A-Za-z_]\w*$")]

    @property
    def file(self) -> Path | None:
        """The file of a function that is called by its signature."""
        path, _ = source.split(self.function)
        return path if path.is_absolute() else None


class FunctionBackend:
    """Calls the function in this process."""

    spec_type = FunctionSpec

    def __init__(self, environment: Mapping[str, str]) -> None:
        """A function reads what else it needs by itself."""
        folder = environment.get("STUDIO_WEIGHTS_DIR")
        self._weights = Path(folder) if folder else None

    def ready(self, spec: FunctionSpec) -> str | None:
        """Whether its file or module is there, without importing it."""
        module, _, _ = spec.function.rpartition(":")
        if spec.file is not None:
            return None if spec.file.is_file() else f"This model runs {module}, and there is no such file: put it back."
        if not _is_installed(module):
            return f"This model runs {spec.function}, and there is no module {module}: install it, and start again."
        return None

    def run(self, request: Request, context: Context) -> Outputs:
        """Call the function, from "Starting" to "Done"."""
        spec: FunctionSpec = request.spec
        with empty_unless_done(request.folder):
            context.progress(0.0, "Starting")
            context.ran_with(function=spec.function, python=platform.python_version())
            if spec.file is None:
                outputs = _call_of_module(request, context)
            else:
                outputs = _call_of_file(request, context, self._weights)
            context.progress(1.0, "Done")
        return outputs


# --- a function of an installed package ------------------------------------------------------------------------------


def _call_of_module(request: Request, context: Context) -> Outputs:
    function = _resolve(request.spec.function)
    try:
        made: Path | Outputs = function(request, context)
    except av.FFmpegError as error:
        if error.errno in MACHINE:
            raise
        raise BackendError(f"A file could not be worked on: {in_words(error)}. Try another one.") from error
    except (UnidentifiedImageError, Image.DecompressionBombError) as error:
        raise BackendError(f"A file could not be worked on: {error}. Try another one.") from error
    return made if isinstance(made, Outputs) else Outputs((made,))


@cache
def _is_installed(module: str) -> bool:
    """A package around it is imported for this; one that fails counts as one that is not there."""
    try:
        return importlib.util.find_spec(module) is not None
    except Exception:
        return False


def _resolve(name: str) -> Any:
    try:
        return resolve_name(name)
    except (ImportError, AttributeError) as error:
        raise BackendError(f"{name} cannot be found ({error}): correct the model's config.") from error


# --- a function in a file --------------------------------------------------------------------------------------------


def _call_of_file(request: Request, context: Context, weights_folder: Path | None) -> Outputs:
    path, name = source.split(request.spec.function)
    function = _loaded(path, name)
    context.ran_with(file=source.digest(path)[:12])
    try:
        declared, makes = inputs(function), result_type(function)
    except (ValueError, TypeError, NameError, AttributeError) as error:
        raise BackendError(f"{path.name} is no model any more: {failures.sentence(error)}") from error
    run = Run(context, request.folder)
    results = Results(run, makes, float(request.values.get("fps") or _FPS))
    given = arguments(declared, request.values, run, weights_folder)
    try:
        return results.outputs(function(**given))
    except (BackendError, Cancelled):
        raise
    except (Exception, SystemExit) as error:
        if failures.within(error, path) is None:  # nothing of the user's: the disk is full, or the studio at fault
            raise
        raise BackendError(failures.sentence(error), detail=failures.detail(error, path)) from error


def _loaded(path: Path, name: str) -> Callable[..., Any]:
    try:
        return source.function_of(source.load(path), name)[1]
    except DescribeError as error:
        raise BackendError(f"This model cannot run: {error.reason}.") from error
    except (Exception, SystemExit) as error:
        sentence = f"{path.name} cannot be imported: {failures.sentence(error)}"
        raise BackendError(sentence, detail=failures.detail(error, path)) from error
