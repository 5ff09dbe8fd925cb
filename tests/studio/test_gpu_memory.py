"""What GPUs hold, as PyTorch tells it from within and nvidia-smi from without."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.jobs import gpu_memory
from tests import nvidia_smi


@pytest.fixture
def held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which processes hold GPU memory."""
    folder = tmp_path / "gpu"
    folder.mkdir()
    nvidia_smi.install(tmp_path / "bin", folder)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=os.pathsep)
    return folder


def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """An nvidia-smi that does what the script says."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)


def test_a_process_group_holds_what_its_processes_hold(held: Path) -> None:
    (held / str(os.getpid())).write_text("1000")
    (held / "1").write_text("50")
    assert gpu_memory.held_by(os.getpgrp()) == 1048
    assert gpu_memory.held_by(2**22) == 0


@pytest.mark.parametrize("device", [None, "0", nvidia_smi.UUID, "GPU-8f2a"])
def test_a_gpu_has_free_what_nobody_holds(held: Path, device: str | None) -> None:
    (held / str(os.getpid())).write_text("4564")
    assert gpu_memory.free(device) == 20971  # 20000 MiB


def test_of_a_gpu_that_is_not_there_nothing_is_known(held: Path) -> None:
    assert gpu_memory.free("1") is None


@pytest.mark.parametrize(
    "script",
    [
        'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9',
        "echo No devices were found",
        "printf '\\377\\376'",
        "exit 0",
    ],
)
def test_without_a_driver_or_a_gpu_nothing_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    answers(tmp_path, monkeypatch, script)
    assert (gpu_memory.held_by(os.getpgrp()), gpu_memory.free(None), gpu_memory.free("0")) == (0, None, None)


def test_without_nvidia_smi_nothing_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (gpu_memory.held_by(os.getpgrp()), gpu_memory.free(None)) == (0, None)


def test_memory_that_a_driver_does_not_tell_counts_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers(tmp_path, monkeypatch, f"echo '{os.getpid()}, [N/A]'")
    assert gpu_memory.held_by(os.getpgrp()) == 0


def test_pytorch_tells_what_it_holds_on_all_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    cuda = SimpleNamespace(
        is_initialized=lambda: True, device_count=lambda: 2, memory_reserved=lambda device: 3_000_000_000 + device
    )
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert gpu_memory.held_here() == 6000
    cuda.is_initialized = lambda: False
    assert gpu_memory.held_here() == 0
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace())
    assert gpu_memory.held_here() == 0
