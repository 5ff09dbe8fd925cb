"""The job store: a query for a user is limited in SQL to the user's own rows, and the first terminal status stays."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from storage import tables
from storage.database import insert_missing, put_row, writing
from storage.errors import JobError
from storage.jobs import labels as job_labels
from storage.jobs.activity import Activity, activity, changes
from storage.jobs.links import Found, LinkKind, Producers, Source, add_links, producers, sources_of, uses_of
from storage.jobs.pages import page_of, place_after
from storage.jobs.query import Field, Query, parse, plain
from storage.jobs.queue import last_place, note_time
from storage.jobs.records import (
    DamagedJob,
    Job,
    JobBasics,
    JobPage,
    Lineage,
    Link,
    NewJob,
    Output,
    Place,
    Queue,
    from_cursor,
    outputs_from_json,
    to_json,
)
from storage.jobs.rows import (
    ANYONES,
    FILE_NAME,
    IDS,
    OWN,
    OWN_WITH_FILES,
    QUEUES,
    SEVERAL,
    by_job,
    count,
    in_workspace,
    intact,
    own_job,
    read_rows,
    to_job,
    unfinished,
    unreadable,
)
from storage.jobs.search import Listing
from storage.jobs.search_text import search_text
from storage.jobs.sorting import MOST_STARS, Sort
from storage.media.store import INFO, MediaInfo, infos, names_of, not_own
from storage.tables import LONGEST_TEXT, Damaged, JobStatus, now

__all__ = [
    "DamagedJob",
    "Job",
    "JobBasics",
    "JobPage",
    "JobStatus",
    "JobStore",
    "Lineage",
    "Link",
    "LinkKind",
    "NewJob",
    "Output",
    "Queue",
    "Source",
]

_MOST_PER_PAGE = 200
_AT_ONCE = 500  # jobs of a transaction
_MOST_LINKS = 24
_MOST_SAID = 10_000  # characters of what a backend says
_MOST_STEPS = 2**31 - 1  # what the column holds
_UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)
_JOB = tables.table(tables.Job)
_WORKSPACE = tables.table(tables.Workspace)
_JOB_MEDIA = tables.table(tables.JobMedia)
_MEDIA_OWNER = tables.table(tables.MediaOwner)
_MEDIA = tables.table(tables.Media)
_PREVIEW = tables.table(tables.JobPreview)
_ELSEWHERE = UUID("3f1c2a68-5d0e-4b5f-9a53-6a1f0d6d2e11")
"""Names the ids of jobs that were made elsewhere, so that one job's outputs find each other."""
_JSON = ("options", "config_snapshot", "resolved")
_SAME_JOB = ("user_id", "model_id", "options", "resolved")


