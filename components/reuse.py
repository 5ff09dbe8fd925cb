"""Wires the reuse of a job: who asks for it sends a job's id, the form gets a plan; neither knows the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from components.generation_form import GenerationForm, spread
from components.library import QUIET
from components.users import user_of
from components.views import Views
from model_configs.schema import ModelConfig
from storage.media import MediaInfo
from studio.context import StudioContext
from studio.errors import StudioError
from studio.restore import RestorePlan


def wire_reuse(
    context: StudioContext, views: Views, sources: Sequence[Callable[..., Any]], form: GenerationForm
) -> None:
    """Every event in `sources` carries {id, click, seed} and ends in the form; the last click wins, whole."""

    def plan(event: gr.EventData, request: gr.Request, selected: str) -> dict[str, Any]:
        return answer(context, views, user_of(request), event._data or {}, selected)

    for asks in sources:
        planned = asks(plan, form.selected, form.plan, trigger_mode="multiple", **QUIET)
        spread(form, planned)


def answer(
    context: StudioContext, views: Views, user_id: str, asked: Mapping[str, Any], selected: str
) -> dict[str, Any]:
    """The plan for the page, or what went wrong in words; `asked` comes from the browser and is not trusted."""
    job_id, click = str(asked.get("id")), asked.get("click")
    try:
        event = context.reuse_job_input(user_id, job_id)
        plan, files = context.restore(user_id, event, selected, "new" if asked.get("seed") == "new" else "exact")
    except StudioError as error:
        return {"click": click, "job_id": job_id, "error": str(error), "notice": {"text": str(error), "tone": "bad"}}
    return {"click": click, **page_plan(plan, context.model(plan.model_id), files, views)}


def page_plan(plan: RestorePlan, config: ModelConfig, files: Mapping[str, MediaInfo], views: Views) -> dict[str, Any]:
    """The plan as the page spreads it, with files in place of media keys."""
    media = config.media()
    lost = [line.detail for line in plan.lost]
    return {
        "job_id": plan.job_id,
        "model_id": plan.model_id,
        "select": plan.model_id,
        "type": plan.type,
        "visible": plan.visible,
        "values": {
            name: views.file_value(files[value]) if name in media and value is not None else value
            for name, value in plan.values.items()
        },
        "notice": {
            "text": plan.summary(config.name),
            "lines": lost,
            "tone": "warn" if lost else "good",
            "undo": True,
        },
    }
