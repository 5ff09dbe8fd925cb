"""A user's work as one file to be taken elsewhere: records as JSON lines, media as they are, a checksum of each.

The file is a ZIP archive in which nothing is compressed, so that it unpacks to no more than it is. The same work makes
the same archive, byte for byte, whoever has it and wherever. Jobs that have not finished are not in it.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zipfile import ZipFile, ZipInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Connection, Engine, select

from storage import tables
from storage.database import snapshot, whole
from storage.errors import ArchiveError
from storage.media.store import MediaInfo, MediaStore
from storage.tables import LONGEST_TEXT, JobStatus, folded
from storage.workspaces import LONGEST_NAME, in_one_line

logger = logging.getLogger(__name__)

MANIFEST = "manifest.json"
MEDIA = "media/"
FORMAT = {"format": "studio archive", "version": 1}
LONGEST_LINE = 8 * 2**20
SOME = 500  # rows or ids at a time

_JOB = tables.table(tables.Job)
_JOB_MEDIA = tables.table(tables.JobMedia)
_WORKSPACE = tables.table(tables.Workspace)
_DRAFT = tables.table(tables.Draft)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)
_PREFERENCE = tables.table(tables.Preference)

Id = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{2,5}$")]
_Int = Annotated[int, Field(ge=-(2**31), lt=2**31)]
_Place = Annotated[int, Field(ge=0, lt=2**31)]
_Time = Annotated[AwareDatetime, Field(ge=datetime(1971, 1, 1, tzinfo=UTC), le=datetime(9000, 1, 1, tzinfo=UTC))]


def _refuse_lines(name: str) -> str:
    if name != in_one_line(name):
        raise PydanticCustomError("lines", "has line breaks or needless spaces")
    return name


_Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_refuse_lines)]


class Record(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, str_max_length=LONGEST_TEXT)


class WorkspaceRecord(Record):
    id: Id
    name: _Name
    created_at: _Time


class JobRecord(Record):
    """A job's row, its texts as they are stored, and the place of each of its files among its inputs."""

    id: Id
    workspace_id: Id | None
    status: Literal["completed", "failed", "cancelled"]
    type: str
    model_id: str
    model_version: _Int
    prompt: str | None
    folded_prompt: str | None
    options: str | None
    image_input_path: str | None
    video_input_path: str | None
    audio_input_path: str | None
    resolved: str | None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None
    config_snapshot: str | None
    parent_job_id: Id | None
    endpoint_id: str | None
    backend_job_id: str | None
    progress: FiniteFloat | None
    progress_text: str | None
    result_url: str | None
    preview_path: str | None
    error: str | None
    cost: FiniteFloat | None
    favourite: bool
    created_at: _Time
    started_at: _Time | None
    completed_at: _Time | None
    deleted_at: _Time | None
    media: dict[Key, _Place | None]
    # What an archive of an earlier version does not have.
    progress_step: _Int | None = None
    progress_of: _Int | None = None
    progress_rate: FiniteFloat | None = None
    error_fields: str | None = None
    error_detail: str | None = None
    texts: str | None = None
    ran_with: str | None = None
    spent_seconds: FiniteFloat | None = None


class DraftRecord(Record):
    model_id: str
    values: str
    updated_at: _Time
    media: list[Key]


class PreferenceRecord(Record):
    name: str
    value: str


class MediaRecord(Record):
    key: Key
    name: str


RECORDS: dict[str, type[Record]] = {
    "workspaces.jsonl": WorkspaceRecord,
    "jobs.jsonl": JobRecord,
    "drafts.jsonl": DraftRecord,
    "preferences.jsonl": PreferenceRecord,
    "media.jsonl": MediaRecord,
}
_R = TypeVar("_R", bound=Record)


@dataclass(slots=True)
class Counts:
    """How much there was of each; of an import, how much was new."""

    workspaces: int = 0
    jobs: int = 0
    drafts: int = 0
    preferences: int = 0
    media: int = 0


