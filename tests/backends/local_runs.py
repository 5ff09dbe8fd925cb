"""Runs of the local models on small real files, and values that bring any parameter of a form into sight."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backends.base import Cancelled, Report, Request
from backends.local import LocalBackend
from model_configs.registry import load_registry
from model_configs.schema import ModelConfig
from tests import media_samples

LOCAL_MODELS: Mapping[str, ModelConfig] = {
    model_id: config for model_id, config in load_registry().models.items() if config.backend.kind == "local"
}

SMALL: Mapping[str, dict[str, Any]] = {
    "pattern": {"width": 128, "height": 128},
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
    """What a backend gets for these values: checked, the rest by default, media given, the seed drawn."""
    files = {name: media[kind] for name, kind in config.media().items()}
    given = files | SMALL.get(config.id, {}) | dict(values or {})
    checked = config.check({name: str(value) if isinstance(value, Path) else value for name, value in given.items()})
    seed = {"seed": 7} if "seed" in checked and checked["seed"] is None else {}
    return checked | seed | {name: Path(checked[name]) for name in files if checked.get(name) is not None}


@dataclass
class Progress:
    """A report that remembers, and that cancels once it was called `calls` times."""

    calls: int | None = None
    fractions: list[float] = field(default_factory=list)

    def __call__(self, fraction: float, text: str) -> None:
        assert text, "progress says what is being done"
        self.fractions.append(fraction)
        if self.calls is not None and len(self.fractions) >= self.calls:
            raise Cancelled


def run(config: ModelConfig, values: Mapping[str, Any], folder: Path, report: Report | None = None) -> Path:
    """The result of one run in a new folder below `folder`."""
    work = folder / f"run-{sum(1 for _ in folder.glob('run-*'))}"
    work.mkdir()
    (result,) = LocalBackend().run(Request("job", config.id, values, work), report or Progress())
    assert list(work.iterdir()) == [result]
    return result
