"""Model files that nobody writes by hand: what describes itself is turned into the data of one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Description = Mapping[str, Any]
"""A model file as data: its id, name, type, backend and parameters."""


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
