"""Sorting jobs by anything but their time: by a key that every job has, even one with damaged columns.

The lowest key comes first, and of one key the newest job. No index has this order: all jobs that a list asks for are
looked at, of which those of one user are few enough.
"""

from collections.abc import Mapping
from typing import Any, Literal

from sqlalchemy import BigInteger, ColumnElement, case, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.functions import FunctionElement

from storage.jobs.query import plain
from storage.tables import Utf8

Sort = Literal["time", "rating", "model", "duration"]
"""The newest first, the best first, by the model's name, or what took longest first."""

MOST_STARS = 5

Columns = ReadOnlyColumnCollection[str, Any]


class _Took(FunctionElement[int]):
    """Milliseconds between two times, -1 where one is none or they are the wrong way round."""

    name = "took"
    type = BigInteger()
    inherit_cache = True


@compiles(_Took, "sqlite")
def _on_sqlite(took: _Took, compiler: Any, **given: Any) -> str:
    begin, end = (compiler.process(one, **given) for one in took.clauses)
    return f"coalesce(max(CAST(round((julianday({end}) - julianday({begin})) * 86400000) AS INTEGER), -1), -1)"


@compiles(_Took, "postgresql")
def _on_postgresql(took: _Took, compiler: Any, **given: Any) -> str:
    """Infinite times, and times too far apart, have no difference in PostgreSQL."""
    begin, end = (compiler.process(one, **given) for one in took.clauses)
    sane = f"{begin} >= '0001-01-01' AND {end} < '10000-01-01' AND {begin} <= {end}"
    return f"CASE WHEN {sane} THEN CAST(extract(epoch FROM {end} - {begin}) * 1000 AS bigint) ELSE -1 END"


class _Bytewise(FunctionElement[str]):
    """A text that is sorted by its bytes, as SQLite does."""

    name = "bytewise"
    type = Utf8()
    inherit_cache = True


@compiles(_Bytewise, "sqlite")
def _as_it_is(text: _Bytewise, compiler: Any, **given: Any) -> str:
    return f"({compiler.process(text.clauses, **given)})"


@compiles(_Bytewise, "postgresql")
def _in_the_order_of_c(text: _Bytewise, compiler: Any, **given: Any) -> str:
    return f'({compiler.process(text.clauses, **given)}) COLLATE "C"'


def key(sort: Sort, names: Mapping[str, str], job: Columns) -> ColumnElement[Any] | None:
    """By what the jobs are sorted before their times; `names` are those of the models, by their ids."""
    if sort == "rating":
        return case((job.rating.in_(range(1, MOST_STARS + 1)), -job.rating), else_=0)
    if sort == "duration":
        return -_Took(job.started_at, job.completed_at)
    if sort == "model":
        shown = [(job.model_id == id_, literal(plain(name), Utf8)) for id_, name in names.items()]
        return _Bytewise(case(*shown, else_=job.model_id) if shown else job.model_id)
    return None
