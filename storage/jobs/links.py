"""Which job came from which. A link is written with its child, and shows a user nothing but the user's own jobs."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, func, select

from storage import tables
from storage.damage import readable
from storage.database import insert_missing

_JOB = tables.table(tables.Job)
_LINK = tables.table(tables.JobLink)
_JOB_MEDIA = tables.table(tables.JobMedia)
_NEAR, _FAR = _JOB.alias(), _JOB.alias()  # both ends of a link; made once, for each alias takes a millisecond


class LinkKind(StrEnum):
    """How a job came from another."""

    REUSE = "reuse"
    """The form was filled from it."""
    INPUT = "input"
    """What it made went into a parameter."""
    SWEEP = "sweep"
    """It is one of several that were made of it, with other values."""
    RETRY = "retry"
    """It was made again after a failure."""
    IMPORT = "import"
    """Its values were read from a file of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A job that another one comes from; `parameter` is the input that took what it made, empty where none did."""

    job_id: str
    kind: LinkKind
    parameter: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """Some links of a job, each by the other job's id, newest first, and how many there are in all."""

    links: tuple[Source, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Producers:
    """The jobs that made an object, oldest first; `certain` is the one that every copy comes from.

    It is known when no other job made the same bytes, and none had them as an input before.
    """

    jobs: tuple[str, ...]
    certain: str | None


def add_links(connection: Connection, user_id: str, child_id: str, sources: Iterable[Source]) -> None:
    """Note where a job comes from; a source that is not the user's, or not there any more, is left out."""
    wanted = [source for source in sources if source.job_id != child_id]
    if not wanted:
        return
    own = select(_JOB.c.id).where(_JOB.c.user_id == user_id, _JOB.c.id.in_({source.job_id for source in wanted}))
    # The row lock is PostgreSQL's: SQLite has but one, which whoever writes has.
    there = set(connection.execute(own.with_for_update(read=True, key_share=True)).scalars())
    links = [
        {"child_id": child_id, "parent_id": one.job_id, "kind": one.kind.value, "parameter": one.parameter}
        for one in wanted
        if one.job_id in there
    ]
    insert_missing(connection, _LINK, links)


def sources_of(connection: Connection, user_id: str, job_id: str, limit: int) -> Found:
    """The user's jobs that the user's job came from."""
    return _found(connection, _SOURCES, user_id, job_id, limit)


def uses_of(connection: Connection, user_id: str, job_id: str, limit: int) -> Found:
    """The user's jobs that came from the user's job."""
    return _found(connection, _USES, user_id, job_id, limit)


def producers(connection: Connection, user_id: str, keys: Iterable[str]) -> dict[str, Producers]:
    """By media key, which of the user's jobs made the object."""
    used = _JOB_MEDIA.join(_JOB, _JOB.c.id == _JOB_MEDIA.c.job_id)
    mine = (_JOB_MEDIA.c.media_key.in_(list(keys)), _JOB.c.user_id == user_id)
    is_input = _JOB_MEDIA.c.position.is_not(None)
    columns = (_JOB_MEDIA.c.media_key, _JOB.c.id, _JOB.c.created_at, _JOB.c.completed_at)
    is_output = (~is_input | (_JOB.c.result_url == _JOB_MEDIA.c.media_key)).label("is_output")
    rows = select(*columns, is_input.label("is_input"), is_output).select_from(used).where(*mine)
    found: dict[str, list[Row[Any]]] = {}
    for row in readable(connection.execute(rows.order_by(_JOB.c.created_at, _JOB.c.id)), "file"):
        found.setdefault(row.media_key, []).append(row)
    return {key: made for key, of_key in found.items() if (made := _producers(of_key)).jobs}


def _producers(rows: list[Row[Any]]) -> Producers:
    made = [row for row in rows if row.is_output]
    had_since = min((row.created_at for row in rows if row.is_input), default=None)
    is_certain = len(made) == 1 and (had_since is None or made[0].completed_at <= had_since)
    return Producers(tuple(row.id for row in made), made[0].id if is_certain else None)


def _around(of: ColumnElement[str], other: ColumnElement[str]) -> Select[Any]:
    """The links of a job whose other end is the user's too, newest first, each with how many there are in all."""
    user_id: ColumnElement[str] = bindparam("user_id")
    joined = _LINK.join(_NEAR, and_(_NEAR.c.id == of, _NEAR.c.user_id == user_id))
    joined = joined.join(_FAR, and_(_FAR.c.id == other, _FAR.c.user_id == user_id))
    rows = select(other.label("other"), _LINK.c.kind, _LINK.c.parameter, func.count().over().label("total"))
    rows = rows.select_from(joined).where(
        of == bindparam("job_id"), _LINK.c.kind.in_([kind.value for kind in LinkKind])
    )
    order = (_FAR.c.created_at.desc(), _FAR.c.id.desc(), _LINK.c.kind, _LINK.c.parameter)
    return rows.order_by(*order).limit(bindparam("most"))


# Made once: that takes longer than to run them.
_SOURCES = _around(_LINK.c.child_id, _LINK.c.parent_id)
_USES = _around(_LINK.c.parent_id, _LINK.c.child_id)


def _found(connection: Connection, links: Select[Any], user_id: str, job_id: str, limit: int) -> Found:
    rows = connection.execute(links, {"user_id": user_id, "job_id": job_id, "most": limit}).all()
    sources = tuple(Source(row.other, LinkKind(row.kind), row.parameter) for row in readable(rows, "link"))
    return Found(sources, rows[0].total if rows else 0)
