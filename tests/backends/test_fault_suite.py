"""Each backend in the fault suite, with its peer for a service."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backends import comfyui
from backends.comfyui import ComfyUIBackend
from backends.function import FunctionBackend
from backends.gradio_app import GradioBackend, apps
from backends.runpod import RunPodBackend
from model_configs.schema import ModelConfig
from tests.backends.comfyui import peer as comfyui_peer
from tests.backends.fault_suite import JobFaults, ServiceFaults, Subject
from tests.backends.faulty import through
from tests.backends.gradio_app.test_gradio_app import running as gradio_app
from tests.backends.runpod.handlers import HANDLERS
from tests.backends.runpod.platform import Platform
from tests.backends.runpod.platform import running as runpod
from tests.backends.runpod.runs import MODELS

pytestmark = pytest.mark.slow

SCALE: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
    "2": {
        "class_type": "ImageScale",
        "inputs": {"image": ["1", 0], "upscale_method": "lanczos", "width": 64, "height": 64, "crop": "disabled"},
    },
    "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "studio"}},
}


def model(backend: dict[str, Any], **parameters: Any) -> ModelConfig:
    """A model that makes a picture."""
    declared = {"id": "subject", "name": "Subject", "type": "image", "backend": backend, "parameters": parameters}
    return ModelConfig.model_validate(declared)


class TestFunction(JobFaults):
    @pytest.fixture
    def subject(self, tmp_path: Path) -> Subject:
        given = tmp_path / "given"
        file = tmp_path / "gives.py"
        file.write_text(
            "from pathlib import Path\n"
            "from typing import Annotated\n"
            "from PIL import Image\n\n"
            "def give(prompt: str) -> Annotated[Path, 'image']:\n"
            f"    given, out = Path({str(given)!r}), Path({str(tmp_path / 'out.png')!r})\n"
            "    Image.new('RGB', (8, 8)).save(out)\n"
            "    if given.exists():\n"
            "        out.write_bytes(given.read_bytes())\n"
            "    return out\n"
        )
        config = model({"kind": "function", "function": f"{file}:give"}, prompt={"kind": "text"})
        return Subject(FunctionBackend({}), config, {"prompt": "a fox"}, given.write_bytes)


class TestRunPod(ServiceFaults):
    @pytest.fixture
    def subject(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
        monkeypatch.setattr("backends.runpod._TRIES", (1, 2, 4))
        with runpod(Platform(HANDLERS)) as platform, through(platform.url) as connection:
            environment = platform.environment | {"RUNPOD_ENDPOINT_BASE_URL": f"{connection.url}/v2"}
            backend = RunPodBackend(environment, wait=lambda _: None)

            def gives(content: bytes) -> None:
                platform.handlers["flux-krea"] = lambda _: iter([{"image": base64.b64encode(content).decode()}])

            def listen(seconds: float) -> None:
                backend._timeout = seconds

            values = {**MODELS["flux-krea"].defaults(), "prompt": "a fox"}
            yield Subject(backend, MODELS["flux-krea"], values, gives, lambda: len(platform.runs), connection, listen)


class TestComfyUI(ServiceFaults):
    @pytest.fixture
    def subject(self, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
        monkeypatch.setattr(comfyui, "PATIENCE", 3)
        monkeypatch.setattr("backends.comfyui.socket.TICK_SECONDS", 0.02)
        with comfyui_peer.running(tmp_path_factory.mktemp("peer")) as peer, through(peer.url) as connection:
            spec = {"kind": "comfyui", "workflow": SCALE, "inputs": {"photo": ["1", "image"], "width": ["2", "width"]}}
            config = model(spec, photo={"kind": "image"}, width={"kind": "integer", "default": 48})

            def gives(content: bytes) -> None:
                connection.fault = lambda place, _: content if place == "GET /view" else None

            def listen(seconds: float) -> None:
                monkeypatch.setattr("backends.comfyui.socket.OPEN_SECONDS", seconds)
                monkeypatch.setattr("backends.comfyui.server.TIMEOUT", seconds)

            backend = ComfyUIBackend({"STUDIO_COMFYUI_URL": connection.url})
            yield Subject(backend, config, {"width": 32}, gives, lambda: len(peer.prompts), connection, listen)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A Gradio app's address, and the file that has a line for each of its runs."""
    log = tmp_path_factory.mktemp("app") / "runs.txt"
    log.touch()
    with gradio_app(environment={"PEER_RUNS": str(log)}) as address:
        yield address, log


class TestGradioApp(ServiceFaults):
    @pytest.fixture
    def subject(self, app: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
        address, log = app
        with through(address) as connection:
            parameters = {"prompt": {"kind": "text"}, "steps": {"kind": "integer", "default": 4}}
            config = model(
                {"kind": "gradio", "app": connection.url, "endpoint": "/paint"}, photo={"kind": "image"}, **parameters
            )

            def gives(content: bytes) -> None:
                connection.fault = lambda place, _: content if "file=" in place else None

            def runs() -> int:
                return len(log.read_text().splitlines())

            def listen(seconds: float) -> None:
                monkeypatch.setattr(apps, "SILENCE", seconds)

            yield Subject(GradioBackend({}), config, {"prompt": "a fox", "steps": 4}, gives, runs, connection, listen)
