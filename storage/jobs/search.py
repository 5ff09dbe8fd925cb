"""Finds the jobs of a large library that a list asks for: by several filters, by a search, by all at once.

One filter has an index of its own in the order of the list. For the rest both databases have a full-text index
(migrations 0003 and 0008). A job's tokens are the columns that it may be filtered by, and the n-grams of its text
(`search_text`), in any script. SQLite's is FTS5, with the time of the job as the row id, so that it gives the newest
first and stops when a page is full. PostgreSQL's is a GIN index, which gives all that it finds: it is asked only when
the newest jobs do not fill a page, for what is rare. What tokens cannot say is checked in each job that they find: how
large a number is, and what must not be there.

The bin is small, and emptied in time: what is in it is looked through one by one.

No index helps in another order than that of the times: all that is found is sorted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    column,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY

from storage import tables
from storage.jobs.query import Field, Word
from storage.jobs.records import START, Place
from storage.jobs.search_text import anchors, meets
from storage.jobs.sorting import MOST_STARS, Columns, Sort, key
from storage.tables import Utf8, storable

FEW = 1000
"""So many jobs are counted, and looked through one by one, in no time."""
NEWEST = 4000
"""So many jobs are looked through before PostgreSQL's full-text index is asked."""

ANY_RATING = (0, MOST_STARS)

_MARKS = {"user_id": "u", "workspace_id": "w", "model_id": "m", "type": "t", "status": "s", "favourite": "v"}
_LIBRARY = ("user_id", "workspace_id")
_LENGTHS = (6, 3, 2, 1)
_MOST_GRAMS = 32
_SHIFT = 60_000  # how far, in milliseconds, a place may be after its job's time: that many jobs may share one
_JOB = tables.table(tables.Job)
_TOKENS = table("job_text", column("rowid", Integer))
_PLACE = table("job_text_place", column("place", Integer), column("job_id", Text))
_TOKENIZED = [_JOB.c[name] for name in (*_MARKS, "rating", "folded_prompt")]
_SEEN = [*_TOKENIZED, _JOB.c.id, _JOB.c.created_at, _JOB.c.deleted_at, _JOB.c.started_at, _JOB.c.completed_at]


@dataclass(frozen=True, slots=True)
class Listing:
    """Which of a user's jobs are wanted: `facets` are columns and their values, the user's among them.

    They are those in the bin when it is `trashed`, else those that are not; and those that come after a place, in the
    order of `sort`, or backwards when it is `reversed`. `terms` are those of a search. `rated` has the least and the
    most stars, 0 being a job's that has no rating. `names` are those of the models, to sort by.
    """

    facets: Mapping[str, Any]
    since: datetime | None = None
    until: datetime | None = None
    terms: tuple[Word | Field, ...] = ()
    rated: tuple[int, int] = ANY_RATING
    after: Place = START
    trashed: bool = False
    reversed: bool = False
    sort: Sort = "time"
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def indexed(self) -> "Listing":
        """The least listing that has all of these and an index in its order: one has the user, workspace, a filter."""
        filters = [name for name in self.facets if name not in _LIBRARY]
        facets = {name: self.facets[name] for name in self.facets if name not in filters[1:]}
        return replace(self, facets=facets, terms=(), rated=ANY_RATING)

    def where(self, job: Columns = _JOB.c) -> list[ColumnElement[bool]]:
        """All conditions of the listing, over the columns of a job's row."""
        placed = job.deleted_at.is_not(None) if self.trashed else job.deleted_at.is_(None)
        rated = [job.rating >= self.rated[0]] if self.rated[0] else []
        return [placed, *(job[name] == value for name, value in self.facets.items()), *rated, *self.rest(job)]

    def rest(self, job: Columns = _JOB.c) -> list[ColumnElement[bool]]:
        """What the tokens do not say for certain."""
        rest: list[ColumnElement[bool]] = [job.created_at >= self.since] if self.since else []
        rest += [job.created_at < self.until] if self.until else []
        rest += [func.coalesce(job.rating, 0) <= self.rated[1]] if self.rated[1] < MOST_STARS else []
        rest += [meets(term, job) for term in self.terms]
        if self.after.after:
            time = tuple_(job.created_at, job.id)
            beyond = time > self.after.after if self.reversed else time < self.after.after
            rest += [beyond if (key := self.key(job)) is None else self._beyond(key, beyond)]
        return rest

    def _beyond(self, key: ColumnElement[Any], beyond: ColumnElement[bool]) -> ColumnElement[bool]:
        reached = literal(self.after.key, Utf8() if self.sort == "model" else BigInteger())
        return or_(key < reached if self.reversed else key > reached, and_(key == reached, beyond))

    def key(self, job: Columns = _JOB.c) -> ColumnElement[Any] | None:
        """What goes before the time, the lowest first."""
        return key(self.sort, self.names, job)

    def order(self, job: Columns = _JOB.c) -> list[ColumnElement[Any]]:
        """The columns by which the listing is sorted."""
        times = [column.asc() if self.reversed else column.desc() for column in (job.created_at, job.id)]
        if (key := self.key(job)) is None:
            return times
        return [key.desc() if self.reversed else key.asc(), *times]

    def value(self, facet: str) -> str:
        """The facet's value as the full-text index has it."""
        value = self.facets[facet]
        return str(int(value)) if isinstance(value, bool) else storable(value)

    @property
    def grams(self) -> list[str]:
        """The letters that follow each other in what is looked for."""
        every = (gram for term in self.terms for anchor in anchors(term) for gram in _grams(anchor))
        return list(dict.fromkeys(every))[:_MOST_GRAMS]


