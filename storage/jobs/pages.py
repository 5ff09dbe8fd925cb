"""A page of a list of jobs: how it is queried, and the cursors of the pages before and after it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from storage import tables
from storage.jobs.records import START, JobPage, Place, to_cursor
from storage.jobs.rows import IDS, count, own_job, read_rows, to_job
from storage.jobs.search import FEW, Listing, among_first, first_ids, first_of, in_bin
from storage.jobs.sorting import Sort
from storage.tables import Damaged

_JOB = tables.table(tables.Job)


def page_of(connection: Connection, listing: Listing, place: Place, limit: int) -> JobPage:
    """The page of the listing that begins at a place, with at most `limit` jobs."""
    left = replace(listing, after=place)
    if listing.trashed:
        jobs = _first(connection, IDS.where(_JOB.c.id.in_(in_bin(left))), left, place, limit)
        return _as_page(jobs, left, place, limit, count(connection, in_bin(listing).limit(FEW + 1)), FEW)
    indexed = count(connection, first_of(IDS, replace(listing, sort="time").indexed, FEW + 1))
    if listing == listing.indexed:
        jobs = _first(connection, IDS.where(*left.where()), left, place, limit)
        return _as_page(jobs, left, place, limit, indexed, FEW)
    if indexed <= FEW:
        jobs = _first(connection, IDS.where(_JOB.c.id.in_(among_first(left, FEW))), left, place, limit)
        return _as_page(jobs, left, place, limit, count(connection, among_first(listing, FEW)), FEW)
    # By nothing but the ids: SQLite would rather look at all of a user's jobs in their order.
    ids = first_ids(connection, left, place.skip + limit + 1)
    jobs = _first(connection, IDS.where(_JOB.c.id.in_(ids)), left, place, limit)
    return _as_page(jobs, left, place, limit, len(jobs) if place == START else limit + 1, limit)


def place_after(connection: Connection, listing: Listing, job_id: str) -> Place:
    """The place after the user's job; the beginning of the list where there is no such job, or its place is damaged."""
    key = listing.key()
    columns = [_JOB.c.created_at, *([] if key is None else [key])]
    own = own_job(listing.facets["user_id"], job_id)
    row = connection.execute(select(*columns).where(own)).first()
    if row is None or any(isinstance(one, Damaged) for one in row):
        return START
    return Place((row[0], job_id), key=row[1] if key is not None else None)


def _first(
    connection: Connection, ids: Select[Any], listing: Listing, place: Place, limit: int
) -> list[list[Row[Any]]]:
    """The jobs of a page and one more, in their order."""
    if (key := listing.key()) is not None:
        ids = ids.add_columns(key.label("sort_key"))
    return read_rows(connection, ids.order_by(*listing.order()).limit(limit + 1).offset(place.skip))


def _as_page(found: list[list[Row[Any]]], listing: Listing, place: Place, limit: int, total: int, most: int) -> JobPage:
    shown = found[-limit:] if listing.reversed else found[:limit]
    is_part, is_middle = len(found) > limit, place != START
    newer, older = (is_part, is_middle) if listing.reversed else (is_middle, is_part)
    last = partial(_last_cursor, sort=listing.sort)
    before = last(reversed(shown), place if listing.reversed else START) if newer else None
    after = last(shown, START if listing.reversed else place) if older else None
    return JobPage(tuple(map(to_job, shown)), after, before, min(total, most), total <= most)


def _last_cursor(jobs: Iterable[list[Row[Any]]], place: Place, sort: Sort) -> str:
    """Where the jobs end that come after a place."""
    for row in (rows[0] for rows in jobs):
        key = None if sort == "time" else row.sort_key
        is_damaged = any(isinstance(one, Damaged) for one in (row.created_at, row.id, key))
        place = replace(place, skip=place.skip + 1) if is_damaged else Place((row.created_at, row.id), key=key)
    return to_cursor(place, sort)
