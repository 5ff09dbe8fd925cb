"""What the jobs of a user do just now, in all workspaces: little enough to be asked every second."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    ScalarSelect,
    Select,
    bindparam,
    cast,
    delete,
    func,
    select,
)

from storage import tables
from storage.database import put_row
from storage.tables import JobStatus

_JOB = tables.table(tables.Job)
_CHANGE = tables.table(tables.UserChange)
_MOST = 20
_FOLDED = 0  # the place of no connection of PostgreSQL, and of all of SQLite's


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has finished or failed, and when."""

    job_id: str
    status: JobStatus
    at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """How many jobs run, how many wait, and what has ended, the last first."""

    running: int = 0
    waiting: int = 0
    ended: tuple[Ended, ...] = ()


def _own(condition: ColumnElement[bool]) -> Select[Any]:
    """The user's jobs that meet the condition, without those in the bin."""
    return select(_JOB).where(_JOB.c.user_id == bindparam("user_id"), _JOB.c.deleted_at.is_(None), condition)


def _count(status: JobStatus) -> ScalarSelect[int]:
    return _own(_JOB.c.status == status).with_only_columns(func.count(), maintain_column_froms=True).scalar_subquery()


# Made once: that takes as long as to run them.
_WORK = select(_count(JobStatus.RUNNING), _count(JobStatus.QUEUED))
_BY_ITSELF = _JOB.c.status.in_((JobStatus.COMPLETED, JobStatus.FAILED)) & _JOB.c.completed_at.is_not(None)
_ENDED: Select[Any] = _own(_BY_ITSELF).order_by(_JOB.c.completed_at.desc()).limit(_MOST)
_ENDED = _ENDED.with_only_columns(*(_JOB.c[name] for name in ("id", "status", "completed_at")))

_CHANGES = select(cast(func.coalesce(func.sum(_CHANGE.c.number), 0), BigInteger))
_CHANGES = _CHANGES.where(_CHANGE.c.user_id == bindparam("user_id"))


def changes(connection: Connection, user_id: str) -> int:
    """A number that grows whenever one of the user's jobs or workspaces changes, or the user pauses or goes on.

    How far a job is does not count: that changes four times a second.
    """
    return int(connection.execute(_CHANGES, {"user_id": user_id}).scalar_one())


def fold_changes(engine: Engine) -> None:
    """Add up what PostgreSQL's connections have counted in rows of their own, so that there is one for each user.

    Whoever counts meanwhile is not waited for: its row stays until the next time.
    """
    with engine.connect() as connection:
        counting = select(_CHANGE.c.user_id).where(_CHANGE.c.place != _FOLDED).distinct()
        users = connection.execute(counting).scalars().all()
    for user_id in users:
        own = (_CHANGE.c.user_id == user_id) & (_CHANGE.c.place != _FOLDED)
        with engine.begin() as connection:
            found = select(_CHANGE.c.place, _CHANGE.c.number).where(own).with_for_update(skip_locked=True)
            counted = {row.place: row.number for row in connection.execute(found)}
            if not counted:
                continue
            connection.execute(delete(_CHANGE).where(own, _CHANGE.c.place.in_(counted)))
            before = connection.execute(_CHANGES.where(_CHANGE.c.place == _FOLDED), {"user_id": user_id}).scalar_one()
            number = before + sum(counted.values())
            put_row(connection, _CHANGE, {"user_id": user_id, "place": _FOLDED, "number": number})


def activity(connection: Connection, user_id: str) -> Activity:
    """Of the user's jobs that are not in the bin; what the user has cancelled has not ended by itself."""
    running, waiting = connection.execute(_WORK, {"user_id": user_id}).one()
    ended = connection.execute(_ENDED, {"user_id": user_id})
    return Activity(
        running,
        waiting,
        tuple(
            Ended(row.id, row.status, row.completed_at)
            for row in ended
            if isinstance(row.id, str) and isinstance(row.completed_at, datetime)
        ),
    )
