"""Compares the form with what a restore would show: a row for each input, those that differ first."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from model_configs.schema import ModelConfig
from studio.inputs.restore import RestorePlan

_NOTHING = "Nothing, it stays as it is"


class Difference(BaseModel):
    """One input as the form has it `now` and as the job would have it `then`; `None` where it does not show.

    `parents` are all inputs that decide whether it shows, in the order in which they are restored. `why_not` says why
    it stays as it is, and is empty for one that the job has something for.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    kind: str
    now: Any
    then: Any
    shows_now: bool
    shows_then: bool
    differs: bool
    parents: tuple[str, ...]
    why_not: str = ""


def compare(config: ModelConfig, now: Mapping[str, Any], plan: RestorePlan) -> tuple[Difference, ...]:
    """A row for every input that shows in the form or in the plan.

    One that shows in only one of them differs, even where its value is the same: showing is part of the answer.
    `now` may be anything that a page sends; an input that it lacks has its default.
    """
    rows = _rows(config, {**config.defaults(), **now}, plan)
    return tuple(sorted(rows, key=lambda row: not row.differs))


def _rows(config: ModelConfig, form: Mapping[str, Any], plan: RestorePlan) -> Iterator[Difference]:
    shown_now = config.visible(form)
    said = {line.name: line.detail for line in plan.report.lines}
    for name, parameter in config.parameters.items():
        shows, showed = name in shown_now, plan.visible[name]
        if not (shows or showed):
            continue
        now = form[name] if shows else None
        then = plan.values.get(name, form[name]) if showed else None
        above = config.ancestors[name]
        yield Difference(
            name=name,
            label=parameter.label,
            kind=parameter.kind,
            now=now,
            then=then,
            shows_now=shows,
            shows_then=showed,
            differs=shows != showed or not _same(now, then),
            parents=tuple(parent for parent in config.order if parent in above),
            why_not="" if name in plan.values else said.get(name) or _NOTHING,
        )


def _same(one: Any, other: Any) -> bool:
    """Equality as JSON has it: 1 equals 1.0, but True is not 1, however deep."""
    match one, other:
        case list(), list():
            return len(one) == len(other) and all(map(_same, one, other))
        case dict(), dict():
            return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
