"""Jobs: every user-facing call asks for the user's own in SQL, and the first terminal status wins."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    case,
    delete,
    func,
    insert,
    select,
    union_all,
    update,
)

from storage import tables
from storage.database import insert_missing, log_damage, problem_of, put_row, writing
from storage.errors import JobError, UnreadableJobError
from storage.jobs.records import (
    DamagedJob,
    Job,
    JobBasics,
    JobPage,
    NewJob,
    Place,
    Queue,
    from_cursor,
    from_json,
    snapshot_from_json,
    texts_from_json,
    to_cursor,
    to_json,
)
from storage.jobs.search import FEW, Listing, among_newest, first_ids, in_bin, newest_of, searched
from storage.media.blobs import is_key
from storage.media.store import INFO, MediaInfo, infos, not_own
from storage.tables import LONGEST_TEXT, Damaged, JobStatus, folded, now, storable

__all__ = ["DamagedJob", "Job", "JobBasics", "JobPage", "JobStatus", "JobStore", "NewJob", "Queue"]

_MOST_PER_PAGE = 200
_MOST_SAID = 10_000  # characters of what a backend says
_MOST_STEPS = 2**31 - 1  # what the column holds
_UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)
_JOB = tables.table(tables.Job)
_WORKSPACE = tables.table(tables.Workspace)
_JOB_MEDIA = tables.table(tables.JobMedia)
_MEDIA_OWNER = tables.table(tables.MediaOwner)
_MEDIA = tables.table(tables.Media)
_PREVIEW = tables.table(tables.JobPreview)
_IDS = select(_JOB.c.id)
_TEXTS_BY_NAME = ("error_fields", "texts", "ran_with")
_KEYS = ("image_input_path", "video_input_path", "audio_input_path", "result_url", "preview_path")


class JobStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # For a user: another's job is as one that does not exist.

    def create(self, new: NewJob) -> Job:
        """Queue a job; its media, its workspace and its parent must be the user's own."""
        values = asdict(new)
        media = dict.fromkeys(values.pop("media"))
        for name in ("options", "config_snapshot", "resolved"):
            values[name] = _fitting(to_json(f"The job's {name}", values[name], JobError))
        values |= {"folded_prompt": searched(new.prompt, new.resolved), "favourite": False}
        values |= {"id": str(uuid4()), "status": JobStatus.QUEUED, "created_at": now()}
        with writing(self._engine) as connection:
            _require_own(connection, new)
            if missing := not_own(connection, new.user_id, media):
                raise JobError(f"Not in the media store: {', '.join(missing)}.")
            connection.execute(insert(_JOB).values(values))
            places = [{"job_id": values["id"], "media_key": key, "position": place} for place, key in enumerate(media)]
            insert_missing(connection, _JOB_MEDIA, places)
            (rows,) = _read(connection, _IDS.where(_JOB.c.id == values["id"]))
            return _job(rows)

    def previews(self, user_id: str) -> dict[str, datetime]:
        """Of which of the user's jobs there is a picture in the making, and since when."""
        mine = select(_PREVIEW.c.job_id, _PREVIEW.c.at).join(_JOB, _JOB.c.id == _PREVIEW.c.job_id)
        mine = mine.where(_JOB.c.user_id == user_id, _JOB.c.status == JobStatus.RUNNING)
        with self._engine.connect() as connection:
            return {job_id: at for job_id, at in connection.execute(mine) if isinstance(at, datetime)}

    def preview(self, user_id: str, job_id: str) -> tuple[bytes, str] | None:
        """The picture in the making of the user's job, and its MIME type."""
        own = select(_PREVIEW.c.image, _PREVIEW.c.mime).join(_JOB, _JOB.c.id == _PREVIEW.c.job_id)
        with self._engine.connect() as connection:
            row = connection.execute(own.where(_own(user_id, job_id), *_is_running(job_id))).first()
        return None if row is None else (row.image, row.mime)

    def get(self, user_id: str, job_id: str) -> tuple[Job, dict[str, MediaInfo]] | None:
        """The user's job, trashed or not, and its inputs' files, there or gone, all by one statement.

        Raises `UnreadableJobError` when the job's row is damaged.
        """
        with self._engine.connect() as connection:
            found = connection.execute(_with_files(user_id, _IDS.where(_own(user_id, job_id)))).freeze()
        rows = list(found().columns(*_JOB.c.keys(), _JOB_MEDIA.c.media_key))
        job = _whole(_look(rows)) if rows else None
        return None if job is None else (job, infos(found().columns(*INFO)))

    def look(self, user_id: str, job_id: str) -> Job | DamagedJob | None:
        """The user's job for who shows damaged ones, too."""
        return self._find(_own(user_id, job_id))

    def basics(self, user_id: str, job_id: str) -> JobBasics | None:
        """The least of a job; it reads no other column, so that damage there does no harm, and can do without a prompt.

        Raises `UnreadableJobError` when even this is damaged.
        """
        columns = (_JOB.c.id, _JOB.c.model_id, _JOB.c.prompt, _JOB.c.type)
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(_own(user_id, job_id))).first()
        if row is None:
            return None
        id_, model_id, prompt, type_ = (None if isinstance(value, Damaged) else value for value in row)
        if id_ is None or model_id is None or type_ is None:
            raise _unreadable(job_id)
        return JobBasics(id_, model_id, prompt, type_)

    def page(
        self,
        user_id: str,
        workspace_id: str | None,
        *,
        limit: int = 24,
        cursor: str | None = None,
        model_id: str | None = None,
        type: str | None = None,  # noqa: A002 - the column's name
        status: JobStatus | None = None,
        favourite: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        search: str = "",
        trashed: bool = False,
    ) -> JobPage:
        """The user's jobs that are not trashed, or those that are.

        A filter that is `None` takes all, also the workspace. The jobs were made at `since` or after, and before
        `until`. `search` is looked for in the prompt as written and as the model got it, in any case. Damaged rows are
        logged, and stand where they are sorted.
        """
        facets: dict[str, Any] = {"user_id": user_id, "workspace_id": workspace_id, "model_id": model_id, "type": type}
        facets |= {"status": status, "favourite": favourite}
        wanted = {name: value for name, value in facets.items() if value is not None}
        listing = Listing(wanted, since, until, folded(storable(search)), trashed=trashed)
        limit, place = max(1, min(limit, _MOST_PER_PAGE)), Place() if cursor is None else from_cursor(cursor)
        with self._engine.connect() as connection:
            return _page(connection, listing, place, limit)

    def queue(self, user_id: str, workspace_id: str | None, limit: int = 20) -> Queue:
        """Queued and running jobs, oldest first; with `None` those of every workspace."""
        where = [_of(user_id, workspace_id), _JOB.c.deleted_at.is_(None)]
        with self._engine.connect() as connection:
            jobs = _oldest_first(connection, where, limit)
            total = len(jobs)
            if total == limit:
                ids = _IDS.where(*where, _JOB.c.status.in_(_UNFINISHED))
                total = _count(connection, ids)
        return Queue(jobs, total)

    def maker(self, user_id: str, keys: Sequence[str]) -> str | None:
        """The id of the user's newest job that has one of these media keys as its result."""
        where = (_JOB.c.user_id == user_id, _JOB.c.result_url.in_(keys))
        newest = newest_of(_IDS, where, 1)
        with self._engine.connect() as connection:
            found: str | None = connection.execute(newest).scalar()
        return found

    def set_favourite(self, user_id: str, job_id: str, favourite: bool) -> bool:
        return self._update([_own(user_id, job_id)], favourite=favourite)

    def trash(self, user_id: str, job_id: str) -> bool:
        """Put a job into the bin; one that has not finished is cancelled by that."""
        unfinished = _JOB.c.status.in_(_UNFINISHED)
        return self._update(
            [_own(user_id, job_id), _JOB.c.deleted_at.is_(None)],
            deleted_at=now(),
            status=case((unfinished, JobStatus.CANCELLED), else_=_JOB.c.status),
            completed_at=case((unfinished, now()), else_=_JOB.c.completed_at),
        )

    def untrash(self, user_id: str, job_id: str) -> bool:
        """Take a job out of the bin, into the user's oldest workspace when its own was deleted meanwhile."""
        oldest = select(_WORKSPACE.c.id).where(_WORKSPACE.c.user_id == user_id)
        oldest = oldest.order_by(_WORKSPACE.c.created_at, _WORKSPACE.c.id).limit(1)
        return self._update(
            [_own(user_id, job_id), _JOB.c.deleted_at.is_not(None)],
            deleted_at=None,
            workspace_id=func.coalesce(_JOB.c.workspace_id, oldest.scalar_subquery()),
        )

    def request_cancel(self, user_id: str, job_id: str) -> bool:
        """Cancel a queued or running job; the runner learns it from its next report."""
        where = [_own(user_id, job_id), _JOB.c.status.in_(_UNFINISHED)]
        return self._update(where, status=JobStatus.CANCELLED, completed_at=now())

    def request_cancel_all(self, user_id: str, workspace_id: str) -> tuple[str, ...]:
        """Cancel what waits or runs in a workspace; returns the ids of these jobs."""
        where = [_of(user_id, workspace_id), _JOB.c.status.in_(_UNFINISHED)]
        statement = update(_JOB).where(*where).values(status=JobStatus.CANCELLED, completed_at=now())
        with self._engine.begin() as connection:
            return tuple(connection.execute(statement.returning(_JOB.c.id)).scalars())

    # For the runner, which is trusted: no user is asked for.

    def load(self, job_id: str) -> Job | None:
        return _whole(self._find(_JOB.c.id == job_id))

    def unfinished(self) -> tuple[Job, ...]:
        """Every user's queued and running jobs, oldest first."""
        with self._engine.connect() as connection:
            return _oldest_first(connection, [])

    def is_unfinished(self, job_id: str) -> bool:
        """Whether the job waits or runs; `False` also when there is none of that id."""
        with self._engine.connect() as connection:
            return _count(connection, _IDS.where(_JOB.c.id == job_id, _JOB.c.status.in_(_UNFINISHED))) == 1

    def start(self, job_id: str) -> bool:
        """Whether the job is to be run: true again for one that was running when the server stopped."""
        started = func.coalesce(_JOB.c.started_at, now())
        where = [_JOB.c.id == job_id, _JOB.c.status.in_(_UNFINISHED)]
        return self._update(where, status=JobStatus.RUNNING, started_at=started, progress=0.0)

    def runs(self, job_id: str) -> bool:
        """Whether the job still runs; `False` means that it was cancelled."""
        with self._engine.connect() as connection:
            return connection.execute(select(_JOB.c.id).where(*_is_running(job_id))).first() is not None

    def report(
        self,
        job_id: str,
        progress: float,
        text: str,
        step: int | None = None,
        of: int | None = None,
        rate: float | None = None,
    ) -> bool:
        """Note how far (0..1) a job is, at which step of how many, and how many of them it makes a second.

        `False` means that it runs no longer: it was cancelled.
        """
        steps = {"progress_step": _counted(step), "progress_of": _counted(of), "progress_rate": _finite(rate)}
        told = {"progress": max(0.0, min(1.0, progress)), "progress_text": text[:_MOST_SAID], **steps}
        return self._update(_is_running(job_id), **told)

    def note(
        self,
        job_id: str,
        *,
        backend_job_id: str | None = None,
        ran_with: Mapping[str, str] | None = None,
        cost: float | None = None,
        spent_seconds: float | None = None,
    ) -> None:
        """Keep how a job runs, also of one that was cancelled meanwhile; `None` leaves what is there."""
        told: dict[str, Any] = {
            "backend_job_id": backend_job_id,
            "cost": _finite(cost),
            "spent_seconds": _finite(spent_seconds),
        }
        if ran_with:
            told |= {"ran_with": _fitting(to_json("What the job ran with", _told(ran_with), JobError))}
        given = {name: value for name, value in told.items() if value is not None}
        if given:
            self._update([_JOB.c.id == job_id], **given)

    def show(self, job_id: str, image: bytes, mime: str) -> None:
        """Keep a picture in the making, in place of the one before; of a job that runs no longer there is none."""
        with writing(self._engine) as connection:
            if connection.execute(_held(select(_JOB.c.id).where(*_is_running(job_id)))).first():
                put_row(connection, _PREVIEW, {"job_id": job_id, "image": image, "mime": mime, "at": now()})

    def end_preview(self, job_id: str) -> None:
        """Forget the picture in the making."""
        with self._engine.begin() as connection:
            connection.execute(delete(_PREVIEW).where(_PREVIEW.c.job_id == job_id))

    def complete(
        self, job_id: str, outputs: Sequence[str], texts: Mapping[str, str | int | float] | None = None
    ) -> bool:
        """Finish a running job; the outputs' keys, of which the first is the result, become the job's and its user's.

        The objects must be stored before; of a long text in `texts` the beginning is kept. `False`: it was cancelled
        meanwhile, and nothing is registered.
        """
        done: dict[str, Any] = {"status": JobStatus.COMPLETED, "completed_at": now(), "progress": 1.0}
        done |= {"texts": _fitting(to_json("The result's texts", _told(texts), JobError)) if texts else None}
        result, keys = next(iter(outputs), None), set(outputs)
        with self._engine.begin() as connection:
            statement = update(_JOB).where(*_is_running(job_id)).values(**done, result_url=result)
            user = connection.execute(statement.returning(_JOB.c.user_id)).scalar()
            if user is None:
                return False
            _require_media(connection, keys)
            _register_outputs(connection, user, job_id, keys)
        return True

    def fail(self, job_id: str, error: str, fields: Mapping[str, str] | None = None, detail: str = "") -> bool:
        """End a job with a sentence, more of them by parameter, and for who looks closer the end of a log."""
        where = [_JOB.c.id == job_id, _JOB.c.status.in_(_UNFINISHED)]
        said = {name: sentence[:_MOST_SAID] for name, sentence in (fields or {}).items()}
        why = {
            "error": error[:_MOST_SAID],
            "error_fields": to_json("What is wrong with the fields", said, JobError) if said else None,
            "error_detail": detail[-_MOST_SAID:] or None,
        }
        return self._update(where, status=JobStatus.FAILED, completed_at=now(), **why)

    def _update(self, where: Sequence[ColumnElement[bool]], **values: Any) -> bool:
        with self._engine.begin() as connection:
            return connection.execute(update(_JOB).where(*where).values(values)).rowcount == 1

    def _find(self, where: ColumnElement[bool]) -> Job | DamagedJob | None:
        with self._engine.connect() as connection:
            found = _read(connection, _IDS.where(where))
        return _look(found[0]) if found else None


