"""A process that runs jobs: the worker's side of it, and its own."""

import logging
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from subprocess import DEVNULL, Popen
from threading import Thread
from typing import NoReturn

from studio.jobs import gpu_memory
from studio.jobs.lifeline import end_now, end_with_parent
from studio.jobs.runner import Runner

log = logging.getLogger(__name__)

_STOP = b"stop"
_READY = b"ready"
_DONE = b"done"
_COMPUTES = b"computes"
_WAITS = b"waits"
_NICE = 10  # so that the page answers first where there are few processors
_OOM_SCORE = "500"  # of 1000: where memory runs out, Linux ends the process of a model before any other of ours
_MEMORY = re.compile(r"^(?:RssAnon|RssShmem|VmSwap):\s+(\d+) kB$", re.MULTILINE)


_LITTLE = 256  # megabytes more than at its start: what a process holds that has loaded no weights


class JobProcess:
    """A child process that runs one job at a time, and keeps a model loaded for the next one.

    To be made in a thread that lives as long as the process shall. Of several GPUs it sees the `device` alone.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], device: str | None = None) -> None:
        self.device = device
        self._at_start = 0
        self._channel, theirs = Pipe()
        with theirs:
            self._process = Popen(
                [*command, str(theirs.fileno())],
                env=environment if device is None else {**environment, "CUDA_VISIBLE_DEVICES": device},
                stdin=DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,  # what a model starts is in its group, and a Ctrl-C is for the page alone
            )
        self.is_ready = False
        """Whether it has started up; if it ends before, no job is to blame."""
        self.models: list[str] = []
        """The models that it has run, the last one last."""
        self.gpu_megabytes = 0
        """Megabytes of GPU memory that it used when its last job ended."""
        self.is_kept = True
        """Whether it is kept after its job, with the model loaded."""

    def begin(self, job_id: str, model_id: str) -> None:
        """Give it a job; one that has ended raises nothing here, but does not answer."""
        self.models = [one for one in self.models if one != model_id] + [model_id]
        self._send(job_id.encode())

    def ask_to_stop(self) -> None:
        """Ask it to end its run at the next report, and to leave the job unfinished."""
        self._send(_STOP)

    def _send(self, message: bytes) -> None:
        with suppress(OSError):
            self._channel.send_bytes(message)

    def says(self, seconds: float) -> "Says":
        """Its next message within so many seconds, if there is one; raises EOFError when it has ended."""
        try:
            if self._channel.poll(seconds):
                said = self._channel.recv_bytes()
                if not self.is_ready:
                    self.is_ready, self._at_start = True, self.megabytes
                answer = Says(said)
                if answer.is_done:
                    self.gpu_megabytes = max(answer.gpu_megabytes, gpu_memory.held_by(self.id))
                return answer
        except OSError as error:
            raise EOFError from error
        if not self.is_alive:  # a process that it started may still hold its end of the channel
            raise EOFError
        return Says(b"")

    @property
    def is_alive(self) -> bool:
        """Whether the process still runs; it is reaped once it does not."""
        return self._process.poll() is None

    @property
    def megabytes(self) -> int:
        """Megabytes of its memory that the system cannot simply drop; 0 where that is not known."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        return sum(int(kilobytes) for kilobytes in _MEMORY.findall(status)) // 1000

    @property
    def has_loaded(self) -> bool:
        """Whether it uses so much more memory than at its start that a model must be loaded."""
        return self.megabytes > self._at_start + _LITTLE or self.gpu_megabytes > _LITTLE

    @property
    def id(self) -> int:
        """The process id (PID)."""
        return self._process.pid

    def kill(self) -> int:
        """Kill it and all processes that it has started; returns the exit status, or minus the signal that ended it."""
        if not self._channel.closed:  # the second time its number may be another's
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._channel.close()
        return self._process.wait()


class Says:
    """A message of a job's process; empty where it sent none in time."""

    def __init__(self, message: bytes) -> None:
        first, _, number = message.partition(b" ")
        self.is_done = first == _DONE
        self.gpu_megabytes = int(number) if self.is_done else 0
        self.computes = {_COMPUTES: True, _WAITS: False}.get(message)


def serve(channel: Connection, runner: Runner) -> NoReturn:
    """Run the jobs that come through the channel, one after the other, until it closes; then this process ends."""
    os.set_inheritable(channel.fileno(), False)
    end_with_parent()
    _offer_to_the_oom_killer()
    _give_way()
    for one in (signal.SIGTERM, signal.SIGINT):  # the worker is told as well, and says what becomes of the job
        signal.signal(one, lambda *_: None)
    todo = SimpleQueue[str]()
    Thread(target=_listen, args=(channel, todo.put, runner.stop), name="channel", daemon=True).start()
    runner.computes = lambda computes: channel.send_bytes(_COMPUTES if computes else _WAITS)
    channel.send_bytes(_READY)
    try:
        while True:
            runner.run(todo.get())
            channel.send_bytes(b"%s %d" % (_DONE, gpu_memory.held_here()))
    except BaseException:  # a model that calls sys.exit; its threads must not hold this process
        log.exception("The process of a model ends")
        sys.stderr.flush()
        os._exit(1)


def _listen(channel: Connection, begin: Callable[[str], None], stop: Callable[[], None]) -> None:
    with suppress(EOFError, OSError):
        while True:
            message = channel.recv_bytes()
            if message == _STOP:
                stop()
            else:
                begin(message.decode())
    end_now()


def _give_way() -> None:
    """Linux with autogroups, as on desktops, weighs sessions against each other, and niceness only within one.

    Source: sched(7), "The autogroup feature".
    """
    os.nice(_NICE)
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICE))


def _offer_to_the_oom_killer() -> None:
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_OOM_SCORE)