def _grams(text: str) -> list[str]:
    length = next((length for length in _LENGTHS if length <= len(text)), 1)
    return [text[at : at + length] for at in range(len(text) - length + 1)]


def first_of(columns: Select[Any], listing: Listing, limit: int) -> Select[Any]:
    """The first jobs of a listing that an index has in its order."""
    return columns.where(*listing.where()).order_by(*listing.order()).limit(limit)


def among_first(listing: Listing, most: int) -> Select[Any]:
    """The ids of those of the listing that are among the first of its index, which are looked through one by one."""
    jobs = first_of(select(*_SEEN), listing.indexed, most).subquery()
    return _ids(listing, jobs.c)


def in_bin(listing: Listing) -> Select[Any]:
    """The ids of a listing of the bin, which is taken whole first: SQLite would rather look at all of a user's jobs."""
    bin_ = select(*_SEEN).where(_JOB.c.deleted_at.is_not(None)).offset(literal_column("0")).subquery()
    return select(bin_.c.id).where(*listing.where(bin_.c))


def first_ids(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The ids of the first `limit` of the listing, and maybe of more."""
    if listing.sort != "time" and not listing.terms:
        return connection.execute(_ids(listing, _JOB.c).limit(limit)).scalars().all()
    if connection.dialect.name == "postgresql":
        return _on_postgresql(connection, listing, limit)
    return (_on_sqlite if listing.sort == "time" else _sorted_on_sqlite)(connection, listing, limit)


def _ids(listing: Listing, job: Columns) -> Select[Any]:
    return select(job.id).where(*listing.where(job)).order_by(*listing.order(job))


def _on_sqlite(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The ids of the first jobs, and of those that are so near to the last of them that they may be before it."""
    rows = list(connection.execute(_by_tokens(listing, limit + 1)))
    on = 1 if listing.reversed else -1
    farthest = rows[limit - 1].rowid + on * _SHIFT if len(rows) > limit else None
    if farthest is not None and on * rows[limit].rowid < on * farthest:
        near = _TOKENS.c.rowid.between(*sorted((farthest, rows[limit].rowid + on)))
        rows += connection.execute(_by_tokens(listing, None).where(near))
    return [row.job_id for row in rows]


def _sorted_on_sqlite(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """What the tokens find comes in the order of the times: all of it is sorted."""
    found = _by_tokens(listing, None).order_by(None).subquery()
    matching = select(_JOB.c.id).select_from(found.join(_JOB, _JOB.c.id == found.c.job_id))
    return connection.execute(matching.order_by(*listing.order()).limit(limit)).scalars().all()


def _by_tokens(listing: Listing, limit: int | None) -> Select[Any]:
    """The first token is followed, the others are looked up: what is rarest in most libraries comes first."""
    facets = [f"{_MARKS[name]}{_hex(listing.value(name))}" for name in reversed(list(listing.facets))]
    stars = [f"r{listing.rated[0]}"] if listing.rated[0] else []
    tokens = " ".join([*(_hex(gram) for gram in listing.grams), *stars, *facets])
    matches = literal_column("job_text").op("MATCH")(tokens) & (_PLACE.c.place == _TOKENS.c.rowid)
    order = _TOKENS.c.rowid.asc() if listing.reversed else _TOKENS.c.rowid.desc()
    found = select(_TOKENS.c.rowid, _PLACE.c.job_id).where(matches).order_by(order).limit(limit)
    if rest := listing.rest():
        found = found.where(exists().where(_JOB.c.id == _PLACE.c.job_id, *rest))
    after = listing.after.after[0] if listing.after.after and listing.sort == "time" else None
    if begins := [begin for begin in (listing.since, listing.reversed and after) if begin]:
        found = found.where(_TOKENS.c.rowid >= _milliseconds(max(begins)))
    if ends := [end for end in (listing.until, not listing.reversed and after) if end]:
        found = found.where(_TOKENS.c.rowid <= _milliseconds(min(ends)) + _SHIFT)
    return found


def _hex(text: str) -> str:
    return text.encode().hex()


def _milliseconds(time: datetime) -> int:
    return (time - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)


def _on_postgresql(connection: Connection, listing: Listing, limit: int) -> Sequence[str]:
    """The planner takes tokens for independent and mistakes rare for common: each step has one way to go."""
    stars = [f"rating={listing.rated[0]}"] if listing.rated[0] else []
    tokens = [*(f"{name}={listing.value(name)}" for name in listing.facets), *stars, *listing.grams]
    has_tokens = func.job_words(*_TOKENIZED, type_=ARRAY(Text)).contains(literal(tokens, ARRAY(Text)))
    matching = select(*_SEEN).where(has_tokens).offset(literal_column("0")).subquery()
    few = among_first(listing, NEWEST)
    ids = connection.execute(few.limit(limit)).scalars().all()
    return ids if len(ids) == limit else connection.execute(_ids(listing, matching.c).limit(limit)).scalars().all()