def _oldest_first(
    connection: Connection, where: Sequence[ColumnElement[bool]], limit: int | None = None
) -> tuple[Job, ...]:
    """The unfinished ones, one select a status: else SQLite reads all jobs of a user in the order of time."""
    order = (_JOB.c.created_at, _JOB.c.id)
    one = select(_JOB.c.id, _JOB.c.created_at).order_by(*order).limit(limit)
    each = [one.where(_JOB.c.status == status, *where).subquery() for status in _UNFINISHED]
    either = union_all(*map(select, each)).subquery()
    unfinished = select(either.c.id).order_by(either.c.created_at, either.c.id).limit(limit)
    found = map(_look, _read(connection, unfinished, newest_first=False))
    return tuple(job for job in found if isinstance(job, Job))


def _page(connection: Connection, listing: Listing, place: Place, limit: int) -> JobPage:
    left = replace(listing, after=place.after)
    if listing.trashed:
        jobs = _first(connection, [_JOB.c.id.in_(in_bin(left))], place, limit)
        return _as_page(jobs, place, limit, _count(connection, in_bin(listing).limit(FEW + 1)), FEW)
    indexed = _count(connection, newest_of(_IDS, listing.indexed.where(), FEW + 1))
    if listing == listing.indexed:
        return _as_page(_first(connection, left.where(), place, limit), place, limit, indexed, FEW)
    if indexed <= FEW:
        jobs = _first(connection, [_JOB.c.id.in_(among_newest(left, FEW))], place, limit)
        return _as_page(jobs, place, limit, _count(connection, among_newest(listing, FEW)), FEW)
    # By nothing but the ids: SQLite would rather look at all of a user's jobs in their order.
    jobs = _first(connection, [_JOB.c.id.in_(first_ids(connection, left, place.skip + limit + 1))], place, limit)
    return _as_page(jobs, place, limit, len(jobs) if place == Place() else limit + 1, limit)


