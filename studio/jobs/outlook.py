"""Estimates for waiting jobs: how many start before one, and when it will be done, by how long its model takes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapreplace
from math import inf, isfinite

from storage.jobs.queue import Entry, in_turn
from studio.jobs.lanes import Lanes

_TELLS = 0.05  # progress below this says little about the time that is left


@dataclass(frozen=True, slots=True)
class Outlook:
    """For the jobs of one user: `places` from 1 of those that wait, and in how many seconds a job is done, if known."""

    paused: bool = False
    places: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)


def outlook(
    user_id: str,
    running: Iterable[Entry],
    waiting: Iterable[Entry],
    takes: Mapping[str, float],
    lanes: Lanes,
    now: datetime,
    paused: bool = False,
) -> Outlook:
    """`takes` says how many seconds a job of a model takes; where one is unknown, so is all that waits for it."""
    # When each lane is free: those of all jobs, those of a backend and those of a model that is limited.
    free: dict[str, list[float]] = {}

    def run(entry: Entry, seconds: float) -> float:
        mine = [free.setdefault(name, [0.0] * count) for name, count in lanes.of_model(entry.model_id).items()]
        done = max(each[0] for each in mine) + seconds
        for each in mine:
            heapreplace(each, done)
        return done

    done = {entry: run(entry, _left(entry, takes, now)) for entry in running}
    order = in_turn(waiting)
    done |= {entry: run(entry, takes.get(entry.model_id, inf)) for entry in order}
    return Outlook(
        paused,
        {entry.job_id: place for place, entry in enumerate(order, start=1) if entry.user_id == user_id},
        {entry.job_id: at for entry, at in done.items() if entry.user_id == user_id and isfinite(at)},
    )


def _left(entry: Entry, takes: Mapping[str, float], now: datetime) -> float:
    """How long a job that runs goes on: by its own progress, as soon as that says something, else by its model."""
    spent = max(0.0, (now - entry.started_at).total_seconds()) if entry.started_at else 0.0
    if entry.progress is not None and _TELLS <= entry.progress <= 1:
        return spent / entry.progress - spent
    return max(0.0, takes.get(entry.model_id, inf) - spent)
