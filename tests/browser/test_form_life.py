"""The life of the whole form: whatever a user does in the page, it shows what a model in plain Python says."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from playwright.sync_api import Browser

from model_configs import conditions
from studio.events import ReuseJobInput
from studio.selecting import Part
from studio.settings import LOCAL_USER
from tests.browser.conftest import Studio
from tests.browser.form_jobs import FormJobs, unfinished
from tests.browser.form_model import FormModel, Way
from tests.browser.studio_page import StudioPage

STEPS = int(os.environ.get("STUDIO_FORM_STEPS", "200"))
STEPS_IN_A_LIFE = 25
TRIES = 100  # of reading the form, some 100 ms apart, until it is as it must be


class Life:
    """The page and the model side by side: every action is done in both, then both must show the same."""

    def __init__(self, page: StudioPage, studio: Studio, jobs: FormJobs) -> None:
        self.page, self.studio, self.jobs = page, studio, jobs
        self.steps = 0
        self._files = jobs.files
        self._keys: dict[str, str] = {}

    def begin(self) -> None:
        """A form that nobody has touched, in both."""
        self.page.page.goto("about:blank")
        self.studio.forget_forms()
        self.page.reload()
        self.model = FormModel(self.jobs.models, self.jobs.jobs, self._files)

    # --- actions

    def edit(self, name: str, value: Any) -> None:
        parameter = self.model.config.parameters[name]
        if parameter.kind == "choices":  # the box keeps the order in which its choices are made
            kept = [one for one in self.model.shown[name] if one in value]
            value = kept + [one for one in value if one not in kept]
        typed = self.jobs.paths[value] if name in self.model.config.media() and value is not None else value
        self.page.fill(self.model.selected, {name: typed})
        self.model.edit(name, value)

    def pick(self, model_id: str) -> None:
        self.page.choose(model_id)
        self.model.pick(model_id)

    def open_tab(self, type_: str) -> None:
        self.page.open_tab(type_)
        self.model.open_tab(type_)

    def reuse(self, job_id: str, way: Way) -> None:
        self.page.ask(self.page.card(job_id), way.label, in_another=way.model_id is not None)
        self.model.reuse(job_id, way)

    def choose(self, job_id: str, names: set[str]) -> None:
        rows = self.model.rows(job_id)
        self.page.ask(self.page.card(job_id), "Choose…")
        dialog = self.page.choosing
        assert dialog.rows() == [(row.name, row.differs) for row in rows]
        dialog.tick(names)
        parents = {parent for row in rows if row.name in names for parent in row.parents}
        ticked = names | {row.name for row in rows if row.name in parents and row.differs}
        assert dialog.ticked() == ticked
        if not ticked:
            dialog.close()
            return
        dialog.apply()
        self.model.reuse_chosen(job_id, ticked)

    def prefer_other_seed(self, job_id: str) -> None:
        mode, label = ("new", "A new seed") if self.model.seed_mode == "exact" else ("exact", "The exact seed")
        self.page.prefer(self.page.card(job_id), label)
        self.page.wait_until(lambda: self.jobs.context.seed_mode(LOCAL_USER) == mode)
        self.model.seed_mode = "new" if mode == "new" else "exact"

    def reset(self) -> None:
        self.page.reset()
        self.model.reset()

    def undo(self) -> None:
        self.page.notice.locator("[data-do=undo]").click()
        self.model.undo()

    def reload(self) -> None:
        self.page.wait_until(self.is_kept)
        self.page.reload()
        self.model.reload()

    # --- looking

    def check(self) -> None:
        """What the page shows is what the model says, field by field."""
        self.steps += 1
        shown = self._shown()
        for _ in range(TRIES):
            if shown == self.model.shown:
                return
            self.page.page.wait_for_timeout(50)
            shown = self._shown()
        assert (self.model.selected, shown) == (self.model.selected, self.model.shown)

    def _shown(self) -> dict[str, Any]:
        shown, media = self.page.read_form(self.model.selected), self.model.config.media()
        return {name: self._key(value) if name in media and value else value for name, value in shown.items()}

    def _key(self, url: str) -> str:
        """The key of the file that the page shows, by its bytes."""
        if url not in self._keys:
            digest = hashlib.sha256(self.page.bytes_of(url)).hexdigest()
            self._keys[url] = next(key for key in self._files if Path(key).stem == digest)
        return self._keys[url]

    def is_kept(self) -> bool:
        """Whether the studio remembers every form, hidden inputs included, and which one shows."""
        drafts = self.jobs.context.drafts.all(LOCAL_USER)
        chosen = self.jobs.context.preferences.get(LOCAL_USER, "model") or next(iter(self.model.models))
        return chosen == self.model.selected and all(
            {**self.model.models[id_].defaults(), **drafts.get(id_, {})} == values
            for id_, values in self.model.forms.items()
        )


def ways(job: ReuseJobInput, model: FormModel) -> Iterator[Way]:
    """Every way that the page offers to reuse the job."""
    yield Way()
    yield Way("Settings only", Part.SETTINGS)
    if job.seed is not None:
        other, label = ("new", "a new") if model.seed_mode == "exact" else ("exact", "the exact")
        yield Way(f"Everything, with {label} seed", seed="new" if other == "new" else "exact")
        yield Way("All but the seed", Part.ALL_BUT_SEED)
    if job.prompt:
        yield Way("Prompt only", Part.PROMPT)
    if "prompt" in job.resolved:
        yield Way("Prompt only, as it was drawn", Part.PROMPT, text="resolved")
        yield Way("Everything, prompt as it was drawn", text="resolved")
    if job.image_input_path or job.video_input_path or job.audio_input_path:
        yield Way("Media only", Part.MEDIA)
    for id_, config in model.models.items():
        if id_ != job.model_id:
            yield Way(config.name, model_id=id_)


class FormLife(RuleBasedStateMachine):
    """What a user can do, in any order."""

    life: Life

    def __init__(self) -> None:
        super().__init__()
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
        self.life.reuse(self._job(data), Way())

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
        self.life.page.wait_until(self.life.is_kept)


@pytest.fixture
def life(chromium: Browser, studio: Studio, tmp_path: Path) -> Iterator[Life]:
    jobs = FormJobs(studio, tmp_path)
    jobs.add_many()
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = StudioPage(context.new_page(), studio.url, studio.data_dir)
    page.workspace = jobs.workspace.name
    yield Life(page, studio, jobs)
    context.close()
    assert page.errors == []


def test_the_form_always_shows_what_the_last_action_left(life: Life) -> None:
    machine = type("FormLife", (FormLife,), {"life": life})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-STEPS // STEPS_IN_A_LIFE),
            stateful_step_count=STEPS_IN_A_LIFE,
            derandomize=False,
            deadline=None,
            phases=[Phase.generate],  # to shrink a failure would take many times as long, and it reads well as it is
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    assert life.steps >= STEPS
