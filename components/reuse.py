"""Wires the reuse of a job: who asks for it sends a job's id, the form gets a plan; neither knows the other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import gradio as gr

from components.form.fields import held
from components.form.generation_form import GenerationForm
from components.library.library import UNQUEUED, data_of
from components.library.views import Views, sendable
from components.users import user_of
from model_configs.schema import ModelConfig
from storage.errors import StorageError
from storage.media.store import MediaInfo
from studio.context import StudioContext
from studio.errors import StudioError
from studio.inputs.diff import compare
from studio.inputs.partial import Part, chosen, select
from studio.inputs.restore import Report, RestorePlan, SeedMode, TextMode

CHOOSE = "choose"
"""The part that the user is to tick in a table."""

NAMES = "names"
"""The part that has been ticked."""

PARTS = frozenset({CHOOSE, NAMES, *Part})


@dataclass(frozen=True, slots=True)
class Asked:
    """What the browser asks for, with everything that means nothing left out: it is not trusted.

    `click` comes back with the answer; `now` is what the form holds, as the page has it, where a part is asked for.
    """

    job_id: str
    click: int | None
    part: str
    names: frozenset[str]
    seed: SeedMode | None
    text: TextMode
    model_id: str | None
    now: Mapping[str, Any] | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Reads the data of an event."""
        part, names, seed, model_id, now = (data.get(name) for name in ("part", "names", "seed", "model_id", "now"))
        return cls(
            job_id=str(data.get("id")),
            click=click_of(data),
            part=part if isinstance(part, str) and part in PARTS else Part.ALL,
            names=frozenset(name for name in names if isinstance(name, str))
            if isinstance(names, list)
            else frozenset(),
            seed="new" if seed == "new" else "exact" if seed == "exact" else None,
            text="resolved" if data.get("text") == "resolved" else "authored",
            model_id=None if model_id is None else str(model_id),
            now=read_json(now),
        )

    def again(self, model_id: str) -> dict[str, Any]:
        """The same question for the page to ask once more."""
        return {"id": self.job_id, "part": self.part, "seed": self.seed, "text": self.text, "model_id": model_id}


def click_of(data: Mapping[str, Any]) -> int | None:
    """Which click the event is about; the page counts them from 1."""
    click = data.get("click")
    return click if isinstance(click, int) and 0 < click < 2**53 else None


def read_json(text: Any) -> dict[str, Any] | None:
    """What the page says that a form holds; as text, because Gradio takes every object with a path for a file."""
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def wire_reuse(context: StudioContext, views: Views, form: GenerationForm) -> None:
    """Events carry {id, click, …}; of two clicks the last one wins, whole."""

    def reuse(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        asked = data_of(event)
        return sendable(answer(context, views, user_of(request), Asked.of(asked), str(asked.get("selected"))))

    def send_on(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        return sendable(sent(context, views, user_of(request), data_of(event)))

    form.events.reuse(reuse, None, form.plan, **UNQUEUED)
    form.events.send_on(send_on, None, form.plan, **UNQUEUED)


def answer(context: StudioContext, views: Views, user_id: str, asked: Asked, selected: str) -> dict[str, Any]:
    """What the page is to do: a plan, a table to tick, a question back, or what went wrong in words."""
    try:
        return _answer(context, views, user_id, asked, selected)
    except (StudioError, StorageError) as error:
        return _refused(asked.click, asked.job_id, error)


def _answer(context: StudioContext, views: Views, user_id: str, asked: Asked, selected: str) -> dict[str, Any]:
    event = context.reuse_job_input(user_id, asked.job_id)
    config = context.target(event, selected, asked.model_id)
    about = {"click": asked.click, "job_id": event.job_id, "model_id": config.id}
    if asked.part != Part.ALL and asked.now is None:
        return about | {"ask": asked.again(config.id)}
    seed = asked.seed or context.seed_mode(user_id)
    plan, files = context.restore(event, selected, seed, asked.text, asked.model_id)
    is_whole = asked.part == Part.ALL
    if is_whole and asked.model_id is not None and event.model_id != config.id and plan.report.is_bare:
        return about | _nothing(plan.report, config)
    if is_whole:
        came_from = "" if event.model_id == config.id else f" The job was made with {context.model_name(event)}."
        notice = _notice(plan.report, plan.report.summary(config.name) + came_from)
        return about | page_plan(plan, config, files, views, notice)
    now, _ = context.hold(user_id, config, held(config, asked.now or {}))
    if asked.part == CHOOSE:
        files |= context.files(user_id, [value for value in now.values() if isinstance(value, str)])
        rows = views.rows(config, compare(config, now, plan), files)
        return about | {"model_name": config.name, "ask": asked.again(config.id), "rows": rows}
    names = asked.names if asked.part == NAMES else chosen(Part(asked.part), plan, config)
    part = select(plan, config, now, names)
    words = part.report.summary(config.name, of_all=False) if part.values else "The job has nothing of that kind."
    return about | page_plan(part, config, files, views, _notice(part.report, words))


def sent(context: StudioContext, views: Views, user_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that puts a job's result into the input that was asked for."""
    job_id, model_id, name = (str(asked.get(key)) for key in ("id", "model_id", "parameter"))
    try:
        plan, files = context.send_on(user_id, job_id, model_id, name, shows=asked.get("shows") is True)
    except (StudioError, StorageError) as error:
        return _refused(click_of(asked), job_id, error)
    config = context.model(model_id)
    notice = {"text": f"The result is now {config.parameters[name].label} of {config.name}.", "tone": "good"}
    return {"click": click_of(asked), **page_plan(plan, config, files, views, notice)}


def _refused(click: int | None, job_id: str, error: StudioError | StorageError) -> dict[str, Any]:
    notice = {"text": str(error), "tone": "bad"}
    return {"click": click, "job_id": job_id, "error": str(error), "notice": notice}


def _nothing(report: Report, config: ModelConfig) -> dict[str, Any]:
    """That nothing of a job came back in another model; a file that is missing would have had a place there."""
    words = f"Nothing of this job has a place in {config.name}; the form is as it was."
    if report.missing:
        reasons = ", ".join(line.detail for line in report.missing)
        words = f"{reasons}. Nothing else of this job fits {config.name}; the form is as it was."
    return {"error": words, "notice": _notice(Report(lines=report.missing), words) | {"tone": "warn"}}


def _notice(report: Report, words: str) -> dict[str, Any]:
    """The report as the page draws it: what changed, line by line, and the names of what is as it was."""
    return {
        "text": words,
        "tone": "warn" if report.lost else "good",
        "lines": [line.model_dump(mode="json") for line in report.changed],
        "kept": [line.label for line in report.restored],
    }


def page_plan(
    plan: RestorePlan, config: ModelConfig, files: Mapping[str, MediaInfo], views: Views, notice: Mapping[str, Any]
) -> dict[str, Any]:
    """The plan as the page spreads it, with files in place of media keys; it can be undone."""
    return {
        "job_id": plan.job_id,
        "model_id": plan.model_id,
        "select": plan.model_id,
        "type": plan.type,
        "visible": plan.visible,
        "values": views.values(plan, config, files),
        "notice": {**notice, "undo": True},
    }
