"""Imports an archive: all of it is checked before anything is written, and existing records stay as they are.

Jobs, presets and workspaces keep their ids. One whose id the user has already is skipped; a workspace whose name the
user has already becomes that one, a preset gets a number. An id that another user has is refused, and the archive with
it, and so is all that no export writes: a wrong checksum, a compressed member, a file that is not what its name says.
"""

import hashlib
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid5
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, delete, insert, select, update

from storage import tables
from storage.archive.export import (
    FORMAT,
    LATER,
    LONGEST_LINE,
    MANIFEST,
    MEDIA,
    RECORDS,
    SOME,
    Counts,
    DraftRecord,
    JobRecord,
    MediaRecord,
    PreferenceRecord,
    PresetRecord,
    Record,
    WorkspaceRecord,
)
from storage.database import insert_missing, writing
from storage.errors import ArchiveError, MediaRefusedError
from storage.jobs.labels import column_of_archive, from_column
from storage.jobs.links import LinkKind, Source, add_links, producers
from storage.jobs.records import from_json, outputs_from_json, texts_from_json
from storage.jobs.search_text import search_text
from storage.media.probe import MediaLimits, probe
from storage.media.store import MediaStore, names_of
from storage.presets import free_name
from storage.scratch import scratch
from storage.tables import JobStatus, folded, now, storable

_ELSEWHERE = UUID("0b9fd1d0-6a0f-4a55-9f3e-6f0b1c7f4a21")
"""The namespace of new ids for jobs whose own ids another user's jobs have."""
_CHUNK = 2**20
_HOLD_SECONDS = 600.0

_JOB = tables.table(tables.Job)
_JOB_MEDIA = tables.table(tables.JobMedia)
_WORKSPACE = tables.table(tables.Workspace)
_OWNER = tables.table(tables.MediaOwner)
_DRAFT = tables.table(tables.Draft)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)
_PREFERENCE = tables.table(tables.Preference)
_PRESET = tables.table(tables.Preset)
_PRESET_MEDIA = tables.table(tables.PresetMedia)

_R = TypeVar("_R", bound=Record)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class TakenJobs:
    """The ids that an archive's jobs have here, and how many of the jobs are new."""

    job_ids: tuple[str, ...]
    new: int


def import_archive(
    engine: Engine, media: MediaStore, user_id: str, source: Path, limits: MediaLimits, work: Path
) -> Counts:
    """Give the user what is in the archive; how much of it was new. Raises ArchiveError, and then nothing was taken.

    `limits` are for its files, `work` is a folder for scratch, best on the disk of the media. Files that were put
    before a refusal of the database go with the next sweep.
    """
    with _checked(source, limits, work) as archive:
        with engine.connect() as connection:
            _refuse_those_of_others(connection, user_id, archive)
        _put_media(engine, media, user_id, archive, limits)
        with writing(engine) as connection:
            _refuse_those_of_others(connection, user_id, archive)
            return _Import(connection, user_id, archive).run()


def import_jobs(
    engine: Engine,
    media: MediaStore,
    user_id: str,
    workspace_id: str,
    source: Path,
    limits: MediaLimits,
    work: Path,
) -> TakenJobs:
    """Put the jobs of an archive into one of the user's workspaces, whoever wrote it; nothing else of it is taken.

    A job that made what a job of the user made already is that one. An id that another user's job has is replaced.
    """
    with _checked(source, limits, work) as archive:
        _put_media(engine, media, user_id, archive, limits)
        with writing(engine) as connection:
            return _Import(connection, user_id, archive).run_into(workspace_id)


def is_archive(source: Path) -> bool:
    """Whether the file is a ZIP that an export may have written."""
    try:
        with ZipFile(source) as archive:
            return MANIFEST in archive.namelist() and next(iter(RECORDS)) in archive.namelist()
    except (BadZipFile, NotImplementedError, OSError):
        return False


