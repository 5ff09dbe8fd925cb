"""Labels: words of their own that users give their jobs. Those that differ in case or accents alone are one label."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from storage import tables
from storage.errors import JobError
from storage.jobs.query import plain
from storage.jobs.search_text import relabelled
from storage.tables import storable

LONGEST = 40
MOST = 16
"""So many labels a job may have."""

Labels = tuple[str, ...]
_JOB = tables.table(tables.Job)


@dataclass(frozen=True, slots=True)
class Label:
    """A label as it is written, and how many jobs that are not in the bin have it."""

    name: str
    jobs: int


def cleaned(name: str) -> str:
    """The label that is meant, in one line; raises JobError for what is none."""
    clean = " ".join(storable(name).split())
    if not plain(clean) or len(clean) > LONGEST:
        raise JobError(f"A label has 1 to {LONGEST} characters; this one has {len(clean)}.")
    return clean


def from_column(text: Any) -> Labels:
    """The labels of a job's column; none where it holds no text."""
    return tuple(text.split("\n")) if isinstance(text, str) and text else ()


def to_column(labels: Iterable[str]) -> str | None:
    """The labels in their order, each once."""
    by_meaning = {plain(one): one for one in labels}
    return "\n".join(by_meaning[meaning] for meaning in sorted(by_meaning)) or None


def column_of_archive(text: str | None) -> str | None:
    """What is well formed of a column that an archive says: it may say anything."""
    fitting = [one for one in from_column(text) if plain(one) and " ".join(one.split()) == one and len(one) <= LONGEST]
    return to_column(fitting[:MOST])


def without(labels: Labels, label: str) -> Labels:
    """The labels but this one, in whatever case or accents it is written."""
    return tuple(one for one in labels if plain(one) != plain(label))


def with_one(labels: Labels, label: str) -> Labels:
    """Raises JobError where a job has as many as it may."""
    if len(others := without(labels, label)) >= MOST:
        raise JobError(f"A job has at most {MOST} labels: take one away first.")
    return labels if len(others) < len(labels) else (*labels, label)


def used(connection: Connection, user_id: str) -> list[Label]:
    """The user's labels by their names, also those of jobs in the bin alone."""
    there = func.count().filter(_JOB.c.deleted_at.is_(None))
    rows = connection.execute(select(_JOB.c.labels, there).where(*_labelled(user_id)).group_by(_JOB.c.labels))
    found = dict[str, Label]()
    for text, jobs in rows:
        for name in from_column(text):
            before = found.get(plain(name), Label(name, 0))
            found[plain(name)] = Label(before.name, before.jobs + jobs)
    return [found[meaning] for meaning in sorted(found)]


def spelled(connection: Connection, user_id: str, label: str) -> str:
    """The label as the user has it already."""
    return next((one.name for one in used(connection, user_id) if plain(one.name) == plain(label)), label)


def change(
    connection: Connection, user_id: str, where: Sequence[ColumnElement[bool]], changed: Callable[[Labels], Labels]
) -> Iterator[str]:
    """Change the labels of the user's jobs that meet `where`; yields the ids of those whose labels differ now."""
    own = [_JOB.c.user_id == user_id, *where]
    for text in connection.execute(select(_JOB.c.labels).where(*own).distinct()).scalars().all():
        before = from_column(text)
        after = from_column(to_column(changed(before)))
        if after != before:
            values = {"labels": to_column(after), "folded_prompt": relabelled(_JOB.c.folded_prompt, before, after)}
            same = _JOB.c.labels.is_not_distinct_from(to_column(before))
            statement = update(_JOB).where(*own, same).values(values).returning(_JOB.c.id)
            yield from connection.execute(statement).scalars().all()


def _labelled(user_id: str) -> list[ColumnElement[bool]]:
    return [_JOB.c.user_id == user_id, _JOB.c.labels.is_not(None)]


def everywhere(connection: Connection, user_id: str, changed: Callable[[Labels], Labels]) -> tuple[str, ...]:
    """As `change` does with all of the user's jobs that have labels."""
    return tuple(change(connection, user_id, _labelled(user_id), changed))
