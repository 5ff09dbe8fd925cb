"""The workers: each has a row for as long as it lives; when the row is deleted, its jobs are free for others."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Engine, delete, exists, insert, select, update

from storage import tables
from storage.damage import readable
from storage.tables import now

_JOB = tables.table(tables.Job)
_WORKER = tables.table(tables.Worker)


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker: its name for people, and the time of its last heartbeat by its own clock."""

    name: str
    at: datetime


class WorkerStore:
    """The rows of all workers that share the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def enter(self, worker_id: str, name: str, lanes: int | None = None) -> None:
        """Register a worker under a new id, which no job has; it runs `lanes` jobs at a time."""
        with self._engine.begin() as connection:
            connection.execute(insert(_WORKER).values(id=worker_id, name=name, lanes=lanes, seen_at=now()))

    def beat(self, worker_id: str) -> bool:
        """Send a heartbeat; `False` when the worker was taken for dead, and its jobs are others'."""
        with self._engine.begin() as connection:
            seen = update(_WORKER).where(_WORKER.c.id == worker_id).values(seen_at=now())
            return connection.execute(seen).rowcount == 1

    def all(self) -> Mapping[str, Seen]:
        """Every worker by its id."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_WORKER)).all()
        return {row.id: Seen(row.name, row.seen_at) for row in readable(rows, "worker")}

    def remove(self, worker_id: str, seen_at: datetime | None = None) -> bool:
        """Delete a worker's row, with `seen_at` only if that was its last heartbeat; returns whether there was one."""
        gone = delete(_WORKER).where(_WORKER.c.id == worker_id)
        if seen_at is not None:
            gone = gone.where(_WORKER.c.seen_at == seen_at)
        with self._engine.begin() as connection:
            return connection.execute(gone).rowcount == 1


def may_take(worker_id: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition for jobs that no other worker has; no job meets it for a worker that was taken for dead."""
    workers = select(_WORKER.c.id)
    is_free = _JOB.c.worker_id.is_(None) | (_JOB.c.worker_id == worker_id) | _JOB.c.worker_id.not_in(workers)
    return exists().where(_WORKER.c.id == worker_id) & is_free
