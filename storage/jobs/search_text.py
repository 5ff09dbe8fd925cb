"""The text of a job that is searched: a line for each of its fields.

First come numbers and switches, `STEPS#28` and `LOOP=on`, which are found by their field alone; behind `_TEXTS` the
labels, `+LABEL`, then the model, the names of files, all texts, `PROMPT=a red fox`, and the seed, which are found by
words too. Names are upper case and values have none, so that no word finds a name.
"""

import math
import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Float, Integer, case, cast, false, func, or_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from storage.jobs.query import Field, Word, number_text, plain
from storage.media.blobs import is_key

MOST_SEARCHED = 25_000
"""The most characters of a job that are searched: SQLite's time to index them grows with their square."""

_TEXTS = "\x1d"
_AND = "\x1f"  # between several texts of a field: no phrase goes over it
_MOST_NUMBERS = 200
_DEEPEST = 20
_LABELS = "\n+LABEL="  # no input is called so
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_COLUMNS = ("status", "type", "rating")
_COMPARED = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


def search_text(
    *,
    prompt: str | None,
    options: Mapping[str, Any] | None,
    resolved: Mapping[str, str],
    seed: int | None,
    model: Sequence[str],
    files: Mapping[str, str],
    labels: Iterable[str] = (),
) -> str:
    """The text of a job: `model` is what its model is called, `files` the names of its inputs' files by their keys."""
    numbers, texts = dict[str, str](), dict[str, list[str]]({"MODEL": [*model], "FILE": [*files.values()]})
    if seed is not None:
        numbers["SEED"] = f"#{seed}"
        texts[""] = [str(seed)]  # a word finds a part of it, the field the whole alone
    for name, value in _values("", {"prompt": prompt, **(options or {})}):
        if isinstance(value, str):
            texts.setdefault(name, []).append(files.get(value, "") if is_key(value) else value)
        elif isinstance(value, bool):
            numbers.setdefault(name, "=on" if value else "=off")
        elif isinstance(value, int | float) and math.isfinite(value):
            numbers.setdefault(name, f"#{number_text(value)}")
    for name, text in resolved.items():
        texts.setdefault(_line_name(name), []).append(text)
    first = "".join(f"\n{name}{value}" for name, value in islice(numbers.items(), _MOST_NUMBERS))
    lines = (f"\n{name}={_AND.join(dict.fromkeys(map(plain, found)))}" for name, found in texts.items())
    return f"{first}{_labelled(labels)}{''.join(lines)}\n"[:MOST_SEARCHED]


def _labelled(labels: Iterable[str]) -> str:
    """Where the texts begin, which each job's has once: so its labels can be put in place of others."""
    written = "".join(f"{plain(one)}{_AND}" for one in labels)
    return f"\n{_TEXTS}{_LABELS}{_AND}{written}" if written else f"\n{_TEXTS}"


def _values(name: str, value: Any, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every text and number in a job's options, with the name of its option."""
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for inner, one in value.items():
            # A size has its sides as fields; what else lies within an input counts as the input's.
            is_field = depth == 0 or inner in ("width", "height")
            yield from _values(_line_name(inner) if is_field else name, one, depth + 1)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _values(name, one, depth + 1)
    else:
        yield name, value


def _line_name(name: str) -> str:
    return name.upper() if _NAME.fullmatch(name) else ""


# The other way round: what a statement asks of that text.


class position(FunctionElement[int]):  # noqa: N801 - reads as a function of SQL
    """Where a text begins in another one, from 1; 0 where it does not. Not LIKE, which SQLite asks in any case."""

    type = Integer()
    inherit_cache = True


@compiles(position, "sqlite")
def _instr(element: position, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(position, "postgresql")
def _strpos(element: position, compiler: Any, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


def relabelled(text: Any, before: Iterable[str], after: Iterable[str]) -> ColumnElement[str]:
    """The text of a job that had other labels before."""
    return func.replace(text, f"{_labelled(before)}\n", f"{_labelled(after)}\n")


def meets(term: Word | Field, job: Any) -> ColumnElement[bool]:
    """Whether a job's row, whose columns are `job`, is one that the term means."""
    if isinstance(term, Word):
        texts = func.substr(job.folded_prompt, position(job.folded_prompt, _TEXTS))
        met = position(texts, term.text) > 0
    else:
        met = or_(*(_field_meets(term, name, job) for name in term.names))
    return func.coalesce(met, False).is_(False) if term.excluded else met


def anchors(term: Word | Field) -> tuple[str, ...]:
    """Texts that are in the text of every job that the term means: by their n-grams the full-text index finds it."""
    if term.excluded:
        return ()
    if isinstance(term, Word):
        return (term.text,)
    name = f"\n{term.names[0].upper()}"
    is_one = len(term.names) == 1 and term.names[0] not in (*_COLUMNS, "label")
    if term.operator == "=":
        return (f"{_AND}{term.text}{_AND}",)
    if term.operator != ":":
        return (f"{name}#",) if is_one else ()
    is_written_so = term.number is None or number_text(term.number) == term.text
    return (*((name,) if is_one else ()), *((term.text,) if is_written_so and not {*_COLUMNS} & {*term.names} else ()))


def _field_meets(term: Field, name: str, job: Any) -> ColumnElement[bool]:
    if name in ("status", "type"):
        return position(job[name], term.text) == 1 if term.operator == ":" else false()
    if term.operator == "=":
        return _says(job.folded_prompt, _LABELS, f"{_AND}{term.text}{_AND}")
    if name == "label" and term.operator == ":":
        return or_(*(_says(job.folded_prompt, key, term.text) for key in (_LABELS, _key(name))))
    number = job.rating if name == "rating" else _number(job.folded_prompt, name)
    if term.operator != ":":
        compared: ColumnElement[bool] = _COMPARED[term.operator](number, float(term.number or 0))
        return compared
    if name == "rating":
        return false() if term.number is None else number == float(term.number)
    said = _says(job.folded_prompt, _key(name), term.text)
    if term.number is None:
        return said
    return or_(said, position(job.folded_prompt, f"\n{name.upper()}#{number_text(term.number)}\n") > 0)


def _key(name: str) -> str:
    return f"\n{name.upper()}="


def _says(text: Any, key: str, value: str) -> ColumnElement[bool]:
    return (position(text, key) > 0) & (position(_line(text, key), value) > 0)


def _number(text: Any, name: str) -> ColumnElement[float]:
    key = f"\n{name.upper()}#"
    return case((position(text, key) > 0, cast(_line(text, key), Float)))


def _line(text: Any, key: str) -> ColumnElement[str]:
    """What stands behind the first key, to the end of its line."""
    rest = func.substr(text, position(text, key) + len(key))
    return func.substr(rest, 1, position(rest.op("||")("\n"), "\n") - 1)
