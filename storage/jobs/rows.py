"""Jobs in the database: the statements that select their rows, and rows turned into jobs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    bindparam,
    func,
    literal,
    select,
    type_coerce,
    union_all,
)

from storage import tables
from storage.damage import log_damage, problem_of
from storage.errors import UnreadableJobError
from storage.jobs import labels
from storage.jobs.queue import IN_ORDER
from storage.jobs.records import (
    DamagedJob,
    Job,
    Output,
    from_json,
    outputs_from_json,
    snapshot_from_json,
    texts_from_json,
)
from storage.media.blobs import is_key
from storage.media.store import INFO
from storage.tables import Damaged, JobStatus

_JOB = tables.table(tables.Job)
_JOB_MEDIA = tables.table(tables.JobMedia)
_MEDIA_OWNER = tables.table(tables.MediaOwner)
_MEDIA = tables.table(tables.Media)
IDS = select(_JOB.c.id)
FILE_NAME = type_coerce(_MEDIA_OWNER.c.name, String).label("file_name")
"""Not checked: a name that is damaged is no damage to the job."""
_TEXTS_BY_NAME = ("error_fields", "texts", "ran_with")
_KEYS = ("image_input_path", "video_input_path", "audio_input_path", "result_url", "preview_path")


def own_job(user_id: str, job_id: str) -> ColumnElement[bool]:
    """The condition for the job of this id, if it is the user's."""
    return (_JOB.c.id == job_id) & (_JOB.c.user_id == user_id)


def in_workspace(user_id: str, workspace_id: str | None) -> ColumnElement[bool]:
    """The condition for the user's jobs in a workspace, or with `None` in all."""
    every = _JOB.c.user_id == user_id
    return every if workspace_id is None else every & (_JOB.c.workspace_id == workspace_id)


def count(connection: Connection, ids: Select[Any]) -> int:
    """How many rows the select gives."""
    count: int = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    return count


def unfinished(
    where: Sequence[ColumnElement[bool]], limit: BindParameter[int] | None = None, as_they_start: bool = False
) -> Select[Any]:
    """Oldest first, or those that run and then those that wait in their order.

    One select a status: else SQLite reads all jobs of a user in the order of time.
    """
    each = []
    for rank, status in enumerate((JobStatus.RUNNING, JobStatus.QUEUED)):
        order = (literal(rank), *IN_ORDER) if as_they_start else (_JOB.c.created_at, _JOB.c.id)
        by = [column.label(f"by_{number}") for number, column in enumerate(order)]
        one = select(_JOB.c.id, *by).where(_JOB.c.status == status, *where)
        each.append(select(one.order_by(*by).limit(limit).subquery()))
    either = union_all(*each).subquery()
    return select(either).order_by(*list(either.c)[1:]).limit(limit)


def read_rows(connection: Connection, ids: Select[Any]) -> list[list[Row[Any]]]:
    """By one statement the rows of each job: one for each of its inputs in their order, one when it has none.

    In the order of what `ids` has besides, the newest first.
    """
    return by_job(connection.execute(_with_inputs(ids)))


def by_job(rows: Iterable[Row[Any]]) -> list[list[Row[Any]]]:
    """Consecutive rows of one job, together."""
    return [list(group) for _, group in groupby(rows, attrgetter("id"))]


def _with_inputs(ids: Select[Any]) -> Select[Any]:
    """Joined by id: of a subquery for whole jobs SQLAlchemy would describe every column again."""
    found = ids.subquery()
    input_of = (_JOB_MEDIA.c.job_id == _JOB.c.id) & _JOB_MEDIA.c.position.is_not(None)
    own = (_MEDIA_OWNER.c.media_key == _JOB_MEDIA.c.media_key) & (_MEDIA_OWNER.c.user_id == _JOB.c.user_id)
    # Every id has its job; an outer join leaves no database a choice of which comes first.
    jobs = found.outerjoin(_JOB, _JOB.c.id == found.c.id).outerjoin(_JOB_MEDIA, input_of).outerjoin(_MEDIA_OWNER, own)
    place = [*list(found.c)[1:], _JOB.c.created_at.desc(), _JOB.c.id.desc(), _JOB_MEDIA.c.position]
    key = [found.c.sort_key] if "sort_key" in found.c else []
    return select(_JOB, _JOB_MEDIA.c.media_key, FILE_NAME, *key).select_from(jobs).order_by(*place)