class JobStore:
    """The jobs in the database; a user may have `most_waiting` queued, any number where that is `None`.

    Where a `worker_id` is given, the runner's methods do nothing to a job that another worker has by now: a process
    that was suspended for a while must not write over the run of the worker that took its job.
    """

    def __init__(self, engine: Engine, most_waiting: int | None = None, worker_id: str | None = None) -> None:
        self._engine = engine
        self._most_waiting = most_waiting
        self._worker_id = worker_id

    # For a user: another user's job counts as one that does not exist.

    def create(self, new: NewJob) -> Job:
        """Queue a job; its media and its workspace must be the user's own.

        Sources that are not the user's, or no longer there, are left out.
        """
        values = _columns(new)
        media = dict.fromkeys(new.media)
        for name in _JSON:
            values[name] = _fitting(to_json(f"The job's {name}", values[name], JobError))
        values |= {"favourite": False, "id": str(uuid4()), "status": JobStatus.QUEUED, "created_at": now()}
        with writing(self._engine) as connection:
            _require_own(connection, new.user_id, new.workspace_id)
            if missing := not_own(connection, new.user_id, media):
                raise JobError(f"Not in the media store: {', '.join(missing)}.")
            self._require_room(connection, new.user_id)
            values["place"] = last_place(connection, new.user_id)
            values["folded_prompt"] = _search_text(new, names_of(connection, new.user_id, media))
            connection.execute(insert(_JOB).values(values))
            _register_inputs(connection, values["id"], media)
            add_links(connection, new.user_id, values["id"], new.sources)
            return intact(to_job(list(connection.execute(ANYONES, {"job_id": values["id"]}))))

    def _require_room(self, connection: Connection, user_id: str) -> None:
        most = self._most_waiting
        if most is None:
            return
        waiting = IDS.where(_JOB.c.user_id == user_id, _JOB.c.status == JobStatus.QUEUED)
        if count(connection, waiting.limit(most)) >= most:
            raise JobError(
                f"{most} of your jobs wait already, as many as this studio takes: "
                "wait until one of them has started, or cancel some."
            )

    def add_finished(
        self,
        new: NewJob,
        output: Output,
        made_at: datetime,
        ran_with: Mapping[str, str] | None = None,
        job_elsewhere: str | None = None,
    ) -> bool:
        """Store a result that was made elsewhere as a job that finished at `made_at`; its files must be the user's own.

        Results with one `job_elsewhere` become the outputs of one job. `False`: a job of the user, perhaps one in the
        bin, made these bytes already, and nothing is added.
        """
        values = _columns(new)
        told = {"ran_with": _as_json(ran_with or {}), **{name: values[name] for name in _JSON}}
        values |= {name: _fitting(to_json(f"The job's {name}", value, JobError)) for name, value in told.items()}
        values |= {"favourite": False, "progress": 1.0, "status": JobStatus.COMPLETED}
        values |= {"created_at": made_at, "completed_at": made_at, "outputs": _listed([])}
        with writing(self._engine) as connection:
            _require_own(connection, new.user_id, new.workspace_id)
            if missing := not_own(connection, new.user_id, [output.key, *new.media]):
                raise JobError(f"Not in the media store: {', '.join(missing)}.")
            # PostgreSQL would let two of one content look at the same time.
            connection.execute(select(_MEDIA.c.key).where(_MEDIA.c.key == output.key).with_for_update())
            if producers(connection, new.user_id, [output.key]):
                return False
            values["folded_prompt"] = _search_text(new, names_of(connection, new.user_id, new.media))
            job_id = _place_of_output(connection, values, job_elsewhere)
            _add_output(connection, job_id, output)
            _register_inputs(connection, job_id, new.media)
            _register_outputs(connection, new.user_id, job_id, [output.key])
        return True

    def made(self, user_id: str, digest: str) -> bool:
        """Whether an output of the user's jobs has this SHA-256, in hexadecimal digits."""
        stem = f"{digest[:2]}/{digest}"
        of_digest = (_JOB_MEDIA.c.media_key > f"{stem}.") & (_JOB_MEDIA.c.media_key < f"{stem}/")  # "/" follows "."
        made = select(_JOB.c.id).join(_JOB_MEDIA, _JOB_MEDIA.c.job_id == _JOB.c.id)
        made = made.where(of_digest, _JOB_MEDIA.c.position.is_(None), _JOB.c.user_id == user_id).limit(1)
        with self._engine.connect() as connection:
            return connection.execute(made).first() is not None

    def previews(self, user_id: str) -> dict[str, datetime]:
        """The user's running jobs that have a live preview, each with the time of that."""
        mine = select(_PREVIEW.c.job_id, _PREVIEW.c.at).join(_JOB, _JOB.c.id == _PREVIEW.c.job_id)
        mine = mine.where(_JOB.c.user_id == user_id, _JOB.c.status == JobStatus.RUNNING)
        with self._engine.connect() as connection:
            return {job_id: at for job_id, at in connection.execute(mine) if isinstance(at, datetime)}

    def preview(self, user_id: str, job_id: str) -> tuple[bytes, str] | None:
        """The live preview of the user's running job, and its MIME type."""
        own = select(_PREVIEW.c.image, _PREVIEW.c.mime).join(_JOB, _JOB.c.id == _PREVIEW.c.job_id)
        with self._engine.connect() as connection:
            row = connection.execute(own.where(own_job(user_id, job_id), *_is_running(job_id))).first()
        return None if row is None else (row.image, row.mime)

    def check(self) -> None:
        """Raise DatabaseFaultError if the jobs cannot be read."""
        with self._engine.connect() as connection:
            connection.execute(IDS.limit(1)).first()

    def find_with_files(self, user_id: str, job_id: str) -> tuple[Job, dict[str, MediaInfo]] | None:
        """The user's job, trashed or not, and its inputs' files, there or gone, by one statement.

        Raises `UnreadableJobError` when the job's row is damaged.
        """
        with self._engine.connect() as connection:
            found = connection.execute(OWN_WITH_FILES, {"user_id": user_id, "job_id": job_id}).freeze()
        rows = list(found().columns(*_JOB.c.keys(), _JOB_MEDIA.c.media_key, FILE_NAME))
        return (intact(to_job(rows)), infos(found().columns(*INFO))) if rows else None

    def find(self, user_id: str, job_id: str) -> Job | DamagedJob | None:
        """The user's job, trashed or not, also a damaged one."""
        return self._find(OWN, {"user_id": user_id, "job_id": job_id})

    def basics(self, user_id: str, job_id: str) -> JobBasics | None:
        """Id, model, prompt and type of a job; other columns may be damaged, and the prompt, which is `None` then.

        Raises `UnreadableJobError` when one of the others is.
        """
        columns = (_JOB.c.id, _JOB.c.model_id, _JOB.c.prompt, _JOB.c.type)
        with self._engine.connect() as connection:
            row = connection.execute(select(*columns).where(own_job(user_id, job_id))).first()
        if row is None:
            return None
        id_, model_id, prompt, type_ = (None if isinstance(value, Damaged) else value for value in row)
        if id_ is None or model_id is None or type_ is None:
            raise unreadable(job_id)
        return JobBasics(id_, model_id, prompt, type_)

    def page(
        self,
        user_id: str,
        workspace_id: str | None,
        *,
        limit: int = 24,
        cursor: str | None = None,
        newer: bool = False,
        at: datetime | None = None,
        after: str | None = None,
        model_id: str | None = None,
        type: str | None = None,  # noqa: A002 - the column's name
        status: JobStatus | None = None,
        favourite: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        search: str | Query = "",
        rating: int | None = None,
        label: str | None = None,
        trashed: bool = False,
        sort: Sort = "time",
        names: Mapping[str, str] | None = None,
    ) -> JobPage:
        """A page of the user's jobs, or with `trashed` of those in the bin: the first ones, or those after the cursor.

        With `newer` they are those before the cursor, or the last; with `at`, those from before that time on, where
        they are sorted by it; with `after`, those after the user's job of that id, where there is one. `names` are
        those of the models by their ids: one that has none is sorted by its id. A filter that is `None` takes all, also
        the workspace. The jobs were made at `since` or after, and before `until`, have at least `rating` stars, and the
        `label`. Damaged rows are logged, and stand where they are sorted.
        """
        facets: dict[str, Any] = {"user_id": user_id, "workspace_id": workspace_id, "model_id": model_id, "type": type}
        facets |= {"status": status, "favourite": favourite}
        wanted = {name: value for name, value in facets.items() if value is not None}
        rated = (rating or 0, MOST_STARS)
        terms = (parse(search) if isinstance(search, str) else search).terms
        terms += (Field(("label",), "=", plain(label)),) if label else ()
        listing = Listing(wanted, since, until, terms, rated, trashed=trashed, reversed=newer, sort=sort)
        listing = replace(listing, names=names or {})
        place = Place((at, "") if at and sort == "time" else None) if cursor is None else from_cursor(cursor, sort)
        limit = max(1, min(limit, _MOST_PER_PAGE))
        with self._engine.connect() as connection:
            return page_of(connection, listing, place_after(connection, listing, after) if after else place, limit)

    def queue(self, user_id: str, workspace_id: str | None, limit: int = 20) -> Queue:
        """Running jobs, and those that wait in the order in which they start; with `None` of every workspace."""
        asked = {"user_id": user_id, "workspace_id": workspace_id, "most": limit}
        with self._engine.connect() as connection:
            found = map(to_job, by_job(connection.execute(QUEUES[workspace_id is not None], asked)))
            jobs = tuple(job for job in found if isinstance(job, Job))
            total = len(jobs)
            if total == limit:
                where = (
                    in_workspace(user_id, workspace_id),
                    _JOB.c.deleted_at.is_(None),
                    _JOB.c.status.in_(_UNFINISHED),
                )
                total = count(connection, IDS.where(*where))
        return Queue(jobs, total)

    def activity(self, user_id: str) -> Activity:
        """How many of the user's jobs run and wait, and which have ended last, in all workspaces."""
        with self._engine.connect() as connection:
            return activity(connection, user_id)

    def changes(self, user_id: str) -> int:
        """A number that grows whenever one of the user's jobs or workspaces changes, whichever process changed it.

        Pausing and going on counts too, the progress of a job does not.
        """
        with self._engine.connect() as connection:
            return changes(connection, user_id)

    def producers(self, user_id: str, keys: Collection[str]) -> dict[str, Producers]:
        """By media key, which of the user's jobs made the object; keys that none of them made are left out."""
        if not keys:
            return {}
        with self._engine.connect() as connection:
            return producers(connection, user_id, keys)

    def lineage(self, user_id: str, job_id: str) -> Lineage:
        """What the user's job came from and what came from it, also jobs in the bin; of another's job nothing."""
        with self._engine.connect() as connection:
            sources, uses = (find(connection, user_id, job_id, _MOST_LINKS) for find in (sources_of, uses_of))
            linked = {one.job_id for found in (sources, uses) for one in found.links}
            found = by_job(connection.execute(SEVERAL, {"job_ids": list(linked)})) if linked else []
        jobs = {rows[0].id: to_job(rows) for rows in found}
        return Lineage(_links(sources, jobs), sources.total, _links(uses, jobs), uses.total)

    def some(self, user_id: str, job_ids: Collection[str]) -> tuple[Job | DamagedJob, ...]:
        """The user's jobs of these ids, trashed or not, the newest first."""
        with self._engine.connect() as connection:
            return tuple(map(to_job, read_rows(connection, IDS.where(_own_jobs(user_id, job_ids)))))

    def set_favourites(self, user_id: str, job_ids: Collection[str], favourite: bool) -> tuple[str, ...]:
        """Mark several jobs, or take their marks away; returns the ids of those that the user has."""
        return self._update_all([_own_jobs(user_id, job_ids)], favourite=favourite)

    def trash_all(self, user_id: str, job_ids: Collection[str]) -> tuple[str, ...]:
        """Put several jobs into the bin, returns the ids of those that were not there."""
        where = [_own_jobs(user_id, job_ids), _JOB.c.deleted_at.is_(None)]
        return self._update_all(where, **_trashed())

    def untrash_all(self, user_id: str, job_ids: Collection[str]) -> tuple[str, ...]:
        """Take several jobs out of the bin, as `untrash` does one; returns the ids of those that were there."""
        where = [_own_jobs(user_id, job_ids), _JOB.c.deleted_at.is_not(None)]
        return self._update_all(where, **_untrashed(user_id))

    def move(self, user_id: str, job_ids: Collection[str], workspace_id: str) -> dict[str, str | None]:
        """Put jobs into another workspace of the user; returns where those were that have moved, by their ids."""
        where = [_own_jobs(user_id, job_ids), _JOB.c.workspace_id.is_distinct_from(workspace_id)]
        with writing(self._engine) as connection:
            _require_own(connection, user_id, workspace_id)
            before = select(_JOB.c.id, _JOB.c.workspace_id).where(*where).with_for_update()
            moved = {row.id: row.workspace_id for row in connection.execute(before)}
            connection.execute(update(_JOB).where(*where).values(workspace_id=workspace_id))
        return moved

    def set_favourite(self, user_id: str, job_id: str, favourite: bool) -> bool:
        """Mark a job, or take the mark away; `False` when the user has no such job."""
        return self._update([own_job(user_id, job_id)], favourite=favourite)

    def rate(self, user_id: str, job_id: str, rating: int | None) -> bool:
        """Give a job 1 to 5 stars, or none."""
        if rating is not None and not 1 <= rating <= MOST_STARS:
            raise JobError(f"A job has 1 to {MOST_STARS} stars, not {rating}.")
        return self._update([own_job(user_id, job_id)], rating=rating)

    def label(self, user_id: str, job_ids: Collection[str], label: str, on: bool) -> tuple[str, ...]:
        """Give several jobs a label, or take it away; returns the ids of those that changed. JobError for a bad one."""
        meant = job_labels.cleaned(label)
        with writing(self._engine) as connection:
            name = job_labels.spelled(connection, user_id, meant)
            change = job_labels.with_one if on else job_labels.without
            return tuple(
                job_labels.change(connection, user_id, [_JOB.c.id.in_(job_ids)], lambda had: change(had, name))
            )

    def labels(self, user_id: str) -> tuple[job_labels.Label, ...]:
        """The user's labels, by their names."""
        with self._engine.connect() as connection:
            return tuple(job_labels.used(connection, user_id))

    def rename_label(self, user_id: str, label: str, name: str) -> tuple[str, ...]:
        """Rename a label on all jobs that have it, and return their ids; raises JobError where the name is taken."""
        meant = job_labels.cleaned(name)
        with writing(self._engine) as connection:
            names = {plain(one.name) for one in job_labels.used(connection, user_id)} - {plain(label)}
            if plain(meant) in names:
                raise JobError(f"There is a label “{meant}” already: choose another name.")
            return job_labels.everywhere(
                connection,
                user_id,
                lambda had: tuple(meant if plain(one) == plain(label) else one for one in had),
            )

    def delete_label(self, user_id: str, label: str) -> tuple[str, ...]:
        """Take a label away from all jobs; returns the ids of those that had it."""
        with writing(self._engine) as connection:
            return job_labels.everywhere(connection, user_id, lambda had: job_labels.without(had, label))

    def trash(self, user_id: str, job_id: str) -> bool:
        """Put a job into the bin; one that has not finished is cancelled by that."""
        return self._update([own_job(user_id, job_id), _JOB.c.deleted_at.is_(None)], **_trashed())

    def delete_forever(self, user_id: str, job_id: str) -> bool:
        """Delete a job that is in the bin; files that nobody else needs go with the next sweep."""
        with self._engine.begin() as connection:
            gone = delete(_JOB).where(own_job(user_id, job_id), _JOB.c.deleted_at.is_not(None))
            return connection.execute(gone).rowcount == 1

    def empty_bin(self, user_id: str, workspace_id: str | None) -> int:
        """Delete what is in the bin of a workspace, or of all; how many. Some at a time: others write between."""
        some = (
            select(_JOB.c.id).where(in_workspace(user_id, workspace_id), _JOB.c.deleted_at.is_not(None)).limit(_AT_ONCE)
        )
        count = 0
        while True:
            with self._engine.begin() as connection:
                gone = connection.execute(delete(_JOB).where(_JOB.c.id.in_(some), _JOB.c.deleted_at.is_not(None)))
            count += gone.rowcount
            if gone.rowcount == 0:
                return count

    def untrash(self, user_id: str, job_id: str) -> bool:
        """Take a job out of the bin, into the user's oldest workspace when its own was deleted meanwhile."""
        return self._update([own_job(user_id, job_id), _JOB.c.deleted_at.is_not(None)], **_untrashed(user_id))

    def request_cancel(self, user_id: str, job_id: str) -> bool:
        """Cancel a queued or running job; the runner learns it from its next report."""
        where = [own_job(user_id, job_id), _JOB.c.status.in_(_UNFINISHED)]
        return self._update(where, status=JobStatus.CANCELLED, completed_at=now())

    def request_cancel_all(self, user_id: str, workspace_id: str | None) -> tuple[str, ...]:
        """Cancel what waits or runs in a workspace, with `None` in all; returns the ids of these jobs."""
        where = [in_workspace(user_id, workspace_id), _JOB.c.status.in_(_UNFINISHED)]
        statement = update(_JOB).where(*where).values(status=JobStatus.CANCELLED, completed_at=now())
        with self._engine.begin() as connection:
            return tuple(connection.execute(statement.returning(_JOB.c.id)).scalars())

    # For the runner, which is trusted: any user's job.

    def _claimed(self, job_id: str) -> ColumnElement[bool]:
        """The condition for the job of this id, if this store's worker has it."""
        one = _JOB.c.id == job_id
        return one if self._worker_id is None else one & (_JOB.c.worker_id == self._worker_id)

    def _runs(self, job_id: str) -> list[ColumnElement[bool]]:
        return [self._claimed(job_id), _JOB.c.status == JobStatus.RUNNING]

    def is_lost(self, job_id: str) -> bool:
        """Whether another worker has the job by now."""
        with self._engine.connect() as connection:
            return count(connection, IDS.where(_JOB.c.id == job_id, ~self._claimed(job_id))) == 1

    def find_any(self, job_id: str) -> Job | None:
        """Any user's job; raises `UnreadableJobError` when its row is damaged."""
        job = self._find(ANYONES, {"job_id": job_id})
        return None if job is None else intact(job)

    def unfinished(self) -> tuple[Job, ...]:
        """Every user's queued and running jobs, oldest first."""
        with self._engine.connect() as connection:
            found = map(to_job, read_rows(connection, unfinished([])))
            return tuple(job for job in found if isinstance(job, Job))

    def is_unfinished(self, job_id: str) -> bool:
        """Whether the job waits or runs; `False` also when there is none of that id."""
        with self._engine.connect() as connection:
            return count(connection, IDS.where(self._claimed(job_id), _JOB.c.status.in_(_UNFINISHED))) == 1

    def start(self, job_id: str) -> bool:
        """Whether the job is to be run: true again for one that was running when the server stopped."""
        started = func.coalesce(_JOB.c.started_at, now())
        where = [self._claimed(job_id), _JOB.c.status.in_(_UNFINISHED)]
        return self._update(where, status=JobStatus.RUNNING, started_at=started, progress=0.0)

    def runs(self, job_id: str) -> bool:
        """Whether the job still runs; `False` means that it was cancelled, or is another worker's."""
        with self._engine.connect() as connection:
            return connection.execute(select(_JOB.c.id).where(*self._runs(job_id))).first() is not None

    def report(
        self,
        job_id: str,
        progress: float,
        text: str,
        step: int | None = None,
        of: int | None = None,
        rate: float | None = None,
    ) -> bool:
        """Store a job's progress, 0 to 1, its `step` of how many, and its `rate` in steps a second.

        `False` means that it runs no longer: it was cancelled, or is another worker's.
        """
        steps = {"progress_step": _counted(step), "progress_of": _counted(of), "progress_rate": _finite(rate)}
        told = {"progress": max(0.0, min(1.0, progress)), "progress_text": text[:_MOST_SAID], **steps}
        return self._update(self._runs(job_id), **told)

    def note(
        self,
        job_id: str,
        *,
        backend_job_id: str | None = None,
        ran_with: Mapping[str, str] | None = None,
        cost: float | None = None,
        spent_seconds: float | None = None,
    ) -> bool:
        """Store facts about a run, also where the job was cancelled meanwhile; `None` leaves what is there.

        `False`: there is no such job, or it is another worker's.
        """
        told: dict[str, Any] = {
            "backend_job_id": backend_job_id,
            "cost": _finite(cost),
            "spent_seconds": _finite(spent_seconds),
        }
        if ran_with:
            told |= {"ran_with": _fitting(to_json("What the job ran with", _as_json(ran_with), JobError))}
        given = {name: value for name, value in told.items() if value is not None}
        return self._update([self._claimed(job_id)], **given) if given else True

    def show(self, job_id: str, image: bytes, mime: str) -> None:
        """Store the live preview of a job, in place of the one before; a job that no longer runs gets none."""
        with writing(self._engine) as connection:
            if connection.execute(_kept_from_deletion(select(_JOB.c.id).where(*self._runs(job_id)))).first():
                put_row(connection, _PREVIEW, {"job_id": job_id, "image": image, "mime": mime, "at": now()})

    def end_preview(self, job_id: str) -> None:
        """Delete the job's live preview."""
        with self._engine.begin() as connection:
            connection.execute(delete(_PREVIEW).where(_PREVIEW.c.job_id == job_id))

    def complete(
        self,
        job_id: str,
        outputs: Sequence[str],
        texts: Mapping[str, str | int | float] | None = None,
        seeds: Mapping[str, int] | None = None,
    ) -> bool:
        """Finish a running job; its user owns the outputs from then on, of which the first is the result.

        The objects must be stored before; of a long text in `texts` the beginning is kept. `seeds` has the seeds of
        outputs that were made with one of their own, by key. `False`: it was cancelled meanwhile, or is another
        worker's, and nothing is registered.
        """
        done: dict[str, Any] = {"status": JobStatus.COMPLETED, "completed_at": now(), "progress": 1.0}
        done |= {"texts": _fitting(to_json("The result's texts", _as_json(texts), JobError)) if texts else None}
        result, keys = next(iter(outputs), None), set(outputs)
        if keys:
            done["outputs"] = _listed([Output(key, (seeds or {}).get(key)) for key in dict.fromkeys(outputs)])
        with self._engine.begin() as connection:
            statement = update(_JOB).where(*self._runs(job_id)).values(**done, result_url=result)
            made = connection.execute(statement.returning(_JOB.c.user_id, _JOB.c.model_id, _JOB.c.started_at)).first()
            if made is None:
                return False
            _require_media(connection, keys)
            _register_outputs(connection, made.user_id, job_id, keys)
            if isinstance(made.started_at, datetime):
                note_time(connection, made.model_id, (done["completed_at"] - made.started_at).total_seconds())
        return True

    def fail(self, job_id: str, error: str, fields: Mapping[str, str] | None = None, detail: str = "") -> bool:
        """End a job with a message, further messages by parameter, and the end of a log as its detail."""
        where = [self._claimed(job_id), _JOB.c.status.in_(_UNFINISHED)]
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

    def _update_all(self, where: Sequence[ColumnElement[bool]], **values: Any) -> tuple[str, ...]:
        with self._engine.begin() as connection:
            statement = update(_JOB).where(*where).values(values).returning(_JOB.c.id)
            return tuple(connection.execute(statement).scalars())

    def _find(self, one: Select[Any], named: Mapping[str, str]) -> Job | DamagedJob | None:
        with self._engine.connect() as connection:
            rows = list(connection.execute(one, named))
        return to_job(rows) if rows else None


