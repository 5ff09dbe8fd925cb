"""Jobs of a user as a file to be handed on, in the form of a user's whole work."""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import Engine

from storage.archive.export import Counts, Portable, export_jobs
from storage.archive.import_ import TakenJobs, import_jobs
from storage.media.probe import MediaLimits
from storage.media.store import MediaStore


class JobArchives:
    """Exports and imports single jobs; what is done is in `export` and `import_`."""

    def __init__(self, engine: Engine, media: MediaStore) -> None:
        self._engine = engine
        self._media = media

    def write(self, user_id: str, target: Path, job_ids: Collection[str], portable: Portable) -> Counts:
        """As `export_jobs` does."""
        return export_jobs(self._engine, self._media, user_id, target, job_ids, portable)

    def take(self, user_id: str, workspace_id: str, source: Path, limits: MediaLimits, work: Path) -> TakenJobs:
        """As `import_jobs` does."""
        return import_jobs(self._engine, self._media, user_id, workspace_id, source, limits, work)
