"""RunPod is not connected yet, and says so."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from backends.base import BackendError, Request
from backends.runpod import RunPodBackend


@pytest.mark.parametrize("key", [None, SecretStr("")])
def test_without_a_key_it_names_the_setting(key: SecretStr | None) -> None:
    assert "set RUNPOD_API_KEY" in RunPodBackend(key).missing()


def test_with_a_key_it_says_that_the_connection_comes_later_and_keeps_the_key_to_itself() -> None:
    message = RunPodBackend(SecretStr("top-secret")).missing()
    assert "later version" in message
    assert "top-secret" not in message


def test_a_run_is_refused_with_the_same_sentence(tmp_path: Path) -> None:
    backend = RunPodBackend(None)
    with pytest.raises(BackendError) as refused:
        backend.run(Request("job", "flux-krea", {}, tmp_path), lambda fraction, text: None)
    assert str(refused.value) == backend.missing()
