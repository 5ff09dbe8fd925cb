"""Wires the reuse of a job: who asks for it sends a job's id, the form gets a plan; neither knows the other."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import gradio as gr

from components.generation_form import GenerationForm, spread
from components.library import QUIET, data_of
from components.users import user_of
from components.views import Views
from model_configs.schema import ModelConfig
from storage.media import MediaInfo
from studio.context import StudioContext
from studio.errors import StudioError
from studio.restore import RestorePlan


def wire_reuse(
    context: StudioContext,
    views: Views,
    reuse_events: Sequence[Callable[..., Any]],
    send_event: Callable[..., Any],
    form: GenerationForm,
) -> None:
    """Events carry {id, click, …} and end in the form; of two clicks the last one wins, whole."""

    def reuse(event: gr.EventData, request: gr.Request, selected: str) -> dict[str, Any]:
        return answer(context, views, user_of(request), data_of(event), selected)

    def send_on(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        return sent(context, views, user_of(request), data_of(event))

    for asks in reuse_events:
        spread(form, asks(reuse, form.selected, form.plan, trigger_mode="multiple", **QUIET))
    spread(form, send_event(send_on, None, form.plan, trigger_mode="multiple", **QUIET))


def answer(
    context: StudioContext, views: Views, user_id: str, asked: Mapping[str, Any], selected: str
) -> dict[str, Any]:
    """The plan for the page, or what went wrong in words; `asked` comes from the browser and is not trusted."""
    job_id = str(asked.get("id"))
    try:
        event = context.reuse_job_input(user_id, job_id)
        plan, files = context.restore(user_id, event, selected, "new" if asked.get("seed") == "new" else "exact")
    except StudioError as error:
        return _refused(asked, error)
    lost = [line.detail for line in plan.report.changed]
    notice = {
        "text": plan.report.summary(context.model(plan.model_id).name),
        "lines": lost,
        "tone": "warn" if lost else "good",
    }
    return {"click": asked.get("click"), **page_plan(plan, context.model(plan.model_id), files, views, notice)}


def sent(context: StudioContext, views: Views, user_id: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that puts a job's result into the input that was asked for."""
    model_id, name = str(asked.get("model_id")), str(asked.get("parameter"))
    try:
        plan, files = context.send_on(user_id, str(asked.get("id")), model_id, name)
    except StudioError as error:
        return _refused(asked, error)
    config = context.model(model_id)
    notice = {"text": f"The result is now {config.parameters[name].label} of {config.name}.", "tone": "good"}
    return {"click": asked.get("click"), **page_plan(plan, config, files, views, notice)}


def _refused(asked: Mapping[str, Any], error: StudioError) -> dict[str, Any]:
    notice = {"text": str(error), "tone": "bad"}
    return {"click": asked.get("click"), "job_id": str(asked.get("id")), "error": str(error), "notice": notice}


def page_plan(
    plan: RestorePlan, config: ModelConfig, files: Mapping[str, MediaInfo], views: Views, notice: Mapping[str, Any]
) -> dict[str, Any]:
    """The plan as the page spreads it, with files in place of media keys."""
    media = config.media()
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
        "notice": {**notice, "undo": True},
    }
