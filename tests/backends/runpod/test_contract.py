"""RunPod keeps to what every backend keeps to."""

from pathlib import Path

import pytest

from backends.runpod import RunPodBackend
from studio.jobs.readiness import spec_of
from tests.backends.contract import BackendContract, Harness
from tests.backends.local_runs import filled, sample_media
from tests.backends.runpod.platform import Platform
from tests.backends.runpod.runs import MODELS, backend_of


class TestRunPod(BackendContract):
    @pytest.fixture(params=["flux-krea", "wan-animate"])
    def harness(self, request: pytest.FixtureRequest, platform: Platform, tmp_path: Path) -> Harness:
        config, backend = MODELS[request.param], backend_of(platform)
        (tmp_path / "media").mkdir()
        values = filled(config, sample_media(tmp_path / "media"), {"prompt": "a fox"})
        spec = spec_of(config, backend)
        failing = values | {"height": None}
        return Harness(backend, spec, values, failing, ((RunPodBackend({}), spec),))
