"""The gallery, the stage, the details and the workspaces of the page, and what happens between them."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from components.gradio_ext.js_component import js_component
from components.library.filters import Filters, filter_bar
from components.library.job_details import job_details
from components.library.job_gallery import job_gallery
from components.library.stage import stage
from components.library.views import NO_PREVIEWS, Views
from components.library.workspaces import WorkspaceBar, workspace_bar
from components.notices import telling
from components.users import user_of
from storage.errors import StorageError, WorkspaceError
from storage.jobs.store import Job, JobPage
from storage.workspaces import Workspace
from studio.context import StudioContext

TICK_SECONDS = 1.0
UNQUEUED: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""How the page's own events run: at once, without a spinner, and not as part of the API."""

QUEUED = UNQUEUED | {"queue": True, "concurrency_limit": None}
"""The same for those that may be refused: Gradio shows no error of an event that does not go through its queue."""

SERIAL = QUEUED | {"trigger_mode": "multiple", "concurrency_limit": 1, "concurrency_id": "changes"}
"""The same for changes of jobs, in the order in which they were asked for: an undo must not come before its delete."""


class Library:
    """What a user has made, drawn; handlers ask the context and draw its answer.

    `current` is the id of the job on the stage, `cursor` the gallery's page, `drawn` a digest of what the page
    shows, so that a tick without news sends nothing.
    """

    def __init__(self, context: StudioContext, views: Views) -> None:
        self._context = context
        self._views = views
        self.current = gr.Textbox("", visible=False)
        self._cursor = gr.Textbox("", visible=False)
        self._drawn = gr.Textbox("", visible=False)

    def add_bar(self) -> None:
        """Place the workspace bar here."""
        self._bar: WorkspaceBar = workspace_bar()
        self._outage = js_component("library/outage")

    def add_stage(self) -> None:
        """Place the stage here."""
        self._stage = stage()

    def add_gallery(self) -> None:
        """Place the gallery here, below what filters it."""
        self._filters = filter_bar(self._context.models())
        self._gallery = job_gallery()
        self._details = job_details()

    @property
    def workspace(self) -> gr.Dropdown:
        """The choice of the active workspace."""
        return self._bar.choice

    def wire(self, blocks: gr.Blocks) -> None:
        """Connect every event."""
        everything = [self._bar.choice, *self._shown]
        blocks.load(self._open, None, everything, **UNQUEUED)
        gr.Timer(TICK_SECONDS).tick(self._refresh, [*self._place, self._drawn], everything, **UNQUEUED)
        self._bar.choice.input(telling(self._switch), self._where, self._anew, **UNQUEUED)
        self._filters.seek(telling(self._first_page), *self._first, trigger_mode="multiple", **UNQUEUED)
        self._gallery.turn_page(telling(self._turn), self._where, [self._cursor, *self._shown], **QUEUED)
        self._gallery.open(telling(self._details_of), None, self._details, **QUEUED)
        for event, change in (
            (self._gallery.favourite, self._favour),
            (self._gallery.delete, self._trash),
            (self._gallery.undelete, self._untrash),
            (self._stage.cancel, self._cancel),
            (self._stage.cancel_all, self._cancel_all),
        ):
            event(telling(self._changing(change)), self._place, self._shown, **SERIAL)
        self._wire_workspaces()

    def after(self, event: Any) -> None:
        """Draw again when `event` has gone well."""
        event.success(telling(self._first_page), *self._first, **UNQUEUED)

    @property
    def _shown(self) -> list[gr.components.Component]:
        return [self._gallery, self._stage, self._drawn, self._outage]

    @property
    def _anew(self) -> list[gr.components.Component]:
        return [self._cursor, self.current, *self._shown]

    @property
    def _where(self) -> list[gr.components.Component]:
        return [self._bar.choice, self._filters]

    @property
    def _place(self) -> list[gr.components.Component]:
        return [*self._where, self._cursor, self.current]

    @property
    def _first(self) -> tuple[list[gr.components.Component], list[gr.components.Component]]:
        """What goes into a look at the first page, and what comes out."""
        return [*self._where, self.current], [self._cursor, *self._shown]

    def _look(
        self, user: str, workspace_id: str | None, told: Any, cursor: str, current: str
    ) -> tuple[Any, Any, str, str]:
        """What gallery and stage show now, its digest, and that nothing stands in the way.

        Filters are for the gallery alone.
        """
        jobs, workspace, filters = self._context.jobs, self._context.workspace(user, workspace_id), Filters.of(told)
        queue = jobs.queue(user, workspace.id)
        place = None if filters.everywhere else workspace.id
        page = self._context.page(user, place, cursor or None, **filters.wanted())
        chosen = jobs.look(user, current) if current else None
        in_hand = chosen if isinstance(chosen, Job) and chosen.deleted_at is None else next(iter(queue.jobs), None)
        on_stage = in_hand or self._newest(user, workspace, filters, page)
        previews = jobs.previews(user) if queue.jobs else NO_PREVIEWS
        gallery = self._views.gallery(workspace, page, cursor or None, filters, previews)
        stage = self._views.stage(on_stage, workspace, queue, previews)
        return gallery, stage, hashlib.sha256(json.dumps([gallery, stage]).encode()).hexdigest(), ""

    def _open(self, request: gr.Request) -> tuple[Any, ...]:
        user = user_of(request)
        try:
            workspace = self._context.last_workspace(user)
            return (self._choices(user, workspace), *self._look(user, workspace.id, None, "", ""))
        except StorageError as error:
            return _wait(error, "")

    def _newest(self, user: str, workspace: Workspace, filters: Filters, page: JobPage) -> Job | None:
        """The page's first job that can be read; while filters choose what is on it, the newest of the workspace."""
        shown = self._context.page(user, workspace.id, limit=1) if filters.active else page
        return next((job for job in shown.jobs if isinstance(job, Job)), None)

    def _refresh(
        self, request: gr.Request, workspace_id: str | None, told: Any, cursor: str, current: str, drawn: str
    ) -> tuple[Any, ...]:
        if not workspace_id:  # the page was opened while the database was away
            return self._open(request)
        try:
            seen = self._look(user_of(request), workspace_id, told, cursor, current)
        except StorageError as error:
            return _wait(error, drawn)
        return _NO_NEWS if seen[2] == drawn else (gr.skip(), *seen)

    def _switch(self, request: gr.Request, workspace_id: str, told: Any) -> tuple[Any, ...]:
        user = user_of(request)
        self._context.remember_workspace(user, workspace_id)
        return "", "", *self._look(user, workspace_id, told, "", "")

    def _first_page(self, request: gr.Request, workspace_id: str, told: Any, current: str) -> tuple[Any, ...]:
        return "", *self._look(user_of(request), workspace_id, told, "", current)

    def _turn(self, event: gr.EventData, request: gr.Request, workspace_id: str, told: Any) -> tuple[Any, ...]:
        cursor = str(data_of(event).get("cursor") or "")
        return cursor, *self._look(user_of(request), workspace_id, told, cursor, "")

    def _details_of(self, event: gr.EventData, request: gr.Request) -> Any:
        user = user_of(request)
        job = self._context.jobs.look(user, str(data_of(event).get("id")))
        keys = {*job.media, job.result_url or ""} if isinstance(job, Job) else ()
        return job and self._views.details(job, self._context.files(user, keys))

    def _changing(self, change: Callable[[str, str, dict[str, Any]], object]) -> Callable[..., Any]:
        """A handler that changes one job, or the queue of one workspace, and draws again."""

        def handler(
            event: gr.EventData, request: gr.Request, workspace_id: str, told: Any, cursor: str, current: str
        ) -> tuple[Any, ...]:
            user, data = user_of(request), data_of(event)
            change(user, str(data.get("id")), data)
            return self._look(user, workspace_id, told, cursor, current)

        return handler

    def _favour(self, user: str, job_id: str, data: dict[str, Any]) -> None:
        self._context.jobs.set_favourite(user, job_id, data.get("on") is True)

    def _trash(self, user: str, job_id: str, _: dict[str, Any]) -> None:
        self._context.cancel(user, job_id)
        self._context.jobs.trash(user, job_id)

    def _untrash(self, user: str, job_id: str, _: dict[str, Any]) -> None:
        self._context.jobs.untrash(user, job_id)

    def _cancel(self, user: str, job_id: str, _: dict[str, Any]) -> None:
        self._context.cancel(user, job_id)

    def _cancel_all(self, user: str, workspace_id: str, _: dict[str, Any]) -> None:
        self._context.cancel_all(user, workspace_id)

    def _choices(self, user: str, active: Workspace) -> Any:
        own = self._context.workspaces.list(user)
        return gr.update(choices=[(workspace.name, workspace.id) for workspace in own], value=active.id)

    def _wire_workspaces(self) -> None:
        bar = self._bar
        renamed = gr.Textbox("", visible=False)  # the id of the workspace that the name is for; a new one has none
        editor = [renamed, bar.editor, bar.name]
        for opened in (
            bar.new.click(lambda: ("", gr.update(visible=True), ""), None, editor, **UNQUEUED),
            bar.rename.click(telling(self._rename), bar.choice, editor, **UNQUEUED),
        ):
            opened.success(None, None, None, js="() => window.studio.editName()", **UNQUEUED)
        bar.cancel.click(lambda: gr.update(visible=False), None, bar.editor, **UNQUEUED)
        saved = gr.on(
            [bar.save.click, bar.name.submit],
            telling(self._save),
            [renamed, bar.name],
            [bar.choice, bar.editor],
            show_progress="hidden",
            api_visibility="private",
        )
        saved.success(telling(self._saved), [*self._where, renamed], self._anew, **UNQUEUED)
        said, there = gr.JSON(visible=False), [bar.choice, *self._anew]
        deleted = bar.delete.click(telling(self._delete), self._where, [said, *there], **QUEUED)
        deleted.success(None, said, None, js="(said) => window.studio.tellOfWorkspace(said)", **UNQUEUED)
        self._gallery.undelete_workspace(telling(self._put_back), self._filters, there, **QUEUED)

    def _rename(self, request: gr.Request, workspace_id: str) -> tuple[Any, ...]:
        workspace = self._context.workspace(user_of(request), workspace_id)
        return workspace.id, gr.update(visible=True), workspace.name

    def _save(self, request: gr.Request, renamed: str, name: str | None) -> tuple[Any, Any]:
        user, workspaces, name = user_of(request), self._context.workspaces, name or ""
        saved = workspaces.rename(user, renamed, name) if renamed else workspaces.create(user, name)
        return self._choices(user, saved), gr.update(visible=False)

    def _saved(self, request: gr.Request, workspace_id: str, told: Any, renamed: str) -> tuple[Any, ...]:
        """Go to a new workspace; one that was renamed stays as it is, until the tick draws its name."""
        return (gr.skip(),) * 6 if renamed else self._switch(request, workspace_id, told)

    def _delete(self, request: gr.Request, workspace_id: str, told: Any) -> tuple[Any, ...]:
        """A refusal is said where a deletion is: the page's toasts would pile up, one for each click."""
        user = user_of(request)
        try:
            deleted = self._context.delete_workspace(user, workspace_id)
        except WorkspaceError as error:
            return {"id": workspace_id, "refused": str(error)}, *(gr.skip(),) * 7
        said = {"id": deleted.id, "name": deleted.name}
        return said, *self._go_to(request, self._context.workspace(user, None), told)

    def _put_back(self, event: gr.EventData, request: gr.Request, told: Any) -> tuple[Any, ...]:
        """Undo a deletion, by whichever of the user's pages."""
        workspace = self._context.put_back_workspace(user_of(request), str(data_of(event).get("id")))
        return self._go_to(request, workspace, told)

    def _go_to(self, request: gr.Request, workspace: Workspace, told: Any) -> tuple[Any, ...]:
        return self._choices(user_of(request), workspace), *self._switch(request, workspace.id, told)


_NO_NEWS = (gr.skip(),) * 5


def _wait(error: StorageError, drawn: str) -> tuple[Any, ...]:
    """Leave what is drawn, and say once why it stays as it is: the next tick asks again."""
    words = f"{str(error).partition(':')[0]}; trying again …"
    return _NO_NEWS if drawn == words else (*_NO_NEWS[:3], words, words)


def data_of(event: gr.EventData) -> dict[str, Any]:
    """What the browser sent with an event: anything at all, so nothing but a mapping is taken."""
    return event._data if isinstance(event._data, dict) else {}
