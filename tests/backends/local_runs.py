"""Runs of the local models on small real files, and values that bring any parameter of a form into sight."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backends.base import Context, Request
from backends.function import FunctionBackend
from model_configs.schema import ModelConfig
from studio.jobs.readiness import spec_of
from tests import media_samples
from tests.backends.fake_context import FakeContext
from tests.shipped import SHIPPED
from tests.strategies import example_files

LOCAL_MODELS: Mapping[str, ModelConfig] = {
    model_id: config for model_id, config in SHIPPED.items() if config.backend.kind == "function"
}

SMALL: Mapping[str, dict[str, Any]] = {
    "pattern": {"width": 128, "height": 128},
    "slideshow": {"size": {"width": 96, "height": 64}, "frames": 9},
    "collage": {"size": {"width": 128, "height": 96}},
    "ken-burns": {"size": "custom", "width": 64, "height": 64, "duration": 0.5, "fps": 24},
}
"""What keeps a run short."""


def sample_media(folder: Path) -> dict[str, Path]:
    """One small real file of each kind."""
    return {
        "image": media_samples.png(folder / "photo.png"),
        "video": media_samples.video(folder / "film.mp4", seconds=0.5, sound=True),
        "audio": media_samples.audio(folder / "sound.wav"),
    }


def filled(config: ModelConfig, media: Mapping[str, Path], values: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What a backend gets for these values: checked, the rest by default, media given, the seed chosen."""
    files = example_files(config, {kind: [str(path)] for kind, path in media.items()})
    given = files | SMALL.get(config.id, {}) | dict(values or {})
    checked = config.check({name: _as_text(value) for name, value in given.items()})
    seed = {"seed": 7} if "seed" in checked and checked["seed"] is None else {}
    run_values = {name: config.parameters[name].run_value(value) for name, value in checked.items()}
    return run_values | seed | {name: _as_path(checked[name]) for name in files if checked.get(name) is not None}


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value


def _as_path(value: Any) -> Any:
    return [*map(Path, value)] if isinstance(value, list) else Path(value)


BACKEND = FunctionBackend({})


def request_for(config: ModelConfig, values: Mapping[str, Any], folder: Path) -> Request:
    return Request("job", config.id, spec_of(config, BACKEND), values, folder)


def run(config: ModelConfig, values: Mapping[str, Any], folder: Path, context: Context | None = None) -> Path:
    """The result of one run in a new folder below `folder`."""
    work = folder / f"run-{sum(1 for _ in folder.glob('run-*'))}"
    work.mkdir()
    (result,) = BACKEND.run(request_for(config, values, work), context or FakeContext()).files
    assert list(work.iterdir()) == [result]
    return result
