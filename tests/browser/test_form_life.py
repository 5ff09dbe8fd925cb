"""The life of the whole form: whatever a user does in the page, it shows what a model in plain Python says."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, assume, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from model_configs import conditions
from studio.inputs.partial import Part
from studio.inputs.reuse_event import ReuseJobInput
from tests.browser.form_jobs import unfinished
from tests.browser.form_life import Life
from tests.browser.form_model import WHOLE, FormModel, Way

LIVES = max(1, 6 * settings.default.max_examples // 100)
STEPS = 25
"""In one life: 150 in all where a property has 100 examples, for each takes seconds in a browser."""


def ways(job: ReuseJobInput, model: FormModel) -> Iterator[Way]:
    """Every way that the page offers to reuse the job."""
    yield WHOLE
    yield Way("Settings only", Part.SETTINGS)
    if job.seed is not None:
        other, label = ("new", "a new") if model.seed_mode == "exact" else ("exact", "the exact")
        yield Way(f"Everything, with {label} seed", seed="new" if other == "new" else "exact")
        yield Way("All but the seed", Part.ALL_BUT_SEED)
    if job.prompt:
        yield Way("Prompt only", Part.PROMPT)
    if "prompt" in job.resolved:
        yield Way("Prompt only, as resolved", Part.PROMPT, text="resolved")
    if job.resolved:
        yield Way("Everything, as resolved", text="resolved")
    if job.image_input_path or job.video_input_path or job.audio_input_path:
        yield Way("Media only", Part.MEDIA)
    for id_, config in model.models.items():
        if id_ != job.model_id:
            yield Way(config.name, model_id=id_)


class FormLife(RuleBasedStateMachine):
    """What a user can do, in any order."""

    life: Life

    @initialize(number=st.integers(0, 2**32))
    def begin(self, number: int) -> None:
        """Hypothesis begins with the simplest of all lives, which does the first of all things over and over."""
        assume(number > 0)
        self.life.begin()

    @property
    def model(self) -> FormModel:
        return self.life.model

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        self._edit(data, sorted(self.model.shown))

    @precondition(lambda self: self.parents())
    @rule(data=st.data())
    def edit_a_parent(self, data: st.DataObject) -> None:
        self._edit(data, self.parents())

    def parents(self) -> list[str]:
        rules = self.model.config.conditions.values()
        parents = {parent for rule in rules if rule for parent in conditions.parents(rule)}
        return sorted(parents & self.model.shown.keys())

    @precondition(lambda self: self.media())
    @rule(data=st.data())
    def upload(self, data: st.DataObject) -> None:
        self._edit(data, self.media())

    def media(self) -> list[str]:
        return sorted(self.model.config.media().keys() & self.model.shown.keys())

    def _edit(self, data: st.DataObject, names: list[str]) -> None:
        name = data.draw(st.sampled_from(names), "input")
        parameter = self.model.config.parameters[name]
        values = [*self.life.jobs.candidates(parameter), *unfinished(parameter)]
        self.life.edit(name, data.draw(st.sampled_from(values), "value"))

    @rule(data=st.data())
    def pick_a_model(self, data: st.DataObject) -> None:
        self.life.pick(data.draw(st.sampled_from(list(self.model.models)), "model"))

    @rule(type_=st.sampled_from(["image", "video", "audio"]))
    def open_a_tab(self, type_: str) -> None:
        self.life.open_tab(type_)

    @rule(data=st.data())
    def reuse(self, data: st.DataObject) -> None:
        self.life.reuse(self._job(data), WHOLE)

    @rule(data=st.data())
    def reuse_in_some_way(self, data: st.DataObject) -> None:
        job = self._job(data)
        self.life.reuse(job, data.draw(st.sampled_from(list(ways(self.model.jobs[job], self.model))), "way"))

    @rule(data=st.data())
    def choose(self, data: st.DataObject) -> None:
        job = self._job(data)
        names = [row.name for row in self.model.rows(job)]
        self.life.choose(job, data.draw(st.sets(st.sampled_from(names)), "ticked"))

    def _job(self, data: st.DataObject) -> str:
        jobs = list(self.model.jobs)
        number = data.draw(st.integers(0, len(jobs) - 1), "job")
        return jobs[number]

    @rule()
    def prefer_the_other_seed(self) -> None:
        self.life.prefer_other_seed(next(id_ for id_, job in self.model.jobs.items() if job.seed is not None))

    @rule()
    def reset(self) -> None:
        self.life.reset()

    @precondition(lambda self: self.model.before is not None)
    @rule()
    def undo(self) -> None:
        self.life.undo()

    @rule()
    def reload(self) -> None:
        self.life.reload()

    @invariant()
    def the_page_shows_what_the_model_says(self) -> None:
        self.life.check()

    def teardown(self) -> None:
        """In the end all forms are kept, also those that do not show."""
        self.life.wait_until_kept()


@pytest.mark.parametrize("number", range(LIVES))
def test_the_form_always_shows_what_the_last_action_left(life: Life, number: int) -> None:
    """A test a life, for they are spread over the processes."""
    machine = type("FormLife", (FormLife,), {"life": life})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=1,
            stateful_step_count=STEPS,
            derandomize=False,
            phases=[Phase.generate],  # to shrink a failure would take many times as long, and it reads well as it is
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert life.steps >= STEPS
