"""Generated files, in a folder or a ZIP, become finished jobs of a user, each with its file as the result.

A studio's file has the record of its job, which is restored as if it had been made here, with all its files as outputs.
A file that the user has as a result already is skipped, whatever its name: so nothing is imported twice, and an import
that was ended goes on when it is started again.
"""

import hashlib
import os
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, get_args
from uuid import uuid4
from zipfile import BadZipFile, ZipFile, ZipInfo

from interchange import fooocus_log
from interchange.fields import Fields
from interchange.read import SIDECAR_SUFFIXES, read
from interchange.record import JobRecord, read_record
from interchange.times import made_at
from interchange.tools.studio import TOOL as OWN_TOOL
from media_kinds import MediaKind
from model_configs.schema import files_in
from storage.errors import ArchiveError, JobError, MediaRefusedError
from storage.jobs.store import JobStore, NewJob, Output
from storage.media.formats import EXTENSIONS
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore
from storage.scratch import scratch
from storage.tables import now
from studio.inputs import imported
from studio.inputs.from_file import reuse_record

ANY_TOOL = "auto"
TOOLS = frozenset(
    (
        *("a1111", "c2pa", "civitai", "comfyui", "draw-things", "easy-diffusion", "fooocus", "forge", "hf-space"),
        *(
            "invokeai",
            "midjourney",
            "novelai",
            "reforge",
            "ruinedfooocus",
            "sd-next",
            "stability-matrix",
            "stable-diffusion-cpp",
        ),
        *("studio", "swarmui", "tensorart", "wangp"),
    )
)
"""The tools that an import can be limited to, by the slugs of their names."""

_ALIKE = frozenset({"a1111", "forge", "reforge", "sd-next"})
"""Tools that share a notation, whose files do not always say which of them wrote it."""

_SUFFIXES = frozenset(f".{extension}" for extension in EXTENSIONS)
_LARGEST_READ = 200_000_000  # bytes of a file that are looked through for what it says
_LARGEST_SIDECAR = 4_000_000
_FIRST = datetime(1990, 1, 1, tzinfo=UTC)
_MUCH = 10**9  # bytes that a ZIP may unpack to in any case
_DENSEST = 200  # times its own size, to which it may
_MANY = 200  # names of files that are kept to be told
_CHUNK = 2**20
_DAMAGE = (OSError, BadZipFile, EOFError, zlib.error, RuntimeError, ValueError)
"""What reading a folder or a ZIP raises; RuntimeError is for an encrypted member."""


class Fate(StrEnum):
    """The outcomes of a file, as they are counted."""

    JOB = "jobs"
    KNOWN = "there already"
    SILENT = "that do not say how they were made"
    OTHER = "of another tool"
    REFUSED = "that cannot be taken"


@dataclass(slots=True)
class Tally:
    """How many files had which outcome; `refused` has the first of the refused ones, each with the sentence why."""

    counts: Counter[Fate] = field(default_factory=Counter)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, fate: Fate, said: str) -> None:
        """Count one file; `said`, of a refused one, is the sentence why."""
        self.counts[fate] += 1
        if fate is Fate.REFUSED and len(self.refused) < _MANY:
            self.refused.append((name, said))

    def __str__(self) -> str:
        """4 jobs. Left out: 2 there already, 1 of another tool."""
        rest = [f"{self.counts[fate]} {fate}" for fate in Fate if fate is not Fate.JOB and self.counts[fate]]
        return f"{self.counts[Fate.JOB]} {Fate.JOB}." + (f" Left out: {', '.join(rest)}." if rest else "")


class SourceFile(Protocol):
    """A file of the folder or the ZIP; its name is its path in there."""

    @property
    def name(self) -> str:
        """Its path below the folder or in the ZIP, with slashes."""

    @property
    def modified(self) -> datetime:
        """When it was last changed, with a time zone."""

    def open(self) -> BinaryIO:
        """Its content from the beginning; the caller closes it."""

    def sidecar(self) -> bytes:
        """The text that its tool laid beside it, empty where there is none."""


