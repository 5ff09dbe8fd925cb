"""A model whose key or endpoint is missing says which setting it wants."""

from pathlib import Path

import pytest

from backends.base import BackendError, Request
from backends.runpod import RunPodBackend, RunPodSpec
from tests.backends.fake_context import FakeContext

SPEC = RunPodSpec(kind="runpod", endpoint_setting="RUNPOD_ENDPOINT_FLUX_KREA", result="image")
OWN = RunPodSpec(kind="runpod", endpoint="abc123", result="image")
SET = {"RUNPOD_API_KEY": "top-secret", "RUNPOD_ENDPOINT_FLUX_KREA": "abc123"}


@pytest.mark.parametrize(
    ("spec", "change", "named"),
    [
        (SPEC, {"RUNPOD_API_KEY": ""}, "set RUNPOD_API_KEY"),
        (OWN, {"RUNPOD_API_KEY": ""}, "set RUNPOD_API_KEY"),
        (SPEC, {"RUNPOD_API_KEY": "top-secret\n"}, "set RUNPOD_API_KEY"),
        (SPEC, {"RUNPOD_ENDPOINT_FLUX_KREA": ""}, "set RUNPOD_ENDPOINT_FLUX_KREA"),
        (SPEC, {"RUNPOD_ENDPOINT_FLUX_KREA": "https://api.runpod.ai/v2/abc/run"}, "set RUNPOD_ENDPOINT_FLUX_KREA"),
        (SPEC, {"RUNPOD_ENDPOINT_FLUX_KREA": "abc/../def"}, "set RUNPOD_ENDPOINT_FLUX_KREA"),
        (SPEC, {"RUNPOD_ENDPOINT_BASE_URL": "ftp://here"}, "set RUNPOD_ENDPOINT_BASE_URL"),
    ],
)
def test_the_setting_that_is_missing_is_named(
    spec: RunPodSpec, change: dict[str, str], named: str, tmp_path: Path
) -> None:
    backend = RunPodBackend(SET | change)
    said = backend.ready(spec)
    assert said is not None
    assert named in said
    assert "top-secret" not in said
    with pytest.raises(BackendError) as refused:
        backend.run(Request("job", "flux-krea", spec, {}, tmp_path), FakeContext())
    assert str(refused.value) == said


def test_with_key_and_endpoint_it_is_ready() -> None:
    assert RunPodBackend(SET).ready(SPEC) is None
    assert RunPodBackend({"RUNPOD_API_KEY": "top-secret"}).ready(OWN) is None


def test_the_key_stands_in_no_text_of_the_backend() -> None:
    assert "top-secret" not in repr(RunPodBackend(SET))
