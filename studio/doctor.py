"""The command `doctor`: checks settings, connections, models and free space, and reports what is missing."""

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import make_url

from backends.base import Backend
from model_configs.schema import ModelConfig
from storage.database import sqlite_file
from storage.jobs.store import JobStore
from storage.jobs.workers import WorkerStore
from storage.media.quarantine import named
from storage.media.store import MediaStore
from storage.tables import now
from studio.context import StudioContext
from studio.jobs.lease import LASTS_SECONDS
from studio.jobs.readiness import missing
from studio.settings import Settings

LITTLE_ROOM = 1_000_000_000
"""Free bytes below which the disk of the data folder is reported as nearly full: a film or two."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `do` says how to mend a problem, and is empty where there is none."""

    about: str
    found: str
    do: str = ""

    def __str__(self) -> str:
        """The printed line: a mark, the subject, and sentences."""
        return f"{'!' if self.do else ' '} {self.about:<11} {self.found}{f' {self.do}' if self.do else ''}"


def examine(
    settings: Settings, context: StudioContext, jobs: JobStore, media: MediaStore, workers: WorkerStore
) -> Iterator[Finding]:
    """All findings about an opened studio, served or not; changes nothing."""
    yield _room(settings.data_dir)
    yield Finding("database", _database(settings))
    yield Finding("media", (settings.media_url and "A bucket, it answers.") or "In the data folder.")
    yield from _strays(media)
    yield _processes(settings)
    yield from _workers(workers, settings)
    yield _jobs(jobs)
    for one in context.engine.loaded():
        if model := context.registry.models.get(one.model_id):
            yield Finding("memory", f"{model.name} is {one}.")
    yield Finding("login", _LOGINS[settings.login])
    yield Finding("quotas", _quotas(settings))
    yield from _models(context.models(), context.backends)
    for broken in context.registry.broken:
        yield Finding("models", "One is left out.", str(broken))


_LOGINS = {
    "none": "None: whoever reaches the address is the one user.",
    "password": "By name and password.",
    "huggingface": "With Hugging Face.",
    "anonymous": "None: every browser is a user of its own.",
}


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(nearest(folder)).free
    found = f"{folder}, {free / 1e9:.1f} GB free.{'' if folder.exists() else ' The first start makes it.'}"
    return Finding("data folder", found, "Make room, or jobs will fail." if free < LITTLE_ROOM else "")


def nearest(folder: Path) -> Path:
    """The folder, or of those above it the first that is there."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _database(settings: Settings) -> str:
    if not settings.database_url:
        return "SQLite in the data folder."
    file = sqlite_file(settings.database)
    how = "it answers" if file is None or file.exists() else "which the first start makes"
    kind, place = ("SQLite", file) if file else ("PostgreSQL", make_url(settings.database).host)
    return f"{kind}{f' at {place}' if place else ''}, {how}."


def _quotas(settings: Settings) -> str:
    """The quotas of one user."""
    most = (
        (settings.max_waiting, "waiting jobs"),
        (settings.max_disk_mb, "MB of files"),
        (settings.max_uploads, "uploads an hour"),
    )
    told = ", ".join(f"{number} {what}" for number, what in most if number is not None)
    return f"Each user may have {told}." if told else "None: a user may have any number of jobs and files."


def _strays(media: MediaStore) -> Iterator[Finding]:
    quarantined = sorted(media.quarantine.quarantined())
    if quarantined:
        found = f"In quarantine, for no record names them: {named(quarantined)}."
        yield Finding("media", found, "studio_ui.py rescue puts them back.")


def _workers(workers: WorkerStore, settings: Settings) -> Iterator[Finding]:
    """Workers of all machines; ages are by this machine's clock, which theirs may differ from."""
    every = sorted(workers.all().values(), key=attrgetter("name"))
    for one in every:
        seconds = max(0, round((now() - one.at).total_seconds()))
        silent = "It has ended or does not reach the database: its jobs are for the next worker that runs."
        found = f"{one.name} gave a sign of life {seconds} s ago."
        yield Finding("workers", found, silent if seconds > 2 * LASTS_SECONDS else "")
    if not every and not settings.worker:
        yield Finding("workers", "None is at work, and STUDIO_WORKER is off.", "Start one: studio_ui.py worker.")


def _processes(settings: Settings) -> Finding:
    """Whether page and worker run here: each holds its lock as long as it lives."""
    page, worker = (_is_held(settings.data_dir / name) for name in ("engine.lock", "worker.lock"))
    if worker:
        return Finding(
            "processes", "A page and a worker are at work." if page else "A worker is at work, without a page."
        )
    if page and not settings.worker:
        return Finding("processes", "A page is served; its workers run elsewhere.")
    if page:
        return Finding(
            "processes", "A page is served, without a worker.", "Its log says why the worker does not start."
        )
    return Finding("processes", "Neither a page nor a worker is at work.")


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    try:
        with FileLock(lock, thread_local=False).acquire(timeout=0):
            return False
    except Timeout:
        return True


def _models(models: Iterable[ModelConfig], backends: Mapping[str, Backend]) -> Iterator[Finding]:
    """One line for those that can run, and one for each thing that is missing."""
    by_need = defaultdict[str, list[str]](list)
    for config in models:
        by_need[missing(config, backends) or ""].append(config.id)
    for needed, ids in sorted(by_need.items()):
        yield Finding("models", f"{', '.join(ids)} {'cannot' if needed else 'can'} run.", needed)


def _jobs(jobs: JobStore) -> Finding:
    count = len(jobs.unfinished())
    return Finding("jobs", f"{count} wait or run." if count else "None waits.")
