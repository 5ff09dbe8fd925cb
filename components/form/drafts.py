"""What the studio remembers of a form for its user: drafts, the chosen model, which seed a reuse brings; and Reset."""

import json
import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import gradio as gr

from components.form.fields import held
from components.form.generation_form import GenerationForm
from components.library.library import UNQUEUED, data_of
from components.library.views import Views, sendable
from components.notices import telling
from components.reuse import click_of, page_plan, read_json
from components.users import user_of
from storage.database import log_safe
from storage.errors import DatabaseFaultError, MediaStoreError, StorageError
from studio.context import StudioContext
from studio.errors import StudioError

_MOST_LINES = 100
_MOST_PAGES = 10_000
log = logging.getLogger(__name__)


def wire_drafts(blocks: gr.Blocks, context: StudioContext, views: Views, form: GenerationForm) -> None:
    """Drafts go to the store as they are typed, and come back when the page is opened."""

    keeper = DraftKeeper(context)

    def recall(request: gr.Request) -> str:
        try:
            told = sendable(recalled(context, views, user_of(request)))
        except StorageError:  # of the database: the tick says so, and the page asks again
            told = {"again": True}
        return json.dumps(told)  # as text: Gradio would rewrite its files

    def keep(event: gr.EventData, request: gr.Request) -> dict[str, Any]:
        return keeper.keep(user_of(request), str(request.session_hash), data_of(event))

    def prefer(event: gr.EventData, request: gr.Request) -> None:
        seed = "new" if data_of(event).get("seed") == "new" else "exact"
        context.preferences.set(user_of(request), "seed", seed)

    def reset(event: gr.EventData) -> dict[str, Any]:
        return put_back(context, views, data_of(event))

    blocks.load(recall, None, form.events, **UNQUEUED)
    form.events.recall(recall, None, form.events, **UNQUEUED)
    form.events.draft(keep, None, gr.JSON(visible=False), **UNQUEUED)
    form.events.prefer(telling(prefer), None, None, **UNQUEUED)
    form.events.reset(reset, None, form.plan, **UNQUEUED)


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


@dataclass(slots=True)
class _Page:
    """What has come from a page: by model the number of the newest draft; `lock` is for whoever asks or adds."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    newest: dict[str, int] = field(default_factory=dict)


class DraftKeeper:
    """Keeps the drafts that pages send, those of one page in the order in which it sent them: what a page sends when it
    goes overtakes what is on its way, and a file takes long to be taken in.
    """

    def __init__(self, context: StudioContext) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._page = lru_cache(_MOST_PAGES)(lambda _user_id, _page_id: _Page())

    def keep(self, user_id: str, page_id: str, told: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what the page says, or a part of it; a draft is a help, so one that cannot be kept is only logged.

        Without a form (`now`) only the model that is selected is kept. Returns what is wrong with the form's files, and
        a sentence in `fault` where the same draft may be kept the next time.
        """
        model_id, now, refused, fault = str(told.get("model_id")), read_json(told.get("now")), dict[str, str](), ""
        if now is None and "now" in told:
            return {"fault": fault, "refused": refused}
        try:
            config, values = self._context.model(model_id), None
            if now is not None:
                values, refused = self._context.hold(user_id, config, held(config, now))
            with self._lock:
                page = self._page(user_id, page_id)
            with page.lock:
                self._keep(user_id, page, model_id, values, told)
        except (StudioError, StorageError) as error:
            log.warning("a draft of %s is not kept: %s", log_safe(model_id), error)
            if isinstance(error, DatabaseFaultError | MediaStoreError):
                fault = str(error)
        return {"fault": fault, "refused": refused}

    def _keep(
        self, user_id: str, page: _Page, model_id: str, values: Mapping[str, Any] | None, told: Mapping[str, Any]
    ) -> None:
        number = told["number"] if isinstance(told.get("number"), int) else 0
        if number < page.newest.get(model_id, number):
            return
        page.newest[model_id] = number
        if values is not None:
            self._context.keep_draft(user_id, model_id, values, part=told.get("part") is True)
        selected = str(told.get("selected"))
        if number == max(page.newest.values()) and selected in self._context.registry.models:
            self._context.preferences.set(user_id, "model", selected)


def put_back(context: StudioContext, views: Views, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The plan that resets a model's form."""
    try:
        plan = context.reset(str(asked.get("model_id")))
    except StudioError as error:
        return {"click": click_of(asked), "error": str(error), "notice": {"text": str(error), "tone": "bad"}}
    config = context.model(plan.model_id)
    notice = {"text": f"Every input of {config.name} is at its default again.", "tone": "good"}
    return {"click": click_of(asked), **page_plan(plan, config, {}, views, notice)}