@contextmanager
def _checked(source: Path, limits: MediaLimits, work: Path) -> Iterator["_Archive"]:
    try:
        with ZipFile(source) as archive, scratch(work) as folder:
            taken = _Archive(archive, source.stat().st_size, folder / "file")
            taken.check(limits)
            yield taken
    except (BadZipFile, NotImplementedError, EOFError, FileNotFoundError, IsADirectoryError) as error:
        raise ArchiveError(f"{source.name} is not an archive that can be read: {error}.") from error


class _Archive:
    """Reads an untrusted archive, with its members checked; `file` is where one media object at a time is put."""

    def __init__(self, archive: ZipFile, size: int, file: Path) -> None:
        self._archive = archive
        self._file = file
        members = archive.infolist()
        self.names = {member.filename for member in members}
        if len(self.names) != len(members):
            raise _refusal("it has two members of one name.")
        if any(member.compress_type != ZIP_STORED or member.flag_bits & 1 for member in members):
            raise ArchiveError(
                "The archive is refused: it has a compressed or encrypted member, which no export makes."
            )
        if sum(member.file_size for member in members) > size:
            raise _refusal("it says that it holds more than its own size.")

    def check(self, limits: MediaLimits) -> None:
        """Read the whole archive once; raises ArchiveError unless all of it is as an export writes it."""
        sums = self._manifest()
        if sums.keys() != self.names - {MANIFEST}:
            raise _refusal("its manifest does not name what is in it.")
        for name, expected in sums.items():
            if self._digest(name) != expected:
                raise ArchiveError(f"The archive is damaged: {name} does not have the checksum of the manifest.")
        media = _unique("media.jsonl", (one.key for one in self.records(MediaRecord)))
        if self.names - {MANIFEST} | LATER != RECORDS.keys() | {MEDIA + key for key in media}:
            raise _refusal("its files are not those that media.jsonl names.")
        self._check_links(media)
        for key in media:
            self._check_file(key, limits)

    def _manifest(self) -> dict[str, str]:
        try:
            with self._archive.open(MANIFEST) as member:
                manifest = json.loads(member.read(2**30))
            sums = manifest.pop("sha256")
        except (KeyError, ValueError, RecursionError, TypeError, AttributeError) as error:
            raise _refusal(f"its {MANIFEST} cannot be read.") from error
        if manifest != FORMAT or not isinstance(sums, dict):
            raise _refusal("it is of a format or version that this studio does not know.")
        return sums

    def _digest(self, name: str) -> str:
        with self._archive.open(name) as member:
            return hashlib.file_digest(member, "sha256").hexdigest()  # type: ignore[arg-type]  # it has readinto

    def _check_links(self, media: set[str]) -> None:
        workspaces = _unique("workspaces.jsonl", (one.id for one in self.records(WorkspaceRecord)))
        jobs = _unique("jobs.jsonl", (one.id for one in self.records(JobRecord)))
        for job in self.records(JobRecord):
            parents = {job.parent_job_id, *(link.parent_id for link in job.links)}
            _refuse_unknown("jobs.jsonl", {job.workspace_id} - workspaces | parents - jobs | job.media.keys() - media)
        _unique("presets.jsonl", (one.id for one in self.records(PresetRecord)))
        for preset in self.records(PresetRecord):
            _refuse_unknown("presets.jsonl", {preset.workspace_id} - workspaces | set(preset.media) - media)
        _unique("drafts.jsonl", (one.model_id for one in self.records(DraftRecord)))
        for draft in self.records(DraftRecord):
            _refuse_unknown("drafts.jsonl", set(draft.media) - media)
        _unique("preferences.jsonl", (one.name for one in self.records(PreferenceRecord)))

    def _check_file(self, key: str, limits: MediaLimits) -> None:
        """A key has the checksum of its bytes and the kind that they are of."""
        path = self.file(key)
        try:
            found = probe(path, limits)
        except MediaRefusedError as error:
            raise _refusal(f"{MEDIA}{key}: {error}") from error
        digest = self._digest(MEDIA + key)
        if key != f"{digest[:2]}/{digest}.{found.extension}":
            raise _refusal(f"{MEDIA}{key} is not the file that its name says.")

    def file(self, key: str) -> Path:
        """The media object as a file of its own, until the next one is asked for."""
        self._file.unlink(missing_ok=True)  # the store may keep the one that was there
        with self._archive.open(MEDIA + key) as member, self._file.open("wb") as file:
            while chunk := member.read(_CHUNK):
                file.write(chunk)
        return self._file

    def records(self, kind: type[_R]) -> Iterator[_R]:
        """The records of a kind in their order; raises ArchiveError at the first line that is none."""
        name = next(name for name, one in RECORDS.items() if one is kind)
        if name not in self.names:  # see LATER
            return
        with self._archive.open(name) as member:
            number = 0
            while line := member.readline(LONGEST_LINE):
                number += 1
                try:
                    yield kind.model_validate_json(line)
                except ValidationError as error:
                    wrong = error.errors(include_url=False, include_input=False)[0]
                    where = ".".join(map(str, wrong["loc"]))
                    raise ArchiveError(
                        f"The archive is refused: {name}, line {number}: {where} {wrong['msg']}."
                    ) from None


