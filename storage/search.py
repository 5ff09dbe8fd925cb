"""Finds a text in the prompts of a large library, in any script and from one letter on.

Both databases keep an index of the letters that follow each other (migration 0003). PostgreSQL's is a plain one.
SQLite's is a full-text index of three letters a word; its rows have the times of their jobs as their keys, so that it
gives the newest first and stops when a page is full.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Text,
    column,
    exists,
    func,
    literal,
    literal_column,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import ARRAY

from storage import tables

FEW = 1000
"""So many jobs are counted, and looked through one by one, in no time."""

_LETTERS = 3
_MOST_WORDS = 32
_SHIFT = 60_000  # how far, in milliseconds, a place may be after its job's time: that many jobs may share one
_JOB = tables.table(tables.Job)
_WORDS = table("job_text", column("rowid", Integer))
_PLACE = table("job_text_place", column("place", Integer), column("job_id", Text))


def contains(text: str) -> ColumnElement[bool]:
    """Whether a job's prompt has the folded text: certain, and as slow as there are many jobs to look at."""
    return _JOB.c.folded_prompt.contains(text, autoescape=True)


def narrowed(
    connection: Connection, text: str, where: Sequence[ColumnElement[bool]], limit: int, before: datetime | None
) -> ColumnElement[bool]:
    """A condition that few jobs meet, the first `limit` of those that meet `where` and contain the text among them.

    `where` lets no job through that is after `before`.
    """
    if connection.dialect.name == "postgresql":
        return func.job_grams(_JOB.c.folded_prompt, type_=ARRAY(Text)).contains(literal(_grams(text), ARRAY(Text)))
    found = _among_newest(connection, text, where, limit) if len(text) < _LETTERS else []
    if len(found) < limit:
        found = _by_words(connection, text, where, limit, before)
    return _JOB.c.id.in_(found)


def _grams(text: str) -> list[str]:
    length = min(_LETTERS, len(text))
    return list(dict.fromkeys(text[at : at + length] for at in range(len(text) - length + 1)))[:_MOST_WORDS]


def _words(text: str) -> str:
    """A query of SQLite's full-text index; fewer letters than its words have are looked up as their beginning."""
    beginning = "" if len(text) >= _LETTERS else "*"
    return " ".join(f"{gram.encode().hex().upper()}{beginning}" for gram in _grams(text))


def _among_newest(connection: Connection, text: str, where: Sequence[ColumnElement[bool]], limit: int) -> Sequence[str]:
    """One or two letters are in so many words that it takes long to begin; but then a few jobs have them, too."""
    columns = (_JOB.c.id, _JOB.c.created_at, _JOB.c.folded_prompt)
    newest = select(*columns).where(*where).order_by(_JOB.c.created_at.desc(), _JOB.c.id.desc()).limit(FEW)
    some = newest.subquery()
    found = select(some.c.id).where(some.c.folded_prompt.contains(text, autoescape=True))
    return connection.execute(found.order_by(some.c.created_at.desc(), some.c.id.desc()).limit(limit)).scalars().all()


def _by_words(
    connection: Connection, text: str, where: Sequence[ColumnElement[bool]], limit: int, before: datetime | None
) -> Sequence[str]:
    """The ids of the first jobs, and of those that are so near to the last one that they may be before it."""
    matches = literal_column("job_text").op("MATCH")(_words(text)) & (_PLACE.c.place == _WORDS.c.rowid)
    wanted = exists().where(_JOB.c.id == _PLACE.c.job_id, *where, contains(text))
    found = select(_WORDS.c.rowid, _PLACE.c.job_id).where(matches, wanted).order_by(_WORDS.c.rowid.desc())
    if before is not None:
        found = found.where(_WORDS.c.rowid <= _milliseconds(before) + _SHIFT)
    rows = list(connection.execute(found.limit(limit)))
    if len(rows) == limit:
        last = rows[-1].rowid
        rows += connection.execute(found.where(_WORDS.c.rowid.between(last - _SHIFT, last - 1)))
    return [row.job_id for row in rows]


def _milliseconds(time: datetime) -> int:
    return (time - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
