"""What the jobs of a user do just now, in all workspaces: little enough to be asked every second."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, ScalarSelect, Select, bindparam, cast, func, select

from storage import tables
from storage.tables import JobStatus

_JOB = tables.table(tables.Job)
_CHANGE = tables.table(tables.UserChange)
_MOST = 20


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has finished or failed, and when."""

    job_id: str
    status: JobStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """How many jobs run, how far the first of them is (0..1), how many wait, and what has ended, the last first."""

    running: int = 0
    progress: float | None = None
    waiting: int = 0
    ended: tuple[Ended, ...] = ()


def _own(condition: ColumnElement[bool]) -> Select[Any]:
    """The user's jobs that meet the condition, without those in the bin."""
    return select(_JOB).where(_JOB.c.user_id == bindparam("user_id"), _JOB.c.deleted_at.is_(None), condition)


def _count(status: JobStatus) -> ScalarSelect[int]:
    return _own(_JOB.c.status == status).with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()


# Made once: that takes as long as to run them.
_RUNNING = _own(_JOB.c.status == JobStatus.RUNNING)
_FIRST = _RUNNING.with_only_columns(_JOB.c.progress).order_by(_JOB.c.created_at, _JOB.c.id).limit(1)
_WORK = select(_count(JobStatus.RUNNING), _FIRST.scalar_subquery(), _count(JobStatus.QUEUED))
_BY_ITSELF = _JOB.c.status.in_((JobStatus.COMPLETED, JobStatus.FAILED)) & _JOB.c.completed_at.is_not(None)
_ENDED: Select[Any] = _own(_BY_ITSELF).order_by(_JOB.c.completed_at.desc()).limit(_MOST)
_ENDED = _ENDED.with_only_columns(*(_JOB.c[name] for name in ("id", "status", "completed_at")))

_CHANGES = select(cast(func.coalesce(func.sum(_CHANGE.c.number), 0), BigInteger))
_CHANGES = _CHANGES.where(_CHANGE.c.user_id == bindparam("user_id"))


def changes(connection: Connection, user_id: str) -> int:
    """A number that grows whenever one of the user's jobs or workspaces changes."""
    return int(connection.execute(_CHANGES, {"user_id": user_id}).scalar_one())


def activity(connection: Connection, user_id: str) -> Activity:
    """Of the user's jobs that are not in the bin; what the user has cancelled has not ended by itself."""
    running, progress, waiting = connection.execute(_WORK, {"user_id": user_id}).one()
    ended = connection.execute(_ENDED, {"user_id": user_id})
    return Activity(
        running,
        progress if isinstance(progress, float) else None,
        waiting,
        tuple(
            Ended(row.id, row.status, row.completed_at)
            for row in ended
            if isinstance(row.id, str) and isinstance(row.completed_at, datetime)
        ),
    )
