"""The gallery, the stage, the details and the workspaces of the page, and what happens between them.

What is done to a job is asked of an endpoint by the script of its button; here is what is drawn.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import gradio as gr

from components.gradio_ext.js_component import js_component
from components.library.filters import Filters, filter_bar
from components.library.job_gallery import job_gallery
from components.library.near import Near
from components.library.stage import stage
from components.library.views import Views
from components.library.workspaces import workspace_bar
from components.notices import telling
from components.users import user_of
from storage.errors import StorageError
from storage.jobs.store import DamagedJob, Job, JobPage
from storage.tables import JobStatus
from storage.workspaces import Workspace
from studio.context import StudioContext
from studio.errors import JobNotFoundError

UNQUEUED: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
"""How the page's own events run: at once, without a spinner, and not as part of the API."""

QUEUED = UNQUEUED | {"queue": True, "concurrency_limit": None}
"""The same for those that may be refused: Gradio shows no error of an event that does not go through its queue."""

Updates = dict[gr.components.Component, Any]
"""What a handler changes, by component; the others stay as they are."""


def followed(made: Job | None, queue: Sequence[Job]) -> Job | None:
    """The job that the stage follows: one that runs, else the one that was made last from here, else one that waits."""
    running = [job for job in queue if job.status == JobStatus.RUNNING]
    if made and made.id not in (job.id for job in running):
        return next(iter(running), made)
    return made or next(iter(running or queue), None)


class Digests(NamedTuple):
    """Of what gallery and stage of a page show, and of what was looked at for that; empty where that is to be sent."""

    shown: str = ""
    looked: str = ""

    @classmethod
    def of(cls, told: Any) -> Self:
        """Reads what the browser says, which is not trusted."""
        match told:
            case [str(shown), str(looked)]:
                return cls(shown, looked)
        return cls()


