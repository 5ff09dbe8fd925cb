"""The media store: files byte for byte under the SHA-256 of their content, each once for all users and jobs.

An object is written before its rows: a crash in between leaves a file that nobody sees. A deletion takes the object
while it holds the row: after a crash in between there is a row without a file, which counts as gone. What nobody needs
goes with a sweep; what crashes leave goes by way of `quarantine`.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

from sqlalchemy import ColumnElement, Connection, Engine, Row, bindparam, delete, exists, select, update

from media_kinds import MediaKind
from storage import tables
from storage.damage import readable
from storage.database import insert_missing, put_row, writing
from storage.errors import InvalidKeyError, MediaRefusedError
from storage.media.blobs import Objects, is_key, preview_of, previews_of
from storage.media.probe import MediaLimits, probe
from storage.media.quarantine import Quarantine
from storage.media.quotas import Quotas
from storage.tables import now

_LONGEST_NAME = 200
_REMEMBERED = 1000  # files whose keys are known by the paths they were put from
_A_KIND = {"image": "an image", "video": "a video", "audio": "a sound"}
_MEDIA = tables.table(tables.Media)
_OWNER = tables.table(tables.MediaOwner)
_USES = (tables.table(tables.JobMedia), tables.table(tables.DraftMedia), tables.table(tables.PresetMedia))
_UPLOAD = tables.table(tables.Upload)
INFO = (*(_MEDIA.c[name] for name in ("key", "kind", "mime", "size", "width", "height", "duration")), _OWNER.c.name)
"""The columns of a file as one user sees it."""


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """A stored file as one user sees it: `name` is what this user's file was called first."""

    key: str
    name: str
    kind: MediaKind
    mime: str
    size: int
    width: int | None
    height: int | None
    duration: float | None


