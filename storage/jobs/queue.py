"""The queue: which jobs wait, in which order, and whose turn it is. It is read off the jobs' rows, never copied."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, bindparam, false, func, select, update

from storage import tables
from storage.database import put_row, writing
from storage.jobs.workers import may_take
from storage.tables import JobStatus

_JOB = tables.table(tables.Job)
_QUEUE = tables.table(tables.UserQueue)
_TIME = tables.table(tables.ModelTime)
_LATE = 0.3  # how much the newest job counts for the time that a model takes

# Made once: that takes longer than to run them.
_LAST_PLACE = select(func.max(_JOB.c.place)).where(
    _JOB.c.user_id == bindparam("user_id"), _JOB.c.status == JobStatus.QUEUED, _JOB.c.place.is_not(None)
)
_UNFINISHED = _JOB.c.status.in_((JobStatus.QUEUED, JobStatus.RUNNING))
_NOT_LEFT_OUT = _JOB.c.id.not_in(bindparam("but", expanding=True))
_LANES = select(tables.table(tables.Worker).c.lanes)
_WORK = select(_JOB.c.id).where(_UNFINISHED, _NOT_LEFT_OUT, may_take(bindparam("worker_id"))).limit(1)

IN_ORDER = (func.coalesce(_JOB.c.place, 0), _JOB.c.created_at, _JOB.c.id)
"""How the waiting jobs of one user are ordered."""


class Move(StrEnum):
    """Where a waiting job is moved to in its user's queue."""

    UP = "up"
    DOWN = "down"
    TOP = "top"


@dataclass(frozen=True, slots=True)
class Entry:
    """A job that waits, or runs since `started_at`, progress from 0 to 1; the user with the lowest `turn` is next."""

    job_id: str
    user_id: str
    model_id: str
    turn: int = 0
    started_at: datetime | None = None
    progress: float | None = None

    @property
    def runs(self) -> bool:
        """Whether the job has started."""
        return self.started_at is not None


