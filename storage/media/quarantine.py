"""Objects without a row: left by a killed put, or unknown to a lost, new or older database.

The two look alike, so a sweep deletes none at once. What is older than the database stays where it is, and so do all
while they are more than a few. The others go to a quarantine, from which they come back by themselves when a database
knows them, or all by `rescue`, and which they leave for good after `KEPT`.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, select

from storage import tables
from storage.database import insert_missing, put_row, writing
from storage.media.blobs import Objects, is_key, previews_of
from storage.tables import now

log = logging.getLogger(__name__)

KEPT = timedelta(days=30)
"""How long the quarantine keeps an object."""

A_FEW = 20
"""The most strays that crashes can explain, unless a hundredth of all objects is more."""

QUARANTINE = "quarantine/"
"""Put before a key, it is where the object lies in quarantine: no key of an object looks like it."""

_MEDIA = tables.table(tables.Media)
_MILESTONE = tables.table(tables.Milestone)
_NAMED = 20
_CLOCKS = timedelta(minutes=1)  # by which a bucket's may be ahead
_MOVED = "%d files in no record go for good after %d days, unless studio_ui.py rescue is run. In quarantine: %s"
_SEVERAL = "%d of %d files are in no record of this database. As these are more than a few, all stay: %s"
_OLDER = "%d files are older than this database and in none of its records. They stay: %s"
_GONE = "%d files were in quarantine for %d days and are deleted for good: %s"
_BACK = "%d files are in a record again and back from quarantine: %s"


@dataclass(frozen=True, slots=True)
class Strays:
    """Keys in order: of those in their place that are in no record, and of those in quarantine."""

    unknown: tuple[str, ...]
    quarantined: tuple[str, ...]


class Quarantine:
    """May run in several processes at a time, and beside puts and deletions."""

    def __init__(self, engine: Engine, objects: Objects) -> None:
        self._engine = engine
        self._objects = objects
        self._told: set[str] = set()

    def find(self, before: datetime) -> Strays:
        """All strays that were written before this time."""
        unknown, _ = self._unknown(before)
        return Strays(tuple(sorted(unknown)), tuple(sorted(self.quarantined())))

    def quarantined(self) -> dict[str, datetime]:
        """The objects in quarantine by key, each with the time since which it is there."""
        return {key: time for page in self._pages() for key, time in page.items()}

    def sweep(self, before: datetime) -> int:
        """Move what was written before that and is in no record; how many went for good, after their time."""
        self._return_known()
        since = self._since()
        gone = [key for key, time in self.quarantined().items() if since <= time < before - KEPT and self._drop(key)]
        self._tell(_GONE, KEPT.days, keys=gone)
        unknown, total = self._unknown(before)
        older = [key for key, time in unknown.items() if time < since]
        self._tell_once(_OLDER, keys=older)
        strays = sorted(unknown.keys() - older)
        if len(strays) > max(A_FEW, total // 100):
            self._tell_once(_SEVERAL, total, keys=strays)
        else:
            moved = [key for key in strays if self._isolate(key)]
            self._tell(_MOVED, KEPT.days, keys=moved)
        return len(gone)

    def rescue(self) -> int:
        """Put back all that is in quarantine, and return how many files; no later sweep takes what exists today."""
        keys = self.quarantined()
        for key in keys:
            self._objects.move(QUARANTINE + key, key)
        with self._engine.begin() as connection:
            put_row(connection, _MILESTONE, {"name": tables.MEDIA_SINCE, "at": now() + _CLOCKS})
        return len(keys)

    def _since(self) -> datetime:
        """From when on the database knows of every object; for one that does not say, from now on."""
        mine = select(_MILESTONE.c.at).where(_MILESTONE.c.name == tables.MEDIA_SINCE)
        start = now()
        row = {"name": tables.MEDIA_SINCE, "at": start}
        with self._engine.begin() as connection:
            insert_missing(connection, _MILESTONE, [row])
            since = connection.execute(mine).scalar()
            if isinstance(since, datetime):
                return since
            put_row(connection, _MILESTONE, row)  # in place of a damaged one
        return start

    def _unknown(self, before: datetime) -> tuple[dict[str, datetime], int]:
        """Older objects without a row, with the times of their writing; and how many objects there are in all."""
        unknown, total = dict[str, datetime](), 0
        for page in self._objects.pages():
            times = {key: time for key, time in page.items() if is_key(key)}
            total += len(times)
            old = {key for key, time in times.items() if time < before}
            unknown |= {key: times[key] for key in old - self._known(old)}
        return unknown, total

    def _known(self, keys: set[str]) -> set[str]:
        with self._engine.connect() as connection:
            return set(connection.execute(select(_MEDIA.c.key).where(_MEDIA.c.key.in_(keys))).scalars())

    def _pages(self) -> Iterator[dict[str, datetime]]:
        for page in self._objects.pages(QUARANTINE):
            times = {key.removeprefix(QUARANTINE): time for key, time in page.items()}
            yield {key: time for key, time in times.items() if is_key(key)}

    def _return_known(self) -> None:
        known = {key for page in self._pages() for key in self._known(set(page))}
        back = [key for key in sorted(known) if self._return(key)]
        self._tell(_BACK, keys=back)

    def _return(self, key: str) -> bool:
        with writing(self._engine) as connection:  # a deletion waits
            row = connection.execute(select(_MEDIA.c.key).where(_MEDIA.c.key == key).with_for_update()).first()
            return row is not None and self._objects.move(QUARANTINE + key, key)

    def _isolate(self, key: str) -> bool:
        """A row for a moment keeps out a put of the same object; where the put's row is first, the object stays."""
        row = {"key": key, "kind": "", "mime": "", "size": 0, "created_at": now()}
        with self._engine.begin() as connection:
            insert_missing(connection, _MEDIA, [row])
            stray = connection.execute(delete(_MEDIA).where(_MEDIA.c.key == key, _MEDIA.c.kind == "")).rowcount == 1
            if stray:
                for preview in previews_of(key):  # it is rendered again when it is asked for
                    self._objects.delete(preview)
                stray = self._objects.move(key, QUARANTINE + key)
        return stray

    def _drop(self, key: str) -> bool:
        self._objects.delete(QUARANTINE + key)
        return True

    def _tell_once(self, sentence: str, *numbers: int, keys: Sequence[str]) -> None:
        """They stay from one sweep to the next."""
        if not self._told.issuperset(keys):
            self._told.update(keys)
            self._tell(sentence, *numbers, keys=keys)

    def _tell(self, sentence: str, *numbers: int, keys: Sequence[str]) -> None:
        if keys:
            log.warning(sentence, len(keys), *numbers, named(keys))


def named(keys: Sequence[str]) -> str:
    """The keys for a line of the log: the first few, and the number of the others."""
    more = len(keys) - _NAMED
    return ", ".join(keys[:_NAMED]) + (f" and {more} more" if more > 0 else "")
