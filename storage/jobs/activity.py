"""What the jobs of a user do just now, in all workspaces: little enough to be asked every second."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, func, select, union_all

from storage import tables
from storage.tables import JobStatus

_JOB = tables.table(tables.Job)
_LOOKED_AT = 50  # jobs of each end, those that were made last: no index knows what ended last
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


def _own(status: JobStatus) -> Select[Any]:
    """The user's jobs that are so, and not in the bin."""
    of_user = _JOB.c.user_id == bindparam("user_id")
    return select(_JOB).where(of_user, _JOB.c.deleted_at.is_(None), _JOB.c.status == status)


def _count(status: JobStatus) -> ScalarSelect[int]:
    return _own(status).with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()


def _made_last(status: JobStatus) -> Select[Any]:
    newest = _own(status).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc()).limit(_LOOKED_AT)
    return select(newest.with_only_columns(_JOB.c.id, _JOB.c.status, _JOB.c.completed_at).subquery())


# Made once: that takes as long as to run them.
_FIRST = _own(JobStatus.RUNNING).with_only_columns(_JOB.c.progress).order_by(_JOB.c.created_at, _JOB.c.id).limit(1)
_WORK = select(_count(JobStatus.RUNNING), _FIRST.scalar_subquery(), _count(JobStatus.QUEUED))
_EITHER = union_all(_made_last(JobStatus.COMPLETED), _made_last(JobStatus.FAILED)).subquery()
_ENDED = select(_EITHER).order_by(_EITHER.c.completed_at.desc().nulls_last()).limit(_MOST)


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
