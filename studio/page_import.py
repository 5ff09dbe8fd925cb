"""Files that a user brings to the page to become jobs: results of any tool, a ZIP of them, or jobs of a studio."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from zipfile import is_zipfile

from interchange.record import portable_config
from storage.archive.import_ import is_archive
from storage.errors import ArchiveError, MediaRefusedError
from studio.context import GivenFile, StoredFile, StudioContext
from studio.errors import JobNotFoundError
from studio.folder_import import Fate, FolderImport, SourceFile, Tally, opened
from studio.jobs.runner import RESULTS

_SLICE = 2.0  # seconds until an answer says how far it is
_AT_ONCE = 16
_MOST_MEMBERS = 20_000
_DIRECTORY = 64 * 2**20  # bytes at the end of a ZIP, where its members are listed


@dataclass(frozen=True, slots=True)
class Brought:
    """What an upload contains: a studio's jobs, or a number of files that may be results."""

    is_archive: bool
    files: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How many files are done in all, and the outcomes of this call's; `job_ids` are those of a studio's jobs."""

    done: int
    of: int
    tally: Tally = field(default_factory=Tally)
    job_ids: tuple[str, ...] = ()


class PageImport:
    """Imports a user's uploads, within the limits and quotas of uploads."""

    def __init__(self, context: StudioContext) -> None:
        self._context = context

    def write(self, user_id: str, job_id: str, target: Path) -> None:
        """A job with its files as a ZIP that any studio takes; raises JobNotFoundError, also for one that runs."""
        if not self._context.archives.write(user_id, target, [job_id], portable_config).jobs:
            raise JobNotFoundError(job_id)

    def inspect(self, user_id: str, given: GivenFile | StoredFile) -> Brought:
        """What a ZIP contains; raises ArchiveError for another file, or where there is nothing to import."""
        path = self._zip(user_id, given)
        if is_archive(path):
            return Brought(is_archive=True, files=0)
        with opened(path) as files:
            if not files:
                raise ArchiveError("This ZIP holds no job of a studio, no picture, no film and no sound.")
            return Brought(is_archive=False, files=len(files))

    def take(
        self,
        user_id: str,
        given: GivenFile | StoredFile,
        workspace_id: str | None,
        start: int = 0,
        modified: datetime | None = None,
        beside: str = "",
    ) -> Taken:
        """Make jobs of a file, or for a while of the files in a ZIP from `start` on.

        `beside` is the text that a file's tool laid beside it.

        Raises MediaRefusedError where the user may keep no more, ArchiveError for a ZIP that is refused.
        """
        path = self._upload(user_id, given)
        self._context.media.check_room(user_id)
        place = self._context.workspace(user_id, workspace_id).id
        if not is_zipfile(path):
            text = beside.encode(errors="replace")
            return self._files(user_id, place, [_Upload(path, _name(given), modified, text)], path)
        self._zip(user_id, given)
        if is_archive(path):
            return self._jobs(user_id, place, path)
        with opened(path) as files:
            return self._files(user_id, place, files, path, max(0, start))

    def _jobs(self, user_id: str, place: str, path: Path) -> Taken:
        """Import a studio's jobs; those that are in the bin leave it, for the user asked for them."""
        taken = self._context.archives.take(user_id, place, path, RESULTS, path.parent)
        self._context.undelete_jobs(user_id, taken.job_ids)
        tally = Tally()
        tally.counts[Fate.JOB] = taken.new
        tally.counts[Fate.KNOWN] = len(taken.job_ids) - taken.new
        return Taken(1, 1, tally, taken.job_ids)

    def _files(self, user_id: str, place: str, files: Sequence[SourceFile], path: Path, start: int = 0) -> Taken:
        importing = FolderImport(self._context.jobs, self._context.media, user_id, place)
        tally, done, until = Tally(), min(start, len(files)), time.monotonic() + _SLICE
        while done < len(files) and time.monotonic() < until:
            some = files[done : done + _AT_ONCE]
            importing.take(some, path.parent, tally)
            done += len(some)
        return Taken(done, len(files), tally)

    def _upload(self, user_id: str, given: GivenFile | StoredFile) -> Path:
        if not isinstance(given, GivenFile) or not self._context.media.uploaded(user_id, given.path):
            raise MediaRefusedError("The file is not there any more, choose it again.")
        return given.path

    def _zip(self, user_id: str, given: GivenFile | StoredFile) -> Path:
        path = self._upload(user_id, given)
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _DIRECTORY))
            members = file.read().count(b"PK\1\2")
        if not is_zipfile(path):
            raise ArchiveError("This is no ZIP that can be read. It may be cut short: bring it once more.")
        if members > _MOST_MEMBERS:
            raise ArchiveError(f"This ZIP has more than {_MOST_MEMBERS} members: bring it in parts.")
        return path


def _name(given: GivenFile | StoredFile) -> str:
    return given.name if isinstance(given, GivenFile) else given.key


@dataclass(frozen=True, slots=True)
class _Upload:
    """`changed` is when the user's own file was changed, as the browser says it."""

    path: Path
    name: str
    changed: datetime | None
    beside: bytes

    @property
    def modified(self) -> datetime:
        return self.changed.astimezone(UTC) if self.changed else datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def open(self) -> BinaryIO:
        return self.path.open("rb")

    def sidecar(self) -> bytes:
        return self.beside