def _count(connection: Connection, ids: Select[Any]) -> int:
    count: int = connection.execute(select(func.count()).select_from(ids.subquery())).scalar_one()
    return count


def _first(
    connection: Connection, where: Sequence[ColumnElement[bool]], place: Place, limit: int
) -> list[list[Row[Any]]]:
    """The jobs of a page and one more."""
    return _read(connection, newest_of(_IDS, where, limit + 1).offset(place.skip))


def _as_page(found: list[list[Row[Any]]], place: Place, limit: int, total: int, most: int) -> JobPage:
    shown = found[:limit]
    for created_at, id_ in ((rows[0].created_at, rows[0].id) for rows in shown):
        is_damaged = isinstance(created_at, Damaged) or isinstance(id_, Damaged)
        place = Place(place.after, place.skip + 1) if is_damaged else Place((created_at, id_))
    following = to_cursor(place) if len(found) > limit else None
    return JobPage(tuple(map(_look, shown)), following, min(total, most), total <= most)


def _of(user_id: str, workspace_id: str | None) -> ColumnElement[bool]:
    every = _JOB.c.user_id == user_id
    return every if workspace_id is None else every & (_JOB.c.workspace_id == workspace_id)


def _own(user_id: str, job_id: str) -> ColumnElement[bool]:
    return (_JOB.c.id == job_id) & (_JOB.c.user_id == user_id)


