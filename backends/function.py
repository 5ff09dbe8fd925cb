"""Models that are a Python function of this machine: `run(request, context)`, named in the model file."""

import importlib.util
import platform
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from pkgutil import resolve_name
from typing import Annotated, Any

import av
from PIL import Image, UnidentifiedImageError
from pydantic import Field

from backends.base import MACHINE, BackendError, Context, Outputs, Request, Spec, empty_unless_done
from backends.local_models.decoding import in_words


class FunctionSpec(Spec):
    """Where the function is, as `package.module:function`."""

    function: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$")]


class FunctionBackend:
    """Calls the function in this process with the request and the context; it returns a path, or `Outputs`."""

    spec_type = FunctionSpec

    def __init__(self, environment: Mapping[str, str]) -> None:
        """A function reads what it needs by itself."""

    def ready(self, spec: FunctionSpec) -> str | None:
        """Whether its module is installed, without importing it."""
        module, _, _ = spec.function.partition(":")
        if not _is_installed(module):
            return f"This model runs {spec.function}, and there is no module {module}: install it, and start again."
        return None

    def run(self, request: Request, context: Context) -> Outputs:
        """Call the function, from "Starting" to "Done"."""
        function = _resolve(request.spec.function)
        with empty_unless_done(request.folder):
            try:
                context.progress(0.0, "Starting")
                context.ran_with(function=request.spec.function, python=platform.python_version())
                made: Path | Outputs = function(request, context)
                context.progress(1.0, "Done")
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
