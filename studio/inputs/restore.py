"""Restoring a job: a pure function from (event, model config, the media that exist) to what the form shows.

It reads no file and knows no component. Parents come before their dependents, in the plan as in the form, so that an
input is there when its value arrives. Every parameter that did not come back as it was has a line in the report.
"""

import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Protocol, get_args

from pydantic import BaseModel, ConfigDict

from media_kinds import MediaKind
from model_configs import conditions
from model_configs.kinds import Images
from model_configs.schema import MEDIA_KINDS, Choice, ModelConfig, Parameter, Seed, Text
from storage.jobs.links import LinkKind, Source
from studio.inputs import imported, wildcards
from studio.inputs.reuse_event import ReuseJobInput


class Outcome(StrEnum):
    """What became of one parameter."""

    RESTORED = "restored"
    RENAMED = "renamed"
    NEW = "new"
    CLAMPED = "clamped"
    DEFAULT = "default"
    GONE = "gone"
    HIDDEN = "hidden"
    MISSING = "missing"
    REMOVED = "removed"
    MODEL = "model"
    LEFT = "left"


SeedMode = Literal["exact", "new"]
TextMode = Literal["authored", "resolved"]

KEPT = frozenset({Outcome.RESTORED, Outcome.RENAMED, Outcome.NEW})
"""What counts as restored; NEW is a seed that is left empty on purpose."""

BROUGHT = KEPT | {Outcome.CLAMPED}
"""What has a value of the job's: its own, or the nearest that is allowed."""


_BY_DEFAULT = ", the default is used"


class StoredMedia(Protocol):
    """What a restore must know of a file: its kind."""

    @property
    def kind(self) -> str:
        """image, video or audio."""


class ReportLine(BaseModel):
    """One parameter's outcome, and in words what happened when it did not simply come back.

    A line without a name is about the job as a whole.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    label: str
    outcome: Outcome
    detail: str = ""


class Report(BaseModel):
    """What became of every parameter that a reuse was about, in the order of the form."""

    model_config = ConfigDict(frozen=True)

    lines: tuple[ReportLine, ...] = ()

    @property
    def restored(self) -> tuple[ReportLine, ...]:
        """The lines about what came back as it was."""
        return tuple(line for line in self.lines if line.outcome is Outcome.RESTORED)

    @property
    def changed(self) -> tuple[ReportLine, ...]:
        """All other lines: those that a user wants to see."""
        return tuple(line for line in self.lines if line.outcome not in (Outcome.RESTORED, Outcome.LEFT))

    @property
    def left(self) -> tuple[ReportLine, ...]:
        """The lines about inputs that stay as the form has them, for the job has nothing for them."""
        return tuple(line for line in self.lines if line.outcome is Outcome.LEFT)

    @property
    def lost(self) -> tuple[ReportLine, ...]:
        """The lines about values that did not come back, under this name or another."""
        return tuple(line for line in self.changed if line.outcome not in KEPT)

    @property
    def missing(self) -> tuple[ReportLine, ...]:
        """The lines about inputs whose file did not come back."""
        return tuple(line for line in self.lines if line.name and line.outcome is Outcome.MISSING)

    @property
    def is_bare(self) -> bool:
        """Whether no value came back, not even the nearest to one."""
        return all(line.outcome not in BROUGHT for line in self.lines)

    @property
    def count(self) -> tuple[int, int]:
        """How many inputs came back as they were, and of how many that the model shows."""
        asked = [line.outcome for line in self.lines if line.name and line.outcome is not Outcome.REMOVED]
        return sum(outcome in KEPT for outcome in asked), len(asked)

    def summary(self, model_name: str, of_all: bool = True) -> str:
        """How many inputs came back, of all or of a chosen part, and how many of the job's the model does not have."""
        kept, asked = self.count
        count = f"{kept} of {asked}" if kept < asked else f"all {kept}" if of_all and kept > 1 else f"{kept}"
        rest = ", the rest is as it was" if self.left else ""
        placeless = sum(line.outcome is Outcome.REMOVED for line in self.lines)
        others = f" It has no place for {placeless} other{'' if placeless == 1 else 's'}." if placeless else ""
        return f"Restored {count} input{'' if asked == 1 else 's'} of {model_name}{rest}.{others}"


