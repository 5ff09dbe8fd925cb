"""Model files that nobody writes by hand: what describes itself is turned into the data of one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

Description = Mapping[str, Any]
"""A model file as data: its id, name, type, backend and parameters."""

RESERVED_NAMES = frozenset({"all", "any", "not"})
"""Words of the language of conditions, which no parameter is called."""

LARGEST_SEED = 2**64 - 1
"""The largest seed that a model file takes."""


class DescribeError(Exception):
    """A source that cannot be made a model: the reason, and the line from 1 where it is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True, slots=True)
class Describer:
    """How the sources of one backend are told from others, and described.

    `describe(source, environment)` raises `DescribeError`; `example` is a source as people type it.
    """

    example: str
    takes: Callable[[str], bool]
    describe: Callable[[str, Mapping[str, str]], Description]


def unused(name: str, taken: Iterable[str], joint: str = "_") -> str:
    """The name, with the first number from 2 on that makes it none of those that are taken: `steps_2`."""
    numbered = chain([name], (f"{name}{joint}{number}" for number in count(2)))
    used = set(taken)
    return next(one for one in numbered if one not in used)
