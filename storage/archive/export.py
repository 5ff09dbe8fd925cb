"""Exports a user's work as one file: records as JSON lines, media as they are, a checksum of each.

The file is a ZIP archive in which nothing is compressed, so that it unpacks to no more than it is. The same work makes
the same archive, byte for byte, whoever has it and wherever. Jobs that have not finished are not in it.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zipfile import ZipFile, ZipInfo

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy import ColumnElement, Connection, Engine, select

from storage import tables
from storage.damage import readable
from storage.database import snapshot
from storage.errors import ArchiveError
from storage.jobs.records import from_json
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
_LINK = tables.table(tables.JobLink)
_WORKSPACE = tables.table(tables.Workspace)
_DRAFT = tables.table(tables.Draft)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)
_PREFERENCE = tables.table(tables.Preference)
_PRESET = tables.table(tables.Preset)
_PRESET_MEDIA = tables.table(tables.PresetMedia)

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
    """A line of one of the archive's files; types are strict, and unknown names are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, str_max_length=LONGEST_TEXT)


class WorkspaceRecord(Record):
    """A workspace."""

    id: Id
    name: _Name
    created_at: _Time


class LinkRecord(Record):
    """A job that another one came from: see `storage.jobs.links`."""

    parent_id: Id
    kind: Literal["reuse", "input", "sweep", "retry", "import"]
    parameter: str


class JobRecord(Record):
    """A job's row, its texts as they are stored, the place of each of its files among its inputs, and its parents."""

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
    seed: Annotated[int, Field(ge=0, lt=2**64)] | None
    config_snapshot: str | None
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
    outputs: str | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    labels: str | None = None
    links: list[LinkRecord] = []
    # What only an archive of an earlier version has: the job that made one of the inputs.
    parent_job_id: Id | None = Field(default=None, exclude=True)


class DraftRecord(Record):
    """A draft: `values` and `sources` are JSON, as their columns hold them."""

    model_id: str
    values: str
    updated_at: _Time
    media: list[Key]
    # What an archive of an earlier version does not have.
    sources: str | None = None


class PresetRecord(Record):
    """A preset: `values` and `config_snapshot` are JSON, as their columns hold them."""

    id: Id
    workspace_id: Id | None
    name: _Name
    model_id: str
    values: str
    config_snapshot: str
    updated_at: _Time
    media: list[Key]


class PreferenceRecord(Record):
    """One of the user's preferences."""

    name: str
    value: str


class MediaRecord(Record):
    """A media object by its key, and the user's own name for it."""

    key: Key
    name: str


RECORDS: dict[str, type[Record]] = {
    "workspaces.jsonl": WorkspaceRecord,
    "jobs.jsonl": JobRecord,
    "presets.jsonl": PresetRecord,
    "drafts.jsonl": DraftRecord,
    "preferences.jsonl": PreferenceRecord,
    "media.jsonl": MediaRecord,
}
LATER = frozenset({"presets.jsonl"})
"""The files that an archive of an earlier version lacks."""
Portable = Callable[[Mapping[str, Any]], dict[str, Any]]
_R = TypeVar("_R", bound=Record)


@dataclass(slots=True)
class Counts:
    """The number of records of each kind; of an import, of new ones."""

    workspaces: int = 0
    jobs: int = 0
    presets: int = 0
    drafts: int = 0
    preferences: int = 0
    media: int = 0


def export_archive(
    engine: Engine, media: MediaStore, user_id: str, target: Path, workspace: str | None = None
) -> Counts:
    """Write all of the user's work, or one workspace by its name with its presets, then without drafts and preferences.

    Damaged rows are logged and left out, and so are files that are gone. `target` must not be there yet, and is there
    only when it is whole.
    """
    with _written(engine, media, user_id, target) as export:
        return export.write(workspace)


def export_jobs(
    engine: Engine, media: MediaStore, user_id: str, target: Path, job_ids: Collection[str], portable: Portable
) -> Counts:
    """Write those of the jobs that the user has and that have finished, in no workspace, for whoever gets the file.

    What only the services know that ran them stays out; `portable` is what of a model's config goes along.
    """
    with _written(engine, media, user_id, target) as export:
        return export.write_jobs(job_ids, portable)