def _columns(new: NewJob) -> dict[str, Any]:
    """A new job's values by column; unlike `dataclasses.asdict`, without a slow copy of the snapshot."""
    return {one.name: getattr(new, one.name) for one in fields(new) if one.name not in ("media", "sources")}


def _search_text(job: NewJob, files: Mapping[str, str]) -> str:
    """The text of the job that is searched."""
    name = job.config_snapshot.get("name")
    return search_text(
        prompt=job.prompt,
        options=job.options,
        resolved=job.resolved,
        seed=job.seed,
        model=[one for one in (job.model_id, name) if isinstance(one, str)],
        files=files,
    )


def _own_jobs(user_id: str, job_ids: Collection[str]) -> ColumnElement[bool]:
    return _JOB.c.id.in_(job_ids) & (_JOB.c.user_id == user_id)


def _trashed() -> dict[str, Any]:
    """The columns that change when a job goes into the bin."""
    unfinished = _JOB.c.status.in_(_UNFINISHED)
    return {
        "deleted_at": now(),
        "status": case((unfinished, JobStatus.CANCELLED), else_=_JOB.c.status),
        "completed_at": case((unfinished, now()), else_=_JOB.c.completed_at),
    }


def _untrashed(user_id: str) -> dict[str, Any]:
    """The columns that change when a job leaves the bin."""
    oldest = select(_WORKSPACE.c.id).where(_WORKSPACE.c.user_id == user_id)
    oldest = oldest.order_by(_WORKSPACE.c.created_at, _WORKSPACE.c.id).limit(1)
    return {"deleted_at": None, "workspace_id": func.coalesce(_JOB.c.workspace_id, oldest.scalar_subquery())}


