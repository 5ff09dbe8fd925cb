"""The whole form in plain Python: what every model's form holds and which one shows, after everything a user can do.

It knows nothing of the page. What an action brings is asked of the same pure functions that the studio asks.
"""

import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from model_configs.schema import ModelConfig, ModelConfigError
from studio.inputs import drafts, restore
from studio.inputs.cross_model import adapt
from studio.inputs.diff import Difference, compare
from studio.inputs.partial import Part, chosen, select
from studio.inputs.restore import RestorePlan, SeedMode, StoredMedia, TextMode
from studio.inputs.reuse_event import ReuseJobInput

Values = dict[str, Any]


@dataclass(frozen=True)
class Way:
    """How a job is reused: what of it, with which seed and text, in which model; `None` leaves it to the studio."""

    label: str = "Reuse"
    part: Part = Part.ALL
    seed: SeedMode | None = None
    text: TextMode = "authored"
    model_id: str | None = None


WHOLE = Way()


@dataclass(frozen=True)
class Before:
    """A form as it was before a restore."""

    model_id: str
    values: Values
    selected: str


@dataclass
class FormModel:
    """A form that nobody has touched, to begin with. Files are told by their keys in the media store.

    `models` are in the order of the page, `jobs` by their ids, `files` those that exist.
    """

    models: dict[str, ModelConfig]
    jobs: Mapping[str, ReuseJobInput]
    files: Mapping[str, StoredMedia]
    seed_mode: SeedMode = "exact"
    before: Before | None = None
    forms: dict[str, Values] = field(init=False)
    selected: str = field(init=False)

    def __post_init__(self) -> None:
        self.forms = {id_: config.defaults() for id_, config in self.models.items()}
        self._chosen = self._first_of_each_type
        self.selected = next(iter(self.models))

    @cached_property
    def _first_of_each_type(self) -> dict[str, str]:
        return {config.type: id_ for id_, config in reversed(self.models.items())}

    @property
    def config(self) -> ModelConfig:
        """The model whose form shows."""
        return self.models[self.selected]

    @property
    def shown(self) -> Values:
        """What a user sees of it."""
        values = self.forms[self.selected]
        visible = self.config.visible(values)
        return {name: value for name, value in values.items() if name in visible}

    # --- what a user does

    def edit(self, name: str, value: Any) -> None:
        self.forms[self.selected] = {**self.forms[self.selected], name: value}

    def pick(self, model_id: str) -> None:
        """Choose the model in the list of its tab."""
        self._chosen = {**self._chosen, self.models[model_id].type: model_id}
        self.selected = model_id

    def open_tab(self, type_: str) -> None:
        self.selected = self._chosen[type_]

    def reuse(self, job_id: str, way: Way) -> None:
        config = self._target(job_id, way)
        plan = self._plan(job_id, way)
        if way.model_id is not None and plan.report.is_bare:
            return
        if way.part is not Part.ALL:
            plan = select(plan, config, self.forms[config.id], chosen(way.part, plan, config))
        self._apply(plan)

    def offers(self, job_id: str, way: Way) -> bool:
        """Whether the menu offers this way: another model only where something of the job has a place."""
        if way.model_id is None:
            return True
        job, config = self.jobs[job_id], self._target(job_id, way)
        fitting = adapt(job, self.models.get(job.model_id) or _config_then(job), config)
        return config.id != job.model_id and not restore.plan(fitting, config, self.files).report.is_bare

    def rows(self, job_id: str, way: Way = WHOLE) -> tuple[Difference, ...]:
        """The table to choose from."""
        config = self._target(job_id, way)
        return compare(config, self.forms[config.id], self._plan(job_id, way))

    def reuse_chosen(self, job_id: str, names: Collection[str], way: Way = WHOLE) -> None:
        """Reuse the rows that are ticked."""
        config = self._target(job_id, way)
        self._apply(select(self._plan(job_id, way), config, self.forms[config.id], names))

    def reset(self) -> None:
        self._apply(drafts.plan(self.config, {}, {}))

    def undo(self) -> None:
        """Take the last restore back, or if that was done, bring it again."""
        if self.before is not None:
            self._put(self.before.model_id, self.before.values, self.before.selected)

    def reload(self) -> None:
        """Open the page again: every form is its draft, and the last selected model shows."""
        for id_, values in self.forms.items():
            self.forms[id_] = dict(drafts.plan(self.models[id_], copy.deepcopy(values), self.files).values)
        self._chosen = self._first_of_each_type | {self.config.type: self.selected}
        self.before = None

    # --- what comes of it

    def _target(self, job_id: str, way: Way) -> ModelConfig:
        own = self.jobs[job_id].model_id
        return self.models[way.model_id or (own if own in self.models else self.selected)]

    def _plan(self, job_id: str, way: Way) -> RestorePlan:
        job, config = self.jobs[job_id], self._target(job_id, way)
        fitting = adapt(job, self.models.get(job.model_id) or _config_then(job), config)
        form = self.forms[config.id] if way.model_id not in (None, job.model_id) else None
        return restore.plan(fitting, config, self.files, way.seed or self.seed_mode, way.text, form)

    def _apply(self, plan: RestorePlan) -> None:
        self._put(plan.model_id, self.forms[plan.model_id] | plan.values, plan.model_id)
        visible = {name for name, shows in plan.visible.items() if shows}
        assert visible == self.config.visible(self.forms[plan.model_id]), "the plan shows what its values do not"

    def _put(self, model_id: str, values: Values, selected: str) -> None:
        self.before = Before(model_id, self.forms[model_id], self.selected)
        self.forms[model_id] = values
        self.pick(selected)


def _config_then(job: ReuseJobInput) -> ModelConfig | None:
    """The model as it was when the job was made."""
    try:
        return ModelConfig.model_validate(job.config_snapshot)
    except (ValueError, ModelConfigError):
        return None