class _Import:
    """Writes the records of a checked archive, in the one transaction of `connection`."""

    def __init__(self, connection: Connection, user_id: str, archive: _Archive) -> None:
        self._connection = connection
        self._user_id = user_id
        self._archive = archive

    def run(self) -> Counts:
        archive, counts, places = self._archive, Counts(), dict[str | None, str | None]({None: None})
        for workspace in archive.records(WorkspaceRecord):
            places[workspace.id], is_new = self._workspace(workspace)
            counts.workspaces += is_new
        counts.jobs = len(self._all_jobs(lambda: archive.records(JobRecord), places))
        names = self._preset_names()
        counts.presets = sum(self._preset(preset, places, names) for preset in archive.records(PresetRecord))
        counts.drafts = sum(map(self._draft, archive.records(DraftRecord)))
        counts.preferences = sum(map(self._preference, archive.records(PreferenceRecord)))
        counts.media = sum(1 for _ in archive.records(MediaRecord))
        return counts

    def run_into(self, workspace_id: str) -> TakenJobs:
        """Write the jobs alone, into one workspace."""
        own = (_WORKSPACE.c.id == workspace_id, _WORKSPACE.c.user_id == self._user_id)
        if self._connection.execute(select(_WORKSPACE.c.id).where(*own)).first() is None:
            raise ArchiveError("The workspace is not there any more: choose another one.")
        ids = {job.id: self._id_here(job) for job in self._archive.records(JobRecord)}
        new = self._all_jobs(
            lambda: (_renamed(job, ids) for job in self._archive.records(JobRecord)), {None: workspace_id}
        )
        return TakenJobs(tuple(dict.fromkeys(ids.values())), len(new))

    def _id_here(self, job: JobRecord) -> str:
        """The id of a job here: its own, or another where another user's job has that one."""
        outputs = [one.key for one in outputs_from_json(job.outputs or "") or ()] or [job.result_url or ""]
        made = producers(self._connection, self._user_id, outputs)
        if known := next((one for key in outputs if key in made for one in made[key].jobs), None):
            return known
        owner = self._connection.execute(select(_JOB.c.user_id).where(_JOB.c.id == job.id)).scalar()
        return job.id if owner in (None, self._user_id) else str(uuid5(_ELSEWHERE, f"{self._user_id} {job.id}"))

    def _all_jobs(self, records: Callable[[], Iterable[JobRecord]], places: dict[str | None, str | None]) -> set[str]:
        """Write the jobs; returns the ids of the new ones."""
        new = set[str]()
        for jobs in _some(records()):
            new |= self._jobs(jobs, places)
        for job in records():  # a parent may come after its child
            if job.id in new:
                add_links(self._connection, self._user_id, job.id, self._sources(job))
        return new

    def _workspace(self, workspace: WorkspaceRecord) -> tuple[str, bool]:
        """The id of the workspace for the jobs of this one, and whether it was made for them."""
        row = {**workspace.model_dump(), "user_id": self._user_id, "folded_name": folded(workspace.name)}
        same = (_WORKSPACE.c.id == workspace.id) | (_WORKSPACE.c.folded_name == row["folded_name"])
        mine = select(_WORKSPACE.c.id).where(_WORKSPACE.c.user_id == self._user_id, same)
        ids = self._connection.execute(mine).scalars().all()
        if not ids:
            self._connection.execute(insert(_WORKSPACE).values(row))
        return workspace.id if workspace.id in ids or not ids else ids[0], not ids

    def _jobs(self, jobs: list[JobRecord], places: dict[str | None, str | None]) -> set[str]:
        """Write the jobs; returns the ids of the new ones."""
        there = select(_JOB.c.id).where(_JOB.c.id.in_([job.id for job in jobs]))
        known = set(self._connection.execute(there).scalars())
        new = [job for job in jobs if job.id not in known]
        files = names_of(self._connection, self._user_id, {key for job in new for key in job.media})
        rows = [
            {
                **job.model_dump(exclude={"media", "links"}),
                "labels": column_of_archive(job.labels),
                "folded_prompt": _search_text(job, files),
                "user_id": self._user_id,
                "workspace_id": places[job.workspace_id],
                "status": JobStatus(job.status),
            }
            for job in new
        ]
        uses = [
            {"job_id": job.id, "media_key": key, "position": place} for job in new for key, place in job.media.items()
        ]
        insert_missing(self._connection, _JOB, rows)
        insert_missing(self._connection, _JOB_MEDIA, uses)
        return {job.id for job in new}

    def _sources(self, job: JobRecord) -> list[Source]:
        """The job's parents; one that stands in an archive of an earlier version made an input."""
        sources = [Source(link.parent_id, LinkKind(link.kind), link.parameter) for link in job.links]
        if job.parent_job_id is None:
            return sources
        made = self._connection.execute(select(_JOB.c.result_url).where(_JOB.c.id == job.parent_job_id)).scalar()
        inputs = (name for name, value in (from_json(job.options) or {}).items() if made and value == made)
        return [*sources, *(Source(job.parent_job_id, LinkKind.INPUT, name) for name in inputs)]

    def _preset_names(self) -> defaultdict[str | None, set[str]]:
        """By workspace."""
        mine = select(_PRESET.c.workspace_id, _PRESET.c.folded_name)
        mine = mine.where(_PRESET.c.user_id == self._user_id, _PRESET.c.deleted_at.is_(None))
        names = defaultdict[str | None, set[str]](set)
        for place, name in self._connection.execute(mine):
            names[place].add(name)
        return names

    def _preset(
        self, preset: PresetRecord, places: dict[str | None, str | None], names: defaultdict[str | None, set[str]]
    ) -> bool:
        """Write a preset, and return whether it is new; a deleted one comes back, a taken name gets a number."""
        there = _PRESET.c.id == preset.id
        self._connection.execute(delete(_PRESET).where(there, _PRESET.c.deleted_at.is_not(None)))
        if self._connection.execute(select(_PRESET.c.id).where(there)).first():
            return False
        place = places[preset.workspace_id]
        name = free_name(storable(preset.name), names[place])
        names[place].add(folded(name))
        row = {"user_id": self._user_id, "workspace_id": place, "name": name}
        row = {**preset.model_dump(exclude={"media"}), **row, "folded_name": folded(name)}
        self._connection.execute(insert(_PRESET).values(row))
        insert_missing(
            self._connection, _PRESET_MEDIA, [{"preset_id": preset.id, "media_key": key} for key in preset.media]
        )
        return True

    def _draft(self, draft: DraftRecord) -> bool:
        row = {"user_id": self._user_id, "model_id": draft.model_id}
        there = select(_DRAFT.c.model_id).where(*(_DRAFT.c[name] == value for name, value in row.items()))
        if self._connection.execute(there).first():
            return False
        values = {"values": draft.values, "sources": draft.sources, "updated_at": draft.updated_at}
        self._connection.execute(insert(_DRAFT).values({**row, **values}))
        insert_missing(self._connection, _DRAFT_MEDIA, [{**row, "media_key": key} for key in draft.media])
        return True

    def _preference(self, preference: PreferenceRecord) -> bool:
        there = select(_PREFERENCE.c.name).where(
            _PREFERENCE.c.user_id == self._user_id, _PREFERENCE.c.name == preference.name
        )
        if self._connection.execute(there).first():
            return False
        row = {"user_id": self._user_id, **preference.model_dump()}
        self._connection.execute(insert(_PREFERENCE).values(row))
        return True


