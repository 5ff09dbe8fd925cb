"""Records that were damaged by hand or by a disk: SQLite takes any value in any column.

A column gives `Damaged` in place of a value that it should not hold (`storage.tables`). Such a record is left out or
shown as damaged, and named in the log; the records beside it are read all the same.
"""

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from storage.database import log_safe
from storage.tables import Damaged

logger = logging.getLogger(__name__)


def readable(rows: Iterable[Row[Any]], what: str) -> Iterator[Row[Any]]:
    """The rows without damage; others are logged, named by their first column, `what` being the kind of record."""
    for row in rows:
        if problem := problem_of(row):
            log_damage(what, row[0], problem)
        else:
            yield row


def problem_of(row: Row[Any]) -> str:
    """What is wrong in the row, in words; empty when it can be read."""
    damage = ((name, value) for name, value in row._mapping.items() if isinstance(value, Damaged))
    return ", ".join(f"{name} is {value.problem}" for name, value in damage)


def damaged(rows: Iterable[Row[Any]], what: str) -> tuple[str, ...]:
    """A sentence about each row that cannot be read."""
    found = ((row[0], problem_of(row)) for row in rows)
    return tuple(sentence(what, id_, problem) for id_, problem in found if problem)


def log_damage(what: str, id_: str | Damaged, problem: str) -> None:
    """Log a damaged record, each once."""
    _log_once(sentence(what, id_, problem), id_ if what == "job" and isinstance(id_, str) else None)


def sentence(what: str, id_: str | Damaged, problem: str) -> str:
    """The sentence about a damaged record, bounded, and safe for log and page."""
    shown = log_safe(id_.problem if isinstance(id_, Damaged) else id_)
    return f"The {what} '{shown[:100]}' cannot be read: {problem[:1000]}"


@lru_cache(maxsize=10_000)
def _log_once(line: str, job_id: str | None = None) -> None:
    """Once, for every open page reads the same rows each second."""
    logger.warning(line, extra={"job": job_id})
