"""Runs jobs in processes, one at a time in each: a model that crashes its process costs that job alone."""

import logging
import math
import os
import shutil
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import NamedTuple

from backends.base import Cancelled
from model_configs.schema import Limits, ModelConfig
from storage.errors import DatabaseFaultError, StorageError
from storage.jobs.loaded import Loaded
from storage.jobs.store import JobStatus, JobStore
from studio.jobs import gpu_memory
from studio.jobs.job_process import JobProcess
from studio.jobs.loaded import Board
from studio.jobs.runner import inputs_of, insist
from studio.log import about, on_behalf_of
from studio.settings import Settings

log = logging.getLogger(__name__)

GRACE_SECONDS = 10.0
"""How many seconds a model may take to notice that its job was cancelled."""

_TRIES = 2
_TICK_SECONDS = 0.1
_ASK_SECONDS = 1.0  # between two looks into a job's row
_AGAIN_SECONDS = 2.0
_UNLOAD_SECONDS = 0.5  # between two looks for models that are to go
_GPU_MARGIN = 1.25  # times what a model held: another size or picture takes more
_STOP_SECONDS = 3.0  # less than the engine waits for its runs

_ENDED = "{} ended its process while it worked on this job{}: {}. Try smaller values or another file."
_NOT_STARTED = "A process for it did not start, and is tried again in {} s: {}."
_KILLED = "it was killed, as the system does when memory runs out"
_MEMORY = (
    "{} needed more than the {} MB of memory that a job may take. Try smaller values; "
    "STUDIO_JOB_MEMORY_MB or the model's limits allow more."
)
_TIME = (
    "{} took longer than the {:g} minutes that a job may take. Try smaller values; "
    "STUDIO_JOB_MINUTES or the model's limits allow more."
)


class _Fault(NamedTuple):
    """Why a process did not do its job: in words, the job's doing or not, to be tried again or not, and then alone."""

    words: str
    again: bool
    alone: bool = False
    by_job: bool = True


class _Task(NamedTuple):
    """A job to be done."""

    job_id: str
    user_id: str
    model_id: str
    name: str
    limits: Limits


