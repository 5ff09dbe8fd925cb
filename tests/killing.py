"""Ends this process as a crash does, at a line of its code."""

import os
import signal
from collections.abc import Callable
from types import FrameType
from typing import Any


def killing(line: int, files: tuple[str, ...]) -> Callable[..., Any]:
    """For `sys.settrace`: kills the process when it comes to its `line`th line in the files whose paths end so."""
    left = line

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        if not frame.f_code.co_filename.endswith(files):
            return None
        left -= event == "line"
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    return trace
