"""Partial reuse: cuts a plan down to some inputs, so that the others stay as the form has them."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any

from model_configs.schema import MEDIA_KINDS, ModelConfig, Parameter, Seed, Text
from studio.inputs.restore import Report, ReportLine, RestorePlan


class Part(StrEnum):
    """The parts of a job that one click reuses."""

    ALL = "all"
    PROMPT = "prompt"
    SETTINGS = "settings"
    ALL_BUT_SEED = "all_but_seed"
    MEDIA = "media"


def chosen(part: Part, plan: RestorePlan, config: ModelConfig) -> frozenset[str]:
    """The names of the part; but for the whole, only those that show in the plan."""
    if part is Part.ALL:
        return frozenset(config.parameters)
    shown = (name for name, shows in plan.visible.items() if shows)
    return frozenset(name for name in shown if part in _parts(name, config.parameters[name]))


def _parts(name: str, parameter: Parameter) -> tuple[Part, ...]:
    if isinstance(parameter, Seed):
        return ()
    if parameter.kind in MEDIA_KINDS:
        return (Part.MEDIA, Part.ALL_BUT_SEED)
    if isinstance(parameter, Text) and (name == "prompt" or name.endswith("_prompt")):
        return (Part.PROMPT, Part.ALL_BUT_SEED)
    return (Part.SETTINGS, Part.ALL_BUT_SEED)


def select(plan: RestorePlan, config: ModelConfig, now: Mapping[str, Any], names: Collection[str]) -> RestorePlan:
    """The plan for `names` alone, on top of what the form holds `now`; names that it does not have are ignored.

    What is chosen and shows in the plan shows afterwards: where the form's own values would hide it, all its parents
    come with it. `now` may be anything that a page sends; an input that it lacks has its default.
    """
    form = {**config.defaults(), **now}
    taken = {name for name in plan.values if name in names}
    while True:
        values = {name: plan.values[name] for name in plan.values if name in taken}
        shown = config.visible(form | values)
        hidden = [name for name in taken if plan.visible[name] and name not in shown]
        needed = {parent for name in hidden for parent in config.ancestors[name]} & plan.values.keys()
        if needed <= taken:
            break
        taken |= needed  # a parent may hide another chosen input, so look again
    return plan.model_copy(
        update={
            "visible": {name: name in shown for name in config.order},
            "values": values,
            "report": Report(lines=_lines(plan, config, taken)),
            "sources": plan.sources if taken else (),
        }
    )


def _lines(plan: RestorePlan, config: ModelConfig, taken: Collection[str]) -> tuple[ReportLine, ...]:
    """The lines about what was taken and about the job itself.

    With all that shows but the seed the lines about what did not fit stay too: hidden inputs, and those that the model
    does not have.
    """
    left = {name for name, shows in plan.visible.items() if shows and name not in taken}
    nearly_all = all(isinstance(config.parameters[name], Seed) for name in left)
    return tuple(
        line
        for line in plan.report.lines
        if not line.name or line.name in taken or (nearly_all and line.name not in left)
    )
