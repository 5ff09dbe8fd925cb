"""Processes that end with the one that started them, whatever ends that."""

import ctypes
import os
import signal
import sys
from typing import NoReturn

_PR_SET_PDEATHSIG = 1  # of Linux's sys/prctl.h


def end_with_parent() -> None:
    """On Linux, have this process killed when the thread that started it ends, however busy it is then.

    Elsewhere a process has to listen to a pipe that its parent holds; it should here too, for the parent may have gone
    before this was called.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def end_in_order() -> None:
    """End this process as SIGTERM would, with its cleanup."""
    os.kill(os.getpid(), signal.SIGTERM)


def end_now() -> NoReturn:
    """End this process, and where it leads a group the processes that it has started, with no word to anybody."""
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(1)