def _renamed(job: JobRecord, ids: Mapping[str, str]) -> JobRecord:
    """The job by its id here, in no workspace and no bin."""
    links = [link.model_copy(update={"parent_id": ids[link.parent_id]}) for link in job.links]
    changes = {"id": ids[job.id], "workspace_id": None, "deleted_at": None, "links": links}
    return job.model_copy(update={**changes, "parent_job_id": ids.get(job.parent_job_id or "")})


def _search_text(job: JobRecord, files: Mapping[str, str]) -> str:
    """The search text, made anew: the archive's is not trusted."""
    model = (job.model_id, (from_json(job.config_snapshot) or {}).get("name"))
    return search_text(
        prompt=job.prompt,
        options=from_json(job.options),
        resolved=texts_from_json(job.resolved or "{}") or {},
        seed=job.seed,
        model=[name for name in model if isinstance(name, str)],
        files={key: files[key] for key, place in job.media.items() if place is not None and key in files},
        labels=from_column(column_of_archive(job.labels)),
    )


def _put_media(engine: Engine, media: MediaStore, user_id: str, archive: _Archive, limits: MediaLimits) -> None:
    """Put every file; until the records need them, none may look old enough to a sweep to be forgotten."""
    due = time.monotonic() + _HOLD_SECONDS
    for record in archive.records(MediaRecord):
        media.put(user_id, archive.file(record.key), record.name, limits=limits)
        if time.monotonic() > due:
            for some in _some(archive.records(MediaRecord)):
                keys = _OWNER.c.media_key.in_([one.key for one in some])
                with engine.begin() as connection:
                    connection.execute(update(_OWNER).where(_OWNER.c.user_id == user_id, keys).values(created_at=now()))
            due = time.monotonic() + _HOLD_SECONDS