def export_archive(
    engine: Engine, media: MediaStore, user_id: str, target: Path, workspace: str | None = None
) -> Counts:
    """Write all that the user has, or one workspace by its name: then without drafts and preferences.

    Damaged rows are logged and left out, and so are files that are gone. `target` must not be there yet, and is there
    only when it is whole.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    if target.exists() or unfinished.exists():
        raise ArchiveError(f"{target} or {unfinished} is there already: delete it, or choose another name.")
    try:
        with ZipFile(unfinished, "x") as archive, snapshot(engine) as connection:
            counts = _Export(archive, connection, media, user_id).write(workspace)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return counts


class _Export:
    def __init__(self, archive: ZipFile, connection: Connection, media: MediaStore, user_id: str) -> None:
        self._archive = archive
        self._connection = connection
        self._media = media
        self._user_id = user_id
        self._sums: dict[str, str] = {}
        self._files: dict[str, MediaInfo] = {}

    def write(self, workspace: str | None) -> Counts:
        workspaces = self._workspaces(workspace)
        within = {one.id for one in workspaces}
        where = [_JOB.c.user_id == self._user_id, _JOB.c.status.not_in((JobStatus.QUEUED, JobStatus.RUNNING))]
        where += [_JOB.c.workspace_id.in_(within)] if workspace is not None else []
        jobs = {job.id for job in self._jobs(where)}
        counts = Counts(
            workspaces=self._records("workspaces.jsonl", workspaces),
            jobs=self._records("jobs.jsonl", (_linked(job, within, jobs) for job in self._jobs(where))),
            drafts=self._records("drafts.jsonl", self._drafts() if workspace is None else ()),
            preferences=self._records("preferences.jsonl", self._preferences() if workspace is None else ()),
        )
        counts.media = self._objects()
        self._member(MANIFEST, [json.dumps({**FORMAT, "sha256": self._sums}, indent=1).encode()])
        return counts

    def _workspaces(self, name: str | None) -> list[WorkspaceRecord]:
        """All of them or the one of that name; ArchiveError when there is none."""
        columns = (_WORKSPACE.c.id, _WORKSPACE.c.name, _WORKSPACE.c.created_at)
        mine = select(*columns).where(_WORKSPACE.c.user_id == self._user_id).order_by(_WORKSPACE.c.id)
        if name is not None:
            mine = mine.where(_WORKSPACE.c.folded_name == folded(name))
        rows = whole(self._connection.execute(mine), "workspace")
        found = [one for row in rows if (one := _record(WorkspaceRecord, {**row._mapping}))]
        if name is not None and not found:
            raise ArchiveError(f"{self._user_id} has no workspace “{name}”.")
        return found

    def _jobs(self, where: Sequence[ColumnElement[bool]]) -> Iterator[JobRecord]:
        columns = [_JOB.c[name] for name in JobRecord.model_fields if name != "media"]
        rows = self._connection.execute(select(*columns).where(*where).order_by(_JOB.c.created_at, _JOB.c.id))
        for some in (list(whole(part, "job")) for part in rows.yield_per(SOME).partitions()):
            uses = select(_JOB_MEDIA).where(_JOB_MEDIA.c.job_id.in_([row.id for row in some]))
            media: dict[str, dict[str, int | None]] = {row.id: {} for row in some}
            for use in self._connection.execute(uses.order_by(_JOB_MEDIA.c.media_key)):
                media[use.job_id][use.media_key] = use.position
            there = self._there({key for keys in media.values() for key in keys})
            for row in some:
                files = {key: place for key, place in media[row.id].items() if key in there}
                if job := _record(JobRecord, {**row._mapping, "status": str(row.status), "media": files}):
                    yield job

    def _drafts(self) -> Iterator[DraftRecord]:
        uses = select(_DRAFT_MEDIA.c.model_id, _DRAFT_MEDIA.c.media_key)
        mine = uses.where(_DRAFT_MEDIA.c.user_id == self._user_id).order_by(_DRAFT_MEDIA.c.media_key)
        media = self._connection.execute(mine).all()
        there = self._there({use.media_key for use in media})
        columns = (_DRAFT.c.model_id, _DRAFT.c["values"], _DRAFT.c.updated_at)
        drafts = select(*columns).where(_DRAFT.c.user_id == self._user_id).order_by(_DRAFT.c.model_id)
        for row in whole(self._connection.execute(drafts), "draft"):
            files = [use.media_key for use in media if use.model_id == row.model_id and use.media_key in there]
            if draft := _record(DraftRecord, {**row._mapping, "media": files}):
                yield draft

    def _preferences(self) -> Iterator[PreferenceRecord]:
        columns = (_PREFERENCE.c.name, _PREFERENCE.c.value)
        mine = select(*columns).where(_PREFERENCE.c.user_id == self._user_id).order_by(_PREFERENCE.c.name)
        for row in whole(self._connection.execute(mine), "preference"):
            if preference := _record(PreferenceRecord, {**row._mapping}):
                yield preference

    def _there(self, keys: set[str]) -> set[str]:
        """Those that the user has and whose object is there; they come into the archive."""
        known = self._files.keys() & keys
        found = self._media.find_many(self._user_id, keys - known)
        self._files |= found
        return known | found.keys()

    def _objects(self) -> int:
        files = [self._files[key] for key in sorted(self._files)]
        for file in files:
            self._member(MEDIA + file.key, self._media.read(file.key, 0, file.size))
        return self._records("media.jsonl", (MediaRecord(key=file.key, name=file.name) for file in files))

    def _records(self, name: str, records: Iterable[Record]) -> int:
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            for count, record in enumerate(records, 1):  # noqa: B007 - the last count is what is wanted
                yield f"{record.model_dump_json()}\n".encode()

        self._member(name, lines())
        return count

    def _member(self, name: str, chunks: Iterable[bytes]) -> None:
        digest = hashlib.sha256()
        with self._archive.open(ZipInfo(name), "w", force_zip64=True) as member:
            for chunk in chunks:
                digest.update(chunk)
                member.write(chunk)
        self._sums[name] = digest.hexdigest()


def _linked(job: JobRecord, workspaces: set[str], jobs: set[str]) -> JobRecord:
    """The job without what is not in the archive: a parent in another workspace, or a damaged one."""
    changes: dict[str, Any] = {}
    if job.workspace_id not in workspaces:
        changes["workspace_id"] = None
    if job.parent_job_id not in jobs:
        changes["parent_job_id"] = None
    return job.model_copy(update=changes)


def _record(kind: type[_R], row: dict[str, Any]) -> _R | None:
    """The row as it goes into the archive; a damaged one is logged, by its first column, and left out."""
    try:
        record = kind.model_validate(row)
        if len(record.model_dump_json()) * 4 < LONGEST_LINE:  # a character has at most four bytes
            return record
        problem = "it is too large"
    except ValidationError as error:
        problem = str(error)
    logger.warning("%a is left out of the archive: %s", next(iter(row.values())), problem)
    return None