class RestorePlan(BaseModel):
    """What the form is to show: `values` and `visible` name the parameters of the model that it touches, parents first.

    A whole plan names them all; a chosen part leaves the others as the form has them. `sources` are the jobs that they
    come from.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    model_id: str
    type: MediaKind
    visible: dict[str, bool]
    values: dict[str, Any]
    report: Report = Report()
    sources: tuple[Source, ...] = ()


def plan(
    event: ReuseJobInput,
    config: ModelConfig,
    media: Mapping[str, StoredMedia],
    seed: SeedMode = "exact",
    text: TextMode = "authored",
    form: Mapping[str, Any] | None = None,
) -> RestorePlan:
    """What the form of `config` shows for the job; `media` are the files that exist and are the user's own.

    `form`, given where the job is of another model, is what the form holds now: an input that the job has no value for
    keeps it, and is left out of the plan's values.

    An exact seed is the number the job ran with; a new one is left open, so that the next run chooses another.
    A text with wildcards comes back as it was written or, escaped where that is needed, as the model got it.
    """
    given = _given(event, config, seed, text)
    values: dict[str, Any] = {}
    shown: set[str] = set()
    brought: set[str] = set()
    lines: list[ReportLine] = []
    for name in config.order:
        parameter, rule = config.parameters[name], config.conditions[name]
        values[name] = parameter.initial if form is None else form.get(name, parameter.initial)
        if rule is not None and not conditions.holds(rule, values, shown):
            lines += _skipped(name, config, given)
            continue
        shown.add(name)
        value, line = _restored(name, parameter, given, media, event.what)
        is_part = line.outcome is Outcome.MISSING and bool(value)  # of a list
        if form is not None and line.outcome not in BROUGHT and not is_part:
            lines.append(_left(line, is_given=name in given))
            continue
        values[name] = value
        brought.add(name)
        lines.append(line)
    return RestorePlan(
        job_id=event.job_id,
        model_id=config.id,
        type=config.type,
        visible={name: name in shown for name in config.order},
        values=values if form is None else {name: values[name] for name in config.order if name in brought},
        report=Report(lines=(*_about_the_job(event, config), *lines, *_removed(event, config, given))),
        sources=(Source(event.job_id, LinkKind.REUSE),) if event.job_id else (),
    )


def _left(line: ReportLine, *, is_given: bool) -> ReportLine:
    """The line of an input that stays as the form has it."""
    if not is_given:
        return line.model_copy(update={"outcome": Outcome.LEFT, "detail": ""})
    return line.model_copy(update={"detail": line.detail.replace(_BY_DEFAULT, ", it stays as it was")})


def by_current_name(stored: Iterable[str], renames: Mapping[str, str]) -> dict[str, str]:
    """Current names to stored ones; where a job has both the old and the new name, each stays its own."""
    names = {name: name for name in stored}
    for old, new in renames.items():
        if old in names and new not in names:
            names[new] = names.pop(old)
    return names


def columns(event: ReuseJobInput, config: ModelConfig) -> Iterator[tuple[str, Any]]:
    """Values from the record's own columns: the prompt, and without any options the first file of each kind too."""
    if event.prompt is not None and "prompt" in config.parameters:
        yield "prompt", event.prompt
    if event.options:
        return
    media = config.media()
    for kind in get_args(MediaKind):
        path = getattr(event, f"{kind}_input_path")
        first = next((name for name, of_kind in media.items() if of_kind == kind), None)
        if path is not None and first is not None:
            yield first, path


@dataclass(frozen=True, slots=True)
class _Given:
    """A job's value, and the name it was stored under."""

    value: Any
    stored_as: str
    is_new: bool = False  # to be chosen anew, not the job's own


