"""Where a test's media objects are, to look at and to damage behind the store's back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import obstore
import pytest
from obstore.store import LocalStore
from sqlalchemy import Engine

from storage.media.blobs import Objects, open_bucket
from storage.media.store import MediaStore

everywhere = pytest.mark.parametrize(
    ("new_engine", "shelf"),
    [("sqlite", "folder"), ("postgresql", "folder"), ("sqlite", "moto"), ("postgresql", "swift")],
    indirect=True,
)
"""Runs a test with both databases, and with a folder and both servers of buckets."""


@dataclass(frozen=True)
class Shelf:
    """A folder, and a bucket in place of it when there is a URL."""

    root: Path
    url: str = ""

    def media(self, engine: Engine) -> MediaStore:
        return MediaStore(engine, self.root, url=self.url)

    def objects(self) -> Objects:
        return Objects(self.root, self.url)

    def keys(self) -> set[str]:
        """Of all that is there, also of what no store would have written."""
        if self.url:
            return {meta["path"] for page in obstore.list(open_bucket(self.url)) for meta in page}
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if not path.is_dir()}

    def read(self, key: str) -> bytes:
        return bytes(obstore.get(self._store(), key).bytes())

    def write(self, key: str, content: bytes) -> None:
        obstore.put(self._store(), key, content)

    def lose(self, key: str) -> None:
        obstore.delete(self._store(), key)

    def _store(self) -> Any:
        return open_bucket(self.url) if self.url else LocalStore(self.root, mkdir=True)
