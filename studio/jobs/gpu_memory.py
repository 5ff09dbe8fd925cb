"""Measures the GPU memory that a process uses, and what is free.

PyTorch knows its own from within the process, in a container too; nvidia-smi knows that of any library, but not in a
container with a PID namespace of its own.
"""

import csv
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

log = logging.getLogger(__name__)

_SECONDS = 10.0  # a driver that is not kept loaded takes two or three for its first answer
_MIB = 1.048576  # megabytes


def held_here() -> int:
    """Megabytes that PyTorch has reserved in this process, on all GPUs; 0 where it uses none."""
    torch = sys.modules.get("torch")
    try:
        if torch is None or not torch.cuda.is_initialized():
            return 0
        devices = range(torch.cuda.device_count())
        return int(sum(torch.cuda.memory_reserved(device) for device in devices) / 1e6)
    except Exception as error:  # a build without CUDA, or one that has been broken by what the model did
        log.debug("PyTorch does not tell its memory: %r", error)
        return 0


def held_by(group: int) -> int:
    """Megabytes that a process group uses by nvidia-smi; 0 where it knows of none."""
    return int(sum(mib for pid, mib in _by_process() if _is_of(pid, group)) * _MIB)


def free(device: str | None) -> int | None:
    """Megabytes that are free on a GPU, by number or id, else on the fullest; `None` where that is not known."""
    rows = [row for row in _ask("--query-gpu=index,uuid,memory.free") if len(row) == 3]
    of = [_number(mib) for *names, mib in rows if device is None or any(_is_name(device, one) for one in names)]
    return int(min(of) * _MIB) if of else None


def _by_process() -> Iterator[tuple[int, float]]:
    """Megabytes by process id, one entry for each GPU that a process uses."""
    for row in _ask("--query-compute-apps=pid,used_gpu_memory"):
        with suppress(ValueError):
            pid, mib = row
            yield int(pid), _number(mib)


def _ask(query: str) -> list[list[str]]:
    """The lines of nvidia-smi's answer; none where there is no such program, driver or GPU."""
    if (program := shutil.which("nvidia-smi")) is None:
        return []
    command = [program, query, "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=True).stdout
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        log.debug("nvidia-smi does not answer: %s", error)
        return []
    return [[value.strip() for value in row] for row in csv.reader(answer.splitlines()) if row]


def _number(mib: str) -> float:
    """`[N/A]` and the like stand where a driver does not tell it, as on Windows."""
    with suppress(ValueError):
        return float(mib)
    return 0.0


def _is_of(pid: int, group: int) -> bool:
    with suppress(OSError):
        return os.getpgid(pid) == group
    return False


def _is_name(device: str, name: str) -> bool:
    """Whether the text names this GPU as CUDA reads it: by its number, or the beginning of its id."""
    return device == name if device.isdecimal() else name.startswith(device)
