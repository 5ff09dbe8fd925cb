"""What every open page asks once a second: whether there is news of its user's jobs, and how far they are."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from threading import Lock
from time import monotonic
from typing import Any

from components.library import job_facts
from components.library.views import Views
from storage.errors import StorageError
from storage.jobs.store import Job
from storage.tables import JobStatus
from studio.context import StudioContext

FRESH = 0.5
"""Seconds for which all pages of a user are told the same, unless something has changed."""

_MOST_KEPT = 1000


@dataclass(frozen=True, slots=True)
class _Kept:
    changes: int
    at: float
    told: dict[str, Any]

    def holds(self, changes: int) -> bool:
        """Without a job at work nothing moves by itself."""
        return self.changes == changes and (not self.told["jobs"] or monotonic() - self.at < FRESH)


class Live:
    """Tells what moves; what gallery and stage show besides, a page asks for where `changes` is not what it knew.

    `jobs` says how far those are that wait or run, by their ids: the first of the workspace, and what runs elsewhere.
    """

    def __init__(self, context: StudioContext, views: Views) -> None:
        self._context = context
        self._views = views
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._lock = Lock()
        self._loaded: tuple[float, list[dict[str, Any]]] = (-FRESH, [])

    def told(self, user: str, workspace_id: str) -> dict[str, Any]:
        """{changes, jobs, wait, loaded, may_unload}; while the database is away `changes` alone, which is None."""
        try:
            changes = self._context.changes(user)
            kept = self._kept.get((user, workspace_id))
            if kept is None or not kept.holds(changes):
                kept = self._read(user, workspace_id, changes)
        except StorageError:
            return {"changes": None}
        return {"changes": changes, **kept.told, "loaded": self._models(), "may_unload": self._context.may_unload}

    def _read(self, user: str, workspace_id: str, changes: int) -> _Kept:
        at, everywhere = monotonic(), self._context.queue(user, None).jobs
        told: dict[str, Any] = {"jobs": {}, "wait": ""}
        if everywhere:
            here = self._context.queue(user, workspace_id).jobs
            running = (job for job in everywhere if job.status == JobStatus.RUNNING)
            told = self._moves(user, {job.id: job for job in (*running, *here)})
        kept = _Kept(changes, at, told)
        with self._lock:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[user, workspace_id] = kept
        return kept

    def _moves(self, user: str, jobs: Mapping[str, Job]) -> dict[str, Any]:
        previews, outlook = self._context.previews(user), self._context.outlook(user)
        moves = {id_: self._views.moves(job, previews, outlook) for id_, job in jobs.items()}
        return {"jobs": moves, "wait": job_facts.wait(outlook)}

    def _models(self) -> list[dict[str, Any]]:
        """Those that are loaded, which is all users' news."""
        at, loaded = self._loaded
        if monotonic() - at >= FRESH:
            loaded = [asdict(one) for one in self._context.loaded()]
            self._loaded = monotonic(), loaded
        return loaded
