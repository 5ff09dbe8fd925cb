"""What can be typed into the search box, read: words, quoted phrases, `field:value`, `field>number`, and `-` for not.

Nothing that is typed is an error: what has no meaning is searched for as text, and a sentence says so.
"""

import math
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from storage.tables import storable

Operator = Literal[":", ">", ">=", "<", "<=", "="]
"""How a field is compared; the last, a label as a whole, comes from a filter and cannot be typed."""

FIELDS = ("model", "file", "seed", "status", "type", "rating", "label")
"""The fields of every job; the inputs of the models are fields too."""

MOST_TERMS = 32
_OPERATORS: dict[str, Operator] = {":": ":", ">": ">", ">=": ">=", "<": "<", "<=": "<="}
_MOST_NAMES = 12
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_TERM = re.compile(
    r"""(?P<not>-?)
    (?: (?P<name>[a-z]\w*) (?: (?P<compared>\s*(?:>=|<=|>|<)\s*) (?="|-?\.?\d) | (?P<equal>[:=]) ) )?
    (?: "(?P<quoted>[^"]*)"? | (?P<bare>\S+) )""",
    re.IGNORECASE | re.VERBOSE | re.ASCII,
)
_UNFINISHED = re.compile(r"-?[a-z]\w*(?:[:=<>]|>=|<=)", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Word:
    """A text that a job's texts contain, or, when it is `excluded`, do not."""

    text: str
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A comparison with one of a job's fields of these names: `text` as `plain` gives it, `number` where it is one."""

    names: tuple[str, ...]
    operator: Operator
    text: str
    number: float | None = None
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """The terms of a search, all of which must match, and sentences about terms that were read in an unexpected way."""

    terms: tuple[Word | Field, ...] = ()
    notes: tuple[str, ...] = ()


def plain(text: str) -> str:
    """The text as it is compared: no case, no accents on Latin, Greek or Cyrillic, one space for any whitespace."""
    spread = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", storable(text)).casefold())
    bare = "".join(letter for letter in spread if not "\u0300" <= letter <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", bare).split())


def number_text(number: float) -> str:
    """A number as a search writes it: 28 for 28.0."""
    is_whole = isinstance(number, int) or (number.is_integer() and abs(number) < 1e15)
    return str(int(number)) if is_whole else repr(number)


def parse(text: str, inputs: Collection[str] = ()) -> Query:
    """`inputs` are the names of the models' inputs, which are fields beside `FIELDS`."""
    terms, notes = list[Word | Field](), list[str]()
    for term, note in _read(text, inputs):
        terms += term
        notes += [note] if note else []
    return Query(tuple(dict.fromkeys(terms))[:MOST_TERMS], tuple(dict.fromkeys(notes)))


def _read(text: str, inputs: Collection[str]) -> Iterator[tuple[list[Word | Field], str]]:
    for found in _TERM.finditer(text.translate(_QUOTES)):
        name = found["name"]
        value = found["bare"] if found["quoted"] is None else found["quoted"]
        if name is None:
            yield _words(value, bool(found["not"]), inputs), ""
            continue
        names = _named(name.lower(), inputs)
        number = _number(value)
        if not names:
            shown = _in_a_line(found[0].removeprefix("-"))
            yield _as_text(found), f"There is no input “{name[:40]}”: looked for “{shown[:60]}” as text."
        elif found["compared"] and number is None:
            shown = _in_a_line(found[0])
            yield _as_text(found), f"“{_in_a_line(value)[:40]}” is no number: looked for “{shown[:60]}” as text."
        else:
            operator = _OPERATORS[(found["compared"] or ":").strip()]
            kept = plain(value)
            yield [Field(names, operator, kept, number, bool(found["not"]))] if kept else [], ""


def _in_a_line(text: str) -> str:
    return " ".join(text.split())


def _words(value: str, excluded: bool, inputs: Collection[str]) -> list[Word | Field]:
    """Nothing of a field whose value is still to be typed."""
    if _UNFINISHED.fullmatch(value) and _named(value.strip("-:=<>").lower(), inputs):
        return []
    kept = plain(value)
    return [Word(kept, excluded)] if kept else []


def _as_text(found: re.Match[str]) -> list[Word | Field]:
    return [Word(kept, bool(found["not"]))] if (kept := plain(found[0].removeprefix("-").replace('"', ""))) else []


def _named(name: str, inputs: Collection[str]) -> tuple[str, ...]:
    """The field of that name, else those that begin with it: `negative` is negative_prompt."""
    if name in FIELDS or name in inputs:
        return (name,)
    return tuple(sorted(one for one in {*FIELDS, *inputs} if one.startswith(name)))[:_MOST_NAMES]


def _number(text: str) -> float | None:
    try:
        return int(text) if re.fullmatch(r"-?\d{1,40}", text, re.ASCII) else _finite(float(text))
    except ValueError:
        return None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