class Library:
    """What a user has made; handlers ask the context and answer with updates by component.

    `current` is the id of the job on the stage, `near` the part of the gallery that is near the screen, which its
    script tells with each event. By the `digests` a look at the same is over at once, and one with news from elsewhere
    sends nothing else. How far the jobs are is in
    neither: the page is told that by `live.py`, which says when there is more to look at. `workspace` is the choice of
    the active one.
    """

    def __init__(self, context: StudioContext, views: Views) -> None:
        self._context = context
        self._views = views
        self.current = gr.Textbox("", visible=False)
        self._near = gr.JSON(visible=False)
        self._run = secrets.token_hex(4)  # another one of the studio may know other models
        self._digests = gr.JSON(visible=False)

    def add_bar(self) -> None:
        """Place the workspace bar here, and what is said before it."""
        self._news = js_component("library/news_bar")
        self.workspace = workspace_bar()
        self._outage = js_component("library/outage")

    def add_stage(self) -> None:
        """Place the stage here."""
        self._stage = stage()

    def add_gallery(self) -> None:
        """Place the gallery here, below what filters it."""
        self._filters = filter_bar(self._context.models())
        self._gallery = job_gallery()

    def wire(self, blocks: gr.Blocks) -> None:
        """Connect every event."""
        blocks.load(self._open, None, self._all, **UNQUEUED)
        place = [*self._where, self.current, self._digests, self._near]
        of = "window.studio.gallery"
        js = f"(...now) => [...now.slice(0, -2), {of}?.digests(now.at(-2)) ?? now.at(-2), {of}?.look() ?? null]"
        look_again: dict[str, Any] = {"inputs": place, "outputs": self._all, "js": js, **UNQUEUED}
        self._news.tick(self._refresh, **look_again)
        for changed in (self._gallery.changed, self._stage.changed):
            changed(self._refresh, trigger_mode="multiple", **look_again)
        self.workspace.input(telling(self._switch), self._where, self._all, **UNQUEUED)
        self._filters.seek(telling(self._first_page), *self._first, trigger_mode="multiple", **UNQUEUED)
        js = "(_, filters) => [window.studio.gallery.workspace(), filters]"
        self._gallery.go_to(telling(self._go_to), self._where, self._all, js=js, **QUEUED)
        self._gallery.workspaces_changed(telling(self._listed), None, self.workspace, **UNQUEUED)

    def after(self, event: Any) -> None:
        """Draw again when `event` has gone well."""
        event.success(telling(self._first_page), *self._first, **UNQUEUED)

    @property
    def _all(self) -> list[gr.components.Component]:
        return [self.workspace, self.current, self._gallery, self._stage, self._news, self._digests, self._outage]

    @property
    def _where(self) -> list[gr.components.Component]:
        return [self.workspace, self._filters]

    @property
    def _first(self) -> tuple[list[gr.components.Component], list[gr.components.Component]]:
        """What goes into a look at the first jobs, and what comes out."""
        return [*self._where, self.current], self._all

    def _updates(
        self,
        user: str,
        workspace_id: str | None,
        told: Any,
        current: str,
        near: Near | None = None,
        changes: int | None = None,
    ) -> Updates:
        """What gallery and stage show now and what is new elsewhere, the digests, and that nothing stands in the way.

        Filters are for the gallery alone; without `near` it begins again with the first jobs. `changes` is how often
        the user's jobs had changed before. A page of a workspace that was deleted goes over to the one that the user
        was in last.
        """
        changes = self._context.changes(user) if changes is None else changes
        filters = Filters.of(told)
        workspace, own = self._context.workspace_and_all(user, workspace_id)
        deleted = workspace_id if workspace_id != workspace.id else None
        if deleted:
            near = None
        queue = self._context.queue(user, workspace.id)
        place = None if filters.everywhere else workspace.id
        found = (near or Near()).find(self._context, user, place, filters)
        in_hand = self._in_hand(user, current)
        if deleted and in_hand and in_hand.workspace_id != workspace.id:
            current, in_hand = "", None
        on_stage = followed(in_hand, queue.jobs) or self._newest(user, workspace, filters, found.first)
        gallery = self._views.gallery(workspace, found, near, filters)
        last = self._last_result(user, workspace) if queue.jobs else None
        is_paused = bool(queue.jobs) and self._context.is_paused(user)
        stage = self._views.stage(on_stage, workspace, queue, is_paused, last)
        shown = _digest([{**gallery, "near": None}, stage])
        about = {"changes": changes, "shown": shown, "workspaces": _digest([(one.id, one.name) for one in own])}
        digests = [shown, self._looked(changes, workspace.id, told, current, near)]
        return {
            self._gallery: {**gallery, "shown": shown, "deleted_workspace": deleted},
            self._stage: stage,
            self._news: {**self._views.activity(self._context.activity(user)), **about},
            self._digests: digests,
            self._outage: "",
            **({self.workspace: _choices(own, active=workspace), self.current: current} if deleted else {}),
        }

    def _looked(self, changes: int, workspace_id: str | None, told: Any, current: str, near: Near | None) -> str:
        """What a look depends on, in a word."""
        return f"{self._run}-{changes}-{_digest([workspace_id, told, current, near and near.told()])}"

    def _in_hand(self, user: str, job_id: str) -> Job | None:
        """The chosen job, if it is there and not deleted."""
        try:
            job: Job | DamagedJob | None = self._context.job(user, job_id) if job_id else None
        except JobNotFoundError:
            return None
        return job if isinstance(job, Job) and job.deleted_at is None else None

    def _last_result(self, user: str, workspace: Workspace) -> Job | DamagedJob | None:
        """What the stage shows until there is something to see of the job that runs."""
        done = self._context.page(user, workspace.id, status=JobStatus.COMPLETED, limit=1)
        return next(iter(done.jobs), None)

    def _newest(self, user: str, workspace: Workspace, filters: Filters, first: JobPage) -> Job | None:
        """The first job that can be read; while filters or an order choose what is shown, the workspace's newest."""
        shown = self._context.page(user, workspace.id, limit=1) if filters.active or filters.sort else first
        return next((job for job in shown.jobs if isinstance(job, Job)), None)

    def _open(self, request: gr.Request) -> Updates:
        user = user_of(request)
        try:
            workspace = self._context.last_workspace(user)
            own = self._context.own_workspaces(user)
            return {self.workspace: _choices(own, active=workspace)} | self._updates(user, workspace.id, None, "")
        except StorageError as error:
            return self._wait(error)

    def _refresh(
        self, request: gr.Request, workspace_id: str | None, told: Any, current: str, digests: Any, near: Any
    ) -> Updates:
        if not workspace_id:  # the page was opened while the database was away
            return self._open(request)
        user, place = user_of(request), Near.of(near)
        shown, looked = Digests.of(digests)
        nothing: Updates = gr.skip()
        try:
            changes = self._context.changes(user)
            if looked == self._looked(changes, workspace_id, told, current, place):
                return nothing
            seen = self._updates(user, workspace_id, told, current, place, changes)
        except StorageError as error:
            return self._wait(error)
        if seen[self._news]["shown"] != shown:
            return seen
        return {part: seen[part] for part in (self._news, self._digests)}

    def _wait(self, error: StorageError) -> Updates:
        """Leave what is shown, and say why it stays as it is: the next tick asks again."""
        return {self._digests: None, self._outage: f"{str(error).partition(':')[0]}; trying again …"}

    def _switch(self, request: gr.Request, workspace_id: str, told: Any) -> Updates:
        user = user_of(request)
        self._context.remember_workspace(user, workspace_id)
        return {self.current: "", **self._updates(user, workspace_id, told, "")}

    def _first_page(self, request: gr.Request, workspace_id: str, told: Any, current: str) -> Updates:
        return self._updates(user_of(request), workspace_id, told, current)

    def _listed(self, request: gr.Request) -> dict[str, Any]:
        """The choice alone: the gallery stays where it is."""
        return _choices(self._context.own_workspaces(user_of(request)))

    def _go_to(self, request: gr.Request, workspace_id: str | None, told: Any) -> Updates:
        user = user_of(request)
        workspace, own = self._context.workspace_and_all(user, workspace_id)
        return {self.workspace: _choices(own, active=workspace)} | self._switch(request, workspace.id, told)


def _choices(own: Sequence[Workspace], active: Workspace | None = None) -> dict[str, Any]:
    """These workspaces to choose from; without an `active` one the choice stays as it is."""
    update: dict[str, Any] = gr.update(choices=[(one.name, one.id) for one in own])
    return update if active is None else update | {"value": active.id}


def _digest(shown: Any) -> str:
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()
