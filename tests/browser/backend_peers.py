"""A studio with a model of every backend, each with the peer that runs it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from backends.registry import load_backends
from model_configs.schema import ModelConfig
from studio.models import add_model
from tests.backends.comfyui import peer as comfyui
from tests.backends.comfyui.test_comfyui import PAINT
from tests.backends.gradio_app import test_gradio_app as gradio_app
from tests.backends.runpod import platform as runpod
from tests.backends.runpod.handlers import HANDLERS
from tests.browser import studio_page
from tests.browser.conftest import Studio

FUNCTION = '''
from functools import cache
from typing import Literal

from PIL import Image

@cache
def _weights():
    return b"x" * 300_000_000

def generate(
    prompt: str, photo: Image.Image, style: Literal["oil", "ink"] = "oil", steps: int = 20, tiled: bool = False,
    weight: float = 0.5, *, seed: int,
) -> Image.Image:
    """Repeats a photo's first dot.

    Args:
        prompt: What to paint.
    """
    if prompt == "with weights":
        _weights()
    red, green, *_ = photo.convert("RGB").getpixel((0, 0))
    return Image.new("RGB", (64, 64), (red, green, seed % 256))
'''


@dataclass(frozen=True)
class Peers:
    """The models by their ids, and for each backend what its peer was sent so far."""

    studio: Studio
    models: Mapping[str, ModelConfig]
    sent: Mapping[str, Callable[[], list[Any]]]

    def last_sent(self, model_id: str) -> Any:
        """`None` where the peer keeps no record."""
        kind = self.models[model_id].backend.kind
        return self.sent[kind]()[-1] if kind in self.sent else None


@contextmanager
def running(folder: Path, code: str = FUNCTION) -> Iterator[Peers]:
    """The studio with the models "fox" of ComfyUI, "app" of Gradio, "painter", a function, and those shipped."""
    own = folder / "data" / "models"
    workflow, function = folder / "fox_api.json", folder / "painter.py"
    workflow.write_text(json.dumps(PAINT), encoding="utf-8")
    function.write_text(code, encoding="utf-8")
    with (
        comfyui.running(folder / "comfyui") as comfy,
        runpod.running(runpod.Platform(HANDLERS)) as platform,
        gradio_app.running() as app,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("STUDIO_COMFYUI_URL", comfy.url)
        sources = {"fox": str(workflow), "app": f"{app}#paint", "painter": f"{function}:generate"}
        backends = load_backends({})
        made = {id_: add_model(source, own, backends, id_)[1] for id_, source in sources.items()}
        models = {**studio_page.MODELS, **made}
        patch.setattr(studio_page, "MODELS", models)
        sent = {
            "comfyui": lambda: [one["prompt"] for one in comfy.prompts],
            "runpod": lambda: [one.input for one in platform.runs.values()],
        }
        server = Studio(folder / "data", **platform.environment)
        server.start()
        try:
            yield Peers(server, models, sent)
        finally:
            server.stop()