@contextmanager
def _written(engine: Engine, media: MediaStore, user_id: str, target: Path) -> Iterator["_Export"]:
    unfinished = target.with_name(f"{target.name}.unfinished")
    if target.exists() or unfinished.exists():
        raise ArchiveError(f"{target} or {unfinished} is there already: delete it, or choose another name.")
    try:
        with ZipFile(unfinished, "x") as archive, snapshot(engine) as connection:
            yield _Export(archive, connection, media, user_id)
        unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)


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
        where = [_JOB.c.workspace_id.in_(within)] if workspace is not None else []
        jobs = {job.id for job in self._jobs(where)}
        return self._write(
            workspaces,
            (_linked(job, within, jobs) for job in self._jobs(where)),
            self._presets(within, all_of_them=workspace is None),
            self._drafts() if workspace is None else (),
            self._preferences() if workspace is None else (),
        )

    def write_jobs(self, job_ids: Collection[str], portable: Portable) -> Counts:
        where = [_JOB.c.id.in_(job_ids)]
        jobs = {job.id for job in self._jobs(where)}
        return self._write((), (_for_others(_linked(job, set(), jobs), portable) for job in self._jobs(where)))

    def _write(
        self,
        workspaces: Iterable[WorkspaceRecord],
        jobs: Iterable[JobRecord],
        presets: Iterable[PresetRecord] = (),
        drafts: Iterable[DraftRecord] = (),
        preferences: Iterable[PreferenceRecord] = (),
    ) -> Counts:
        counts = Counts(
            workspaces=self._records("workspaces.jsonl", workspaces),
            jobs=self._records("jobs.jsonl", jobs),
            presets=self._records("presets.jsonl", presets),
            drafts=self._records("drafts.jsonl", drafts),
            preferences=self._records("preferences.jsonl", preferences),
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
        rows = readable(self._connection.execute(mine), "workspace")
        found = [one for row in rows if (one := _record(WorkspaceRecord, {**row._mapping}))]
        if name is not None and not found:
            raise ArchiveError(f"{self._user_id} has no workspace “{name}”.")
        return found

    def _jobs(self, where: Sequence[ColumnElement[bool]]) -> Iterator[JobRecord]:
        """The user's finished jobs that meet all conditions."""
        own = (_JOB.c.user_id == self._user_id, _JOB.c.status.not_in((JobStatus.QUEUED, JobStatus.RUNNING)))
        columns = [_JOB.c[name] for name in JobRecord.model_fields if name in _JOB.c]
        rows = self._connection.execute(select(*columns).where(*own, *where).order_by(_JOB.c.created_at, _JOB.c.id))
        for some in (list(readable(part, "job")) for part in rows.yield_per(SOME).partitions()):
            uses = select(_JOB_MEDIA).where(_JOB_MEDIA.c.job_id.in_([row.id for row in some]))
            media: dict[str, dict[str, int | None]] = {row.id: {} for row in some}
            for use in self._connection.execute(uses.order_by(_JOB_MEDIA.c.media_key)):
                media[use.job_id][use.media_key] = use.position
            there = self._there({key for keys in media.values() for key in keys})
            links = self._links(list(media))
            for row in some:
                files = {key: place for key, place in media[row.id].items() if key in there}
                more = {"status": str(row.status), "media": files, "links": links.get(row.id, [])}
                if job := _record(JobRecord, {**row._mapping, **more}):
                    yield job

    def _links(self, children: Sequence[str]) -> dict[str, list[dict[str, str]]]:
        """By child, its links in an order of their own."""
        columns = [_LINK.c[name] for name in LinkRecord.model_fields]
        mine = select(_LINK.c.child_id, *columns).where(_LINK.c.child_id.in_(children)).order_by(*columns)
        links: dict[str, list[dict[str, str]]] = {}
        for row in readable(self._connection.execute(mine), "link"):
            link = {**row._mapping}
            links.setdefault(link.pop("child_id"), []).append(link)
        return links

    def _presets(self, workspaces: set[str], *, all_of_them: bool) -> Iterator[PresetRecord]:
        """The user's presets, of all or of these workspaces; without deleted ones."""
        columns = [_PRESET.c[name] for name in PresetRecord.model_fields if name in _PRESET.c]
        mine = select(*columns).where(_PRESET.c.user_id == self._user_id, _PRESET.c.deleted_at.is_(None))
        if not all_of_them:
            mine = mine.where(_PRESET.c.workspace_id.in_(workspaces))
        for row in readable(self._connection.execute(mine.order_by(_PRESET.c.id)).all(), "preset"):
            uses = select(_PRESET_MEDIA.c.media_key).where(_PRESET_MEDIA.c.preset_id == row.id)
            files = sorted(self._there(set(self._connection.execute(uses).scalars())))
            place = row.workspace_id if row.workspace_id in workspaces else None
            if preset := _record(PresetRecord, {**row._mapping, "workspace_id": place, "media": files}):
                yield preset

    def _drafts(self) -> Iterator[DraftRecord]:
        uses = select(_DRAFT_MEDIA.c.model_id, _DRAFT_MEDIA.c.media_key)
        mine = uses.where(_DRAFT_MEDIA.c.user_id == self._user_id).order_by(_DRAFT_MEDIA.c.media_key)
        media = self._connection.execute(mine).all()
        there = self._there({use.media_key for use in media})
        columns = (_DRAFT.c.model_id, _DRAFT.c["values"], _DRAFT.c.updated_at, _DRAFT.c.sources)
        drafts = select(*columns).where(_DRAFT.c.user_id == self._user_id).order_by(_DRAFT.c.model_id)
        for row in readable(self._connection.execute(drafts), "draft"):
            files = [use.media_key for use in media if use.model_id == row.model_id and use.media_key in there]
            if draft := _record(DraftRecord, {**row._mapping, "media": files}):
                yield draft

    def _preferences(self) -> Iterator[PreferenceRecord]:
        columns = (_PREFERENCE.c.name, _PREFERENCE.c.value)
        mine = select(*columns).where(_PREFERENCE.c.user_id == self._user_id).order_by(_PREFERENCE.c.name)
        for row in readable(self._connection.execute(mine), "preference"):
            if preference := _record(PreferenceRecord, {**row._mapping}):
                yield preference

    def _there(self, keys: set[str]) -> set[str]:
        """The keys that the user owns and whose object is stored; the archive gets these."""
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
    changes: dict[str, Any] = {"links": [link for link in job.links if link.parent_id in jobs]}
    if job.workspace_id not in workspaces:
        changes["workspace_id"] = None
    return job.model_copy(update=changes)


def _for_others(job: JobRecord, portable: Portable) -> JobRecord:
    """The job as one that knows nothing of where it ran; what a user thinks of it stays the user's."""
    config = portable(from_json(job.config_snapshot) or {})
    own = ("endpoint_id", "backend_job_id", "error_detail", "deleted_at", "rating", "labels")
    changes: dict[str, Any] = dict.fromkeys(own)
    return job.model_copy(update={**changes, "favourite": False, "config_snapshot": json.dumps(config)})


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