class QueueStore:
    """Orders the waiting jobs of all users."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # For a user: another user's job counts as one that does not exist.

    def move(self, user_id: str, job_id: str, to: Move) -> bool:
        """Move a job in its user's queue; `False` where it does not wait, or is another's."""
        own = (_JOB.c.user_id == user_id) & (_JOB.c.status == JobStatus.QUEUED)
        with writing(self._engine) as connection:
            rows = connection.execute(select(_JOB.c.id, _JOB.c.place).where(own).order_by(*IN_ORDER)).all()
            places = {row.id: row.place for row in rows}
            order = list(places)
            if job_id not in places:
                return False
            at = order.index(job_id)
            order.insert({Move.TOP: 0, Move.UP: max(0, at - 1), Move.DOWN: at + 1}[to], order.pop(at))
            for place, id_ in enumerate(order, start=1):
                if places[id_] != place:
                    connection.execute(update(_JOB).where(_JOB.c.id == id_, own).values(place=place))
        return True

    def pause(self, user_id: str, paused: bool) -> None:
        """Hold back the user's waiting jobs, or let them start again."""
        with self._engine.begin() as connection:
            put_row(connection, _QUEUE, {"user_id": user_id, "paused": paused})

    def is_paused(self, user_id: str) -> bool:
        """Whether the user's waiting jobs are held back."""
        with self._engine.connect() as connection:
            return bool(connection.execute(select(_QUEUE.c.paused).where(_QUEUE.c.user_id == user_id)).scalar())

    # For the worker, which is trusted, and for estimates: no user is asked for.

    def running(self) -> tuple[Entry, ...]:
        """Every job whose row says that it runs, the oldest first."""
        return self._running()

    def _running(self, *where: ColumnElement[bool]) -> tuple[Entry, ...]:
        columns = (_JOB.c.id, _JOB.c.user_id, _JOB.c.model_id, _JOB.c.started_at, _JOB.c.progress)
        found = select(*columns).where(_JOB.c.status == JobStatus.RUNNING, *where)
        found = found.order_by(_JOB.c.started_at, _JOB.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(found).all()
        return tuple(
            Entry(row.id, row.user_id, row.model_id, 0, row.started_at, row.progress)
            for row in rows
            if isinstance(row.id, str) and isinstance(row.started_at, datetime)
        )

    def has_work(self, worker_id: str, but: Collection[str] = ()) -> bool:
        """Whether there may be a job to take, `but` left out: asked many times a second, so it asks for no order."""
        with self._engine.connect() as connection:
            return connection.execute(_WORK, {"worker_id": worker_id, "but": list(but)}).first() is not None

    def cut_off(self, worker_id: str, but: Collection[str] = ()) -> tuple[Entry, ...]:
        """Jobs whose row says that they run although their worker has ended, the oldest first; `but` are left out."""
        return self._running(may_take(worker_id), _JOB.c.id.not_in(but))

    def waiting(
        self, but: Collection[str] = (), each: int | None = None, worker_id: str | None = None
    ) -> tuple[Entry, ...]:
        """Every job that waits for its turn, each user's in order; of a user who has paused there is none.

        `but` are left out; of the jobs of one user and one model there are at most `each`. With a worker those are left
        out that another is about to begin.
        """
        may_start = (_JOB.c.status == JobStatus.QUEUED) & ~func.coalesce(_QUEUE.c.paused, false())
        if worker_id is not None:
            may_start &= may_take(worker_id)
        if but:
            may_start &= _JOB.c.id.not_in(but)
        turn = func.coalesce(_QUEUE.c.turn, 0).label("turn")
        found: Select[Any] = select(_JOB.c.id, _JOB.c.user_id, _JOB.c.model_id, turn)
        found = (
            found.where(may_start)
            .order_by(*IN_ORDER)
            .select_from(_JOB.outerjoin(_QUEUE, _QUEUE.c.user_id == _JOB.c.user_id))
        )
        if each is not None:
            found = _first_of_each(found, each)
        with self._engine.connect() as connection:
            rows = connection.execute(found).all()
        return tuple(Entry(*row[:4]) for row in rows if isinstance(row.id, str))

    def take(self, entry: Entry, worker_id: str) -> bool:
        """Claim the job for this worker, to start or restart it; `False` where another has it.

        A job that waited uses its user's turn: all others who wait come before that user's next job.
        """
        newest = select(func.coalesce(func.max(_QUEUE.c.turn), 0) + 1).scalar_subquery()
        status = JobStatus.RUNNING if entry.runs else JobStatus.QUEUED
        free = update(_JOB).where(_JOB.c.id == entry.job_id, _JOB.c.status == status, may_take(worker_id))
        with writing(self._engine) as connection:
            is_taken = connection.execute(free.values(worker_id=worker_id)).rowcount == 1
            if is_taken and not entry.runs:
                put_row(connection, _QUEUE, {"user_id": entry.user_id, "turn": newest})
        return is_taken

    def lanes(self) -> tuple[int | None, ...]:
        """How many jobs each worker at work does side by side; `None` where an older one did not say."""
        with self._engine.connect() as connection:
            found = connection.execute(_LANES).scalars()
            return tuple(lanes if isinstance(lanes, int) and lanes > 0 else None for lanes in found)

    def seconds(self) -> Mapping[str, float]:
        """How many seconds recent jobs took, by model; models that have finished no job are left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(_TIME.c.model_id, _TIME.c.seconds)).all()
        return {model: seconds for model, seconds in rows if isinstance(seconds, int | float) and seconds >= 0}


def in_turn(waiting: Iterable[Entry]) -> list[Entry]:
    """The order in which they start: by turns between the users, each user's own as it is given.

    The user whose last turn is longest ago is first; of those without one, the user whose job comes first here.
    """
    by_user: dict[str, list[Entry]] = {}
    for entry in waiting:
        by_user.setdefault(entry.user_id, []).append(entry)
    users = sorted(by_user.values(), key=lambda entries: entries[0].turn)
    rounds = max(map(len, users), default=0)
    return [entries[number] for number in range(rounds) for entries in users if number < len(entries)]


def last_place(connection: Connection, user_id: str) -> int:
    """The place behind the user's last waiting job."""
    last: int | None = connection.execute(_LAST_PLACE, {"user_id": user_id}).scalar()
    return (last or 0) + 1


def note_time(connection: Connection, model_id: str, seconds: float) -> None:
    """Note how many seconds a job of the model took."""
    before = connection.execute(select(_TIME.c.seconds).where(_TIME.c.model_id == model_id)).scalar()
    known = before if isinstance(before, int | float) else seconds
    put_row(connection, _TIME, {"model_id": model_id, "seconds": known + _LATE * (max(0.0, seconds) - known)})


def _first_of_each(found: Select[Any], each: int) -> Select[Any]:
    of_each = func.row_number().over(partition_by=(_JOB.c.user_id, _JOB.c.model_id), order_by=IN_ORDER)
    order = func.row_number().over(order_by=IN_ORDER)
    every = found.order_by(None).add_columns(of_each.label("of_each"), order.label("in_order")).subquery()
    first = select(every.c.id, every.c.user_id, every.c.model_id, every.c.turn)
    return first.where(every.c.of_each <= each).order_by(every.c.in_order)