def _fitting(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise JobError(f"This form holds {len(text) / 1e6:.1f} MB of text; a job keeps at most 1 MB.")
    return text


def _finite(number: float | None) -> float | None:
    """The number, `None` for what no column of numbers holds; a backend may have it from anywhere."""
    return number if number is not None and math.isfinite(number) else None


def _counted(number: float | None) -> int | None:
    return None if _finite(number) is None else int(max(0, min(number or 0, _MOST_STEPS)))


def _told(texts: Mapping[str, object]) -> dict[str, Any]:
    """Texts and numbers as JSON takes them: long ones cut, anything else as it is written."""
    return {
        name: value if isinstance(value, int | float) and abs(value) < 2**63 else str(value)[:_MOST_SAID]
        for name, value in texts.items()
    }


def _is_running(job_id: str) -> list[ColumnElement[bool]]:
    return [_JOB.c.id == job_id, _JOB.c.status == JobStatus.RUNNING]


def _require_own(connection: Connection, new: NewJob) -> None:
    """Say the same of another user's workspace or job as of one that does not exist."""
    for what, table, id_ in (("workspace", _WORKSPACE, new.workspace_id), ("parent job", _JOB, new.parent_job_id)):
        own = select(table.c.id).where(table.c.id == id_, table.c.user_id == new.user_id)
        if id_ is not None and connection.execute(_held(own)).first() is None:
            raise JobError(f"The {what} {id_!r} does not exist.")


def _require_media(connection: Connection, keys: Iterable[str]) -> None:
    known = connection.execute(_held(select(_MEDIA.c.key).where(_MEDIA.c.key.in_(keys)))).scalars().all()
    if missing := sorted(set(keys).difference(known)):
        raise JobError(f"Not in the media store: {', '.join(missing)}.")


def _held(rows: Select[Any]) -> Select[Any]:
    """Rows that PostgreSQL lets nobody delete until the transaction ends; SQLite has but one lock, which we have."""
    return rows.with_for_update(read=True, key_share=True)


def _register_outputs(connection: Connection, user_id: str, job_id: str, keys: Iterable[str]) -> None:
    uses = [{"job_id": job_id, "media_key": key, "position": None} for key in keys]
    insert_missing(connection, _JOB_MEDIA, uses)
    rights = [
        {"user_id": user_id, "media_key": key, "name": key.rpartition("/")[2], "created_at": now()} for key in keys
    ]
    insert_missing(connection, _MEDIA_OWNER, rights)


def _unreadable(job_id: str) -> UnreadableJobError:
    return UnreadableJobError(f"The job {job_id} cannot be read: its row in the database is damaged.")


def _read(connection: Connection, ids: Select[Any], newest_first: bool = True) -> list[list[Row[Any]]]:
    """By one statement the rows of each job: one for each of its inputs in their order, one when it has none."""
    rows = connection.execute(_with_inputs(ids, newest_first))
    return [list(group) for _, group in groupby(rows, attrgetter("id"))]


def _with_inputs(ids: Select[Any], newest_first: bool = True) -> Select[Any]:
    """The jobs are found by their ids: of a subquery for whole ones SQLAlchemy would describe every column anew."""
    found = ids.subquery()
    input_of = (_JOB_MEDIA.c.job_id == _JOB.c.id) & _JOB_MEDIA.c.position.is_not(None)
    # Every id has its job; an outer join leaves no database a choice of which comes first.
    jobs = found.outerjoin(_JOB, _JOB.c.id == found.c.id).outerjoin(_JOB_MEDIA, input_of)
    place = [column.desc() if newest_first else column for column in (_JOB.c.created_at, _JOB.c.id)]
    return select(_JOB, _JOB_MEDIA.c.media_key).select_from(jobs).order_by(*place, _JOB_MEDIA.c.position)


def _with_files(user_id: str, ids: Select[Any]) -> Select[Any]:
    """And in each row the file, where it is the user's."""
    own = (_MEDIA_OWNER.c.media_key == _JOB_MEDIA.c.media_key) & (_MEDIA_OWNER.c.user_id == user_id)
    with_owners = _with_inputs(ids).add_columns(*INFO).outerjoin(_MEDIA_OWNER, own)
    return with_owners.outerjoin(_MEDIA, _MEDIA.c.key == _MEDIA_OWNER.c.media_key)


def _look(rows: list[Row[Any]]) -> Job | DamagedJob:
    """One damaged job must not hide the others, nor itself."""
    if problem := next(filter(None, map(problem_of, rows)), ""):
        id_, *others = (getattr(rows[0], name) for name in ("id", "model_id", "type", "prompt"))
        log_damage("job", id_, problem)
        readable = (None if isinstance(value, Damaged) else value for value in others)
        return DamagedJob(id_.problem if isinstance(id_, Damaged) else id_, problem, *readable)
    job = _job(rows)
    if job.problem:
        log_damage("job", job.id, job.problem)
    return job


def _whole(job: Job | DamagedJob | None) -> Job | None:
    if isinstance(job, DamagedJob):
        raise _unreadable(job.id)
    return job


def _job(rows: list[Row[Any]]) -> Job:
    values: dict[str, Any] = dict(rows[0]._mapping)
    del values["folded_prompt"], values["media_key"]
    read: dict[str, Any] = {
        "options": from_json(values["options"]),
        "config_snapshot": snapshot_from_json(values["config_snapshot"]),
        "resolved": texts_from_json(values["resolved"] or "{}"),
    }
    told = {name: from_json(values[name]) for name in _TEXTS_BY_NAME if values[name] is not None}
    problem = ", ".join(_senseless(values, read | told))
    media = tuple(row.media_key for row in rows if row.media_key is not None)
    return Job(**values | read | told | {"resolved": read["resolved"] or {}, "media": media, "problem": problem})


def _senseless(values: Mapping[str, Any], read: Mapping[str, Any]) -> Iterator[str]:
    """What is of the right type and means nothing."""
    yield from (f"{name} is no JSON object" for name in read if read[name] is None)
    for name in _KEYS:
        if values[name] is not None and not is_key(values[name]):
            yield f"{name} is no file of the store: {values[name][:100]!a}"
    if values["model_version"] < 1:
        yield f"model_version is {values['model_version']}"
