"""Quotas of one user on storage and uploads, checked before anything is written."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, Float, func, select, type_coerce

from storage import tables
from storage.errors import MediaRefusedError
from storage.tables import now

_MEDIA = tables.table(tables.Media)
_OWNER = tables.table(tables.MediaOwner)
_UPLOAD = tables.table(tables.Upload)


@dataclass(frozen=True, slots=True)
class Quotas:
    """Each may be `None`: any amount. `disk_mb` counts what a user keeps, `uploads` the files of an hour."""

    disk_mb: int | None = None
    uploads: int | None = None

    def check_disk(self, engine: Engine, user_id: str) -> None:
        """Raise MediaRefusedError when the user may keep nothing more."""
        if self.disk_mb is None:
            return
        own = select(type_coerce(func.sum(_MEDIA.c.size), Float)).join(_OWNER, _OWNER.c.media_key == _MEDIA.c.key)
        with engine.connect() as connection:
            kept = connection.execute(own.where(_OWNER.c.user_id == user_id)).scalar() or 0
        if kept >= self.disk_mb * 1_000_000:
            raise MediaRefusedError(
                f"Your files take {kept / 1e6:.0f} MB of the {self.disk_mb} MB that this studio keeps for one "
                "user. Delete jobs that you no longer need: their files count until they have left the bin."
            )

    def check_upload(self, engine: Engine, user_id: str) -> None:
        """Raise MediaRefusedError when the user is to wait before the next upload."""
        if self.uploads is None:
            return
        lately = (_UPLOAD.c.user_id == user_id) & (_UPLOAD.c.created_at > now() - timedelta(hours=1))
        with engine.connect() as connection:
            count = connection.execute(select(func.count()).select_from(_UPLOAD).where(lately)).scalar_one()
        if count >= self.uploads:
            raise MediaRefusedError(
                f"You have uploaded {count} files within an hour, as many as this studio takes: try again later."
            )
