"""What the studio remembers of a form for its user: drafts, the chosen model, which seed a reuse brings; and Reset."""

import json
import logging
from collections.abc import Collection, Mapping
from typing import Any

import gradio as gr

from components.fields import held
from components.generation_form import GenerationForm
from components.library import QUIET, data_of
from components.notices import telling
from components.reuse import click_of, page_plan, read_json
from components.users import user_of
from components.views import Views, sendable
from storage.database import loggable
from storage.errors import DatabaseFaultError, MediaStoreError, StorageError
from studio.context import StudioContext
from studio.errors import StudioError

_MOST_LINES = 100
log = logging.getLogger(__name__)


def wire_drafts(blocks: gr.Blocks, context: StudioContext, views: Views, form: GenerationForm) -> None:
    """Drafts go to the store as they are typed, and come back when the page is opened."""

    def recall(request: gr.Request) -> str:
        try:
            told = sendable(recalled(context, views, user_of(request)))
        except StorageError:  # of the database: the tick says so, and the page asks again
            told = {"again": True}
        return json.dumps(told)  # as text: Gradio would rewrite its files

    def keep(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        return keep_draft(context, user_of(request), data_of(event))

    def prefer(event: gr.EventData, request: gr.Request) -> None:
        seed = "new" if data_of(event).get("seed") == "new" else "exact"
        context.preferences.set(user_of(request), "seed", seed)

    def reset(event: gr.EventData) -> dict[str, Any]:
        return put_back(context, views, data_of(event))

    blocks.load(recall, None, form.spreader, **QUIET)
    form.spreader.recall(recall, None, form.spreader, **QUIET)
    form.spreader.draft(keep, None, gr.JSON(visible=False), **QUIET)
    form.spreader.prefer(telling(prefer), None, None, **QUIET)
    form.spreader.reset(reset, None, form.plan, **QUIET)


def recalled(context: StudioContext, views: Views, user_id: str) -> dict[str, Any]:
    """What the page starts with: the drafts as plans, the model that was in use with its tab, the seed's mode, and a
    notice of what is damaged.

    `again` tells it to ask once more for the drafts that are `waiting`.
    """
    found = context.recall_drafts(user_id)
    models = context.registry.models
    selected = models.get(context.preferences.get(user_id, "model") or "")
    plans = {
        id_: {
            "model_id": id_,
            "type": plan.type,
            "select": None,
            "visible": plan.visible,
            "values": views.values(plan, models[id_], found.files),
        }
        for id_, plan in found.plans.items()
    }
    if selected is not None:
        untouched: dict[str, Any] = {"model_id": selected.id, "type": selected.type, "visible": {}, "values": {}}
        plans = {selected.id: plans.pop(selected.id, untouched) | {"select": selected.id}, **plans}
    return {
        "plans": list(plans.values()),
        "waiting": sorted(found.waiting),
        "again": bool(found.waiting),
        "seed": context.seed_mode(user_id),
        "notice": _away(context, found.waiting) or _damage(context, user_id),
    }


def _away(context: StudioContext, waiting: Collection[str]) -> dict[str, Any] | None:
    """That the files of some forms cannot be reached, as a notice."""
    if not waiting:
        return None
    names = ", ".join(sorted(context.model(id_).name for id_ in waiting))
    return {
        "text": f"The files of {names} cannot be reached. What you left there comes back with them.",
        "tone": "warn",
    }


def _damage(context: StudioContext, user_id: str) -> dict[str, Any] | None:
    """What is missing because it cannot be read, as a notice."""
    sentences = context.damaged(user_id)
    if not sentences:
        return None
    lines = [{"label": "Record", "outcome": "damaged", "detail": sentence} for sentence in sentences[:_MOST_LINES]]
    words = "Some of what is kept for you is damaged; the server's log tells more."
    return {"text": words, "tone": "warn", "lines": lines}


def keep_draft(context: StudioContext, user_id: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Keep what the page says; a draft is a help, so one that cannot be kept is only logged.

    Returns what is wrong with its files, and a sentence in `fault` where the same draft may be kept the next time.
    """
    model_id, now, selected = str(told.get("model_id")), read_json(told.get("now")), str(told.get("selected"))
    refused, fault = dict[str, str](), ""
    try:
        if now is not None:
            refused = context.keep_draft(user_id, model_id, held(context.model(model_id), now))
        if selected in context.registry.models:
            context.preferences.set(user_id, "model", selected)
    except (StudioError, StorageError) as error:
        log.warning("a draft of %s is not kept: %s", loggable(model_id), error)
        if isinstance(error, DatabaseFaultError | MediaStoreError):
            fault = str(error)
    return {"fault": fault, "refused": refused}


def put_back(context: StudioContext, views: Views, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that resets a model's form."""
    try:
        plan = context.reset(str(asked.get("model_id")))
    except StudioError as error:
        return {"click": click_of(asked), "error": str(error), "notice": {"text": str(error), "tone": "bad"}}
    config = context.model(plan.model_id)
    notice = {"text": f"Every input of {config.name} is at its default again.", "tone": "good"}
    return {"click": click_of(asked), **page_plan(plan, config, {}, views, notice)}