def _given(event: ReuseJobInput, config: ModelConfig, seed: SeedMode, text: TextMode) -> dict[str, _Given]:
    """The job's values by current names; the record's own columns fill in what the options lack."""
    options = event.options | event.resolved if text == "resolved" else event.options
    given = {
        name: _Given(options[old], event.stored_as.get(old, old))
        for name, old in by_current_name(options, config.renames).items()
    }
    if text == "resolved":
        given = {name: _escaped(config.parameters.get(name), one) for name, one in given.items()}
    for name, value in columns(event, config):
        given.setdefault(name, _Given(value, name))
    for name, parameter in config.parameters.items():
        if isinstance(parameter, Seed) and name in given:
            given[name] = _seed(event, given[name], seed)
    return given


def _escaped(parameter: Parameter | None, got: _Given) -> _Given:
    """The resolved text, escaped where the parameter has wildcards, so that the model gets the same again."""
    if isinstance(parameter, Text) and parameter.wildcards and isinstance(got.value, str):
        return _Given(wildcards.escaped(got.value), got.stored_as)
    return got


def _seed(event: ReuseJobInput, asked: _Given, seed: SeedMode) -> _Given:
    """The seed that the job ran with, or else the one it asked for; nothing for a new one."""
    if seed == "new":
        return _Given(None, asked.stored_as, is_new=True)
    return asked if event.seed is None else _Given(event.seed, asked.stored_as)


class _Line(Protocol):
    """Makes the line of one parameter; `detail` is what happened to it."""

    def __call__(self, outcome: Outcome, detail: str = "") -> ReportLine: ...


def _restored(
    name: str, parameter: Parameter, given: Mapping[str, _Given], media: Mapping[str, StoredMedia], what: str
) -> tuple[Any, ReportLine]:
    """The value of an input that shows, and its line; `what` it comes from, in a word."""

    def line(outcome: Outcome, detail: str = "") -> ReportLine:
        text = f"{parameter.label}: {detail}" if detail else ""
        return ReportLine(name=name, label=parameter.label, outcome=outcome, detail=text)

    if name not in given:
        return parameter.initial, line(Outcome.DEFAULT, f"the {what} has no value{_BY_DEFAULT}")
    value, stored_as = given[name].value, given[name].stored_as
    source = "" if stored_as == name else f" from {_short(stored_as)}"
    kept: Any
    if isinstance(parameter, Images):
        kept, gone = _listed(value, parameter, media)
        if gone:
            return kept, line(Outcome.MISSING, gone)
    elif parameter.kind in MEDIA_KINDS:
        kept, *over = (value or [None]) if isinstance(value, list) else [value]
        if lost := _lost_file(kept, parameter, media):
            return None, line(Outcome.MISSING, lost)
        if over:
            return kept, line(Outcome.CLAMPED, f"takes the first of {len(over) + 1}{source}, the others are left out")
    else:
        try:
            kept = parameter.check(value)
        except ValueError:
            return _nearest(value, source, parameter, line)
    if given[name].is_new:
        return kept, line(Outcome.NEW, "left empty, so that the next run chooses a new one")
    return kept, line(Outcome.RENAMED, source.strip()) if source else line(Outcome.RESTORED)


def _listed(value: Any, parameter: Images, media: Mapping[str, StoredMedia]) -> tuple[list[str], str]:
    """The files that come back, and a sentence about the others, empty where there are none."""
    files = [] if value is None else value if isinstance(value, list) else [value]
    kept, lost = list[str](), list[str]()
    for place, file in enumerate(files, start=1):
        if why := _lost_file(file, parameter, media):
            lost.append(f"{place} of {len(files)}: {why}")
        elif file is not None:
            kept.append(file)
    if over := kept[parameter.max_items :]:
        lost.append(f"{len(over)} more than the {parameter.max_items} that it takes now")
    return kept[: parameter.max_items], ", ".join(lost)