class FolderImport:
    """Imports files for one user; `tool` is one of `TOOLS` or any, `everything` includes files that say nothing.

    Without `limits` the files are uploads: their limits and the user's quota apply.
    """

    def __init__(
        self,
        jobs: JobStore,
        media: MediaStore,
        user_id: str,
        workspace_id: str,
        limits: MediaLimits | None = None,
        *,
        tool: str = ANY_TOOL,
        everything: bool = False,
    ) -> None:
        self._jobs = jobs
        self._media = media
        self._user_id = user_id
        self._workspace_id = workspace_id
        self._limits = limits
        self._tool = tool
        self._everything = everything

    def run(self, source: Path, work: Path, tell: Callable[[int, int], None] = lambda done, of: None) -> Tally:
        """Import a folder or ZIP; `tell` is called with the number of files done and the total.

        `work` is a folder for temporary files, best on the disk of the media. Raises ArchiveError for what is neither.
        """
        tally = Tally()
        with opened(source) as files:
            self.take(files, work, tally, tell)
        return tally

    def take(
        self,
        files: Sequence[SourceFile],
        work: Path,
        tally: Tally,
        tell: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        """Import these files; the tally counts them."""
        with scratch(work) as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                fates = pool.map(lambda file: self._taken(file, folder / uuid4().hex), files)
                for done, (file, (fate, said)) in enumerate(zip(files, fates, strict=True), 1):
                    tally.add(file.name, fate, said)
                    tell(done, len(files))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise

    def _taken(self, file: SourceFile, copy: Path) -> tuple[Fate, str]:
        """Make a job of a copy of the file: the store may move what it gets, and the user may change the original."""
        try:
            digest = _copied(file, copy, (self._limits or self._media.limits).max_bytes)
            return self._kept(file, copy, digest), ""
        except (MediaRefusedError, JobError) as error:
            return Fate.REFUSED, str(error)
        finally:
            copy.unlink(missing_ok=True)

    def _kept(self, file: SourceFile, copy: Path, digest: str) -> Fate:
        if self._jobs.made(self._user_id, digest):
            return Fate.KNOWN
        content = copy.read_bytes() if copy.stat().st_size <= _LARGEST_READ else b""
        sidecar = _beside(file)
        fields = read(content, sidecar)
        if fields is None and not self._everything:
            return Fate.SILENT
        if not self._is_wanted(fields):
            return Fate.OTHER
        info = self._media.put(self._user_id, copy, PurePosixPath(file.name).name, limits=self._limits)
        told = {"Imported from": fields.tool if fields else "A file that does not say how it was made"}
        if record := read_record(content, sidecar if fields and fields.tool == OWN_TOOL else b""):
            made = _made_then(record.created_at) or self._made_at(file, content)
            output, told = Output(info.key, record.output_seed), record.ran_with | told
            is_new = self._jobs.add_finished(self._job_of(record, info.kind), output, made, told, record.job_id)
        else:
            new = self._job(fields or Fields("File"), info.kind)
            is_new = self._jobs.add_finished(new, Output(info.key), self._made_at(file, content), told)
        return Fate.JOB if is_new else Fate.KNOWN

    def _made_at(self, file: SourceFile, content: bytes) -> datetime:
        with _refusing():
            return made_at(content, now()) or min(max(file.modified, _FIRST), now())

    def _is_wanted(self, fields: Fields | None) -> bool:
        if self._tool == ANY_TOOL or fields is None:
            return True
        made_by = imported.slug(fields.tool)
        return made_by == self._tool or {made_by, self._tool} <= _ALIKE

    def _job(self, fields: Fields, kind: MediaKind) -> NewJob:
        config = imported.model(fields.tool, kind)
        return NewJob(
            user_id=self._user_id,
            workspace_id=self._workspace_id,
            type=kind,
            model_id=config.id,
            model_version=config.version,
            prompt=fields.prompt,
            seed=fields.seed,
            options=imported.options(fields),
            config_snapshot=config.snapshot(),
        )

    def _job_of(self, record: JobRecord, kind: MediaKind) -> NewJob:
        """The job of a record, with those of its input files that the user has."""
        event = reuse_record(record, {})
        keys = [key for value in record.options.values() for key in files_in(value)]
        files = self._media.find_many(self._user_id, keys)
        inputs = [files[key] for key in dict.fromkeys(keys) if key in files]
        first = {kind: next((one.key for one in inputs if one.kind == kind), None) for kind in get_args(MediaKind)}
        return NewJob(
            user_id=self._user_id,
            workspace_id=self._workspace_id,
            type=record.type or kind,
            model_id=record.model_id,
            model_version=record.model_version,
            prompt=event.prompt,
            options=record.options,
            image_input_path=first["image"],
            video_input_path=first["video"],
            audio_input_path=first["audio"],
            seed=record.seed,
            resolved=record.resolved,
            config_snapshot=record.config or {},
            media=tuple(one.key for one in inputs),
        )


def _made_then(time: datetime | None) -> datetime | None:
    """The time of a job by its record, unless that is impossible."""
    return time if time is not None and _FIRST < time <= now() else None


@contextmanager
def opened(source: Path) -> Iterator[Sequence[SourceFile]]:
    """The images, videos and sounds below a folder or in a ZIP, by their suffixes."""
    if source.is_dir():
        paths = sorted(path for path in source.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
        log_in = lru_cache(maxsize=4)(_log_in)
        yield [_InFolder(path, source, log_in) for path in paths]
        return
    try:
        archive = ZipFile(source)
    except (BadZipFile, NotImplementedError, OSError) as error:
        raise ArchiveError(f"{source} is neither a folder nor a ZIP that can be read: {error}.") from error
    with archive:
        members = {one.filename: one for one in archive.infolist() if not one.is_dir()}
        unpacked = sum(one.file_size for one in members.values())
        if unpacked > max(_MUCH, _DENSEST * source.stat().st_size):
            raise ArchiveError(f"The ZIP says that it unpacks to {unpacked / 1e9:.4g} GB, far more than pictures do.")
        wanted = sorted(name for name in members if PurePosixPath(name).suffix.lower() in _SUFFIXES)

        @lru_cache(maxsize=4)
        def packed_log_in(folder: PurePosixPath) -> Mapping[str, bytes]:
            log = members.get(str(folder / fooocus_log.NAME))
            return fooocus_log.parse(archive.read(log)) if log and log.file_size <= fooocus_log.MAX_BYTES else {}

        yield [_InZip(archive, members, name, packed_log_in) for name in wanted]


def _log_in(folder: Path) -> Mapping[str, bytes]:
    """The settings by image in Fooocus' log, where a folder has one."""
    log = folder / fooocus_log.NAME
    return fooocus_log.parse(log.read_bytes()) if log.is_file() and log.stat().st_size <= fooocus_log.MAX_BYTES else {}


def _copied(file: SourceFile, path: Path, most: int) -> str:
    """Write the file to `path`; its SHA-256. Raises MediaRefusedError for what cannot be read or is too large."""
    digest, size = hashlib.sha256(), 0
    with _refusing():
        source = file.open()
    with source, path.open("wb") as copy:
        while True:
            with _refusing():
                chunk = source.read(_CHUNK)
            if not chunk:
                return digest.hexdigest()
            size += len(chunk)
            if size > most:
                raise MediaRefusedError(f"The file has more than {most / 1e6:.4g} MB.")
            digest.update(chunk)
            copy.write(chunk)


def _beside(file: SourceFile) -> bytes:
    """The sidecar text of the file; empty where it is damaged or missing."""
    with suppress(*_DAMAGE):
        return file.sidecar()
    return b""


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except _DAMAGE as error:
        raise MediaRefusedError(f"The file cannot be read: {error}.") from error


@dataclass(frozen=True, slots=True)
class _InFolder:
    path: Path
    root: Path
    log_in: Callable[[Path], Mapping[str, bytes]]

    @property
    def name(self) -> str:
        return self.path.relative_to(self.root).as_posix()

    @property
    def modified(self) -> datetime:
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def sidecar(self) -> bytes:
        for beside in (self.path.with_suffix(suffix) for suffix in SIDECAR_SUFFIXES):
            if beside.is_file() and beside.stat().st_size <= _LARGEST_SIDECAR:
                return beside.read_bytes()
        return self.log_in(self.path.parent).get(fooocus_log.key(self.path.name), b"")


@dataclass(frozen=True, slots=True)
class _InZip:
    archive: ZipFile
    members: dict[str, ZipInfo]
    name: str
    log_in: Callable[[PurePosixPath], Mapping[str, bytes]]

    @property
    def modified(self) -> datetime:
        """ZIP keeps local time without a zone; this machine's is assumed."""
        try:
            return datetime(*self.members[self.name].date_time).astimezone(UTC)
        except (ValueError, OverflowError):
            return now()

    def open(self) -> BinaryIO:
        return self.archive.open(self.name)  # type: ignore[return-value]  # it is read as one

    def sidecar(self) -> bytes:
        for beside in (str(PurePosixPath(self.name).with_suffix(suffix)) for suffix in SIDECAR_SUFFIXES):
            if beside in self.members and self.members[beside].file_size <= _LARGEST_SIDECAR:
                with self.archive.open(beside) as file:
                    return file.read(_LARGEST_SIDECAR)
        path = PurePosixPath(self.name)
        return self.log_in(path.parent).get(fooocus_log.key(path.name), b"")
