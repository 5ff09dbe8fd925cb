"""The worker of RunPod's own package does the studio's runs, where RUNPOD_SDK_PYTHON names a Python that has it.

The package brings much besides, so it is none of the tests' dependencies.
"""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from backends.base import BackendError, Outputs, Request
from backends.runpod import RunPodBackend, RunPodSpec
from tests.backends.fake_context import FakeContext
from tests.backends.runpod.handlers import HANDLERS, result
from tests.backends.runpod.platform import Platform, running

PYTHON = os.environ.get("RUNPOD_SDK_PYTHON")
SPEC = RunPodSpec(kind="runpod", endpoint="flux-krea", result="image")
pytestmark = pytest.mark.skipif(not PYTHON, reason="RUNPOD_SDK_PYTHON names no Python with the package runpod")


@pytest.fixture(scope="module")
def backend() -> Iterator[RunPodBackend]:
    with running(Platform(HANDLERS, asynchronous=True)) as platform:
        environment = {
            "RUNPOD_POD_ID": "pod",
            "RUNPOD_WEBHOOK_GET_JOB": f"{platform.url}/job-take/$ID?gpu=none",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{platform.url}/job-done/$RUNPOD_POD_ID/$ID?gpu=none",
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
            "RUNPOD_SKIP_GPU_CHECK": "true",
            "RESULT": result("image"),
        }
        # -P, for beside that file stands one that is called as a module of Python's
        command = [str(PYTHON), "-P", str(Path(__file__).with_name("sdk_worker.py"))]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=os.environ | environment, stdout=quiet, stderr=quiet) as worker:

            def wait(seconds: float) -> None:
                assert worker.poll() is None, "the worker does not start"
                time.sleep(seconds)

            yield RunPodBackend(platform.environment, wait)
            worker.kill()


def run(backend: RunPodBackend, folder: Path, prompt: str) -> Outputs:
    request = Request("job", "flux-krea", SPEC, {"prompt": prompt, "seed": 7}, folder)
    return backend.run(request, FakeContext())


def test_its_result_comes_back(backend: RunPodBackend, tmp_path: Path) -> None:
    made = run(backend, tmp_path, "a fox")
    assert [path.name for path in made.files] == ["result-0.png"]
    assert made.texts == {"caption": "a fox"}


@pytest.mark.parametrize(
    ("prompt", "said", "detail"),
    [("raise", "CUDA out of memory", "Traceback"), ("return", "no image was made", "at line 5")],
)
def test_its_failures_come_back(prompt: str, said: str, detail: str, backend: RunPodBackend, tmp_path: Path) -> None:
    with pytest.raises(BackendError, match=said) as failed:
        run(backend, tmp_path, prompt)
    assert detail in failed.value.detail
