"""Exports and imports single jobs as archives, in the format of a user's whole work."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Engine

from storage.archive.export import Counts, Portable, export_jobs
from storage.archive.import_ import TakenJobs, import_jobs
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore


class JobArchives:
    """`export_jobs` and `import_jobs` with the stores of one studio."""

    def __init__(self, engine: Engine, media: MediaStore) -> None:
        self._engine = engine
        self._media = media

    def write(self, user_id: str, target: Path, job_ids: Collection[str], portable: Portable) -> Counts:
        """See `export_jobs`."""
        return export_jobs(self._engine, self._media, user_id, target, job_ids, portable)

    def take(self, user_id: str, workspace_id: str, source: Path, limits: MediaLimits, work: Path) -> TakenJobs:
        """See `import_jobs`."""
        return import_jobs(self._engine, self._media, user_id, workspace_id, source, limits, work)
