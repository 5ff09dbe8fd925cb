"""The blob store of media, in a folder or an S3 bucket: whole objects under keys.

An object is there whole or not at all, whenever the process is killed: a folder gets it by a link or a rename, a bucket
by the end of its upload. Nothing is held in memory but a few chunks.
"""

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from storage.errors import UNREACHABLE, MediaStoreError, fault_of

log = logging.getLogger(__name__)

_CHUNK = 4 * 2**20
_PART = 8 * 2**20  # S3 takes at most 10,000 parts
_PARTS_AT_ONCE = 2
_COPIED = 5 * 2**30  # S3 copies no larger object in one go
_KEY = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{62}\.[a-z0-9]{2,5}", re.ASCII)
_UNFINISHED = re.compile(r".+#\d+")  # what obstore calls a file in a folder until it is whole
_URL = re.compile(r"s3://[\w.-]+(?:/[^?\n]*)?(?:\?.*)?", re.ASCII)
_ENDPOINT = re.compile(r"https?://(?:[\w.-]+|\[[\da-f:.]+\])(?::(?P<port>\d{1,5}))?(?:/[!-~]*)?", re.A | re.I)
_ENDPOINTS = ("AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3")
_UNUSABLE = "The media store cannot be used: see that it is there and that its address and keys are right."
_LENT = timedelta(days=1)
_DEAD_SECONDS = 24 * 3600  # since a write wrote anything


class Objects:
    """Whole files by key, in a folder or a bucket."""

    def __init__(self, folder: Path, url: str = "") -> None:
        """Keep them in `folder`, which is made when it is missing, or in the bucket at `url` when there is one."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder.resolve()
        self._store = open_bucket(url) if url else LocalStore(self._folder)
        self._is_folder = not url

    def check(self) -> None:
        """Raise MediaStoreError, with the cause for whoever runs the studio, if nothing there can be listed."""
        try:
            next(iter(obstore.list(self._store, chunk_size=1)), None)
        except BaseError as error:
            why = str(error).partition("\n")[0].partition("<")[0]  # an answer's XML begins on the first line
            raise MediaStoreError(f"{_UNUSABLE} ({why})") from error

    def path(self, key: str) -> Path:
        """The path of the object in the folder; there is no file where a bucket has it."""
        return self._folder / key

    def size(self, key: str) -> int | None:
        """Its size in bytes; `None` when there is no such object."""
        if self._is_folder and self.path(key).resolve() != self.path(key):  # a link in its place
            return None
        try:
            with _answering(FileNotFoundError):
                return int(obstore.head(self._store, key)["size"])
        except FileNotFoundError:
            return None

    def write(self, key: str, path: Path) -> None:
        """Keep the file, unless it is there; on the disk, not only on its way there, when this returns.

        In a folder on the same disk the object is the file itself, under one more name: it must not be changed any
        more, but may be deleted.
        """
        while self.size(key) != path.stat().st_size:
            with _answering():
                if not (self._is_folder and self._link(key, path)):
                    obstore.put(self._store, key, path, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE)
                with suppress(FileNotFoundError):  # it was deleted in this moment
                    if self._is_folder:
                        sync(self.path(key))
                    return

    def _link(self, key: str, path: Path) -> bool:
        """Give the file one more name; false where that cannot be, as on another disk or in the place of a cut one."""
        with suppress(OSError):
            self.path(key).parent.mkdir(exist_ok=True)
            os.utime(path)  # an object is as old as its writing
            os.link(path, self.path(key))
            return True
        return False

    def read(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        """The bytes from `start` up to `stop`, in chunks; raises FileNotFoundError when there is no such object.

        Each chunk is asked for by itself, so that a reader may take all the time it needs.
        """
        for at in range(start, stop, _CHUNK):
            with _answering(FileNotFoundError):
                yield bytes(obstore.get_range(self._store, key, start=at, end=min(at + _CHUNK, stop)))

    def fetch(self, key: str, folder: Path) -> Path:
        """The object as a file, to be read only: where it lies, or its copy in `folder`."""
        if self._is_folder:
            return self.path(key)
        size, copy = self.size(key), folder / key.rpartition("/")[2]
        if size is None:
            raise FileNotFoundError(key)
        with copy.open("wb") as file:
            file.writelines(self.read(key, 0, size))
        return copy

    def address(self, key: str) -> str | None:
        """Where anybody can fetch the object for a day, signed with the bucket's keys; `None` for one in the folder."""
        if not isinstance(self._store, S3Store):
            return None
        with _answering():
            return obstore.sign(self._store, "GET", key, _LENT)

    def delete(self, key: str) -> None:
        """Delete the object, if there is one."""
        if self.size(key) is not None:
            with suppress(FileNotFoundError), _answering(FileNotFoundError):
                obstore.delete(self._store, key)

    def move(self, key: str, to: str) -> bool:
        """Move the object to another key, with the present time as its own; false when it is not there."""
        try:
            with _answering(FileNotFoundError):
                size = obstore.head(self._store, key)["size"]
                if self._is_folder:
                    os.utime(self.path(key))
                    if self._is_at_both(key, to):
                        self.path(key).unlink()
                        return True
                if self._is_folder or size <= _COPIED:
                    obstore.rename(self._store, key, to)
                else:
                    with obstore.open_writer(self._store, to, buffer_size=_PART, max_concurrency=1) as writer:
                        for chunk in self.read(key, 0, size):
                            writer.write(chunk)
                    obstore.delete(self._store, key)
        except FileNotFoundError:  # another process was first
            return False
        return True

    def _is_at_both(self, key: str, other: str) -> bool:
        """Whether one file has both keys: to rename one as the other would do nothing then."""
        try:
            return self.path(key).samefile(self.path(other))
        except FileNotFoundError:
            return False

    def pages(self, prefix: str = "") -> Iterator[dict[str, datetime]]:
        """All keys with this prefix, some at a time, each with the time at which its object was written."""
        with _answering():
            for page in obstore.list(self._store, prefix=prefix or None, chunk_size=1000):
                yield {meta["path"]: meta["last_modified"] for meta in page}

    def drop_unfinished(self) -> None:
        """Delete what killed writes have left in the folder; a bucket has a rule of its life cycle for that."""
        dead = time.time() - _DEAD_SECONDS
        for path in self._folder.rglob("*#*") if self._is_folder else ():
            with suppress(FileNotFoundError):  # it is whole by now, or another sweep was first
                if _UNFINISHED.fullmatch(path.name) and path.lstat().st_mtime < dead:
                    path.unlink()


