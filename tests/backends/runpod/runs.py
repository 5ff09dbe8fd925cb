"""Runs of the shipped RunPod models on a platform of the tests."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from backends.base import Outputs, Request
from backends.runpod import RunPodBackend
from model_configs.schema import ModelConfig
from studio.jobs.readiness import spec_of
from tests.backends.fake_context import FakeContext
from tests.backends.local_runs import filled
from tests.backends.runpod.platform import Platform
from tests.shipped import SHIPPED

MODELS: Mapping[str, ModelConfig] = {id_: config for id_, config in SHIPPED.items() if config.backend.kind == "runpod"}


def backend_of(platform: Platform, timeout: float = 10) -> RunPodBackend:
    """One whose pauses take no time."""
    return RunPodBackend(platform.environment, wait=lambda _: None, timeout=timeout)


def run(
    platform: Platform,
    folder: Path,
    model_id: str = "flux-krea",
    values: Mapping[str, Any] | None = None,
    context: FakeContext | None = None,
    address: Callable[[Path], str | None] = lambda _: None,
    timeout: float = 10,
    media: Mapping[str, Path] | None = None,
) -> Outputs:
    """One run in a new folder, with a prompt where the model has one."""
    config, backend = MODELS[model_id], backend_of(platform, timeout)
    words = {"prompt": "a fox"} if "prompt" in config.parameters else {}
    given = filled(config, media or {}, words | dict(values or {}))
    folder.mkdir(exist_ok=True)
    request = Request("3f0e", model_id, spec_of(config, backend), given, folder, address)
    return backend.run(request, context or FakeContext())
