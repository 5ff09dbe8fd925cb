"""Which backends there are: those that come with the studio, and those of installed packages.

A package brings one by an entry point of the group `studio.backends`, named as model files name it in `backend.kind`
and leading to what makes the backend: a class, or a function, that takes the environment's variables.
"""

import logging
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points

from backends.base import Backend
from backends.comfyui import ComfyUIBackend
from backends.comfyui import describe as comfyui
from backends.describing import Describer
from backends.function import FunctionBackend
from backends.function import describe as function
from backends.gradio_app import GradioBackend
from backends.gradio_app import describe as gradio_app
from backends.runpod import RunPodBackend

GROUP = "studio.backends"
Factory = Callable[[Mapping[str, str]], Backend]
BUILT_IN: Mapping[str, Factory] = {
    "function": FunctionBackend,
    "comfyui": ComfyUIBackend,
    "gradio": GradioBackend,
    "runpod": RunPodBackend,
}
DESCRIBERS: Mapping[str, Describer] = {
    "comfyui": Describer("workflow_api.json", comfyui.takes, comfyui.describe),
    # Before functions: a file that launches an app is one.
    "gradio": Describer("http://127.0.0.1:7860, owner/space", gradio_app.takes, gradio_app.describe),
    "function": Describer("my_model.py:generate", function.takes, function.describe),
}
"""Describers by the kind of their backend, which make a model file of a source; the first that takes it does."""

log = logging.getLogger(__name__)


def load_backends(environment: Mapping[str, str]) -> dict[str, Backend]:
    """Every backend by its kind; a plug-in that does not load is logged by its name and left out."""
    backends = {kind: make(environment) for kind, make in BUILT_IN.items()}
    for point in entry_points(group=GROUP):
        if point.name in backends:
            log.error("The backend %s of %s is left out: there is one of this kind already.", point.name, point.value)
            continue
        try:
            backends[point.name] = point.load()(environment)
        except Exception:  # a stranger's code may raise anything, and the other backends have nothing to do with it
            log.exception("The backend %s of %s is left out: it does not load.", point.name, point.value)
    return backends