def _with_files(ids: Select[Any]) -> Select[Any]:
    """And in each row the file, where it is the user's."""
    return _with_inputs(ids).add_columns(*INFO).outerjoin(_MEDIA, _MEDIA.c.key == _MEDIA_OWNER.c.media_key)


# Statements are made once: making one takes longer than running it.
ANYONES = _with_inputs(IDS.where(_JOB.c.id == bindparam("job_id")))
OWN = _with_inputs(IDS.where(_JOB.c.id == bindparam("job_id"), _JOB.c.user_id == bindparam("user_id")))
OWN_WITH_FILES = _with_files(IDS.where(_JOB.c.id == bindparam("job_id"), _JOB.c.user_id == bindparam("user_id")))
_USERS = _JOB.c.user_id == bindparam("user_id")
QUEUES = [
    _with_inputs(unfinished([*where, _JOB.c.deleted_at.is_(None)], bindparam("most"), as_they_start=True))
    for where in ((_USERS,), (_USERS, _JOB.c.workspace_id == bindparam("workspace_id")))
]
"""What runs or waits, of all workspaces and of one."""
SEVERAL = _with_inputs(IDS.where(_JOB.c.id.in_(bindparam("job_ids", expanding=True))))


def to_job(rows: list[Row[Any]]) -> Job | DamagedJob:
    """The job in its rows, one for each of its inputs; a damaged one is logged, and hides neither others nor itself."""
    if problem := next(filter(None, map(problem_of, rows)), ""):
        id_, *others = (getattr(rows[0], name) for name in ("id", "model_id", "type", "prompt"))
        log_damage("job", id_, problem)
        readable = (None if isinstance(value, Damaged) else value for value in others)
        return DamagedJob(id_.problem if isinstance(id_, Damaged) else id_, problem, *readable)
    job = _job(rows)
    if job.problem:
        log_damage("job", job.id, job.problem)
    return job


def intact(job: Job | DamagedJob) -> Job:
    """The job; raises UnreadableJobError for a damaged one."""
    if isinstance(job, DamagedJob):
        raise unreadable(job.id)
    return job


def unreadable(job_id: str) -> UnreadableJobError:
    """The error for a job whose row is damaged."""
    return UnreadableJobError(f"The job {job_id} cannot be read: its row in the database is damaged.")


def _job(rows: list[Row[Any]]) -> Job:
    values: dict[str, Any] = dict(rows[0]._mapping)
    for name in ("folded_prompt", "media_key", "place", "file_name", "worker_id"):
        del values[name]
    values.pop("sort_key", None)
    read: dict[str, Any] = {
        "options": from_json(values["options"]),
        "config_snapshot": snapshot_from_json(values["config_snapshot"]),
        "resolved": texts_from_json(values["resolved"] or "{}"),
    }
    told = {name: from_json(values[name]) for name in _TEXTS_BY_NAME if values[name] is not None}
    outputs = None if values["outputs"] is None else outputs_from_json(values["outputs"])
    listed: dict[str, Any] = {"outputs": _outputs(values["result_url"]) if outputs is None else outputs}
    problem = ", ".join(_meaningless(values, read | told, outputs))
    media = tuple(row.media_key for row in rows if row.media_key is not None)
    names = {row.media_key: row.file_name for row in rows if isinstance(row.file_name, str)}
    listed |= {"labels": labels.from_column(values["labels"])}
    listed |= {"file_names": names, "resolved": read["resolved"] or {}, "media": media, "problem": problem}
    return Job(**values | read | told | listed)


def _outputs(result: str | None) -> tuple[Output, ...]:
    """The outputs of a job that is older than their column: its result alone."""
    return () if result is None else (Output(result),)


def _meaningless(
    values: Mapping[str, Any], read: Mapping[str, Any], outputs: tuple[Output, ...] | None
) -> Iterator[str]:
    """Values of the right type that have no meaning, in words."""
    yield from (f"{name} is no JSON object" for name in read if read[name] is None)
    if values["outputs"] is not None and (outputs is None or not all(is_key(one.key) for one in outputs)):
        yield "outputs is no list of files of the store"
    for name in _KEYS:
        if values[name] is not None and not is_key(values[name]):
            yield f"{name} is no file of the store: {values[name][:100]!a}"
    if values["model_version"] < 1:
        yield f"model_version is {values['model_version']}"
