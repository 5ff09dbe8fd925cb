"""What every open page asks once a second: how far the jobs are, which nothing else says, and whether there is news."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.library.live import FRESH, Live
from storage.errors import DatabaseFaultError
from storage.jobs.loaded import Loaded
from storage.jobs.store import Job, JobStore
from storage.workspaces import Workspace
from studio.context import StudioContext
from tests.components.page_site import Site
from tests.kept_studio import KeptStudio
from tests.memory_studio import USER, Engine
from tests.shipped import SHIPPED

GALLERY, STAGE, NEWS, DIGESTS = 2, 3, 4, 5
CLOCK = "components.library.live.monotonic"


class Time:
    """A clock that stands still until it is put forward."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(CLOCK, clock)
    return clock


@pytest.fixture
def live(site: Site) -> Live:
    return Live(site.context, site.views)


@pytest.fixture
def here(kept: KeptStudio) -> Iterator[Workspace]:
    """A new workspace; nothing waits or runs anywhere before and once it is left."""
    kept.context.jobs.request_cancel_all(USER, None)
    here = kept.context.create_workspace(USER, f"here {kept.count('workspace')}")
    yield here
    kept.context.jobs.request_cancel_all(USER, None)


def new(context: StudioContext, workspace: Workspace, *, runs: bool = False) -> Job:
    job = context.submit(USER, workspace.id, "pattern", {**SHIPPED["pattern"].defaults(), "prompt": "a hat"})
    if runs:
        context.jobs.start(job.id)
    return job


counts = st.none() | st.integers(0, 10_000)
reports = st.tuples(
    st.floats(0, 1), st.text(max_size=20), counts, counts, st.none() | st.floats(0.001, 1000), st.booleans()
)


@pytest.fixture(scope="module")
def running(kept: KeptStudio) -> Iterator[tuple[Workspace, Job]]:
    here = kept.context.create_workspace(USER, "a job that runs")
    yield here, new(kept.context, here, runs=True)
    kept.context.jobs.request_cancel_all(USER, None)


@given(reported=st.lists(reports, min_size=1, max_size=3))
def test_what_moves_is_told_apart_and_makes_the_card_whole_whatever_is_reported(
    running: tuple[Workspace, Job], site: Site, reported: list[tuple[Any, ...]]
) -> None:
    """Gallery, stage and news stay as they are; each of their cards with what moves is the card of the job as it is."""
    context, (here, job) = site.context, running
    tick, near = site.functions("_refresh")[0], {"number": 1, "count": 24}
    seen = site.call(tick, here.id, None, "", None, near)
    for progress, words, step, of, rate, has_picture in reported:
        assert context.jobs.report(job.id, progress, words, step, of, rate)
        if has_picture:
            context.jobs.show(job.id, b"picture", "image/webp")
        else:
            context.jobs.end_preview(job.id)
        moves = Live(context, site.views).told(USER, here.id)["jobs"]
        now = site.views.card(context.job(USER, job.id), context.previews(USER))
        for card in (seen[STAGE]["job"], *seen[STAGE]["queue"], *seen[GALLERY]["cards"]):
            assert not card.keys() & moves[job.id].keys()
            assert {**card, **moves[job.id]}.items() >= now.items()
        assert (moves[job.id]["making"] is not None) is has_picture
    again = site.call(tick, here.id, None, "", None, near)
    assert (again[GALLERY], again[STAGE], again[NEWS]) == (seen[GALLERY], seen[STAGE], seen[NEWS])


def test_pages_of_a_user_share_an_answer_until_something_changes(
    kept: KeptStudio, live: Live, here: Workspace, clock: Time
) -> None:
    context, job = kept.context, new(kept.context, here, runs=True)
    first = live.told(USER, here.id)
    assert first["jobs"].keys() == {job.id}
    context.jobs.report(job.id, 0.5, "half")
    assert live.told(USER, here.id) == first
    clock.now += FRESH
    assert live.told(USER, here.id)["jobs"][job.id]["progress"] == 0.5
    waiting = new(context, here)
    told = live.told(USER, here.id)
    assert told["changes"] > first["changes"]
    assert told["jobs"][waiting.id]["turn"].startswith("Next")
    context.pause(USER, True)
    assert live.told(USER, here.id)["jobs"][waiting.id]["turn"] == "Paused"
    context.pause(USER, False)
    context.cancel(USER, job.id)
    context.cancel(USER, waiting.id)
    assert live.told(USER, here.id)["jobs"] == {}


def test_what_runs_in_another_workspace_is_told_of_and_what_waits_there_is_not(
    kept: KeptStudio, live: Live, here: Workspace
) -> None:
    elsewhere = kept.context.create_workspace(USER, f"elsewhere {kept.count('workspace')}")
    runs, _ = new(kept.context, elsewhere, runs=True), new(kept.context, elsewhere)
    assert live.told(USER, here.id)["jobs"].keys() == {runs.id}
    assert live.told("bob", elsewhere.id)["jobs"] == {}


def test_while_nothing_waits_or_runs_only_the_changes_are_counted(
    live: Live, here: Workspace, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = live.told(USER, here.id)
    assert (told["jobs"], told["wait"]) == ({}, "")

    def refuse(*_: Any) -> NoReturn:
        raise AssertionError

    monkeypatch.setattr(StudioContext, "queue", refuse)
    clock.now += 3600
    assert live.told(USER, here.id) == told


def test_without_the_database_nothing_is_known_and_with_it_all_again(site: Site, here: Workspace) -> None:
    class Away:
        def changes(self, _user: str) -> NoReturn:
            raise DatabaseFaultError("away")

    assert Live(replace(site.context, jobs=cast(JobStore, Away())), site.views).told(USER, here.id) == {"changes": None}


def test_which_models_are_loaded_is_asked_once_for_all_users(kept: KeptStudio, site: Site, clock: Time) -> None:
    asked = []

    class Counted(Engine):
        def loaded(self) -> tuple[Loaded, ...]:
            asked.append(1)
            return (Loaded("pattern", None, 70, 1),)

    live = Live(replace(kept.context, engine=Counted()), site.views)
    assert [live.told(user, "")["loaded"][0]["megabytes"] for user in ("ann", "bob")] == [70, 70]
    assert len(asked) == 1
    clock.now += FRESH
    live.told("bob", "")
    assert len(asked) == 2