class MediaStore:
    """Media objects by content, their owners, and who still needs them."""

    def __init__(
        self,
        engine: Engine,
        root: Path,
        limits: MediaLimits | None = None,
        url: str = "",
        quotas: Quotas | None = None,
    ) -> None:
        """Keep the objects in the folder `root`, which is made when it is missing, or in the bucket at `url`."""
        self._engine = engine
        self._quotas = quotas or Quotas()
        self._objects = Objects(root, url)
        self._root = root.resolve()
        self.limits = limits or MediaLimits()
        """The limits of uploads."""
        self._put_from: dict[str, str] = {}
        self.quarantine = Quarantine(engine, self._objects)

    def check_room(self, user_id: str) -> None:
        """Raise MediaRefusedError when the user may keep nothing more."""
        self._quotas.check_disk(self._engine, user_id)

    def check(self) -> None:
        """Raise MediaStoreError, with the cause, if the objects cannot be reached."""
        self._objects.check()

    def put(
        self,
        user_id: str,
        path: Path,
        name: str,
        kind: MediaKind | None = None,
        limits: MediaLimits | None = None,
    ) -> MediaInfo:
        """Keep a file for this user, who calls it `name`; the same bytes again keep their first name.

        From then on the file must not be changed, for it may be the object itself; it may be deleted.
        The store's limits are for uploads; a result, which the studio made itself, may be given wider ones.
        Raises `MediaRefusedError` when it is not a whole image, video or sound, or not of the `kind` asked for, and of
        an upload when the user may keep no more.
        """
        if limits is None:
            self.check_room(user_id)
        found = probe(path, limits or self.limits, kind)
        if kind is not None:
            check_kind(found.kind, kind)
        key = _key(path, found.extension)
        self._write(key, path)
        about = {"kind": found.kind, "mime": found.mime, "size": path.stat().st_size}
        about |= {"width": found.width, "height": found.height, "duration": found.duration}
        owner = {"user_id": user_id, "media_key": key, "name": _file_name(name), "created_at": now()}
        with self._engine.begin() as connection:
            _insert_locked(connection, {"key": key, "created_at": now(), **about})
            insert_missing(connection, _OWNER, [owner])
            connection.execute(update(_OWNER).where(*_owned(user_id, key)).values(created_at=now()))
            self._write(key, path)  # again, for a deletion may have come in between
            kept = _find(connection, user_id, [key])
            if key not in kept or kept[key].size != about["size"]:  # a row is damaged
                put_row(connection, _MEDIA, {"key": key, "created_at": now(), **about})
                put_row(connection, _OWNER, owner)
                kept = _find(connection, user_id, [key])
        self._remember(path, key)
        return kept[key]

    def _remember(self, path: Path, key: str) -> None:
        self._put_from.pop(str(path.resolve()), None)
        self._put_from[str(path.resolve())] = key
        for oldest in list(self._put_from)[:-_REMEMBERED]:
            self._put_from.pop(oldest, None)

    def key_put_from(self, path: Path | str) -> str | None:
        """The key of the file at `path` if it was put lately; the caller must check the owner."""
        return self._put_from.get(str(Path(path).resolve()))

    def find(self, user_id: str, key: str) -> MediaInfo | None:
        """The user's own file; `None` when it is another's, when it is gone, and when `key` is no key at all."""
        return self.find_many(user_id, [key]).get(key)

    def find_many(self, user_id: str, keys: Iterable[str]) -> dict[str, MediaInfo]:
        """`find` for several; the keys for which that is `None` are left out."""
        keys = [key for key in keys if is_key(key)]
        if not keys:
            return {}
        with self._engine.connect() as connection:
            found = _find(connection, user_id, keys)
        return self.there(found)

    def there(self, files: Mapping[str, MediaInfo]) -> dict[str, MediaInfo]:
        """The files whose objects still exist."""
        return {key: info for key, info in files.items() if self._objects.size(key) == info.size}

    def owned(self, user_id: str, key: str) -> bool:
        """Whether the user may see the file, stored still or gone."""
        return self._exists(*_owned(user_id, key))

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes of an object from `start` up to `stop`, in chunks, however large it is."""
        return self._objects.read(key, start, stop)

    def read_preview(self, key: str, large: bool = False) -> bytes | None:
        """The preview of an object, `None` where there is none; the caller has checked the owner."""
        name = preview_of(key, large)
        size = self._objects.size(name)
        return None if size is None else b"".join(self._objects.read(name, 0, size))

    def put_preview(self, key: str, path: Path, large: bool = False) -> None:
        """Store a preview of an object, for as long as the object exists."""
        with writing(self._engine) as connection:  # a deletion waits
            if connection.execute(select(_MEDIA.c.key).where(_MEDIA.c.key == key).with_for_update()).first():
                self._objects.write(preview_of(key, large), path)

    def fetch(self, key: str, folder: Path) -> Path:
        """The object as a file that must not be changed: where it lies, or a copy in `folder` if it lies elsewhere."""
        return self._objects.fetch(key, folder)

    def address(self, key: str) -> str | None:
        """Where a service far away can fetch the object for a day: a secret; `None` when no bucket has the objects."""
        return self._objects.address(key)

    def local_path(self, key: str) -> Path:
        """The path that names the object; there is no file where a bucket has the objects.

        Raises `InvalidKeyError` for what is no key or leads through a link.
        """
        path = self._objects.path(key) if is_key(key) else None
        if path is None or path.resolve() != path:
            raise InvalidKeyError(f"{key[:100]!r} is not the key of a stored file.")
        return path

    def key_of(self, path: Path | str) -> str | None:
        """The key of a path inside the store, `None` for any other; the caller must check the owner."""
        try:
            key = Path(path).resolve().relative_to(self._root).as_posix()
        except (ValueError, OSError, RuntimeError):  # outside; or NUL, or a loop of links
            return None
        return key if is_key(key) else None

    def delete(self, key: str, before: datetime | None = None) -> bool:
        """Delete an object for all who own it, unless a job, draft or preset of anyone, also a deleted one, needs it.

        With `before`, only if it was not put since then: whoever put it may be about to need it.
        """
        with self._engine.begin() as connection:
            # PostgreSQL decides by what was there when a statement began: wait first for those who note their need.
            connection.execute(select(_MEDIA.c.key).where(_MEDIA.c.key == key).with_for_update())
            deleted = connection.execute(delete(_MEDIA).where(_MEDIA.c.key == key, *_unneeded(before))).rowcount == 1
            if deleted:
                self._delete_object(key)
        return deleted

    def sweep(self, before: datetime) -> int:
        """Delete every object that nobody needs and that was not put since then; how many went.

        Those that are in no record go through the quarantine.
        """
        with self._engine.connect() as connection:
            keys = connection.execute(select(_MEDIA.c.key).where(*_unneeded(before))).scalars().all()
        self._objects.drop_unfinished()
        return sum(self.delete(key, before) for key in keys) + self.quarantine.sweep(before)

    def _delete_object(self, key: str) -> None:
        """Its previews first: after a crash in between, the object is a stray that takes them along."""
        for preview in previews_of(key):
            self._objects.delete(preview)
        self._objects.delete(key)

    def record_upload(self, user_id: str, path: Path | str) -> None:
        """Note that this user uploaded the temporary file at `path`; MediaRefusedError after too many in an hour."""
        self._quotas.check_upload(self._engine, user_id)
        upload = {"user_id": user_id, "path": str(Path(path).resolve()), "created_at": now()}
        with self._engine.begin() as connection:
            put_row(connection, _UPLOAD, upload)

    def uploaded(self, user_id: str, path: Path | str) -> bool:
        """Whether the user uploaded the temporary file at `path`."""
        try:
            real = str(Path(path).resolve())
        except (ValueError, OSError, RuntimeError):  # NUL, or a loop of links
            return False
        return self._exists(_UPLOAD.c.user_id == user_id, _UPLOAD.c.path == real)

    def is_upload(self, path: Path | str) -> bool:
        """Whether any user uploaded the temporary file at `path`."""
        return self._exists(_UPLOAD.c.path == str(Path(path).resolve()))

    def _exists(self, *where: Any) -> bool:
        with self._engine.connect() as connection:
            return bool(connection.execute(select(exists().where(*where))).scalar())

    def _write(self, key: str, path: Path) -> None:
        self._objects.write(key, path)


def check_kind(kind: MediaKind, needed: MediaKind) -> None:
    """Raises MediaRefusedError where another kind of file is needed."""
    if kind != needed:
        raise MediaRefusedError(f"This is {_A_KIND[kind]}, but {_A_KIND[needed]} is needed.")


def not_own(connection: Connection, user_id: str, keys: Iterable[str]) -> list[str]:
    """The keys that are not the user's; another user's file counts as one that does not exist.

    The user's own are locked against deletion until the transaction ends, which must be one that writes.
    """
    wanted = set(keys)
    if not wanted:
        return []
    mine = select(_MEDIA.c.key).join(_OWNER, _OWNER.c.media_key == _MEDIA.c.key)
    mine = mine.where(_OWNER.c.user_id == user_id, _MEDIA.c.key.in_(wanted))
    # The row lock is PostgreSQL's: SQLite has but one, which whoever writes has.
    found = connection.execute(mine.with_for_update(of=_MEDIA, read=True, key_share=True)).scalars()
    return sorted(wanted.difference(found))


def names_of(connection: Connection, user_id: str, keys: Iterable[str]) -> dict[str, str]:
    """The user's names of these files, by their keys."""
    wanted = set(keys)
    if not wanted:
        return {}
    named = select(_OWNER.c.media_key, _OWNER.c.name).where(_OWNER.c.user_id == user_id, _OWNER.c.media_key.in_(wanted))
    return {key: name for key, name in connection.execute(named) if isinstance(name, str)}


