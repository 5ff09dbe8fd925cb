"""RunPod is not connected yet, and says so."""

from pathlib import Path

import pytest

from backends.base import BackendError, Request
from backends.runpod import RunPodBackend, RunPodSpec
from tests.backends.fake_context import FakeContext

SPEC = RunPodSpec(kind="runpod", endpoint_setting="RUNPOD_ENDPOINT_FLUX_KREA", result="image")


@pytest.mark.parametrize("environment", [{}, {"RUNPOD_API_KEY": ""}])
def test_without_a_key_it_names_the_setting(environment: dict[str, str]) -> None:
    assert "set RUNPOD_API_KEY" in RunPodBackend(environment).ready(SPEC)


def test_with_a_key_it_says_that_the_connection_comes_later_and_keeps_the_key_to_itself() -> None:
    message = RunPodBackend({"RUNPOD_API_KEY": "top-secret"}).ready(SPEC)
    assert "later version" in message
    assert "top-secret" not in message


def test_a_run_is_refused_with_the_same_sentence(tmp_path: Path) -> None:
    backend = RunPodBackend({})
    with pytest.raises(BackendError) as refused:
        backend.run(Request("job", "flux-krea", SPEC, {}, tmp_path), FakeContext())
    assert str(refused.value) == backend.ready(SPEC)