def _lost_file(value: Any, parameter: Parameter, media: Mapping[str, StoredMedia]) -> str | None:
    """Why a file does not come back; `None` where it does."""
    if value is None:
        return None
    found = media.get(value) if isinstance(value, str) else None
    if found is None:
        return "the file is missing"
    kind = MEDIA_KINDS[parameter.kind]
    return None if found.kind == kind else f"the stored file is not {'an' if kind[0] in 'aeiou' else 'a'} {kind} file"


def _nearest(value: Any, source: str, parameter: Parameter, line: _Line) -> tuple[Any, ReportLine]:
    """The value nearest to one that the parameter does not take, or its default."""
    must = f"{_short(value)}{source} must now be {parameter.expectation}"
    try:
        nearest = parameter.fit(value)
    except (ValueError, OverflowError):
        outcome = Outcome.GONE if parameter.kind in ("choice", "choices") else Outcome.DEFAULT
        return parameter.initial, line(outcome, f"{must}{_BY_DEFAULT}")
    return nearest, line(Outcome.CLAMPED, f"{must}, {_short(nearest)} is used")


def _short(value: Any) -> str:
    """The start of a value for a message; a lone surrogate, which no page and no log can show, becomes a `?`."""
    if isinstance(value, dict) and value.keys() == {"width", "height"}:
        value = f"{value['width']} × {value['height']}"
    if (
        isinstance(value, list)
        and value
        and all(isinstance(one, dict) and {"path", "weight"} == one.keys() for one in value)
    ):
        value = ", ".join(f"{one['path']} × {one['weight']}" for one in value)
    text = (value if isinstance(value, str) else reprlib.repr(value)).encode(errors="replace").decode()
    return text if len(text) <= 40 else text[:39] + "…"


def _skipped(name: str, config: ModelConfig, given: Mapping[str, _Given]) -> Iterator[ReportLine]:
    """A line for an input that does not show although the job has a value for it."""
    rule = config.conditions[name]
    if name in given and rule is not None:
        label = config.parameters[name].label
        when = conditions.describe(rule, lambda parent: config.parameters[parent].label, _word(config))
        yield ReportLine(name=name, label=label, outcome=Outcome.HIDDEN, detail=f"{label} only shows when {when}")


def _word(config: ModelConfig) -> Callable[[str, conditions.Scalar], str]:
    """Names the values in a rule as the form does."""

    def word(parent: str, value: conditions.Scalar) -> str:
        parameter = config.parameters[parent]
        return parameter.word(value) if isinstance(parameter, Choice) else conditions.plain(parent, value)

    return word


def _removed(event: ReuseJobInput, config: ModelConfig, given: Mapping[str, _Given]) -> Iterator[ReportLine]:
    for name in given:
        if name not in config.parameters:
            label = _short(_label_then(event, name))
            detail = f"{label}: {config.name} has no such input"
            yield ReportLine(name=_short(name), label=label, outcome=Outcome.REMOVED, detail=detail)


def _label_then(event: ReuseJobInput, name: str) -> str:
    """The label that an input had when the job was made, by its snapshot; else its name."""
    parameters = (event.config_snapshot or {}).get("parameters")
    declared = parameters.get(name) if isinstance(parameters, dict) else None
    label = declared.get("label") if isinstance(declared, dict) else None
    return label if isinstance(label, str) and label else name


def _offered(event: ReuseJobInput, config: ModelConfig) -> str:
    name = (event.config_snapshot or {}).get("name")
    return f"The job was made elsewhere, by {_short(name or event.model_id)}: its inputs are offered to {config.name}"


def _about_the_job(event: ReuseJobInput, config: ModelConfig) -> Iterator[ReportLine]:
    if imported.is_imported(event.model_id):
        yield ReportLine(name="", label="Model", outcome=Outcome.MODEL, detail=_offered(event, config))
    elif event.model_id != config.id:
        detail = f"The model {_short(event.model_id)} is not there any more, its inputs are offered to {config.name}"
        yield ReportLine(name="", label="Model", outcome=Outcome.MODEL, detail=detail)
    if event.incomplete:
        detail = "The job's record is damaged: only what could be read came back"
        yield ReportLine(name="", label="Job", outcome=Outcome.MISSING, detail=detail)