def _refuse_those_of_others(connection: Connection, user_id: str, archive: _Archive) -> None:
    for table, what, ids in (
        (_WORKSPACE, "workspace", (one.id for one in archive.records(WorkspaceRecord))),
        (_JOB, "job", (one.id for one in archive.records(JobRecord))),
        (_PRESET, "preset", (one.id for one in archive.records(PresetRecord))),
    ):
        for some in _some(ids):
            others = select(table.c.id).where(table.c.id.in_(some), table.c.user_id != user_id)
            if connection.execute(others).first():
                raise _refusal(f"another user here has a {what} of its.")


def _refusal(why: str) -> ArchiveError:
    return ArchiveError(f"The archive is refused: {why}")


def _unique(name: str, ids: Iterable[str]) -> set[str]:
    seen = set[str]()
    for each in ids:
        if each in seen:
            raise _refusal(f"{name} has {each!r} twice.")
        seen.add(each)
    return seen


def _refuse_unknown(name: str, links: Iterable[str | None]) -> None:
    if unknown := next((link for link in links if link is not None), None):
        raise _refusal(f"{name} names {unknown!r}, which is not in it.")


def _some(values: Iterable[_T]) -> Iterator[list[_T]]:
    rest = iter(values)
    while some := list(islice(rest, SOME)):
        yield some
