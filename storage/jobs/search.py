"""Finds the jobs of a large library that a list asks for: by several filters, by a text in the prompts, by all at once.

One filter has an index of its own in the order of the list. For the rest both databases keep an index of words
(migration 0003): those of a job are what it may be listed by, and the letters of its prompt that follow each other, in
any script. SQLite's is a full-text index whose rows have the times of their jobs as their keys, so that it gives the
newest first and stops when a page is full. PostgreSQL's gives all that it finds: it is asked only when the newest jobs
do not fill a page, for what is rare.

The bin is small, and emptied in time: what is in it is looked through one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from storage import tables
from storage.tables import folded, storable

FEW = 1000
"""So many jobs are counted, and looked through one by one, in no time."""
NEWEST = 4000
"""So many jobs are looked through before PostgreSQL's index of words is asked."""

MOST_SEARCHED = 25_000
"""So many letters of a job's prompts can be found: what SQLite takes to index them grows with their square."""

_MARKS = {"user_id": "u", "workspace_id": "w", "model_id": "m", "type": "t", "status": "s", "favourite": "v"}
_LIBRARY = ("user_id", "workspace_id")
_LENGTHS = (6, 3, 2, 1)
_MOST_GRAMS = 32
_SHIFT = 60_000  # how far, in milliseconds, a place may be after its job's time: that many jobs may share one
_JOB = tables.table(tables.Job)
_WORDS = table("job_text", column("rowid", Integer))
_PLACE = table("job_text_place", column("place", Integer), column("job_id", Text))
Columns = ReadOnlyColumnCollection[str, Any]
_WORDED = [_JOB.c[name] for name in (*_MARKS, "folded_prompt")]
_SEEN = [*_WORDED, _JOB.c.id, _JOB.c.created_at, _JOB.c.deleted_at]


def searched(prompt: str | None, resolved: Mapping[str, str]) -> str | None:
    """What a search looks at: the prompt as written and, where it differs, as the model gets it."""
    prompts = (prompt, resolved.get("prompt"))
    return "\n".join(folded(text) for text in prompts if text is not None)[:MOST_SEARCHED] or None


@dataclass(frozen=True, slots=True)
class Listing:
    """Which of a user's jobs are wanted: `facets` are columns and their values, the user's among them.

    They are those in the bin when it is `trashed`, else those that are not.
    """

    facets: Mapping[str, Any]
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    after: tuple[datetime, str] | None = None
    trashed: bool = False

    @property
    def indexed(self) -> "Listing":
        """The least listing that has all of these and an index in its order: one has the user, workspace, a filter."""
        filters = [name for name in self.facets if name not in _LIBRARY]
        return replace(
            self, facets={name: self.facets[name] for name in self.facets if name not in filters[1:]}, text=""
        )

    def where(self, job: Columns = _JOB.c) -> list[ColumnElement[bool]]:
        placed = job.deleted_at.is_not(None) if self.trashed else job.deleted_at.is_(None)
        return [placed, *(job[name] == value for name, value in self.facets.items()), *self.rest(job)]

    def rest(self, job: Columns = _JOB.c) -> list[ColumnElement[bool]]:
        """What the words do not say for certain."""
        rest: list[ColumnElement[bool]] = [job.created_at >= self.since] if self.since else []
        rest += [job.created_at < self.until] if self.until else []
        rest += [job.folded_prompt.contains(self.text, autoescape=True)] if self.text else []
        return rest + ([tuple_(job.created_at, job.id) < self.after] if self.after else [])

    def value(self, facet: str) -> str:
        value = self.facets[facet]
        return str(int(value)) if isinstance(value, bool) else storable(value)

    @property
    def grams(self) -> list[str]:
        """The letters that follow each other in the text."""
        length = next((length for length in _LENGTHS if length <= len(self.text)), 1)
        every = (self.text[at : at + length] for at in range(len(self.text) - length + 1))
        return list(dict.fromkeys(every))[:_MOST_GRAMS]


def newest_of(columns: Select[Any], where: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    return columns.where(*where).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc()).limit(limit)


def among_newest(listing: Listing, most: int) -> Select[Any]:
    """The ids of those of the listing that are among the newest, which are looked through one by one."""
    jobs = newest_of(select(*_SEEN), listing.indexed.where(), most).subquery()
    return _ids(listing, jobs.c)


def in_bin(listing: Listing) -> Select[Any]:
    """The ids of a listing of the bin, which is taken whole first: SQLite would rather look at all of a user's jobs."""
    bin_ = select(*_SEEN).where(_JOB.c.deleted_at.is_not(None)).offset(literal_column("0")).subquery()
    return select(bin_.c.id).where(*listing.where(bin_.c))


def first_ids(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The ids of the first `limit` of the listing, and maybe of more."""
    find = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    return find(connection, listing, limit)


def _ids(listing: Listing, job: Columns) -> Select[Any]:
    return select(job.id).where(*listing.where(job)).order_by(job.created_at.desc(), job.id.desc())


def _on_sqlite(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The ids of the first jobs, and of those that are so near to the last of them that they may be before it."""
    rows = list(connection.execute(_by_words(listing, limit + 1)))
    farthest = rows[limit - 1].rowid - _SHIFT if len(rows) > limit else None
    if farthest is not None and rows[limit].rowid > farthest:
        near = _WORDS.c.rowid.between(farthest, rows[limit].rowid - 1)
        rows += connection.execute(_by_words(listing, None).where(near))
    return [row.job_id for row in rows]


def _by_words(listing: Listing, limit: int | None) -> Select[Any]:
    """The first word is followed, the others are looked up: what is rarest in most libraries comes first."""
    facets = [f"{_MARKS[name]}{_hex(listing.value(name))}" for name in reversed(list(listing.facets))]
    words = " ".join([*(_hex(gram) for gram in listing.grams), *facets])
    matches = literal_column("job_text").op("MATCH")(words) & (_PLACE.c.place == _WORDS.c.rowid)
    found = select(_WORDS.c.rowid, _PLACE.c.job_id).where(matches).order_by(_WORDS.c.rowid.desc()).limit(limit)
    if rest := listing.rest():
        found = found.where(exists().where(_JOB.c.id == _PLACE.c.job_id, *rest))
    if listing.since:
        found = found.where(_WORDS.c.rowid >= _milliseconds(listing.since))
    if ends := [end for end in (listing.until, listing.after and listing.after[0]) if end]:
        found = found.where(_WORDS.c.rowid <= _milliseconds(min(ends)) + _SHIFT)
    return found


def _hex(text: str) -> str:
    return text.encode().hex()


def _milliseconds(time: datetime) -> int:
    return (time - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def _on_postgresql(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The planner takes words for independent and mistakes rare for common: each step has one way to go."""
    words = [*(f"{name}={listing.value(name)}" for name in listing.facets), *listing.grams]
    has_words = func.job_words(*_WORDED, type_=ARRAY(Text)).contains(literal(words, ARRAY(Text)))
    matching = select(*_SEEN).where(has_words).offset(literal_column("0")).subquery()
    few = among_newest(listing, NEWEST)
    ids = connection.execute(few.limit(limit)).scalars().all()
    return ids if len(ids) == limit else connection.execute(_ids(listing, matching.c).limit(limit)).scalars().all()