def is_key(text: str) -> bool:
    """Whether it may be the key of a media object."""
    return _KEY.fullmatch(text) is not None


def preview_of(key: str, large: bool = False) -> str:
    """Where the small picture of an object lies, or the one as large as a screen: no key of an object looks like it."""
    return f"{key}.large.preview" if large else f"{key}.preview"


def previews_of(key: str) -> tuple[str, str]:
    """All that may lie there for an object."""
    return preview_of(key), preview_of(key, large=True)


def open_bucket(url: str) -> S3Store:
    """`s3://bucket/prefix?endpoint=…`: the query and the AWS_… variables of the environment say the rest.

    Raises ValueError for what is not such a URL, without repeating it: it may hold a secret.
    """
    if not _URL.fullmatch(url):
        raise ValueError("an address such as s3://bucket/prefix?endpoint=https://s3.example.org is needed")
    parts = urlsplit(url)
    try:
        store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=dict(parse_qsl(parts.query)),  # type: ignore[arg-type]  # which names there are, obstore knows
            client_options={"allow_http": True, "connect_timeout": "5s", "timeout": "2min"},
            retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=30)},
        )
    except BaseError as error:
        raise ValueError("its query has what S3 has no use for, or a secret without its key") from error
    _check_endpoint(store)
    return store


def _check_endpoint(store: S3Store) -> None:
    """Refuse what is no URL: obstore would panic at the first request, which no `except Exception` catches."""
    given = store.config.get("endpoint"), *map(os.environ.get, _ENDPOINTS)
    for endpoint in filter(None, given):
        found = _ENDPOINT.fullmatch(endpoint)
        if not found or int(found["port"] or 0) > 65535:
            raise ValueError("its endpoint must be an address such as http://127.0.0.1:9000 or https://s3.example.org")


@contextmanager
def _answering(*answers: type[Exception]) -> Iterator[None]:
    """Raise all errors but the `answers` as MediaStoreError."""
    try:
        yield
    except answers:
        raise
    except (BaseError, OSError) as error:
        log.error("The media store does not answer: %s", str(error).partition("\n")[0])
        raise MediaStoreError(_fault(error)) from error


def _fault(error: Exception) -> str:
    """A sentence for the user about an error; obstore gives the number of the system's error in its text alone."""
    found = re.search(r"\(os error (\d+)\)", str(error))
    return fault_of(OSError(int(found[1]), "") if found else error) or UNREACHABLE


def sync(path: Path) -> None:
    """Flush the file and its directory entry to the disk (fsync)."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