def _fitting(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise JobError(f"This form holds {len(text) / 1e6:.1f} MB of text; a job keeps at most 1 MB.")
    return text


def _finite(number: float | None) -> float | None:
    """The number, `None` for what no column of numbers holds; a backend may have it from anywhere."""
    return number if number is not None and math.isfinite(number) else None


def _storable_seed(seed: int | None) -> int | None:
    return seed if seed is not None and 0 <= seed < 2**63 else None


def _counted(number: float | None) -> int | None:
    return None if _finite(number) is None else int(max(0, min(number or 0, _MOST_STEPS)))


def _as_json(texts: Mapping[str, object]) -> dict[str, Any]:
    """Values that JSON takes: numbers as they are, anything else as text, cut after `_MOST_SAID` characters."""
    return {
        name: value if isinstance(value, int | float) and abs(value) < 2**63 else str(value)[:_MOST_SAID]
        for name, value in texts.items()
    }


def _is_running(job_id: str) -> list[ColumnElement[bool]]:
    return [_JOB.c.id == job_id, _JOB.c.status == JobStatus.RUNNING]


def _require_own(connection: Connection, user_id: str, workspace_id: str | None) -> None:
    """Raise JobError unless the workspace is the user's; another user's counts as one that does not exist."""
    own = select(_WORKSPACE.c.id).where(_WORKSPACE.c.id == workspace_id, _WORKSPACE.c.user_id == user_id)
    if workspace_id is not None and connection.execute(_kept_from_deletion(own)).first() is None:
        raise JobError("This workspace does not exist: choose another one.")


def _require_media(connection: Connection, keys: Iterable[str]) -> None:
    known = connection.execute(_kept_from_deletion(select(_MEDIA.c.key).where(_MEDIA.c.key.in_(keys)))).scalars().all()
    if missing := sorted(set(keys).difference(known)):
        raise JobError(f"Not in the media store: {', '.join(missing)}.")


def _kept_from_deletion(rows: Select[Any]) -> Select[Any]:
    """Rows that PostgreSQL lets nobody delete until the transaction ends; SQLite has but one lock, which we have."""
    return rows.with_for_update(read=True, key_share=True)


def _place_of_output(connection: Connection, values: Mapping[str, Any], job_elsewhere: str | None) -> str:
    """The id of the job that an imported output belongs to, made where none of `job_elsewhere` has the same inputs."""
    if job_elsewhere is not None:
        known = str(uuid5(_ELSEWHERE, f"{values['user_id']} {job_elsewhere}"))
        insert_missing(connection, _JOB, [{**values, "id": known}])
        same = select(_JOB.c.id).where(*(_JOB.c[name] == values[name] for name in _SAME_JOB), _JOB.c.id == known)
        if connection.execute(same.with_for_update()).first() is not None:
            return known
    connection.execute(insert(_JOB).values({**values, "id": (made := str(uuid4()))}))
    return made


def _add_output(connection: Connection, job_id: str, output: Output) -> None:
    found = connection.execute(select(_JOB.c.outputs).where(_JOB.c.id == job_id)).scalar()
    listed = [*((outputs_from_json(found) or ()) if isinstance(found, str) else ()), output]
    values = {"outputs": _listed(listed), "result_url": listed[0].key}
    connection.execute(update(_JOB).where(_JOB.c.id == job_id).values(values))


def _listed(outputs: Iterable[Output]) -> str:
    listed = [{"key": one.key, "seed": _storable_seed(one.seed)} for one in outputs]
    return _fitting(to_json("The outputs", {"outputs": listed}, JobError))


def _register_inputs(connection: Connection, job_id: str, keys: Iterable[str]) -> None:
    places = [{"job_id": job_id, "media_key": key, "position": place} for place, key in enumerate(keys)]
    insert_missing(connection, _JOB_MEDIA, places)


def _register_outputs(connection: Connection, user_id: str, job_id: str, keys: Iterable[str]) -> None:
    uses = [{"job_id": job_id, "media_key": key, "position": None} for key in keys]
    insert_missing(connection, _JOB_MEDIA, uses)
    rights = [
        {"user_id": user_id, "media_key": key, "name": key.rpartition("/")[2], "created_at": now()} for key in keys
    ]
    insert_missing(connection, _MEDIA_OWNER, rights)


def _links(found: Found, jobs: Mapping[str, Job | DamagedJob]) -> tuple[Link, ...]:
    return tuple(Link(jobs[one.job_id], one.kind, one.parameter) for one in found.links if one.job_id in jobs)