class JobProcesses:
    """As many jobs side by side on each device as the settings say, each in a process of its own.

    A process lives on after its job. One whose model has loaded its weights is kept for that model as long as all of
    these together stay within the memory for it, the one that rests longest going first; another serves any model.
    `command` starts one, when it is given the file descriptor of its channel as one argument more.
    """

    def __init__(
        self,
        jobs: JobStore,
        models: Mapping[str, ModelConfig],
        settings: Settings,
        command: Sequence[str],
        board: Board,
        grace: float = GRACE_SECONDS,
    ) -> None:
        self._jobs = jobs
        self._models = models
        self._most = Limits(memory_mb=settings.job_memory_mb, minutes=settings.job_minutes)
        self._devices = settings.devices or (None,)
        self._on_each = settings.concurrency
        self._keeps = settings.warm_memory_mb
        self._board = board
        self._command = command
        self._environment = os.environ | settings.environment
        self._work = settings.work
        self._grace = grace
        self._stopping = threading.Event()
        self._starter = ThreadPoolExecutor(1)  # its thread lives as long as this: the processes would end with it
        self._changed = threading.Condition()
        self._idle: list[JobProcess] = []  # the one that rests longest first
        self._busy: list[JobProcess] = []
        self._is_alone = False
        self._gpu_needs: dict[str, int] = {}  # megabytes that a model held at most, by its id
        self._told: tuple[Loaded, ...] | None = None

    def start(self) -> None:
        """Have a process ready for the first job, and let models go from now on when that is asked for."""
        threading.Thread(target=self._let_go, name="unload", daemon=True).start()
        with self._changed:
            if not self._idle and not self._busy:
                self._idle.append(self._new(self._devices[0]))
                self._tell()

    def stop(self) -> None:
        """Let the runs under way end soon, with their jobs unfinished."""
        self._stopping.set()
        with self._changed:
            while self._idle:
                self._idle.pop().kill()
            for process in self._busy:
                process.ask_to_stop()
            self._tell()
            self._changed.notify_all()

    def _let_go(self) -> None:
        while not self._stopping.wait(_UNLOAD_SECONDS):
            if self._told:
                for model_id in self._board.unwanted():
                    self.unload(model_id)
                with self._changed:
                    if any(not one.is_alive for one in self._idle):
                        self._tell()

    def unload(self, model_id: str) -> None:
        """End the processes that have the model loaded: what rests at once, what works after its job."""
        with self._changed:
            for process in [one for one in self._idle if one.models[-1:] == [model_id] and one.has_loaded]:
                log.info("%s is unloaded", model_id)
                self._end(process)
            for process in self._busy:
                process.is_kept = process.is_kept and process.models[-1:] != [model_id]
            self._tell()

    def run(self, job_id: str) -> None:
        """Run the job in a process; its row says how it ended, nothing is raised."""
        with suppress(Cancelled), about(job_id):
            task = insist(lambda: self._task(job_id), self._stopping)
            on_behalf_of(task.user_id)
            if fault := self._try(task):
                insist(lambda: self._jobs.fail(job_id, fault.words), self._stopping)
            if not self._stopping.is_set():
                for name in (job_id, inputs_of(job_id)):  # a process that was ended has left them
                    shutil.rmtree(self._work / name, ignore_errors=True)

    def _task(self, job_id: str) -> _Task:
        try:
            job = self._jobs.find_any(job_id)
        except DatabaseFaultError:
            raise
        except StorageError:  # a damaged row, which the runner will say
            job = None
        model = self._models.get(job.model_id) if job else None
        own = model.limits if model else Limits()
        limits = Limits(
            memory_mb=own.memory_mb or self._most.memory_mb,
            minutes=own.minutes or self._most.minutes,
        )
        name = model.name if model else "The model"
        return _Task(job_id, job.user_id if job else "", job.model_id if job else "", name, limits)

    def _try(self, task: _Task) -> _Fault | None:
        """A process may be killed from outside too: only the second that ends with the job counts as the job's fault.

        A process may run out of memory because of its neighbours; so the second time it runs alone.
        """
        fault: _Fault | None = None
        tries = 0
        while tries < _TRIES:
            try:
                with self._process(task.model_id, fault) as process:
                    fault = self._attend(process, task, is_last=tries > 0) if process else None
            except OSError as error:  # the machine has no room for one more process
                fault = _not_started(str(error))
            if fault is None or not fault.again:
                return fault
            log.warning("%s", fault.words)
            tries += fault.by_job
            self._stopping.wait(0 if fault.by_job else _AGAIN_SECONDS)
        return fault

    @contextmanager
    def _process(self, model_id: str, fault: _Fault | None) -> Iterator[JobProcess | None]:
        """A process for a job of the model, a new one after a fault; `None` when everything stops."""
        alone = fault is not None and fault.alone
        process = None
        with self._changed:
            self._changed.wait_for(lambda: self._stopping.is_set() or self._has_room(alone))
            if alone:
                self._is_alone = True
                self._changed.wait_for(lambda: self._stopping.is_set() or not self._busy)
        try:
            with self._changed:
                if not self._stopping.is_set():
                    process = self._take(model_id, is_new=fault is not None)
            if process:
                self._make_room_on_gpu(process, model_id)
            yield process
        finally:
            with self._changed:
                if process:
                    self._put_back(process)
                self._is_alone = self._is_alone and not alone
                self._changed.notify_all()

    def _has_room(self, alone: bool) -> bool:
        return not self._is_alone and (alone or bool(self._free()))

    def _free(self) -> list[str | None]:
        """The devices that can take one more job, first those with the fewest processes."""
        busy = Counter(process.device for process in self._busy)
        every = busy + Counter(process.device for process in self._idle)
        free = [device for device in self._devices if busy[device] < self._on_each]
        return sorted(free, key=lambda device: (busy[device], every[device]))

    def _take(self, model_id: str, is_new: bool) -> JobProcess:
        self._idle = [process for process in self._idle if process.is_alive]
        process = None if is_new else self._fitting(model_id)
        if process:
            self._idle.remove(process)
        else:
            process = self._new((self._free() or self._devices)[0])
        self._busy.append(process)
        return process

    def _fitting(self, model_id: str) -> JobProcess | None:
        """Best one that ran the model last, then one that ran nothing yet; `None` where a new one is better."""
        free = self._free()
        resting = [process for process in self._idle if process.device in free]
        if warm := [process for process in resting if process.models[-1:] == [model_id]]:
            return warm[-1]
        if fresh := [process for process in resting if not process.models]:
            return fresh[0]
        of = Counter(process.device for process in (*self._idle, *self._busy))
        if any(of[device] < self._on_each for device in free):
            return None
        return next((process for process in resting if not process.has_loaded), None)

    def _new(self, device: str | None) -> JobProcess:
        return self._starter.submit(JobProcess, self._command, self._environment, device).result()

    def _put_back(self, process: JobProcess) -> None:
        self._busy.remove(process)
        if process.is_alive and process.is_kept and not self._stopping.is_set():
            self._idle.append(process)
            self._make_room()
        else:
            process.kill()
        self._tell()

    def _make_room(self) -> None:
        """End what rests longest and is too much: weights beyond the memory for them, and processes without any."""
        loaded = [process for process in self._idle if process.has_loaded]
        while sum(process.megabytes for process in loaded) > self._keeps:
            log.info("%s is not kept loaded: others need its memory", loaded[0].models[-1])
            self._end(loaded.pop(0))
        for device in self._devices:
            spare = [process for process in self._idle if process.device == device and not process.has_loaded]
            for process in spare[: -self._on_each]:
                self._end(process)

    def _make_room_on_gpu(self, process: JobProcess, model_id: str) -> None:
        """End what rests on the process's GPU until the model fits beside it; the first time, all of it."""
        with self._changed:
            if not self._resting_on_gpu(process):
                return
            needs = self._gpu_needs.get(model_id)
        if needs is not None and needs <= process.gpu_megabytes:
            return
        free = gpu_memory.free(process.device)  # takes a while: nobody else is to wait for it
        with self._changed:
            for one in self._resting_on_gpu(process):
                if needs is not None and free is not None and free + process.gpu_megabytes >= _GPU_MARGIN * needs:
                    break
                log.info("%s is not kept loaded: %s needs its GPU", one.models[-1], model_id)
                free = None if free is None else free + one.gpu_megabytes
                self._end(one)
            self._tell()

    def _learn(self, process: JobProcess, task: _Task) -> None:
        """Note how much GPU memory the model takes; a run that failed may have ended before it took any."""
        known, held = self._gpu_needs.get(task.model_id), process.gpu_megabytes
        if held or (known is None and self._is_completed(task.job_id)):
            self._gpu_needs[task.model_id] = max(held, known or 0)

    def _is_completed(self, job_id: str) -> bool:
        with suppress(StorageError):
            job = self._jobs.find_any(job_id)
            return job is not None and job.status == JobStatus.COMPLETED
        return False

    def _resting_on_gpu(self, beside: JobProcess) -> list[JobProcess]:
        """Idle processes on the GPU, the one that was used longest ago first."""
        return [one for one in self._idle if one.device == beside.device and one.gpu_megabytes]

    def _end(self, process: JobProcess) -> None:
        self._idle.remove(process)
        process.kill()

    def _tell(self) -> None:
        """Publish which models are loaded."""
        self._idle = [one for one in self._idle if one.is_alive]
        holding = [one for one in (*self._idle, *self._busy) if one.models and one.has_loaded]
        loaded = tuple(Loaded(one.models[-1], one.device, one.megabytes, one.id, one.gpu_megabytes) for one in holding)
        known = {(one.model_id, one.process) for one in self._told or ()}
        for one in loaded:
            if (one.model_id, one.process) not in known:
                log.info("%s is %s", one.model_id, one)
        if loaded != self._told:
            self._told = loaded
            self._board.tell(loaded)

    def _attend(self, process: JobProcess, task: _Task, is_last: bool) -> _Fault | None:
        """Have the process do the job and see that it keeps to its limits; `None` when its row says how it went."""
        memory, minutes = task.limits.memory_mb, task.limits.minutes
        must_end = must_be_free = math.inf
        ask = time.monotonic() + _ASK_SECONDS
        process.begin(task.job_id, task.model_id)
        while True:
            try:
                said = process.says(_TICK_SECONDS)
            except EOFError:
                return None if self._stopping.is_set() else self._ended(process, task, is_last)
            now = time.monotonic()
            if said.is_done:
                self._learn(process, task)
                return None
            if said.computes is not None:
                must_end = now + minutes * 60 if said.computes and minutes else math.inf
            if memory and process.megabytes > memory:
                process.kill()
                return _Fault(_MEMORY.format(task.name, memory), again=len(process.models) > 1)
            if now > must_end and self._give_up(task.job_id, _TIME.format(task.name, minutes)):
                must_end = math.inf
            if now > ask or self._stopping.is_set():
                ask = now + _ASK_SECONDS
                must_be_free = min(must_be_free, now + self._patience(task.job_id))
            if now > must_be_free:
                log.warning("The process does not listen and is ended")
                process.kill()
                return None

    def _patience(self, job_id: str) -> float:
        """How many seconds from now on a process may still take for the job: any number while it is wanted."""
        if self._stopping.is_set():
            return _STOP_SECONDS
        try:
            return math.inf if self._jobs.is_unfinished(job_id) else self._grace
        except DatabaseFaultError:
            return math.inf

    def _give_up(self, job_id: str, words: str) -> bool:
        """Fail the job: its run learns it from its next report, and is ended when it does not listen."""
        try:
            self._jobs.fail(job_id, words)
        except DatabaseFaultError:
            return False  # tried again at the next look
        return True

    def _ended(self, process: JobProcess, task: _Task, is_last: bool) -> _Fault:
        status = process.kill()
        if not process.is_ready:
            return _not_started(f"it ended with status {status}")
        words = _ENDED.format(task.name, ", twice" if is_last else "", _how(status))
        return _Fault(words, again=True, alone=status == -signal.SIGKILL)


def _not_started(why: str) -> _Fault:
    return _Fault(_NOT_STARTED.format(_AGAIN_SECONDS, why), again=True, by_job=False)


def _how(status: int) -> str:
    if status == -signal.SIGKILL:
        return _KILLED
    if status >= 0:
        return f"it ended with status {status}"
    return f"it crashed ({signal.strsignal(-status) or f'signal {-status}'})"
