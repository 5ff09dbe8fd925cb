"""The sweep: deletes what was in the bin for long, media that nothing needs, and uploads that no form shows."""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, delete, select

from storage import tables
from storage.database import alone
from storage.jobs.activity import fold_changes
from storage.media.store import MediaStore

MEDIA_GRACE = timedelta(hours=1)
"""How long a file may be in the store before a job, draft or preset says that it needs it."""

UPLOAD_GRACE = timedelta(days=1)
"""How long a form may show an upload before it is submitted; one whose bytes a draft needs stays with the draft."""

_SWEEPING = 0x5357454550  # the lock by which one of several pages sweeps
_JOB = tables.table(tables.Job)
_PRESET = tables.table(tables.Preset)
_MEDIA = tables.table(tables.Media)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)
_UPLOAD = tables.table(tables.Upload)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each were deleted."""

    jobs: int
    media: int
    uploads: int


class Sweep:
    """May run beside submits and uploads, and more than once at a time: what they need stays."""

    def __init__(self, engine: Engine, media: MediaStore, uploads: Path, bin_days: int) -> None:
        """`uploads` is the folder of the temporary files; `bin_days` is how long a job can be taken back."""
        self._engine = engine
        self._media = media
        self._uploads = uploads
        self._bin = timedelta(days=bin_days)

    def run(self, now: datetime) -> Swept:
        """Delete what is due at this time; the jobs and presets first, whose files may go with them.

        What all pages share is left to the one that is at it; the uploads of this one are nobody else's.
        """
        jobs = media = 0
        with alone(self._engine, _SWEEPING) as is_alone:
            if is_alone:
                jobs, media = self._purge(now - self._bin), self._media.sweep(now - MEDIA_GRACE)
                fold_changes(self._engine)
        return Swept(jobs, media, self._clear_uploads(now - UPLOAD_GRACE))

    def drop_unrecorded(self) -> int:
        """Delete what an earlier process began to take and nobody was told of; how many. Only while nobody uploads."""
        with self._engine.connect() as connection:
            taken = set(connection.execute(select(_UPLOAD.c.path)).scalars())
        count = 0
        for folder, _, names in os.walk(self._uploads.resolve(), topdown=False):
            for path in (Path(folder, name) for name in names if str(Path(folder, name)) not in taken):
                with suppress(OSError):  # another's, in a folder that is shared
                    path.unlink()
                    count += 1
        return count

    def _purge(self, before: datetime) -> int:
        with self._engine.begin() as connection:
            connection.execute(delete(_PRESET).where(_PRESET.c.deleted_at < before))
            return connection.execute(delete(_JOB).where(_JOB.c.deleted_at < before)).rowcount

    def _clear_uploads(self, before: datetime) -> int:
        count = 0
        for folder, _, names in os.walk(self._uploads, topdown=False):
            count += sum(self._drop(Path(folder, name), before) for name in names)
            if folder != str(self._uploads) and _is_older(Path(folder), before):
                with suppress(OSError):  # it is not empty
                    Path(folder).rmdir()
        self._forget_missing(before)
        return count

    def _drop(self, path: Path, before: datetime) -> bool:
        """Who uploads the same file meanwhile waits with the row until this is over, and its file is new then."""
        rows = _UPLOAD.c.path == str(path)
        try:
            if not _is_older(path, before) or self._is_in_a_draft(path):
                return False
            with self._engine.begin() as connection:
                connection.execute(delete(_UPLOAD).where(rows, _UPLOAD.c.created_at < before))
                if connection.execute(select(_UPLOAD).where(rows)).first() or not _is_older(path, before):
                    return False
                path.unlink()
        except FileNotFoundError:  # another sweep was first
            return False
        return True

    def _is_in_a_draft(self, path: Path) -> bool:
        """Whether a draft of one who uploaded the file needs the same bytes: that user's form shows this path."""
        uploaders = select(_UPLOAD.c.user_id).where(_UPLOAD.c.path == str(path))
        drafted = select(_MEDIA.c.key).join(_DRAFT_MEDIA, _DRAFT_MEDIA.c.media_key == _MEDIA.c.key)
        drafted = drafted.where(_DRAFT_MEDIA.c.user_id.in_(uploaders), _MEDIA.c.size == path.lstat().st_size)
        with self._engine.connect() as connection:
            digests = {Path(key).stem for key in connection.execute(drafted).scalars()}
        return bool(digests) and _digest(path) in digests

    def _forget_missing(self, before: datetime) -> None:
        """Of those in this page's folder: what lies with another page is not missing because it is not here."""
        old, folders = _UPLOAD.c.created_at < before, (self._uploads, self._uploads.resolve())
        with self._engine.begin() as connection:
            paths = connection.execute(select(_UPLOAD.c.path).where(old).distinct()).scalars().all()
            here = (path for path in paths if any(map(Path(path).is_relative_to, folders)))
            gone = [path for path in here if not os.path.lexists(path)]
            connection.execute(delete(_UPLOAD).where(old, _UPLOAD.c.path.in_(gone)))


def _is_older(path: Path, before: datetime) -> bool:
    return path.lstat().st_mtime < before.timestamp()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