def _insert_locked(connection: Connection, row: dict[str, Any]) -> None:
    """Insert the object's row where it is missing; on PostgreSQL nobody deletes it until the transaction ends."""
    locked = select(_MEDIA.c.key).where(_MEDIA.c.key == row["key"]).with_for_update(read=True, key_share=True)
    insert_missing(connection, _MEDIA, [row])
    while connection.execute(locked).first() is None:  # it was deleted in between
        insert_missing(connection, _MEDIA, [row])


def _key(path: Path, extension: str) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return f"{digest[:2]}/{digest}.{extension}"


def _file_name(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2][-_LONGEST_NAME:] or "unnamed"


def _owned(user_id: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (_OWNER.c.user_id == user_id, _OWNER.c.media_key == key)


def _unneeded(before: datetime | None) -> list[ColumnElement[bool]]:
    none = [~exists().where(use.c.media_key == _MEDIA.c.key) for use in _USES]
    if before is not None:
        none.append(~exists().where(_OWNER.c.media_key == _MEDIA.c.key, _OWNER.c.created_at >= before))
    return none


_OWN = select(*INFO).join(_OWNER, _OWNER.c.media_key == _MEDIA.c.key)
_OWN = _OWN.where(_OWNER.c.user_id == bindparam("user_id"), _MEDIA.c.key.in_(bindparam("keys", expanding=True)))


def _find(connection: Connection, user_id: str, keys: list[str]) -> dict[str, MediaInfo]:
    return infos(connection.execute(_OWN, {"user_id": user_id, "keys": keys}))


def infos(rows: Iterable[Row[Any]]) -> dict[str, MediaInfo]:
    """The files in rows of `INFO`; one whose row is damaged counts as gone."""
    return {row.key: MediaInfo(**row._mapping) for row in readable(rows, "file") if row.kind in get_args(MediaKind)}
